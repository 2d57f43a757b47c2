"""Product definitions: what ships, what is refused with its line, and answers kept and shown."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from core import forms, resources
from core.errors import Invalid
from core.field import KINDS, Choice, Raw, When
from core.products import definitions
from core.products.definitions import Definition, Problem

GOOD = """\
# A comment
category = "boiler"
name = { en = "Boiler", pl = "Kocioł" }

[[products]]
vendor = "Barwa"
name = "Barwa Żar 2"
identifier = { en = "Serial number", pl = "Numer seryjny", pattern = 'BZ[0-9]{6}' }

[[fields]]
key = "symptom"
type = "choice"
label = { en = "What is wrong?", pl = "Co jest nie tak?" }
default = "cold"
choices = [
    { value = "cold", en = "It is cold", pl = "Jest zimno" },
    { value = "noise", en = "Noise", pl = "Hałas" },
]

[[fields]]
key = "loud"
type = "number"
label.en = "How loud?"
label.pl = "Jak głośno?"
unit = "dB"
min = 0
max = 140.5
decimals = 1

[fields.when]
field = "symptom"
in = ["noise"]

[[fields]]
key = "began"
type = "datetime"
label = { en = "When did it begin?", pl = "Kiedy się zaczęło?" }

[[fields]]
key = "places"
type = "multi_choice"
required = false
label = { en = "Where?", pl = "Gdzie?" }
choices = [{ value = "in", en = "Inside", pl = "W środku" }, { value = "out", en = "Outside", pl = "Na zewnątrz" }]
"""


def good() -> Definition:
    read = definitions.parse(GOOD, "boiler.toml")
    assert isinstance(read, Definition), read
    return read


def problems(text: str) -> list[str]:
    read = definitions.parse(text, "boiler.toml")
    assert isinstance(read, tuple)
    return [problem.text() for problem in read]


# What ships


SHIPPED = definitions.load(resources.folder("products"))


def test_what_ships_is_whole() -> None:
    assert [problem.text() for problem in SHIPPED.problems] == []
    assert {definition.category for definition in SHIPPED.definitions} >= {
        "firewall",
        "switch",
        "access_point",
        "heat_pump",
        "internet_line",
        "mail_gateway",
    }
    assert all(definition.products and definition.fields for definition in SHIPPED.definitions)


@pytest.mark.parametrize("category", ["firewall", "switch", "access_point", "mail_gateway"])
def test_a_network_device_is_asked_what_the_guide_asks(category: str) -> None:
    definition = SHIPPED.category(category)
    assert definition is not None
    assert [question.label.pl for question in definition.fields[:7]] == [
        "Data wystąpienia",
        "Czy to nowe wdrożenie lub nowa konfiguracja?",
        "Czy ta funkcja kiedyś działała?",
        "Czy przed wystąpieniem problemu były wykonywane zmiany?",
        "Jakie to były zmiany?",
        "Czy to środowisko produkcyjne?",
        "Jak często problem występuje?",
    ]
    assert definition.fields[4].condition() == When("changed", ("yes",))


@pytest.mark.parametrize(
    ("vendor", "name", "identifier", "accepted"),
    [
        ("Barwa", "Barwa Mur 40", "BM4012345678", True),
        ("Barwa", "Barwa Mur 40", "bm40 1234 5678", True),
        ("Barwa", "Barwa Mur 40", "BM401234567", False),
        ("Barwa", "Barwa Mur 40", "xBM4012345678", False),
        ("Barwa", "Barwa Mur 40", "BM4012345678\n1", False),
        ("Novalis", "Novalis Gate N2", "NVG2-A1B2-C3D4", True),
        ("Novalis", "Novalis Gate N2", "NVG2A1B2C3D4", False),
        ("Wartownia", "Bastion 7", "WB7C123456", True),
        ("Barwa", "Barwa Splot 48P", "BS48P00000001", True),
        ("Lumeco", "Lumeco Fala 6", "00:1b:21:3c:4d:5e", True),
        ("Lumeco", "Lumeco Fala 6", "001b213c4d5e", True),
        ("Lumeco", "Lumeco Fala 6", "00:1B:21:3C:4D", False),
        ("Sitowie", "Sitowie Filtr 2", "SF2-0001-0002-0003", True),
        ("Cieplarz", "Cieplarz Zefir 7", "B123456789", True),
        ("Cieplarz", "Cieplarz Zefir 7", "1B23456789", False),
        ("Norrvik", "Norrvik Mono 16", "NM16-2024-00017", True),
        ("Pogodna Net", "Światło 300", "PN-00012345", True),
        ("Pogodna Net", "Radio 50", "PN-00012345", False),
        ("Pogodna Net", "Radio 50", "9" * 5000, False),
    ],
)
def test_identifiers(vendor: str, name: str, identifier: str, accepted: bool) -> None:
    found = SHIPPED.find(vendor, name)
    assert found is not None
    definition, product = found
    assert definition.product(vendor, name) is product
    assert (product.identify(identifier) is not None) is accepted


def test_an_identifier_is_kept_in_one_way() -> None:
    firewall, access_point = SHIPPED.find("Barwa", "Barwa Mur 40"), SHIPPED.find("Lumeco", "Lumeco Fala 6")
    assert firewall is not None
    assert access_point is not None
    assert firewall[1].identify(" bm40 1234 5678") == "BM4012345678"
    assert access_point[1].identify("001b.213c.4d5e") == "00:1B:21:3C:4D:5E"
    assert firewall[1].identify("") is None


@pytest.mark.parametrize("definition", SHIPPED.definitions, ids=lambda one: one.category)
@pytest.mark.parametrize("language", ["en", "pl"])
def test_each_makes_a_form_that_every_screen_can_draw(definition: Definition, language: str) -> None:
    model = definitions.as_model(definition, language)
    fields = forms.describe(model)
    assert [field.name for field in fields] == [question.key for question in definition.fields]
    assert {field.kind for field in fields} <= set(KINDS)
    assert definitions.as_model(Definition.from_json(definition.to_json()), language) is model


# A form and its answers


WARSAW = ZoneInfo("Europe/Warsaw")
TYPED: dict[str, Raw] = {"symptom": "noise", "loud": "70,5", "began": "2026-07-01 10:00", "places": ("out", "in")}


def test_the_form_speaks_the_readers_language() -> None:
    symptom, loud, *_ = forms.describe(definitions.as_model(good(), "pl"))
    assert symptom.label == "Co jest nie tak?"
    assert symptom.default == "cold"
    assert symptom.choices == (Choice("cold", "Jest zimno"), Choice("noise", "Hałas"))
    assert (loud.label, loud.unit, loud.required) == ("Jak głośno?", "dB", True)


def test_answers_are_kept_as_json_and_shown_to_each_reader() -> None:
    filled = forms.fill(definitions.as_model(good(), "pl"), TYPED)
    kept = definitions.answers(good(), filled, WARSAW)
    assert kept == {"symptom": "noise", "loud": 70.5, "began": "2026-07-01T08:00+00:00", "places": ["in", "out"]}
    kept = json.loads(json.dumps(kept))
    assert definitions.show(good(), kept, "pl", WARSAW) == [
        ("Co jest nie tak?", "Hałas"),
        ("Jak głośno?", "70,5 dB"),
        ("Kiedy się zaczęło?", "1 lip 2026, 10:00"),
        ("Gdzie?", "W środku, Na zewnątrz"),
    ]
    assert definitions.show(good(), kept, "en", ZoneInfo("UTC"))[1:3] == [
        ("How loud?", "70.5 dB"),
        ("When did it begin?", "1 Jul 2026, 08:00"),
    ]


def test_what_was_not_asked_is_neither_kept_nor_shown() -> None:
    filled = forms.fill(definitions.as_model(good(), "en"), TYPED | {"symptom": "cold", "places": ()})
    kept = definitions.answers(good(), filled)
    assert kept == {"symptom": "cold", "began": "2026-07-01T10:00"}
    assert [label for label, _ in definitions.show(good(), kept, "en")] == ["What is wrong?", "When did it begin?"]


def test_a_day_is_shown_as_days_are_everywhere() -> None:
    asked = definitions.parse(GOOD.replace('type = "datetime"', 'type = "date"'), "boiler.toml")
    assert isinstance(asked, Definition)
    for language, day in (("en", "1 Jul 2026"), ("pl", "1 lip 2026")):
        assert [text for _, text in definitions.show(asked, {"began": "2026-07-01"}, language)] == [day]
    assert [text for _, text in definitions.show(asked, {"began": "in July"}, "en")] == ["in July"]


def test_a_condition_makes_a_field_needed_and_its_bounds_hold() -> None:
    model = definitions.as_model(good(), "en")
    assert {name: what.text() for name, what in forms.check(model, TYPED | {"loud": ""}).items()} == {
        "loud": "This is needed."
    }
    with pytest.raises(Invalid) as refused:
        forms.fill(model, TYPED | {"loud": "141"})
    assert refused.value.text() == "The number must lie between 0 and 140.5."


def test_answers_of_an_unexpected_kind_are_shown_as_they_are() -> None:
    odd = {"symptom": "gone", "loud": "very", "began": "yesterday", "places": ["up"], "unknown": 1}
    assert [text for _, text in definitions.show(good(), odd, "en")] == ["gone", "very", "yesterday", "up"]


# Versions


def test_the_version_is_the_content_not_the_layout() -> None:
    assert re.fullmatch("[0-9a-f]{12}", good().version)
    moved = GOOD.replace("# A comment\n", "\n\n").replace(
        'unit = "dB"\nmin = 0', 'min = 0\nunit = "dB"\nrequired = true'
    )
    again = definitions.parse(moved, "other.toml")
    assert isinstance(again, Definition)
    assert again.version == good().version
    changed = definitions.parse(GOOD.replace("Hałas", "Hałasuje"), "boiler.toml")
    assert isinstance(changed, Definition)
    assert changed.version != good().version


def test_an_old_version_comes_back_from_json() -> None:
    again = Definition.from_json(good().to_json())
    assert again == good()
    assert again.version == good().version
    with pytest.raises(ValidationError):
        Definition.from_json('{"category": 1}')


# What is wrong with a file, and where


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('category = "boiler"\n', "", "1: category is missing."),
        ('category = "boiler"', 'category = "Boiler!"', "2: category takes small letters a-z, digits and _ only"),
        ('category = "boiler"', 'category = "boiler', "2: This is not TOML:"),
        (
            'category = "boiler"',
            'category = "boiler"\ncategory = "b"',
            "3: This is not TOML: Cannot overwrite a value.",
        ),
        ('category = "boiler"', 'category = "boiler"\nversion = 1', "3: version is not known here."),
        (', pl = "Kocioł" }', " }", "3: pl is missing."),
        ('"Barwa Żar 2"', '""', "7: name is empty."),
        ('vendor = "Barwa"', "vendor = 7", "6: vendor must be a text in quotes."),
        ("BZ[0-9]{6}", "BZ[0-9", "8: The pattern is not a regular expression:"),
        ("BZ[0-9]{6}", "[[0-9]", "8: The pattern is not a regular expression:"),
        ("BZ[0-9]{6}", "(A|AA)+", "8: The pattern must be quick"),
        ("BZ[0-9]{6}", "[A-Z]*1", "8: The pattern must be quick"),
        ("BZ[0-9]{6}", "(A{1,9}){1,9}", "8: The pattern must be quick"),
        ("BZ[0-9]{6}", "A?A?A?A?", "8: The pattern must be quick"),
        ('type = "choice"', 'type = "chioce"', "12: type is not one of the types of fields."),
        ('type = "choice"', 'type = "text"', "15: Only a choice or multi_choice has choices."),
        ('default = "cold"', 'default = "warm"', "14: The default can't be taken: Choose one of the list."),
        ('default = "cold"', "default = 12:00:00", "14: default doesn't fit here."),
        ('value = "noise"', 'value = "cold"', "15: Two choices have the same value."),
        ('key = "loud"', 'key = "symptom"', "21: There are two fields with the key symptom."),
        ('key = "loud"', 'key = "json"', "21: The key json is reserved."),
        ('key = "loud"', 'key = "model_x"', "21: The key model_x is reserved."),
        ('label.pl = "Jak głośno?"', 'label.pl = ""', "24: pl is empty."),
        ("max = 140.5", "max = -1", "26: min must be less than max."),
        ("max = 140.5", "max = inf", "27: max is too large."),
        ("decimals = 1", "decimals = 9", "28: decimals is too large."),
        ('field = "symptom"', 'field = "missing"', "30: There is no field missing to depend on."),
        ('field = "symptom"', 'field = "loud"', "30: A field can't depend on itself."),
        ('field = "symptom"', 'field = "places"', "30: places must stand before the field that depends on it."),
        ('in = ["noise"]', 'in = ["smoke"]', "30: smoke is not among the answers of symptom."),
        ('in = ["noise"]', "in = []", "32: in has no entries."),
        ('in = ["noise"]', 'in = "noise"', "32: in must be a list."),
        ('type = "datetime"', 'type = "datetime"\nunit = "s"', "37: Only a number has unit."),
        ('type = "datetime"', 'type = "datetime"\nrequired = "yes"', "37: required must be true or false."),
        ('type = "datetime"', 'type = "choice"', "36: A field of this type needs choices."),
        (
            "required = false",
            "required = false\nwhen = {field='began', in=['yes']}",
            "began is not a choice, multi_choice",
        ),
    ],
)
def test_each_mistake_is_reported_with_its_line(old: str, new: str, expected: str) -> None:
    assert old in GOOD
    found = problems(GOOD.replace(old, new, 1))
    assert any(expected in line for line in found), found
    assert all(re.match(r"boiler\.toml:\d+: [^{}]+$", line) for line in found)


def test_only_a_line_feed_makes_a_line() -> None:
    assert problems(GOOD.replace("Kocioł", "Ko\u2028cioł").replace("decimals = 1", "decimals = 9")) == [
        "boiler.toml:28: decimals is too large."
    ]


def test_every_mistake_is_reported_in_the_order_of_the_lines() -> None:
    found = problems(GOOD.replace('"Barwa Żar 2"', '""').replace("decimals = 1", "decimals = 9\ncolour = 1"))
    assert found == [
        "boiler.toml:7: name is empty.",
        "boiler.toml:28: decimals is too large.",
        "boiler.toml:29: colour is not known here.",
    ]


HOSTILE = {
    "deep": "x = " + "[" * 5_000,
    "digits": "x = " + "9" * 5_000,
    "dots": "a" + ".a" * 29_000,
    "long": "#" * 60_001,
    "empty": "",
    "half a character": "\ud800=1",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_no_parser_likes_is_a_problem_and_no_crash(text: str) -> None:
    assert problems(text)


def test_a_broken_file_never_takes_the_others_down(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "b.toml").write_bytes(b'category = "b"\nname = "\xff"')
    (tmp_path / "c.toml").write_text("nonsense", encoding="utf-8")
    (tmp_path / "d.toml").write_text(GOOD.replace("Żar", "Żar B"), encoding="utf-8")
    (tmp_path / "e.toml").write_text(GOOD.replace('"boiler"', '"kettle"'), encoding="utf-8-sig")
    (tmp_path / "f.toml").mkdir()
    (tmp_path / "g.txt").write_text("not ours", encoding="utf-8")
    catalogue = definitions.load(tmp_path)
    assert [one.category for one in catalogue.definitions] == ["boiler"]
    assert [problem.text() for problem in catalogue.problems] == [
        "b.toml:2: The file is not UTF-8 text.",
        "c.toml:1: This is not TOML: Expected '=' after a key in a key/value pair.",
        "d.toml:1: Another file has the category boiler.",
        "e.toml:1: Another file has the product Barwa Żar 2.",
        "f.toml:1: The file can't be read: Is a directory.",
    ]
    assert definitions.load(tmp_path / "nowhere").problems[0].say.text() == "There is no such folder."


# Anything at all


def usable(read: Definition | tuple[Problem, ...], lines: int) -> None:
    if isinstance(read, Definition):
        forms.describe(definitions.as_model(read, "pl"))
        assert Definition.from_json(read.to_json()).version == read.version
    else:
        assert read
        assert all(1 <= problem.line <= max(lines, 1) and problem.text() for problem in read)


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=300))
def test_random_text_is_read_or_reported(text: str) -> None:
    usable(definitions.parse(text, "x.toml"), text.count("\n") + 1)


_SNIPPETS = [
    "\n",
    '"',
    "[",
    "]]",
    "{",
    "= 1",
    "[[fields]]",
    "[fields]",
    "1979-05-27",
    "-1",
    "true",
    "[]",
    "{}",
    "'''",
    "\\u0000",
]


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_a_file_with_typing_errors_is_read_or_reported(data: st.DataObject) -> None:
    text = GOOD
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 30)))
        text = text[:start] + data.draw(st.one_of(st.sampled_from(_SNIPPETS), st.text(max_size=4))) + text[end:]
    usable(definitions.parse(text, "x.toml"), text.count("\n") + 1)


_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.dates(), st.times()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=6,
)


@settings(deadline=None, max_examples=200)
@given(st.data(), _VALUES)
def test_any_value_anywhere_is_taken_or_reported(data: st.DataObject, value: object) -> None:
    content = tomllib.loads(GOOD)
    target = data.draw(
        st.sampled_from([content, *content["fields"], *content["products"], content["fields"][1]["when"]])
    )
    target[data.draw(st.sampled_from([*target, "help", "when", "default", "min", "choices"]))] = value
    with patch("tomllib.loads", return_value=content):
        usable(definitions.parse(GOOD, "x.toml"), GOOD.count("\n") + 1)

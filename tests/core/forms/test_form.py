"""Forms: what is described, what is refused with which words, what comes out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr, model_validator

from core import forms
from core.errors import Invalid, Say, say
from core.field import KINDS, Choice, Field, Raw, When
from core.forms import FormError, FormModel, Label


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


SIZES = (Choice("small", "Small"), Choice("large", "Large"))
DIFFER = say("The two passwords differ.")
OTHER = say("Another one.")


class Order(FormModel):
    name: Annotated[str, forms.Text(limit=10, least=2), Label("Name", help="As on the door", section="You")]
    email: Annotated[str, forms.Email(), Label("E-mail")]
    second_email: Annotated[str | None, forms.Email(), forms.differs_from("email", say("Another one.")), Label("2")] = (
        None
    )
    password: Annotated[SecretStr, forms.Secret(), Label("Password")]
    again: Annotated[SecretStr, forms.Secret(), forms.same_as("password", DIFFER), Label("Password again")]
    size: Annotated[Size, forms.OneOf(SIZES, of=Size), Label("Size")] = Size.SMALL
    why_large: Annotated[str | None, forms.LongText(), Label("Why?", when=When("size", ("large",)))] = None
    extras: Annotated[tuple[str, ...], forms.AnyOf(SIZES), Label("Extras")] = ()
    weight: Annotated[Decimal | None, forms.Number(low=0, high=50, decimals=1), Label("Weight", unit="kg")] = None
    terms: Annotated[bool, forms.Check(must=True), Label("Terms")]

    @model_validator(mode="after")
    def no_heavy_small_ones(self) -> Order:
        if self.size is Size.SMALL and self.weight is not None and self.weight > 20:
            raise FormError("weight", say("Too heavy for a small one."))
        return self


GOOD: dict[str, Raw] = {
    "name": "Ada",
    "email": "ada@example.com",
    "password": " secret ",
    "again": " secret ",
    "terms": "yes",
}


def complaints(**changes: Raw) -> dict[str, str]:
    return {name: what.text() for name, what in forms.check(Order, GOOD | changes).items()}


def test_what_a_base_asks_last_stands_behind_the_fields_of_its_forms() -> None:
    class Ending(FormModel):
        asked_last = ("why", "terms")
        terms: Annotated[bool, forms.Check(must=True), Label("Terms")]
        why: Annotated[str, forms.Text(), Label("Why?")]

    class Question(Ending):
        name: Annotated[str, forms.Text(), Label("Name")]

    assert [field.name for field in forms.describe(Question)] == ["name", "why", "terms"]
    assert list(forms.check(Question, {})) == ["name", "why", "terms"], "errors stand in the same order"
    assert forms.fill(Question, {"name": "Ola", "why": "So", "terms": "yes"}).why == "So"


def test_a_form_is_described_as_plain_data_in_its_order() -> None:
    described = forms.describe(Order)
    assert [field.name for field in described] == list(Order.model_fields)
    assert described[0] == Field("name", "Name", "As on the door", "text", True, max_length=10, section="You")
    by_name = {field.name: field for field in described}
    assert by_name["size"] == Field("size", "Size", kind="choice", required=False, choices=SIZES, default="small")
    assert by_name["why_large"].required
    assert by_name["why_large"].when == When("size", ("large",))
    assert by_name["weight"].unit == "kg"
    assert by_name["extras"].default == ()
    assert {field.kind for field in described} <= set(KINDS)


def test_a_good_form_is_filled_and_can_be_typed_again() -> None:
    filled = forms.fill(Order, GOOD | {"weight": "12,5", "extras": ("large", "small")})
    assert filled.weight == Decimal("12.5")
    assert filled.extras == ("small", "large")
    assert filled.size is Size.SMALL
    assert filled.password.get_secret_value() == " secret "
    assert forms.fill(Order, forms.typed(filled)) == filled


@pytest.mark.parametrize("blank", ["", "   ", "\u200b"])
def test_blank_is_needed_or_nothing(blank: str) -> None:
    assert complaints(name=blank) == {"name": "This is needed."}
    assert forms.fill(Order, GOOD | {"second_email": blank}).second_email is None
    assert forms.fill(Order, GOOD | {"size": blank}).size is Size.SMALL


def test_everything_missing_is_said_at_once_in_the_order_of_the_form() -> None:
    errors = forms.check(Order, {})
    assert list(errors) == ["name", "email", "password", "again", "terms"]
    assert errors["terms"].text() == "This has to be ticked to go on."
    with pytest.raises(Invalid) as refused:
        forms.fill(Order, {})
    assert refused.value.fields == errors


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": "A"}, "name", "At least 2 characters."),
        ({"name": "A" * 11}, "name", "At most 10 characters."),
        ({"email": "ada"}, "email", "has an @"),
        ({"second_email": "ADA@example.com"}, "second_email", "Another one."),
        ({"again": "secret"}, "again", "The two passwords differ."),
        ({"size": "medium"}, "size", "Choose one of the list."),
        ({"extras": ("medium",)}, "extras", "Choose from the list."),
        ({"weight": "heavy"}, "weight", "not a number"),
        ({"weight": "51"}, "weight", "between 0 and 50"),
        ({"weight": "1.25"}, "weight", "after the point: 1 at most"),
        ({"weight": "21"}, "weight", "Too heavy"),
        ({"terms": "no"}, "terms", "has to be ticked"),
        ({"terms": "maybe"}, "terms", "Choose yes or no."),
        ({"colour": "red"}, "", "no such field"),
        ({"size": "large"}, "why_large", "This is needed."),
    ],
)
def test_each_mistake_has_its_words_at_its_field(changes: dict[str, Raw], field: str, words: str) -> None:
    found = complaints(**changes)
    assert list(found) == [field]
    assert words in found[field]


def test_two_passwords_that_differ_are_told_while_the_rest_is_still_empty() -> None:
    values: dict[str, Raw] = {"password": "one", "again": "two"}
    assert forms.check(Order, values, only="again") == {"again": DIFFER}
    assert forms.check(Order, values, only="password") == {}


def test_what_a_hidden_field_held_is_dropped() -> None:
    shown = forms.fill(Order, GOOD | {"size": "large", "why_large": "a\tb\r\nc"})
    assert shown.why_large == "a    b\nc"
    assert forms.fill(Order, GOOD | {"why_large": "x" * 30_000}).why_large is None


class Chain(FormModel):
    first: Annotated[bool | None, forms.YesNo(), Label("First", default="yes")] = None
    second: Annotated[bool | None, forms.YesNo(), Label("Second", when=When("first", ("yes",)))] = None
    third: Annotated[str | None, forms.Text(), Label("Third", when=When("second", ("no",)), required=False)] = None


def test_a_field_that_hangs_on_a_hidden_one_is_hidden() -> None:
    assert forms.check(Chain, {"first": "no", "second": "no", "third": "x" * 999}) == {}
    assert list(forms.check(Chain, {"first": "yes"})) == ["second"]
    assert forms.fill(Chain, {"first": "yes", "second": "no"}).third is None


def test_what_is_filled_in_at_first_can_be_cleared() -> None:
    assert forms.describe(Chain)[0].default == "yes"
    assert forms.fill(Chain, {"first": ""}).first is None


def test_a_field_without_label_or_kind_is_refused_when_the_form_is_made() -> None:
    with pytest.raises(TypeError, match="nameless"):
        type("Bad", (FormModel,), {"__annotations__": {"nameless": str}, "__module__": __name__})


def test_a_secret_is_in_no_text_of_a_form_or_its_errors() -> None:
    assert "secret" not in repr(forms.fill(Order, GOOD))
    errors = forms.check(Order, GOOD | {"again": "hunter2-hunter2", "password": "p4ssw0rd-x"})
    assert not any(word in repr(errors) for word in ("hunter2", "p4ssw0rd"))


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        (forms.Phone(), "+48 (22) 555-01-01", "+48 22 555 01 01"),
        (forms.Phone(), "+ 48 600600600", "+48 600600600"),
        (forms.Phone(), "+48\u2013600\u2014100\u2212200", "+48 600 100 200"),
        (forms.Phone(), "600\u2011100\u2010200", "600 100 200"),
        (forms.Phone(), "600 123", "600 123"),
        (forms.LoginName(), "Jan.Kowalski_2@example.com", "Jan.Kowalski_2@example.com"),
        (forms.LoginName(), "\uff21da", "Ada"),
        (forms.Date(), "2026-11-20", date(2026, 11, 20)),
        (forms.Date(), "1.2.2026", date(2026, 2, 1)),
        (forms.Date(), "2026-11-20 00:00:00", date(2026, 11, 20)),
        (forms.Date(), "2026-11-20T00:00:00.000", date(2026, 11, 20)),
        (forms.Date(), "20.11.2026 0:00", date(2026, 11, 20)),
        (forms.DateTime(), "2026-11-20 7:05", datetime(2026, 11, 20, 7, 5)),  # noqa: DTZ001
        (forms.DateTime(), "20.11.2026 07:05", datetime(2026, 11, 20, 7, 5)),  # noqa: DTZ001
        (forms.Number(), "1 234", 1234),
        (forms.Number(), "12.0", 12),
        (forms.Number(low=-40, decimals=1), "\u221212,5", Decimal("-12.5")),
        (forms.Ip(), "192.0.2.10", "192.0.2.10"),
        (forms.Ip(), "2001:DB8:0::1", "2001:db8::1"),
        (forms.Mac(), "00-1b-21-3c-4d-5e", "00:1B:21:3C:4D:5E"),
        (forms.Mac(), "001b.213c.4d5e", "00:1B:21:3C:4D:5E"),
        (forms.Version(), "v12.1-build 88", "v12.1-build 88"),
        (forms.Serial(), "bm40 1234 5678", "BM4012345678"),
        (forms.Serial(pattern="[A-Z][0-9]{9}"), "b123456789", "B123456789"),
        (forms.PrintedCode(), " k7qf-m2xd ", "k7qf-m2xd"),
        (forms.YesNo(), "no", False),
        (forms.YesNo(), True, True),
        (forms.LongText(), "a\x1b[31mb\u202e\n*c*", "a[31mb\n*c*"),
        (forms.AnyOf(lambda: SIZES), ("large",), ("large",)),
    ],
)
def test_what_is_typed_is_tidied(kind: forms.FieldKind, typed: Any, value: object) -> None:
    read = kind.value(typed)
    assert read == value
    assert type(read) is type(value)
    assert kind.value(forms.raw(read)) == read


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (forms.Phone(), "12345"),
        (forms.Phone(), "1234567890123456"),
        (forms.Phone(), "22 555 AB CD"),
        (forms.Phone(), "+48 22 +555"),
        (forms.LoginName(), "ab"),
        (forms.LoginName(), "łukasz"),
        (forms.LoginName(), "a b c"),
        (forms.Date(), "2026-02-30"),
        (forms.Date(), "0000-00-00"),
        (forms.Date(), "1026-01-01"),
        (forms.Date(), "tomorrow"),
        (forms.Date(), "2026-11-20 12:00:00"),
        (forms.DateTime(), "2026-11-20"),
        (forms.DateTime(), "2026-11-20 25:00"),
        (forms.Number(), "1.5"),
        (forms.Number(), "1,234.5"),
        (forms.Number(), "1e5"),
        (forms.Number(), "nan"),
        (forms.Number(), "9" * 30),
        (forms.Number(low=5), "4"),
        (forms.Number(high=5), "6"),
        (forms.Ip(), "192.0.2.256"),
        (forms.Ip(), "fe80::1%eth0"),
        (forms.Mac(), "00:1b:21:3c:4d"),
        (forms.Version(), "latest"),
        (forms.Serial(), "A?"),
        (forms.Serial(pattern="[A-Z][0-9]{9}"), "B12345678"),
        (forms.Secret(), "\ud800"),
        (forms.Text(), {"a": 1}),
        (forms.Text(), ("a",)),
        (forms.OneOf(SIZES), "Small"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(kind: forms.FieldKind, typed: Any) -> None:
    with pytest.raises(FormError) as refused:
        kind.value(typed)
    sentence = refused.value.say.text()
    assert sentence.endswith((".", "@"))
    assert "{" not in sentence


_RAW = st.one_of(st.text(max_size=40), st.lists(st.text(max_size=5), max_size=3).map(tuple))


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*Order.model_fields, "colour"]), _RAW))
def test_whatever_is_typed_there_is_an_answer_at_a_known_field(values: dict[str, Raw]) -> None:
    errors = forms.check(Order, values)
    assert set(errors) <= {*Order.model_fields, ""}
    assert all(isinstance(what, Say) and what.text() for what in errors.values())
    if not errors:
        forms.fill(Order, values)


_KINDS = [
    forms.Text(),
    forms.LongText(),
    forms.Phone(),
    forms.LoginName(),
    forms.Date(),
    forms.DateTime(),
    forms.Number(decimals=2),
    forms.Ip(),
    forms.Mac(),
    forms.Version(),
    forms.Serial(),
    forms.Email(),
    forms.PrintedCode(),
]


@settings(deadline=None)
@given(st.sampled_from(_KINDS), st.one_of(st.text(), st.text(alphabet="0123456789-.:/ ,+TaF@\u0665", max_size=20)))
def test_what_a_kind_takes_it_takes_again_unchanged(kind: forms.FieldKind, text: str) -> None:
    try:
        value = kind.value(text)
    except FormError:
        return
    assert kind.value(forms.raw(value)) == value

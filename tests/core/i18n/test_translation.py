"""Every word a person reads is there in Polish too, with the same gaps to fill; the language is decided late."""

from __future__ import annotations

import ast
import gettext
import io
import os
import re
import string
import threading
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from core import paths, resources
from core.i18n import translation
from core.i18n.translation import N_, ngettext, speaking
from tests.support.source import parsed

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.xdist_group("source")
KEYWORDS: dict[str, Any] = {**DEFAULT_KEYWORDS, "N_": None, "say": None, "Say": None, "refuse": (1,)}
"""As for ``pybabel extract -F babel.cfg -k N_ -k say -k Say -k refuse:1``."""
ENDS = ".…?!:"
ENDS_OTHERWISE = {"Forgot login or password?", "No.", "Unit", "exempt", "not taxed", "{n} y"}
"""The letters name the first, a screen, which in Polish is what its reader says; the others are abbreviations."""

Msgid = str | tuple[str, ...]


@lru_cache(maxsize=1)
def wanted() -> dict[Msgid, str]:
    """Every msgid of the source with one place that says it. Signs without a letter need no translation."""
    found: dict[Msgid, str] = {}
    for part in ("core", "tui"):
        for name, line, message, _comments, _context in extract_from_dir(
            str(ROOT / part), [("**.py", "python")], keywords=KEYWORDS
        ):
            msgid: Msgid = message if isinstance(message, str) else tuple(message)
            if any(sign.isalpha() for sign in "".join(msgid)):
                found.setdefault(msgid, f"{part}/{name}:{line}")
    return found


@lru_cache(maxsize=1)
def polish() -> Catalog:
    source = resources.folder("locale") / "pl" / "LC_MESSAGES" / "okienko.po"
    return read_po(io.BytesIO(source.read_bytes()), abort_invalid=True)


@lru_cache(maxsize=1)
def translated() -> dict[Msgid, tuple[str, ...]]:
    """Each msgid of the catalogue with its translations: one, or one for each plural form."""
    found: dict[Msgid, tuple[str, ...]] = {}
    for message in polish():
        if message.id:
            msgid = message.id if isinstance(message.id, str) else tuple(message.id)
            found[msgid] = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    return found


def pairs() -> Iterator[tuple[str, str]]:
    """Every English text with every Polish one that may stand for it."""
    for msgid, said in translated().items():
        for text in said:
            yield (msgid if isinstance(msgid, str) else msgid[-1]), text


# The catalogue and the source


def test_every_message_has_its_polish() -> None:
    missing = [f"{place}: {msgid!r}" for msgid, place in wanted().items() if msgid not in translated()]
    assert not missing, "not in data/locale/pl/LC_MESSAGES/okienko.po:\n" + "\n".join(missing)


def test_no_message_is_left_over() -> None:
    over = [msgid for msgid in translated() if msgid not in wanted()]
    assert not over, "nothing says this any more:\n" + "\n".join(map(repr, over))
    assert not polish().obsolete


def test_nothing_is_empty_or_a_guess() -> None:
    assert [msgid for msgid, said in translated().items() if not all(said)] == []
    assert [message.id for message in polish() if message.id and message.fuzzy] == []


def test_plurals_have_three_forms() -> None:
    assert polish().num_plurals == 3
    for msgid, said in translated().items():
        assert len(said) == (1 if isinstance(msgid, str) else 3), msgid


def test_the_gaps_are_the_same() -> None:
    differ = [(english, text) for english, text in pairs() if _gaps(english) != _gaps(text)]
    assert differ == []


def _gaps(text: str) -> set[str]:
    return {f"{name}{':' + spec if spec else ''}" for _text, name, spec, _how in string.Formatter().parse(text) if name}


def test_the_edges_are_the_same() -> None:
    """Texts are put together by code that counts on them."""
    differ = [(english, text) for english, text in pairs() if _edges(english) != _edges(text)]
    assert [pair for pair in differ if pair[0] not in ENDS_OTHERWISE] == []


def _edges(text: str) -> tuple[str, str, str]:
    lead, tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    last = text.rstrip()[-1:]
    return lead, last if last in ENDS else "", tail


def test_there_is_no_markup_in_words() -> None:
    found = [text for pair in pairs() for text in pair if re.search(r"\[[a-zA-Z/$@#]", text)]
    assert found == []


def test_polish_looks_polish() -> None:
    """Quotation marks „ ”, dashes that are dashes, an ellipsis that is one sign."""
    wrong = [text for _english, text in pairs() if re.search(r"[“’]|\.\.\.|\w - \w| {2,}", text.strip())]
    assert wrong == [], "use „ ”, – and …"
    assert [text for _english, text in pairs() if text.count("„") != text.count("”")] == []


# How the source says it


MARKS = {"_", "N_", "gettext", "ngettext", "say", "Say"}


def _calls() -> Iterator[tuple[str, str, ast.expr]]:
    """Where, by which name, and the first text of every call that marks or translates."""
    for part in ("core", "tui"):
        for path in sorted((ROOT / part).rglob("*.py")):
            for node in ast.walk(parsed(path)):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node.func.id, node.args[0]


def test_a_message_is_never_put_together_before_it_is_looked_up() -> None:
    """An f-string, a sum or a filled gap is not in any catalogue."""
    built = (ast.JoinedStr, ast.BinOp)
    wrong = [
        where
        for where, _name, text in _calls()
        if isinstance(text, built)
        or (isinstance(text, ast.Call) and isinstance(text.func, ast.Attribute) and text.func.attr == "format")
    ]
    assert wrong == []


def test_a_mark_stands_at_the_text_itself() -> None:
    wrong = [where for where, name, text in _calls() if name == "N_" and not isinstance(text, ast.Constant)]
    assert wrong == []


# What is written outside the catalogue


def _tables(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _tables(each)


@pytest.mark.parametrize("folder", ["products", "scenarios", "demo"])
def test_what_ships_is_in_both_languages(folder: str) -> None:
    files = sorted(resources.folder(folder).rglob("*.toml"))
    assert files
    for path in files:
        for table in _tables(tomllib.loads(path.read_text(encoding="utf-8"))):
            both = [table.get(language) for language in translation.LANGUAGES]
            if any(isinstance(text, str) for text in both):
                assert all(isinstance(text, str) and text.strip() for text in both), f"{path.name}: {table}"


def test_letters_and_notices_are_in_both_languages() -> None:
    letters = resources.folder("mail")
    english, other = (sorted(path.name for path in (letters / code).iterdir()) for code in translation.LANGUAGES)
    assert english == other
    assert len(english) > 20
    notices = {path.name for path in resources.folder("notices").iterdir()}
    assert {name.replace(".en.", ".pl.") for name in notices if ".en." in name} == {n for n in notices if ".pl." in n}


# Which language, and when


@pytest.mark.parametrize(
    ("count", "english", "said"),
    [
        (0, "0 rows read.", "Odczytano 0 wierszy."),
        (1, "1 row read.", "Odczytano 1 wiersz."),
        (2, "2 rows read.", "Odczytano 2 wiersze."),
        (5, "5 rows read.", "Odczytano 5 wierszy."),
        (12, "12 rows read.", "Odczytano 12 wierszy."),
        (22, "22 rows read.", "Odczytano 22 wiersze."),
        (25, "25 rows read.", "Odczytano 25 wierszy."),
        (101, "101 rows read.", "Odczytano 101 wierszy."),
    ],
)
def test_plural_forms(count: int, english: str, said: str) -> None:
    for language, expected in (("en", english), ("pl", said)):
        with speaking(language):
            assert ngettext("{n} row read.", "{n} rows read.", count).format(n=count) == expected


def test_what_has_a_plural_is_said_of_one_thing_where_python_does_not_find_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python 3.11.2 (Debian 12) looks a msgid up as it stands, and those with a plural stand there by their forms."""

    def as_it_stands(self: gettext.GNUTranslations, message: str) -> str:
        found: str = self._catalog.get(message, message)  # type: ignore[attr-defined]
        return found

    monkeypatch.setattr(gettext.GNUTranslations, "gettext", as_it_stands)
    with speaking("pl"):
        assert translation.gettext("Your line {lines} is affected.") == "Dotyczy Twojego łącza {lines}."
        assert translation.gettext("Log out") == "Wyloguj się"
    with speaking("en"):
        assert translation.gettext("Your line {lines} is affected.") == "Your line {lines} is affected."


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """No language is set, nobody is followed, and what is set is asked for anew."""
    for name in ("OKIENKO_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(translation, "_followed", None)
    translation.from_environment.cache_clear()
    yield monkeypatch
    translation.from_environment.cache_clear()


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, "en"),
        ({"LANG": "pl_PL.UTF-8"}, "pl"),
        ({"LANGUAGE": "PL"}, "pl"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "pl_PL.UTF-8", "LANGUAGE": "en"}, "pl"),
        ({"LC_MESSAGES": "C", "LANG": "pl_PL.UTF-8"}, "en"),
        ({"LC_ALL": "pl_PL", "LC_MESSAGES": "en_GB"}, "pl"),
        ({"OKIENKO_LANGUAGE": "en", "LC_ALL": "pl_PL"}, "en"),
        ({"OKIENKO_LANGUAGE": "", "LC_ALL": "", "LANG": "pl_PL"}, "pl"),
    ],
)
def test_the_environment_has_an_order(
    environment: pytest.MonkeyPatch, variables: dict[str, str], language: str
) -> None:
    for name, value in variables.items():
        environment.setenv(name, value)
    assert translation.language() == language


def test_who_is_spoken_to_comes_before_the_application_and_that_before_the_environment(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("LANG", "pl_PL")
    shown: list[str | None] = ["en"]
    translation.follow(lambda: shown[0])
    assert translation.gettext("Password") == "Password"
    with speaking("pl"):
        assert translation.gettext("Password") == "Hasło"
        with speaking("en"):
            assert translation.gettext("Password") == "Password"
        assert translation.gettext("Password") == "Hasło"
    shown[0] = "pl"
    assert translation.gettext("Password") == "Hasło", "the application may change its mind at any time"
    shown[0] = None
    assert translation.language() == "pl", "an application without a language leaves it to the environment"


def test_an_unknown_language_is_english() -> None:
    with speaking("de"):
        assert translation.language() == "en"


def test_each_thread_speaks_its_own(environment: pytest.MonkeyPatch) -> None:
    heard = []
    with speaking("pl"):
        thread = threading.Thread(target=lambda: heard.append(translation.gettext("Password")))
        thread.start()
        thread.join()
    assert heard == ["Password"]


def test_nothing_is_said_as_nothing() -> None:
    """gettext keeps its header under the empty msgid."""
    with speaking("pl"):
        assert translation.gettext("") == ""


def test_a_mark_changes_nothing() -> None:
    with speaking("pl"):
        assert N_("Password") == "Password"


# The files


HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'


@pytest.fixture
def locale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Another folder of catalogues, empty at first."""
    folder = tmp_path / "locale" / "pl" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    monkeypatch.setattr(resources, "folder", lambda name: tmp_path / name)
    translation._catalogue.cache_clear()
    yield folder
    translation._catalogue.cache_clear()


def _write(folder: Path, kind: str, said: str, at: int) -> None:
    """A catalogue that translates one word, last changed ``at`` seconds after the epoch."""
    source = (HEADER + f'msgid "Password"\nmsgstr "{said}"\n').encode()
    path = folder / f"okienko.{kind}"
    if kind == "mo":
        with path.open("wb") as file:
            write_mo(file, read_po(io.BytesIO(source)))
    else:
        path.write_bytes(source)
    os.utime(path, (at, at))


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "Password"),
        ({"po": 10}, "z po"),
        ({"mo": 10}, "z mo"),
        ({"po": 10, "mo": 20}, "z mo"),
        ({"po": 10, "mo": 10}, "z mo"),
        ({"po": 20, "mo": 10}, "z po"),
    ],
)
def test_the_compiled_catalogue_is_used_while_it_is_fresh(locale: Path, files: dict[str, int], said: str) -> None:
    for kind, at in files.items():
        _write(locale, kind, f"z {kind}", at)
    with speaking("pl"):
        assert translation.gettext("Password") == said


def test_the_package_holds_what_the_source_says(tmp_path: Path) -> None:
    """Compiled as the build does it, the catalogue says the same as read from its source."""
    compiled = tmp_path / "okienko.mo"
    with compiled.open("wb") as file:
        write_mo(file, polish())
    with compiled.open("rb") as file:
        built = gettext.GNUTranslations(file)
    with speaking("pl"):
        assert all(built.gettext(msgid) == translation.gettext(msgid) for msgid in wanted() if isinstance(msgid, str))


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, "pl"),
        ({"LANG": "C.UTF-8"}, "pl"),
        ({"LANG": "POSIX"}, "pl"),
        ({"LANG": "de_DE.UTF-8"}, "pl"),
        ({"LC_ALL": "C", "LANG": "en_GB.UTF-8"}, "pl"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LC_MESSAGES": "en"}, "en"),
        ({"OKIENKO_DESK__LANGUAGE": "en"}, "en"),
        ({"OKIENKO_DESK__LANGUAGE": "en", "LANG": "pl_PL"}, "pl"),
    ],
)
def test_where_the_environment_names_no_language_the_desk_does(
    environment: pytest.MonkeyPatch, tmp_path: Path, variables: dict[str, str], language: str
) -> None:
    (tmp_path / "okienko.toml").write_text('[desk]\nlanguage = "pl"\n', encoding="utf-8")
    for name, value in variables.items():
        environment.setenv(name, value)
    assert paths.desk_setting("language"), "core.paths tells what the desk's settings name"
    assert translation.from_environment() == language


@pytest.mark.parametrize("text", ["[desk]\nlanguage = 'de'\n", "[desk\n", "desk = 3\n"])
def test_settings_that_say_no_language_say_english(environment: pytest.MonkeyPatch, tmp_path: Path, text: str) -> None:
    (tmp_path / "okienko.toml").write_text(text, encoding="utf-8")
    assert translation.from_environment() == "en"

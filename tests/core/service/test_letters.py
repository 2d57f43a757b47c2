"""Every letter is declared once: with a template in both languages, samples, and the calls that promise it."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping

import pytest

from core import resources
from core.mail import leases
from core.models.accounts import Purpose
from core.service import letters, mail_allowance, one_time_codes
from core.service.desk import Desk
from core.service.letters import LETTERS, SAMPLES, Cause, LetterError, LetterKind
from core.service.unit_of_work import Stranger
from tests.core.mail import promised
from tests.core.mail.promised import Promise
from tests.support.telling import no_problem

HOME = "core/service/letters.py"
PARTS = {"_ways", "_signature", "_others"}
"""Templates that letters are made of."""
RESET = LETTERS["reset"]


def templates() -> dict[str, set[str]]:
    """Names of what is written, by language."""
    return {
        language: {file.name.removesuffix(".txt.j2") for file in (resources.folder("mail") / language).iterdir()}
        for language in ("en", "pl")
    }


def unwritten(kinds: Collection[LetterKind], files: Mapping[str, set[str]]) -> Iterator[str]:
    """Letters without their template, and templates without their letter."""
    known = {kind.name for kind in kinds}
    for language, names in files.items():
        for name in sorted(known - names):
            yield f"The letter {name} has no text: write data/mail/{language}/{name}.txt.j2, or take it out of {HOME}."
        for name in sorted(names - known - PARTS):
            yield f"data/mail/{language}/{name}.txt.j2 is no letter's: declare {name} in {HOME}, or remove the file."


def unsampled(kinds: Collection[LetterKind], samples: Collection[str]) -> Iterator[str]:
    """Fields that no test can fill in, and samples of no field."""
    for kind in kinds:
        for field in (*kind.fields, *kind.secrets):
            if field not in samples:
                yield f"The letter {kind.name} has no sample of {field}: add what it may say to SAMPLES in {HOME}."
    for field in sorted(set(samples) - {field for kind in kinds for field in (*kind.fields, *kind.secrets)}):
        yield f"No letter has the field {field}: take it out of SAMPLES in {HOME}."


def wrong_codes(kinds: Iterable[LetterKind]) -> Iterator[str]:
    for kind in kinds:
        if kind.code and kind.code not in {purpose.value for purpose in one_time_codes.LIFETIME}:
            yield (
                f"The code of {kind.name} is for {kind.code!r}, which has no lifetime: name a purpose of "
                f"core.service.one_time_codes.LIFETIME in {HOME}."
            )


def wrong_calls(calls: Iterable[Promise]) -> Iterator[str]:
    for call in calls:
        try:
            letters.check(call.letter, call.details, call.secrets)
        except LetterError as error:
            yield f"{call.where}: {error}"


def unpromised(kinds: Iterable[LetterKind], calls: Iterable[Promise]) -> Iterator[str]:
    known = {call.letter for call in calls}
    for kind in kinds:
        if kind.name not in known:
            yield f"Nothing promises {kind.name}: call work.mail({kind.name!r}, …), or take it out of {HOME}."


def test_every_letter_is_written_in_both_languages() -> None:
    no_problem(unwritten(LETTERS.values(), templates()))


def test_every_field_has_a_sample() -> None:
    no_problem(unsampled(LETTERS.values(), SAMPLES))


def test_every_code_has_a_lifetime() -> None:
    no_problem(wrong_codes(LETTERS.values()))
    assert leases.CODES["reset"] is Purpose.RESET


def test_every_call_promises_a_letter_as_it_is_declared() -> None:
    calls = promised.promises()
    assert len(calls) >= len(LETTERS)
    no_problem([*wrong_calls(calls), *unpromised(LETTERS.values(), calls)])


def test_every_call_names_its_letter() -> None:
    no_problem(
        problem
        for path in promised.FILES
        for problem in promised.unreadable(path.read_text(encoding="utf-8"), path.name)
    )


def test_every_letter_is_declared_once_and_has_a_label() -> None:
    assert len(letters._ALL) == len(LETTERS)
    assert all(kind.label and "_" not in kind.label for kind in LETTERS.values())
    assert letters.label("of_a_later_version") == "of_a_later_version"


def test_who_can_cause_a_letter_is_told_by_its_declaration() -> None:
    assert mail_allowance.CAUSES["reset"] is Cause.STRANGER
    assert mail_allowance.CAUSES["ticket_replied"] is Cause.OWNER


def test_a_letter_is_written_with_each_of_its_samples() -> None:
    kind = LetterKind("x", "x", Cause.OWNER, ("on", "name"), code="reset")
    code = {"code": SAMPLES["code"][0]}
    assert list(kind.samples()) == [({"on": on, "name": name}, code) for on in (True, False) for name in ("Ola", "")]


# --- what a mistake is told ------------------------------------------------------------------------------------------


def test_a_letter_without_a_template() -> None:
    files = {language: names - {"reset"} for language, names in templates().items()}
    told = list(unwritten(LETTERS.values(), files))
    assert [f"write data/mail/{language}/reset.txt.j2" in what for language, what in zip(files, told, strict=True)]


def test_a_template_without_a_letter() -> None:
    (told,) = unwritten([RESET], {"en": {"reset", "brand_new"}})
    assert f"declare brand_new in {HOME}" in told


def test_a_field_without_a_sample() -> None:
    (told,) = unsampled([dataclasses.replace(RESET, fields=("login", "brand_new"))], ["login", "code"])
    assert told == f"The letter reset has no sample of brand_new: add what it may say to SAMPLES in {HOME}."


def test_a_sample_of_no_field() -> None:
    (told,) = unsampled([RESET], ["login", "name", "code", "brand_new"])
    assert f"take it out of SAMPLES in {HOME}" in told


def test_a_code_of_no_purpose() -> None:
    (told,) = wrong_codes([dataclasses.replace(RESET, code="nothing")])
    assert "name a purpose" in told


def test_a_letter_that_nothing_promises() -> None:
    (told,) = unpromised([RESET], [])
    assert "work.mail('reset', …)" in told


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (
            Promise("x.py:1", "brand_new", (), ()),
            "No letter is called brand_new: declare it in core/service/letters.py",
        ),
        (Promise("x.py:1", "reset", ("login",), ("code",)), "other fields than its declaration, it lacks name: change"),
        (Promise("x.py:1", "reset", ("login", "name", "who"), ("code",)), "it doesn't know who: change the call"),
        (Promise("x.py:1", "reset", ("login", "name"), ()), "other secrets than its declaration, it lacks code"),
        (Promise("x.py:1", "welcome_alone", ("login", "name"), ("code",)), "it doesn't know code"),
    ],
    ids=lambda one: one.letter if isinstance(one, Promise) else "",
)
def test_a_call_that_fits_no_declaration(call: Promise, told: str) -> None:
    (problem,) = wrong_calls([call])
    assert problem.startswith("x.py:1: ")
    assert told in problem


def test_a_call_that_hides_its_letter() -> None:
    (told,) = promised.unreadable("def tell(work, which):\n    work.mail(which, to)\n", "x.py")
    assert told.startswith("x.py:2 promises a letter without naming it")


def test_what_is_not_declared_never_leaves(desk: Desk) -> None:
    to = Stranger("zofia@example.com", "en")
    for letter, details in (("brand_new", {}), ("password_changed", {"login": "zofia"})):
        with pytest.raises(LetterError, match=r"core/service/letters\.py"):
            desk.do(lambda work, letter=letter, details=details: work.mail(letter, to, **details))
    with pytest.raises(LetterError, match="lacks code"):
        desk.as_system().do(lambda work: work.mail("login_code", to, name="Zofia"))
    made = desk.do(lambda work: work.mail("reset", to, code=lambda: "K7QF", login="zofia", name="Zofia"))
    assert made

"""``okienko import invitations``: the manners of the other imports, and one letter for each new customer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.care import invitations
from core.db.pagination import PageRequest
from core.errors import Conflict, DeskError, Forbidden
from core.imports.csv.report import Report
from core.imports.csv.source import Pasted
from core.imports.invitations import MOST, import_invitations
from tests.core.care.acting import accepted, applied, approved, invited
from tests.core.care.conftest import World, people_of
from tests.factories.desks import journal_of, logged_in, mail, mailed_code, make_desk

HEAD = "email;name;address;country;language\n"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    desk = make_desk(tmp_path / "care")
    yield people_of(desk)
    desk.close()


def brought(world: World, text: str, **more: object) -> Report:
    return world.iwan.do(import_invitations, Pasted(text.encode()), **more)  # type: ignore[arg-type]


def slips(report: Report) -> list[tuple[int, str, str]]:
    return [(slip.line, slip.column, slip.say.text()) for slip in report.errors]


def test_each_row_is_an_invitation_with_its_letter(world: World) -> None:
    text = HEAD + "zofia@example.com;Zofia Rzepa;ul. Krzywa 3;PL;pl\njan@example.com;Jan Kluska;Hauptstr. 1;de;\n"
    report = brought(world, text)
    assert (report.rows, report.created, report.unchanged, report.errors) == (2, 2, 0, [])
    letters = [(one.address, one.language) for one in mail(world.desk, "care_invitation")]
    assert letters == [("zofia@example.com", "pl"), ("jan@example.com", "en")]
    assert [one.name for one in world.irena.see(invitations.page, PageRequest()).rows] == ["Jan Kluska", "Zofia Rzepa"]
    assert journal_of(world.desk)[-1] == "invitation.import"
    jan = logged_in(world.desk, "jan")
    assert accepted(jan, mailed_code(world.desk, "care_invitation"))


def test_brought_in_again_with_new_rows(world: World) -> None:
    first = HEAD + "zofia@example.com;Zofia;ul. Krzywa 3;;\n"
    brought(world, first)
    again = brought(world, first + "ZOFIA@example.com;Zofia;ul. Krzywa 3;;\n")
    assert [slip[0] for slip in slips(again)] == [3]  # the same address twice in one file is a slip
    more = brought(world, first + "nina@example.com;Nina;ul. Prosta 1;;\n")
    assert (more.created, more.unchanged) == (1, 1)
    assert len(mail(world.desk, "care_invitation")) == 2


def test_somebody_in_service_is_left_alone(world: World) -> None:
    approved(world.iwan, applied(world.zofia))
    report = brought(world, HEAD + "zofia@example.com;Zofia;ul. Krzywa 3;;\n")
    assert (report.created, report.unchanged) == (0, 1)


def test_every_slip_with_its_line_and_nothing_written(world: World) -> None:
    text = (
        HEAD
        + "zofia@example.com;Zofia;ul. Krzywa 3;PL;pl\n"
        + "nobody;Jan;ul. Prosta 1;PL;pl\n"
        + "ola@example.com;;ul. Prosta 1;PL;pl\n"
        + "ala@example.com;Ala;;PL;pl\n"
        + "ela@example.com;Ela;ul. Prosta 1;POLAND;pl\n"
        + "ula@example.com;Ula;ul. Prosta 1;PL;de\n"
        + "zofia@EXAMPLE.com;Zofia;ul. Krzywa 3;PL;pl\n"
    )
    report = brought(world, text)
    assert [(line, column) for line, column, _said in slips(report)] == [
        (3, "email"),
        (4, "name"),
        (5, "address"),
        (6, "country"),
        (7, "language"),
        (8, "email"),
    ]
    assert "line 2" in slips(report)[-1][2]
    assert report.created == 0
    assert mail(world.desk) == []


@pytest.mark.parametrize(
    ("content", "line", "column"),
    [
        (b"", 1, ""),
        (b"name;address\nx;y\n", 1, "email"),
        (b"email;name;address;colour\n", 1, "colour"),
        (b"email;name;address\nx@example.com;only two\n", 2, "address"),
        (b"\xff\xfee\x00", 1, ""),
    ],
)
def test_a_file_that_is_none(world: World, content: bytes, line: int, column: str) -> None:
    report = world.iwan.do(import_invitations, Pasted(content))
    assert (report.errors[0].line, report.errors[0].column) == (line, column)


def test_a_trial_writes_nothing(world: World) -> None:
    report = brought(world, HEAD + "zofia@example.com;Zofia;ul. Krzywa 3;;\n", dry_run=True)
    assert report.created == 1
    assert mail(world.desk) == []


def test_an_address_that_was_invited_over_and_over_is_named_and_nobody_is_invited(world: World) -> None:
    for _time in range(3):
        invitation_id, _code = invited(world.iwan, email="jan@example.com")
        world.iwan.do(invitations.withdraw, invitation_id)
    before = len(mail(world.desk))
    text = HEAD + "zofia@example.com;Zofia;ul. Krzywa 3;;\njan@example.com;Jan;ul. Prosta 1;;\n"
    report = brought(world, text)
    assert [slip[:2] for slip in slips(report)] == [(3, "email")]
    assert "several times" in report.errors[0].say.text()
    assert (report.rows, report.created, report.unchanged) == (2, 0, 0)
    assert (len(mail(world.desk)), "invitation.import" in journal_of(world.desk)) == (before, False)


def test_too_many_rows_are_refused(world: World) -> None:
    rows = "".join(f"k{number}@example.com;K;ul. Prosta 1;;\n" for number in range(MOST + 1))
    report = brought(world, HEAD + rows)
    assert slips(report)[0][0] == MOST + 2
    assert mail(world.desk) == []


def test_the_operator_names_the_company_by_its_address(world: World) -> None:
    text = Pasted((HEAD + "zofia@example.com;Zofia;ul. Krzywa 3;;\n").encode())
    system = world.desk.as_system()
    assert system.do(import_invitations, text, company="inna@example.com").created == 1
    assert [one.name for one in world.obcy.see(invitations.page, PageRequest()).rows] == ["Zofia"]
    with pytest.raises(Conflict) as unknown:
        system.do(import_invitations, text, company="nikt@example.com")
    assert "nikt@example.com" in unknown.value.text()


def test_others_import_nothing(world: World) -> None:
    text = Pasted((HEAD + "jan@example.com;Jan;ul. Krzywa 3;;\n").encode())
    for who in (world.zofia, world.desk):
        with pytest.raises(DeskError):
            who.do(import_invitations, text)
    with pytest.raises((Forbidden, Conflict)):
        logged_in(world.desk, "wolny").do(import_invitations, text, company="serwis@example.com")
    assert mail(world.desk) == []


def test_one_that_ran_out_is_invited_anew(world: World) -> None:
    invited(world.iwan)
    world.later(days=28)
    text = Pasted((HEAD + "zofia@example.com;Zofia;ul. Krzywa 3;;\n").encode())
    report = world.desk.as_system().do(import_invitations, text, company="serwis@example.com")
    assert report.created == 1
    assert len(mail(world.desk, "invitation_expired")) == 1


def test_windows_files_and_hostile_text(world: World) -> None:
    text = HEAD + 'zofia@example.com;"Żółć \x1b[31m=1+1";"ul. Krzywa\n3";;\n'
    report = world.iwan.do(import_invitations, Pasted(text.encode("cp1250")))
    assert report.errors == []
    [row] = world.iwan.see(invitations.page, PageRequest()).rows
    assert (row.name, row.address) == ("Żółć [31m=1+1", "ul. Krzywa 3")

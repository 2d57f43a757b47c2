"""Usage from a file: bytes a line and a day, the later file counts."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from core.errors import Forbidden
from core.imports import usage
from core.models.accounts import Role
from core.models.billing import Usage
from core.models.contracts import Asset
from core.service.desk import Desk
from tests.core.imports.csv.streams import LINE, SUBSCRIBER, USAGE, Files, all_of, everything, one, slips, told
from tests.factories.desks import contract, journal_of, logged_in


@pytest.fixture
def files(any_desk: Desk, tmp_path: Path) -> Files:
    return _with_lines(Files(any_desk, tmp_path))


@pytest.fixture
def quick(desk: Desk, tmp_path: Path) -> Files:
    """On SQLite only, for what doesn't depend on the store."""
    return _with_lines(Files(desk, tmp_path))


def _with_lines(files: Files) -> Files:
    files.bring("subscribers", SUBSCRIBER)
    more = {"line": "PN-00000002", "addresses": "", "pppoe_login": "", "pppoe_password": ""}
    told(files.bring("lines", LINE, {**LINE, **more}))
    return files


def row(**changes: str) -> dict[str, str]:
    return {**USAGE, **changes}


def test_a_file_comes_in(files: Files) -> None:
    assert told(files.bring("usage", USAGE, row(line=" pn-00000002 ", down="0", up="1 000"))) == (2, 2, 0, 0)
    first, second = all_of(files.desk, Usage)
    line = one(files.desk, Asset, identifier="PN-00000001")
    assert tuple(first) == (line.id, dt.date(2026, 11, 10), 123456789012, 987654321)
    assert (second.down, second.up) == (0, 1000)
    assert journal_of(files.desk)[-1] == "billing.import"


def test_twice_is_once_and_the_later_file_counts(files: Files) -> None:
    rows = [row(day=f"2026-{month:02}-{day:02}") for month in range(1, 11) for day in range(1, 29)]
    assert told(files.bring("usage", *rows)) == (280, 280, 0, 0)
    before = everything(files.desk)
    assert told(files.bring("usage", *reversed(rows))) == (280, 0, 0, 280)
    assert everything(files.desk) == before
    grown = [{**one_, "up": "5"} if at < 3 else one_ for at, one_ in enumerate(rows)]
    assert told(files.bring("usage", *grown, dry_run=True)) == (280, 0, 3, 277)
    assert everything(files.desk) == before
    assert told(files.bring("usage", *grown, row(day="2026-11-01"))) == (281, 1, 3, 277)
    assert [found.up for found in all_of(files.desk, Usage)][:4] == [5, 5, 5, 987654321]


@pytest.mark.parametrize(
    ("bad", "columns"),
    [
        (row(line=""), ["line"]),
        (row(line="PN-00000404"), ["line"]),
        (row(line="FW-1"), ["line"]),
        (row(day="2026-02-30"), ["day"]),
        (row(day=""), ["day"]),
        (row(day="2026-11-21"), ["day"]),
        (row(down="-1"), ["down"]),
        (row(down="1,5"), ["down"]),
        (row(down="12 GB"), ["down"]),
        (row(up="9" * 16), ["up"]),
        (row(up=""), ["up"]),
        (row(line="pn-00000002"), ["day"]),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_written(quick: Files, bad: dict[str, str], columns: list[str]) -> None:
    contract(quick.desk)
    before, journal = everything(quick.desk), journal_of(quick.desk)
    report = quick.bring("usage", row(line="PN-00000002"), bad, row(day="2026-11-11"))
    assert slips(report) == [(3, column) for column in columns]
    assert everything(quick.desk) == before
    assert journal_of(quick.desk) == journal


def test_more_lines_than_are_remembered(quick: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "_KEPT", 0)
    assert told(quick.bring("usage", *(row(day=f"2026-10-{day:02}") for day in range(1, 29)))) == (28, 28, 0, 0)


def test_who_may_not(quick: Files) -> None:
    with pytest.raises(Forbidden):
        quick.bring("usage", seat=logged_in(quick.desk, "ola", Role.AGENT))
    assert all_of(quick.desk, Usage) == []

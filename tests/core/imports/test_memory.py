"""What a long file leaves in memory: nothing that grows with it, and what lies far apart in it is still compared."""

from __future__ import annotations

import dataclasses
import gc
import tracemalloc
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from core.imports import line_addresses, lines
from core.imports.csv import pipeline
from core.imports.csv.source import Source
from core.imports.csv.spool import Scratch
from core.imports.lms.run import import_lms, source_of
from core.service import bulk
from core.service.desk import Desk
from tests.core.imports.csv.streams import LINE, SUBSCRIBER, Files, everything, slips, told
from tests.core.imports.lms import tables as lms

if TYPE_CHECKING:
    from tests.support.postgres import Server

PART = 40
import_lines = pipeline.importing(dataclasses.replace(lines.KIND, part=PART))
"""As it is, with small parts: a few hundred lines are many of them."""


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "PART", PART)
    monkeypatch.setattr(line_addresses, "PART", PART)


@pytest.fixture
def files(any_desk: Desk, tmp_path: Path, small_parts: None) -> Files:
    return _with_customer(any_desk, tmp_path)


def _with_customer(desk: Desk, folder: Path) -> Files:
    made = Files(desk, folder)
    told(made.bring("subscribers", SUBSCRIBER))
    return made


def line(number: int, addresses: str = "", login: str = "") -> dict[str, str]:
    """With an address and a network that no other one has."""
    own = addresses or f"10.0.{number >> 8}.{number & 255} 2001:db8:{number:x}::/48"
    names = {"line": f"PN-{number:08}", "pppoe_login": login or f"l{number}@wiatrolap"}
    return {**LINE, **names, "addresses": own}


def some(first: int, number: int) -> list[dict[str, str]]:
    return [line(at) for at in range(first, first + number)]


def bring(files: Files, rows: list[dict[str, str]]) -> Any:
    return files.desk.as_system().do(import_lines, Source(files.write("lines", rows)))


def peak(files: Files, rows: list[dict[str, str]]) -> int:
    """The most that Python holds beyond what it held before, while they come in."""
    source, before = Source(files.write("lines", rows)), gc.get_threshold()
    gc.collect()
    gc.set_threshold(1_000)  # what waits to be collected is not held
    tracemalloc.start()
    try:
        told(files.desk.as_system().do(import_lines, source))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        gc.set_threshold(*before)


def test_more_lines_take_no_more_memory(desk: Desk, tmp_path: Path, small_parts: None) -> None:
    """Of Python's; what SQLite takes is not seen here, but in what it has to sort."""
    files = _with_customer(desk, tmp_path)
    told(bring(files, some(0, PART)))  # what is remembered for good is remembered now
    few, many = peak(files, some(1_000, 2 * PART)), peak(files, some(2_000, 5 * PART))
    # A row that is held takes more than 2 KB; caches fill up a little.
    assert many - few < 3 * PART * 1_000


WIDE = "10.9.0.0/16"


@pytest.mark.parametrize(("first", "last"), [(WIDE, "10.9.7.7"), ("10.9.7.7", WIDE), (WIDE, WIDE)])
def test_networks_that_lie_far_apart_in_a_file_meet(files: Files, first: str, last: str) -> None:
    before = everything(files.desk)
    report = bring(files, [line(1, first), *some(2, 4 * PART), line(9_999, last)])
    assert slips(report) == [(4 * PART + 3, "addresses")]
    assert report.errors[0].say.text() == f"{last} overlaps {first}, which belongs to line PN-00000001."
    assert everything(files.desk) == before


@pytest.mark.parametrize(("here", "wanted"), [(WIDE, "10.9.7.7"), ("10.9.7.7", WIDE)])
def test_networks_meet_those_of_a_large_desk(files: Files, here: str, wanted: str) -> None:
    told(bring(files, [*some(2, 2 * PART), line(1, here)]))
    before = everything(files.desk)
    report = bring(files, [*some(1_000, 2 * PART), line(9_999, wanted)])
    assert slips(report) == [(2 * PART + 2, "addresses")]
    assert report.errors[0].say.text() == f"{wanted} overlaps {here}, which belongs to line PN-00000001."
    assert everything(files.desk) == before


def test_what_is_wrong_is_told_in_the_order_of_the_lines(files: Files) -> None:
    """Whatever the order in which it is compared: a line, an address and a login that are there twice."""
    rows = [
        *some(0, 3 * PART),
        line(0, "10.8.0.1", "other"),
        line(9_998, "10.0.0.5"),
        line(9_999, login="l7@wiatrolap"),
    ]
    rows += [line(9_997, "10.0.0.8/32 10.7.0.0/16")]
    report = bring(files, rows)
    last = len(rows) + 1
    assert slips(report) == [
        (last - 3, "line"),
        (last - 2, "addresses"),
        (last - 1, "pppoe_login"),
        (last, "addresses"),
    ]


@pytest.fixture
def sorting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing that is read from the file that an import makes has to be sorted: the bundled SQLite does that in
    memory."""
    in_memory, read = [], Scratch.rows

    def watched(self: Scratch, statement: str, parameters: Sequence[Any] = ()) -> Iterator[Any]:
        plan = [step[3] for step in self._store.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
        if any("TEMP B-TREE" in step for step in plan):
            in_memory.append(statement)
        return read(self, statement, parameters)

    monkeypatch.setattr(Scratch, "rows", watched)
    yield
    assert not in_memory, f"give the table a key in this order: {in_memory}"


@pytest.mark.usefixtures("sorting")
def test_nothing_that_a_file_says_is_sorted_in_memory(desk: Desk, tmp_path: Path) -> None:
    files = Files(desk, tmp_path)
    for kind in ("subscribers", "lines", "invoices", "payments", "usage"):
        for _turn in range(2):
            files.bring(kind)


@pytest.mark.usefixtures("sorting")
def test_nothing_that_lms_says_is_sorted_in_memory(desk: Desk, postgres: Server) -> None:
    url = source_of(postgres.copy("lms", lms.build))
    for _turn in range(2):
        reports = import_lms(desk.as_system(), url)
        assert not any(report.errors for report in reports.values())

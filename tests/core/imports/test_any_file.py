"""Whatever a file holds, an import of any kind says what is wrong, writes nothing and raises nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import say
from core.imports.csv.report import MOST_WARNINGS, Report
from core.imports.csv.source import Source
from core.imports.csv.spool import Scratch, Seen, Spool, differing, digest
from core.imports.lms.source import full_number
from tests.core.imports.csv.streams import KINDS, SELLER, Files, everything
from tests.factories.cares import service_company
from tests.factories.desks import make_desk
from tests.support.amounts import times

_ANY = settings(max_examples=times(20, 60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
_CELL = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", "0", "-1", "1e5", "NaN", "inf", "９", "2026-02-30", "9999-12-31", "::/0", "\x00", '"', "K-1"]),
)


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Files]:
    made = Files(make_desk(tmp_path / "desk", seller=SELLER), tmp_path)
    service_company(made.desk)
    yield made
    made.desk.close()


@pytest.mark.parametrize("kind", KINDS)
@_ANY
@given(content=st.binary(max_size=300))
def test_any_bytes(files: Files, kind: str, content: bytes) -> None:
    path = files.folder / "any.csv"
    path.write_bytes(content)
    report = files.bring_file(kind, path)
    assert report.errors
    assert all(slip.say.text() for slip in report.errors)


@pytest.mark.parametrize("kind", KINDS)
@_ANY
@given(data=st.data())
def test_any_cells(files: Files, kind: str, data: st.DataObject) -> None:
    """A right row with some cells exchanged, after another right row."""
    row = dict(KINDS[kind][1])
    for name in data.draw(st.lists(st.sampled_from(sorted(row)), min_size=1, max_size=4, unique=True)):
        row[name] = data.draw(_CELL).replace(";", "").replace("\n", "").replace("\r", "")
    try:
        path = files.write(kind, [KINDS[kind][1], row])
    except UnicodeEncodeError:  # a lone surrogate is in no file
        return
    before = everything(files.desk)
    trial = files.bring_file(kind, path, dry_run=True)
    assert all(slip.line >= 1 and slip.say.text() for slip in trial.errors)
    assert everything(files.desk) == before


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 9)), max_size=30), st.integers(1, 5))
def test_what_was_seen_first(entries: list[tuple[str, int]], part: int) -> None:
    """However the rows are cut into parts."""
    scratch, found, wanted = Scratch(), {}, {}
    try:
        seen = Seen(scratch, "things")
        rows = [(key, line, bytes([told])) for line, (key, told) in enumerate(entries, start=1)]
        for at in range(0, len(rows), part):
            some = rows[at : at + part]
            firsts = seen.first(some)
            found.update({line: firsts.get(key, (line, told)) for key, line, told in some})
        for key, line, told in rows:
            wanted[line] = next((other, said) for known, other, said in rows if known == key)
            assert found[line] == wanted[line] or wanted[line] == (line, told)
        assert seen.lines({key for key, _told in entries}) == {
            key: next(line for known, line, _said in rows if known == key) for key, _told in entries
        }
    finally:
        scratch.close()


@given(st.dictionaries(st.text(min_size=1, max_size=5), st.integers(0, 3), min_size=1, max_size=6), st.data())
def test_digests_tell_which_values_differ(values: dict[str, int], data: st.DataObject) -> None:
    other = {name: data.draw(st.integers(0, 3)) for name in values}
    assert differing(digest(values), digest(other), values) == [name for name in values if values[name] != other[name]]


@given(st.text(max_size=30), st.integers(0, 10**9))
def test_any_number_plan(template: str, number: int) -> None:
    assert isinstance(full_number(number, template, None), str)


def test_what_is_spooled_can_be_read_by_nobody_else() -> None:
    scratch = Scratch()
    try:
        spool: Spool[str] = Spool(scratch, "rows")
        spool.put(["sekretne-hasło", "druga"])
        spool.put([])
        spool.put(["trzecia"])
        assert [list(part) for part in spool.parts()] == [list(part) for part in spool.parts()]
        assert (list(spool.parts()), spool.rows) == ([["sekretne-hasło", "druga"], ["trzecia"]], 3)
        kept = b"".join(bytes(box) for (box,) in scratch.rows("SELECT box FROM rows"))
        assert b"sekretne" not in kept
        assert b"pickle" not in kept
    finally:
        scratch.close()


@pytest.mark.parametrize(("text", "line"), [("Łódź", 2), ("Świerk", 2), ("gęś", 2), ("Łapsze\nA-2;Żądło", 3)])
def test_iso_8859_2_is_not_taken_for_windows_1250(tmp_path: Path, text: str, line: int) -> None:
    file = tmp_path / "file.csv"
    file.write_bytes(f"customer_number;name\nA-1;{text}\n".encode("iso-8859-2"))
    source = Source(file)
    report = Report()
    assert list(source.rows(("customer_number", "name"), (), report)) == []
    assert [(slip.line, "ISO 8859-2" in slip.say.text()) for slip in report.errors] == [(line, True)]


def test_windows_1250_with_its_own_signs_comes_in(tmp_path: Path) -> None:
    file = tmp_path / "file.csv"
    file.write_bytes("customer_number;name\nA-1;±5 °C, § 7, Łódź, Ľubomír\n".encode("cp1250"))
    report = Report()
    rows = list(Source(file).rows(("customer_number", "name"), (), report))
    assert (report.errors, rows[0].values["name"]) == ([], "±5 °C, § 7, Łódź, Ľubomír")


def test_warnings_are_counted_when_there_are_too_many_to_keep() -> None:
    report = Report()
    for line in range(MOST_WARNINGS + 5):
        report.warn(line, "phone", say("?"))
    assert (len(report.warnings), report.warnings[-1].line, report.more_warnings) == (1_000, 999, 5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_without_its_first_line_repeats_nothing_of_the_next_one(files: Files, kind: str) -> None:
    """What stands there may be a PESEL."""
    path = files.write(kind, [KINDS[kind][1]])
    path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[1:]), encoding="utf-8")
    report = files.bring_file(kind, path)
    [slip] = report.errors
    assert (slip.line, slip.column) == (1, "")
    told = slip.say.text()
    assert "has to name the columns" in told
    assert not any(value in told for value in KINDS[kind][1].values() if len(value) > 3)

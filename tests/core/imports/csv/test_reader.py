"""Files as offices make them are read; what is broken is named by the line it is on; nothing raises."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DeskError
from core.imports.csv import source
from core.imports.csv.reader import Row
from core.imports.csv.report import Report
from core.imports.csv.source import Pasted, Source

NAMES = ("name", "city")


def read(content: bytes | str, optional: tuple[str, ...] = ()) -> tuple[list[Row], Report]:
    report = Report()
    source = Pasted(content.encode() if isinstance(content, str) else content)
    return list(source.rows(NAMES, optional, report)), report


def slips(report: Report) -> list[tuple[int, str]]:
    return [(slip.line, slip.column) for slip in report.errors]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1250"])
@pytest.mark.parametrize("mark", [";", ","])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_ways_offices_write(encoding: str, mark: str, end: str) -> None:
    text = end.join([f"Name{mark}CITY", f"Żółw{mark}Łódź", "", f'"a{mark}b"{mark}"say ""hi"""', ""])
    rows, report = read(text.encode(encoding))
    assert report.errors == []
    assert [row.values for row in rows] == [{"name": "Żółw", "city": "Łódź"}, {"name": f"a{mark}b", "city": 'say "hi"'}]
    assert [row.line for row in rows] == [2, 4]


def test_lines_are_the_files_own() -> None:
    rows, report = read('name;city\n"one\ntwo\r\nthree";x\n\n;;\nshort\nlast;y\n')
    assert [(row.line, row.values["name"]) for row in rows] == [(2, "one two three"), (8, "last")]
    assert slips(report) == [(7, "city")]
    assert report.rows == 3


def test_columns_may_stand_in_any_order_and_optional_ones_be_left_out() -> None:
    rows, report = read("City;Name\nA;B\n", optional=("phone",))
    assert (rows[0].values, report.errors) == ({"name": "B", "city": "A"}, [])


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("", [(1, "")]),
        ("\n\n \n", [(1, "")]),
        ("name\nx\n", [(1, "city")]),
        ("name;city;name\nx;y;z\n", [(1, "name")]),
        ("name;city;age\nx;y;z\n", [(1, "age")]),
        ('"name;city\nx;y\n', [(1, "")]),
        ('name;city\na;"b\nc;d\n', [(2, "")]),
        ('name;city\na;"b" c\nd;e\n', [(2, "")]),
        ("name;city\na;b;c\n", [(2, "")]),
        ("name;city\na\n", [(2, "city")]),
        ("name;city\n" + "x" * 200_000 + ";y\nc;d\n", [(2, "")]),
    ],
)
def test_what_is_broken_is_named(content: str, wanted: list[tuple[int, str]]) -> None:
    assert slips(read(content)[1]) == wanted


def test_rows_after_a_broken_one_are_read() -> None:
    rows, report = read('name;city\na;"b" c\nd;e\n')
    assert [row.values["name"] for row in rows] == ["d"]
    assert report.rows == 2


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"\xff\xfen\x00a\x00", 1),
        (b"\xef\xbb\xbfname;city\nok;ok\n\xff\xff;x\n", 3),
        (b"name;city\nok;ok\n\xc5\x81\x83;x\n", 3),
    ],
)
def test_bytes_that_are_no_text(content: bytes, line: int) -> None:
    rows, report = read(content)
    assert (rows, slips(report)) == ([], [(line, "")])


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "name;city\na;b\nc;d\ne;f\ng;h\n"
    report = Report()
    assert len(list(Pasted(text.encode()).rows(NAMES, (), report, most=3))) == 3
    assert slips(report) == [(5, "")]
    monkeypatch.setattr(source, "MOST_ROWS", 2)
    assert slips(read(text)[1]) == [(4, "")]
    monkeypatch.setattr(source, "LARGEST_FILE", 10)
    with pytest.raises(DeskError, match="larger than"):
        read(text)


def test_a_file_that_cant_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(DeskError) as told:
        Source(tmp_path / "none.csv")
    assert "none.csv" in told.value.text()
    with pytest.raises(DeskError):
        Source(tmp_path)


def test_hidden_signs_are_gone() -> None:
    rows, _report = read("name;city\n\x1b[31mred\u202e;\x07x\u200b\n")
    assert rows[0].values == {"name": "[31mred", "city": "x"}


@given(st.binary(max_size=400))
def test_no_bytes_raise(content: bytes) -> None:
    read(content)


@given(st.text(max_size=200).map(lambda text: "name;city\n" + text))
def test_no_text_raises_and_lines_are_inside_the_file(content: str) -> None:
    rows, report = read(content.encode("utf-8", "surrogatepass"))
    last = len(io.StringIO(content, newline="").readlines()) + 1
    assert all(1 <= line <= last for line in [row.line for row in rows] + [slip.line for slip in report.errors])


TEXTS = st.text(st.characters(exclude_characters="\0"))  # a NUL is refused: it is a sign of another encoding


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=8))
def test_what_a_spreadsheet_writes_is_read_with_its_lines(pairs: list[tuple[str, str]]) -> None:
    from core.i18n.sanitize import clean

    kept = [
        (clean(a.encode("utf-8", "replace").decode()), clean(b.encode("utf-8", "replace").decode())) for a, b in pairs
    ]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerow(NAMES)
    lines = []
    for pair in pairs:
        lines.append(len(io.StringIO(out.getvalue(), newline="").readlines()) + 1)
        writer.writerow([one.encode("utf-8", "replace").decode() for one in pair])
    rows, report = read(out.getvalue())
    assert report.errors == []
    wanted = [
        (line, *pair) for line, pair, raw in zip(lines, kept, pairs, strict=True) if any(one.strip() for one in raw)
    ]
    assert [(row.line, row.values["name"], row.values["city"]) for row in rows] == wanted

"""What a file is in: names are read right or the file is refused, from disk and pasted, and never stored broken."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from core.imports.csv import encodings
from core.imports.csv.encodings import Detector
from core.imports.csv.report import Report
from core.imports.csv.source import Pasted, Source

TEXT = "customer_number;name;town\nK1;Łucja Żółć;Łódź\nK2;Józef Gęś;Święta Góra\nK3;Ćma Żak;Kraków\n"


def both(path: Path, content: bytes) -> list[tuple[list[str], list[tuple[int, str]]]]:
    """The names and the slips, of a file and of what was pasted."""
    path.write_bytes(content)
    results = []
    for source in (Source(path), Pasted(content)):
        report = Report()
        rows = list(source.rows(("customer_number", "name", "town"), (), report))
        results.append(([row.values["name"] for row in rows], [(slip.line, slip.say.msgid) for slip in report.errors]))
    return results


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1250"])
def test_polish_names_are_read_right(tmp_path: Path, encoding: str) -> None:
    for names, slips in both(tmp_path / "x.csv", TEXT.encode(encoding)):
        assert slips == []
        assert names == ["Łucja Żółć", "Józef Gęś", "Ćma Żak"]


@pytest.mark.parametrize(
    ("content", "slip"),
    [
        (TEXT.encode("utf-16-le"), (1, encodings.NUL)),
        (TEXT.encode("utf-16-be"), (1, encodings.NUL)),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), (1, encodings.UTF16)),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), (1, encodings.UTF16)),
        (TEXT.encode("cp852"), (2, encodings.IN_CP852)),
        ("customer_number;name;town\nK1;Jan;Piła\nK2;Józef;Kraków\n".encode("cp852"), (2, encodings.IN_CP852)),
        ("customer_number;name;town\nK1;Jan;Kielce\nK2;Józef;Kraków\n".encode("cp852"), (3, encodings.IN_CP852)),
        (TEXT.encode("iso8859-2"), (2, encodings.IN_LATIN2)),
        (TEXT.encode().replace(b"K3", b"K\0"), (4, encodings.NUL)),
        (TEXT.encode("cp1250").replace(b"K3", b"\x81"), (4, encodings.NEITHER)),
    ],
)
def test_what_is_something_else_is_refused_with_its_name(tmp_path: Path, content: bytes, slip: tuple[int, str]) -> None:
    assert both(tmp_path / "x.csv", content) == [([], [slip])] * 2


def test_signs_of_windows_1250_stay(tmp_path: Path) -> None:
    text = "customer_number;name;town\nK1;«Świt» © 2026;Żory\nK2;Kráľ †;Żory\n"
    assert both(tmp_path / "x.csv", text.encode("cp1250")) == [(["«Świt» © 2026", "Kráľ †"], [])] * 2


IN_CAPITALS = [
    "ŚWIDNICA ŁÓDŹ",
    "MĄKA ŻYTNIA",
    "ŻABA",
    "WĄŻ",
    "ŁĄKA",
    "KOŹMIN",
    "TORUŃ",
    "PAWEŁ",
    "KÓŁ",
    "GDAŃSK",
    "WIŚNIA",
]
IN_CAPITALS += ["NOWA WIEŚ", "ŻÓŁW", "ŚLĄSK", "ŁOWICZ", "IDĄ"]
AS_NAMES = ["Łąka", "ul. Ósma", "Świdnica", "Łowicz", "Łeba", "Żaba", "Józef", "gąska", "Źródło"]


@pytest.mark.parametrize("name", [*IN_CAPITALS, *AS_NAMES])
def test_a_name_alone_tells_cp852(tmp_path: Path, name: str) -> None:
    header = "customer_number;name;town\nK1;Jan;Kielce\n"
    for cell in (f"K2;{name};Kielce", f"K2;Kielce;{name}", f'K2;"{name}";Kielce', f"K2;{name} 5;Kielce"):
        content = f"{header}{cell}\n".encode("cp852")
        assert both(tmp_path / "x.csv", content) == [([], [(3, encodings.IN_CP852)])] * 2


HONEST = ["Kráľ", "Šťastný", "ŠŤASTNÝ", "Ťažký", "Vŕba", "Kľak", "Pťáček", "Ať žijí", "ťava", "Jäger", "Bălan", "Vă"]
HONEST += [
    "Warszawa—Kraków",
    "— tak",
    "1990—maj",
    "19˝",
    "rura 1˝GZ",
    "ZAŻÓŁĆ GĘŚLĄ JAŹŃ",
    "Źrebię",
    "KRÁĽ",
    "ĆMA",
    "a — b",
]


@pytest.mark.parametrize("name", HONEST)
def test_a_name_of_windows_1250_stays_alone(tmp_path: Path, name: str) -> None:
    content = f"customer_number;name;town\nK1;{name};Łódź\n".encode("cp1250")
    assert both(tmp_path / "x.csv", content) == [([name], [])] * 2


@pytest.mark.parametrize("cut", range(1, 12))
@pytest.mark.parametrize("name", ["PAWEŁ", "NOWA WIEŚ", "WĄŻ", "ul. Ósma", "KOŹMIN"])
def test_cp852_is_told_wherever_blocks_end(cut: int, name: str) -> None:
    content = f"name\n{name}\nJan\n".encode("cp852")
    detector = Detector()
    for start in range(0, len(content), cut):
        detector.feed(content[start : start + cut])
    found = detector.encoding()
    assert (found.wrong_line, found.problem and found.problem.msgid) == (2, encodings.IN_CP852)


@pytest.mark.parametrize("cut", range(1, 12))
@pytest.mark.parametrize("name", HONEST)
def test_windows_1250_stays_wherever_blocks_end(cut: int, name: str) -> None:
    content = f"name\n{name}\nŁódź\n".encode("cp1250")
    detector = Detector()
    for start in range(0, len(content), cut):
        detector.feed(content[start : start + cut])
    assert detector.encoding() == encodings.Encoding("cp1250")


@pytest.mark.parametrize("cut", range(1, 12))
def test_blocks_may_end_anywhere(cut: int) -> None:
    content = TEXT.encode()
    detector = Detector()
    for start in range(0, len(content), cut):
        detector.feed(content[start : start + cut])
    assert detector.encoding().name == "utf-8-sig"


# What spreadsheets add


@pytest.mark.parametrize("first", ["sep=;", "SEP=;", "\ufeffsep=;"])
def test_a_separator_line_is_passed_over(tmp_path: Path, first: str) -> None:
    for names, slips in both(tmp_path / "x.csv", f"{first}\n{TEXT}".encode()):
        assert (names[0], slips) == ("Łucja Żółć", [])


def test_lines_are_counted_with_the_separator_line(tmp_path: Path) -> None:
    content = b"sep=,\ncustomer_number,name,town\nK1,Jan\n"
    assert [slips[0][0] for _names, slips in both(tmp_path / "x.csv", content)] == [3, 3]


def test_empty_columns_at_the_end_are_passed_over(tmp_path: Path) -> None:
    padded = "\n".join(f"{line};;" for line in TEXT.splitlines())
    for names, slips in both(tmp_path / "x.csv", padded.encode()):
        assert (len(names), slips) == (3, [])


def test_a_value_under_no_name_is_told(tmp_path: Path) -> None:
    content = TEXT.replace("name;town\n", "name;town;;\n").replace("Łódź\n", "Łódź;;x\n")
    for names, slips in both(tmp_path / "x.csv", content.encode()):
        assert len(names) == 2
        assert slips == [(2, "This line has {found} columns, the first one {wanted}.")]


def test_a_column_without_a_name_is_told(tmp_path: Path) -> None:
    content = "customer_number;;name;town\nK1;;Jan;Kielce\n"
    assert (
        both(tmp_path / "x.csv", content.encode())
        == [([], [(1, "Column {number} of the first line has no name.")])] * 2
    )

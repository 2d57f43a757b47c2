"""Reading a CSV file as offices make them: RFC 4180, ``;`` or ``,``, UTF-8 (with or without its mark) or Windows-1250.

Nothing in a file raises: what is wrong is reported with its line. Lines are the file's own, so a quoted field of three
lines counts as three. Columns are found by the names in the header, in any order and case. What spreadsheets add is
passed over: a first line ``sep=;``, and columns at the end that hold nothing.
"""

from __future__ import annotations

import csv
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from core.errors import DeskError, Say, say
from core.i18n.sanitize import clean
from core.i18n.translation import N_
from core.imports.csv.report import Report

MOST_SLIPS = 1_000
"""So many, and the rest of the file is not looked at: a wrong file is not worth a gigabyte of messages."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: the line it begins on, and the text of each known column, trimmed and cleaned."""

    line: int
    values: dict[str, str]


def must_be_file(path: Path, mode: int) -> None:
    """A :class:`DeskError` unless ``mode`` is a file's. To be asked before it is opened: opening a pipe waits for
    whoever writes into it, and a file is read twice, which a pipe can't be."""
    if stat.S_ISDIR(mode):
        raise DeskError(N_("{path} is a folder. Please name a file."), path=path.name or str(path))
    if not stat.S_ISREG(mode):
        raise DeskError(N_("{path} is no file but a pipe or a device. Please save a file first."), path=str(path))


def unreadable(path: Path, error: OSError) -> DeskError:
    """Why a file can't be read."""
    return DeskError(N_("The file {path} can't be read: {reason}."), path=path.name, reason=error.strerror or "?")


def columns(
    rows: Iterator[tuple[int, list[str]]], needed: Sequence[str], optional: Sequence[str], report: Report
) -> list[str] | None:
    """What the first of ``rows`` names the columns; None when it can't be used, and the report says why."""
    header = next(rows, None)
    if header is None:
        if not report.errors:
            what = N_("The file is empty. Its first line names the columns: {names}.")
            report.wrong(1, "", say(what, names=_list(needed)))
        return None
    return _header(header, needed, optional, report)


def records(source: TextIO, mark: str, report: Report) -> Iterator[tuple[int, list[str]]]:
    """Each record that holds anything, with the line it begins on. A broken one is reported and left out.

    ``source`` must keep line ends as they are (``newline=""``), so that those inside quotes count.
    """
    reader = csv.reader(source, delimiter=mark, strict=True)
    header_passed = False
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            report.wrong(line, "", _slip(error))
            if not header_passed:
                return
            report.rows += 1
            if len(report.errors) >= MOST_SLIPS:
                report.enough()
                return
            continue
        if not header_passed and _SEPARATOR_LINE.fullmatch(mark.join(fields).strip()):
            continue
        if any(field.strip() for field in fields):
            header_passed = True
            yield line, fields


_SEPARATOR_LINE = re.compile(r"sep=[;,\t]?", re.IGNORECASE)
"""What a spreadsheet writes, and reads, above the names of the columns."""


def _slip(error: csv.Error) -> Say:
    message = str(error)
    if "end of data" in message:
        return say(N_('A field that begins with " on this line is never closed.'))
    if "larger than" in message:
        return say(N_("A field of this line is too long; perhaps a quotation mark is missing."))
    return say(N_('There is something after a closing ". Inside a field in quotes, write " twice.'))


def delimiter(beginning: str) -> str:
    """By the header, whose names hold none of them. Tabs are what a spreadsheet puts on the clipboard."""
    head = beginning.lstrip().partition("\n")[0]
    return max(";,\t", key=head.count)


def _header(
    header: tuple[int, list[str]], needed: Sequence[str], optional: Sequence[str], report: Report
) -> list[str] | None:
    line, fields = header
    names = [clean(field).casefold().replace(" ", "_") for field in fields]
    while names and not names[-1]:
        names.pop()
    before, all_ = len(report.errors), (*needed, *optional)
    if not any(name in all_ for name in names):  # a row perhaps, and its values are nothing to be repeated
        report.wrong(line, "", say(N_("The first line has to name the columns: {known}."), known=_list(all_)))
        return None
    for name in needed:
        if name not in names:
            report.wrong(line, name, say(N_("The column {name} is missing from the first line."), name=name))
    for at, name in enumerate(names, start=1):
        if not name:
            report.wrong(line, "", say(N_("Column {number} of the first line has no name."), number=at))
    for name in dict.fromkeys(filter(None, names)):
        if names.count(name) > 1:
            report.wrong(line, name[:60], say(N_("The column {name} is there twice."), name=name[:60]))
        elif name not in all_:
            what = N_("There is no column {name}. Known are: {known}.")
            report.wrong(line, name[:60], say(what, name=name[:60], known=_list(all_)))
    return names if len(report.errors) == before else None


def row_of(names: list[str], line: int, fields: list[str], report: Report) -> Row | None:
    """The row with a value for each name; None, and a word to the report, when it has more or fewer.

    Fields beyond the last name are passed over while they hold nothing.
    """
    while len(fields) > len(names) and not fields[-1].strip():
        fields.pop()
    if len(fields) == len(names):
        return Row(line, {name: clean(field) for name, field in zip(names, fields, strict=True)})
    what = say(N_("This line has {found} columns, the first one {wanted}."), found=len(fields), wanted=len(names))
    report.wrong(line, names[len(fields)] if len(fields) < len(names) else "", what)
    return None


def _list(names: Sequence[str]) -> str:
    return ", ".join(names)

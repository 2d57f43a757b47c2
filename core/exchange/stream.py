"""Files of a million rows: read twice and never held in memory (spec/subscribers.md, *Where the data comes from*).

The first pass runs outside of the transaction and compares every row with the file and the desk; the second one, in one
transaction, does the same again and writes. So a file comes in whole or not at all, and the desk is kept from other
writers only while it is written.
"""

from __future__ import annotations

import codecs
import errno
import hashlib
import io
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from core.errors import Conflict, DeskError, say
from core.exchange import csv_file
from core.exchange.csv_file import Row
from core.exchange.keys import chunks
from core.exchange.report import Progress, Report
from core.exchange.scratch import Scratch
from core.text import clean
from core.words import N_
from core.work import Look, Work

LARGEST_FILE = 512 * 2**20
"""Bytes."""
MOST_ROWS = 2_000_000
MOST_SLIPS = 1_000
"""So many, and the rest of the file is not looked at: a wrong file is not worth a gigabyte of messages."""
PART = 1_000
"""Rows that are compared and written in one go."""
_BLOCK = 2**20

R = TypeVar("R")


class Source:
    """A CSV file on disk. Opening it finds out its encoding and its SHA-256, and reads it once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                self._is = _identity(file.fileno())
                self.size = self._is[2]
                self.encoding, self.sha256, self._wrong_line = _inspected(file)
        except OSError as error:
            raise _unreadable(path, error) from error

    def rows(self, needed: Sequence[str], optional: Sequence[str], report: Report, told: Told) -> Iterator[Row]:
        """The rows that have as many fields as the header; the rest, and how many there are, goes to ``report``."""
        if self._wrong_line:
            report.wrong(self._wrong_line, "", say(_WRONG_TEXT[self.encoding]))
            return
        with self.path.open("rb") as raw:
            if _identity(raw.fileno()) != self._is:
                raise Conflict(N_("The file was changed while it was being read. Nothing was brought in."))
            text = io.TextIOWrapper(raw, encoding=self.encoding, newline="")
            beginning = text.read(4096)
            text.seek(0)
            records = csv_file.records(text, csv_file.delimiter(beginning), report)
            names = csv_file.columns(records, needed, optional, report)
            if names is None:
                return
            for line, fields in records:
                if len(report.errors) >= MOST_SLIPS:
                    return
                report.rows += 1
                if report.rows % PART == 0:
                    told.done = raw.tell()
                if report.rows > MOST_ROWS:
                    what = N_("The file has more than {limit} rows. Please split it.")
                    report.wrong(line, "", say(what, limit=MOST_ROWS))
                    return
                if len(fields) == len(names):
                    yield Row(line, {name: clean(field) for name, field in zip(names, fields, strict=True)})
                else:
                    what = N_("This line has {found} columns, the first one {wanted}.")
                    column = names[len(fields)] if len(fields) < len(names) else ""
                    report.wrong(line, column, say(what, found=len(fields), wanted=len(names)))


@dataclass(slots=True)
class Told:
    """What reading a file tells as it goes: bytes that are done. ``sure`` says that an earlier pass over the same bytes
    found every cell right, so that what is dear to check need not be checked again."""

    done: int = 0
    sure: bool = False


_WRONG_TEXT = {
    "utf-16": N_("The file is UTF-16. Please save it as UTF-8 (in Excel: CSV UTF-8)."),
    "": N_("This line is neither UTF-8 nor Windows-1250 text."),
}


def _identity(file: int) -> tuple[int, int, int, int]:
    found = os.fstat(file)
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.ESPIPE, os.strerror(errno.ESPIPE))
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _unreadable(path: Path, error: OSError) -> DeskError:
    return DeskError(N_("The file {path} can't be read: {reason}."), path=path.name, reason=error.strerror or "?")


def _inspected(file: io.BufferedReader) -> tuple[str, str, int]:
    """The encoding, the SHA-256, and the line that is in no encoding (0 when there is none)."""
    if os.fstat(file.fileno()).st_size > LARGEST_FILE:
        raise DeskError(N_("The file is larger than {limit} MB. Please split it."), limit=LARGEST_FILE // 2**20)
    sum_ = hashlib.sha256()
    tries = {"utf-8-sig": codecs.getincrementaldecoder("utf-8")(), "cp1250": codecs.getincrementaldecoder("cp1250")()}
    wrong, lines, first = dict.fromkeys(tries, 0), 1, True
    while block := file.read(_BLOCK):
        sum_.update(block)
        if first:
            if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                return "utf-16", sum_.hexdigest(), 1
            if block.startswith(codecs.BOM_UTF8):
                del tries["cp1250"]
            first = False
        for name in list(tries):
            try:
                tries[name].decode(block)
            except UnicodeDecodeError as error:
                wrong[name] = lines + _ends(block[: max(error.start, 0)])
                del tries[name]
        lines += _ends(block)
    for name in list(tries):
        try:
            tries[name].decode(b"", True)
        except UnicodeDecodeError:
            wrong[name] = lines
            del tries[name]
    found = next(iter(tries), "")
    return found, sum_.hexdigest(), 0 if found else max(wrong.values())


def _ends(block: bytes) -> int:
    return block.count(b"\n") or block.count(b"\r")


class Pass(Generic[R]):
    """One run over the rows of a kind: with a :class:`Work` it writes, with a :class:`Look` it only compares.

    ``take`` gets them by parts and ``finish`` comes after the last one. Both say what is wrong to ``report``.
    """

    def __init__(self, look: Look, report: Report, scratch: Scratch) -> None:
        self.look = look
        self.report = report
        self.scratch = scratch
        self.work = look if isinstance(look, Work) else None

    def take(self, rows: list[R]) -> None:
        raise NotImplementedError

    def finish(self) -> None:
        """What can only be said or written when all rows are there."""


def run(over: Pass[R], rows: Iterable[R], *, part: int = PART, tick: Callable[[], None] | None = None) -> None:
    """Take the rows part by part. With an error anywhere nothing more is written, and only looked for."""
    report = over.report
    for some in chunks(rows, part):
        over.take(some)
        if tick is not None:
            tick()
        if len(report.errors) >= MOST_SLIPS:
            break
    if len(report.errors) < MOST_SLIPS:
        over.finish()
        return
    last = max(slip.line for slip in report.errors)
    report.wrong(last, "", say(N_("That is enough: the rest was not looked at.")))


@dataclass(frozen=True, slots=True)
class FileKind(Generic[R]):
    """What a kind of file is made of: its columns, how rows are read (given what the file has), how they come in.

    ``thing`` is what the journal calls it.
    """

    action: str
    thing: str
    needed: tuple[str, ...]
    optional: tuple[str, ...]
    read: Callable[[Look, Iterator[Row], Report, Told], Iterator[R]]
    over: Callable[[Look, Report, Scratch], Pass[R]]
    part: int = PART


def check(look: Look, source: Source, kind: FileKind[Any], progress: Progress | None) -> Report:
    """The first pass: what would come of the file, and everything that is wrong with it."""
    look.require(kind.action)
    report = Report()
    # Only a Look, also inside of a transaction: this pass must not write.
    only = Look(look.connection, look.actor, look.now, look.settings, look.keys, look.peer)
    _pass(only, source, kind, report, progress, 0)
    return report.finish()


def bring(
    work: Work, source: Source, kind: FileKind[Any], checked: Report, progress: Progress | None, *, dry_run: bool
) -> Report:
    """The second pass, unless it is a trial or anything was wrong; says what the first one has found."""
    work.require(kind.action)
    if (checked.created or checked.updated) and not dry_run:
        # The door may run this again after a conflict, so what the first pass has found is left as it is.
        again = Report()
        _pass(work, source, kind, again, progress, source.size)
        if again.errors:
            raise Conflict(N_("The desk was changed while the file was being read. Please try again."))
        work.record(
            kind.action,
            kind.thing,
            rows=checked.rows,
            created=checked.created,
            updated=checked.updated,
            file=source.sha256,
        )
    if progress is not None:
        progress(2 * source.size, 2 * source.size)
    return checked


def _pass(
    look: Look, source: Source, kind: FileKind[Any], report: Report, progress: Progress | None, before: int
) -> None:
    told, scratch = Told(sure=isinstance(look, Work)), Scratch()

    def tick() -> None:
        if progress is not None:
            progress(before + told.done, 2 * source.size)

    try:
        tick()
        rows = source.rows(kind.needed, kind.optional, report, told)
        run(kind.over(look, report, scratch), kind.read(look, rows, report, told), part=kind.part, tick=tick)
    finally:
        scratch.close()

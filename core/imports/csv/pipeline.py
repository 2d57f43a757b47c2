"""Files of a million rows: read twice and never held in memory.

The first pass runs outside of the transaction, reads the file, and compares every row with the file and the desk. Rows
that have something to write it leaves, read and cleaned, for the second one, which compares only those again and writes
them in one transaction. So a file comes in whole or not at all, and the desk is kept from other writers only while it
is written.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Generic, Protocol, TypeVar

from core.errors import Conflict, DeskError, say
from core.i18n.translation import N_
from core.imports.csv import reader
from core.imports.csv.encodings import Detector, Encoding
from core.imports.csv.reader import MOST_SLIPS, Row
from core.imports.csv.report import Enough, Notice, Progress, Report
from core.imports.csv.spool import Scratch, Spool
from core.service.bulk import chunks
from core.service.desk import prepared
from core.service.unit_of_work import ReadContext, UnitOfWork

LARGEST_FILE = 512 * 2**20
"""Bytes."""
MOST_ROWS = 2_000_000
PART = 1_000
"""Rows that are compared and written in one go."""
LONG = 10
"""Seconds; a write that waits for its turn gives up after :data:`core.db.engine.GATE_DEADLINE`."""
_BLOCK = 2**20

R = TypeVar("R")


class Source:
    """A CSV file on disk. Opening it finds out its encoding and its SHA-256, and reads it once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            reader.must_be_file(path, path.stat().st_mode)
            with path.open("rb") as file:
                self._is = _identity(file.fileno())
                self.size = self._is[2]
                self.encoding, self.sha256 = _inspected(file)
                self._still(file)
        except OSError as error:
            raise reader.unreadable(path, error) from error

    def _still(self, file: IO[bytes]) -> None:
        """Whether it is the file that was opened first, and as it was."""
        if _identity(file.fileno()) != self._is:
            raise Conflict(N_("The file was changed while it was being read. Nothing was brought in."))

    def rows(
        self, needed: Sequence[str], optional: Sequence[str], report: Report, told: ReadingProgress
    ) -> Iterator[Row]:
        """The rows that have as many fields as the header; the rest, and how many there are, goes to ``report``."""
        if self.encoding.problem is not None:
            report.wrong(self.encoding.wrong_line, "", self.encoding.problem)
            return
        with self.path.open("rb") as raw:
            self._still(raw)
            text = io.TextIOWrapper(raw, encoding=self.encoding.name, newline="")
            beginning = text.read(4096)
            text.seek(0)
            records = reader.records(text, reader.delimiter(beginning), report)
            names = reader.columns(records, needed, optional, report)
            if names is None:
                return
            for line, fields in records:
                report.rows += 1
                if report.rows % PART == 0:
                    told.done = raw.tell()
                if report.rows > MOST_ROWS:
                    what = N_("The file has more than {limit} rows. Please split it.")
                    report.wrong(line, "", say(what, limit=MOST_ROWS))
                    return
                row = reader.row_of(names, line, fields, report)
                if row is not None:
                    yield row
            self._still(raw)


@dataclass(slots=True)
class ReadingProgress:
    """What reading a file tells as it goes: bytes that are done."""

    done: int = 0


def _identity(file: int) -> tuple[int, int, int, int]:
    found = os.fstat(file)
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.ESPIPE, os.strerror(errno.ESPIPE))
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _inspected(file: io.BufferedReader) -> tuple[Encoding, str]:
    """The encoding and the SHA-256."""
    if os.fstat(file.fileno()).st_size > LARGEST_FILE:
        raise DeskError(N_("The file is larger than {limit} MB. Please split it."), limit=LARGEST_FILE // 2**20)
    sum_, detector, right = hashlib.sha256(), Detector(), True
    while right and (block := file.read(_BLOCK)):
        sum_.update(block)
        right = detector.feed(block)
    return detector.found(), sum_.hexdigest()


class Pass(Generic[R]):
    """One run over the rows of a kind: the first one, with a :class:`ReadContext`, compares; the second, with a
    :class:`UnitOfWork` and the same scratch, gets the rows that the first one has returned, and writes them.

    ``take`` gets them by parts and ``finish`` comes after the last one. Both say what is wrong to ``report``.
    """

    def __init__(self, look: ReadContext, report: Report, scratch: Scratch) -> None:
        self.look = look
        self.report = report
        self.scratch = scratch
        self.work = look if isinstance(look, UnitOfWork) else None

    def take(self, rows: list[R]) -> list[R]:
        """Those of ``rows`` that have something to write."""
        raise NotImplementedError

    def finish(self) -> None:
        """What can only be said or written when all rows are there."""


def look_over(
    over: Pass[R], rows: Iterable[R], spool: Spool[R], *, part: int = PART, tick: Callable[[], None] | None = None
) -> None:
    """The first pass: what has something to write goes to ``spool``, as long as nothing is wrong."""
    try:
        for some in chunks(rows, part):
            fresh = over.take(some)
            if not over.report.errors:
                spool.put(fresh)
            if tick is not None:
                tick()
        over.finish()
    except Enough:
        over.report.enough()


def write(over: Pass[R], spool: Spool[R], *, tick: Callable[[int], None] | None = None) -> None:
    """The second pass. The first one has found nothing wrong, so what is wrong now was changed by somebody else."""
    done = 0
    for some in spool.parts():
        over.take(some)
        _still_right(over.report)
        done += len(some)
        if tick is not None:
            tick(done)
    over.finish()
    _still_right(over.report)


def _still_right(report: Report) -> None:
    if report.errors:
        raise Conflict(N_("The desk was changed while the file was being read. Please try again."))


@dataclass(frozen=True, slots=True)
class FileKind(Generic[R]):
    """What a kind of file is made of: its columns, how rows are read (given what the file has), how they come in.

    ``thing`` is what the journal calls it.
    """

    action: str
    thing: str
    needed: tuple[str, ...]
    optional: tuple[str, ...]
    read: Callable[[ReadContext, Iterator[Row], Report, ReadingProgress], Iterator[R]]
    over: Callable[[ReadContext, Report, Scratch], Pass[R]]
    pace: int
    """Rows that are written in a second, on a small machine."""
    part: int = PART


@dataclass(frozen=True, slots=True)
class Checked:
    """What the first pass leaves: what came of it, and the rows to write. Its files go with it."""

    report: Report
    scratch: Scratch
    spool: Spool[Any]


def check(
    look: ReadContext, source: Source, kind: FileKind[Any], progress: Progress | None, notice: Notice | None = None
) -> Checked:
    """The first pass: what would come of the file, and everything that is wrong with it."""
    look.require(kind.action)
    # Only a Look, also inside of a transaction: this pass must not write.
    only = ReadContext(look.connection, look.actor, look.now, look.settings, look.keys, look.peer)
    report, told, scratch = Report(most=MOST_SLIPS), ReadingProgress(), Scratch()

    def tick() -> None:
        if progress is not None:
            progress(told.done, 2 * source.size)

    try:
        tick()
        spool: Spool[Any] = Spool(scratch, "fresh")
        rows = source.rows(kind.needed, kind.optional, report, told)
        over = kind.over(only, report, scratch)
        look_over(over, kind.read(only, rows, report, told), spool, part=kind.part, tick=tick)
    except BaseException:
        scratch.close()
        raise
    report.finish()
    # On PostgreSQL nobody waits for a lock of the whole desk.
    if notice is not None and not report.errors and look.connection.dialect.name == "sqlite":
        told_of(notice, spool.rows / kind.pace)
    return Checked(report, scratch, spool)


def told_of(notice: Notice, seconds: float) -> None:
    """Say how long others will wait, unless that is nothing to speak of."""
    if seconds >= LONG:
        notice(round(seconds))


def bring(
    work: UnitOfWork, source: Source, kind: FileKind[Any], checked: Checked, progress: Progress | None, *, dry_run: bool
) -> Report:
    """The second pass, unless it is a trial or anything was wrong; says what the first one has found."""
    work.require(kind.action)
    found, spool = checked.report, checked.spool
    if (found.created or found.updated) and not dry_run:

        def tick(done: int) -> None:
            if progress is not None:
                progress(source.size + source.size * done // max(spool.rows, 1), 2 * source.size)

        # The door may run this again after a conflict, so what the first pass has found is left as it is.
        write(kind.over(work, Report(), checked.scratch), spool, tick=tick)
        work.record(
            kind.action, kind.thing, rows=found.rows, created=found.created, updated=found.updated, file=source.sha256
        )
    if progress is not None:
        progress(2 * source.size, 2 * source.size)
    return found


class Import(Protocol):
    """The use case of a kind of file, as :meth:`core.service.desk.Desk.do` runs it: the file is checked before the
    transaction begins. With ``dry_run`` it only says what would come of it; nothing is written when anything is wrong.
    ``progress`` is called with how much is done, and of how much (bytes); ``notice`` before a long writing, with its
    seconds.
    """

    def __call__(
        self,
        work: UnitOfWork,
        source: Source,
        *,
        dry_run: bool = False,
        progress: Progress | None = None,
        notice: Notice | None = None,
        checked: Checked | None = None,
    ) -> Report: ...


def importing(kind: FileKind[Any]) -> Import:
    """The use case that brings in files of ``kind``."""

    def check_first(
        look: ReadContext,
        source: Source,
        *,
        dry_run: bool = False,
        progress: Progress | None = None,
        notice: Notice | None = None,
    ) -> dict[str, Checked]:
        return {"checked": check(look, source, kind, progress, None if dry_run else notice)}

    @prepared(check_first)
    def bring_in(
        work: UnitOfWork,
        source: Source,
        *,
        dry_run: bool = False,
        progress: Progress | None = None,
        notice: Notice | None = None,
        checked: Checked | None = None,
    ) -> Report:
        found = checked or check(work, source, kind, None)
        return bring(work, source, kind, found, progress, dry_run=dry_run)

    return bring_in

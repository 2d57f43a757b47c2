"""The one engine under every kind of file, also of a million rows, which are read twice and never held in memory.

The first pass runs outside of the transaction, reads the file, and compares every row with the file and the desk. Rows
that have something to write it leaves, read and cleaned, for the second one, which compares only those again and writes
them in one transaction. So a file comes in whole or not at all, and the desk is kept from other writers only while it
is written.

Where rows refer to each other, a kind takes them all as one part, and has fewer of them (:data:`WHOLE`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from core.errors import Conflict, say
from core.i18n.translation import N_
from core.imports.csv.reader import MOST_SLIPS, Row
from core.imports.csv.report import Enough, Notice, Progress, Report
from core.imports.csv.source import Source
from core.imports.csv.spool import Scratch, Seen, Spool
from core.service.bulk import chunks
from core.service.desk import prepared
from core.service.unit_of_work import ReadContext, UnitOfWork

PART = 1_000
"""Rows that are compared and written in one go."""
WHOLE = 200_000
"""So many at most of a kind whose rows are compared and written all at once, and held in memory for it."""
LONG = 10
"""Seconds; a write that waits for its turn gives up after :data:`core.db.engine.GATE_DEADLINE`."""

R = TypeVar("R")


class Pass(Generic[R]):
    """One run over the rows of a kind: the first one, with a :class:`ReadContext`, compares; the second, with a
    :class:`UnitOfWork` and the same scratch, gets the rows that the first one has returned, and writes them.

    ``take`` gets them by parts and ``finish`` comes after the last one. Both say what is wrong to ``report``.
    Options of the kind are keyword arguments of its pass.
    """

    thing_id: int | None = None
    """What the journal names besides the kind's ``thing``."""
    recounts: ClassVar[bool] = True
    """Whether the second pass counts what it writes: it may find that somebody has brought a row in meanwhile. One
    that writes every row it gets has nothing to count."""
    tick: Callable[[int], None] | None = None
    """To be called, by a second pass whose parts are long, with the rows that are written."""

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

    def only_firsts(self, seen: Seen, rows: list[Any], key: Callable[[Any], str], column: str, again: str) -> list[Any]:
        """Those of ``rows`` that are the first of the file with their key. Of the others the report says ``again``, a
        msgid, with the line of the first one."""
        before = seen.first([(key(row), row.line, b"") for row in rows])
        if not before:
            return rows
        first = []
        for row in rows:
            line = before.get(key(row), (row.line, b""))[0]
            if line == row.line:
                first.append(row)
            else:
                self.report.wrong(row.line, column, say(again, line=line))
        return first


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
    read: Callable[[ReadContext, Iterator[Row], Report], Iterator[R]]
    over: Callable[..., Pass[R]]
    """The kind's :class:`Pass`."""
    pace: int
    """Rows that are written in a second, on a small machine."""
    part: int = PART
    most: int | None = None
    """Rows that a file may have, where that is less than :data:`core.imports.csv.source.MOST_ROWS`."""
    ask: Callable[..., object] | None = None
    """Asks for the right in place of the engine where it depends on the options: gets them, after the look."""
    admit: Callable[..., None] | None = None
    """Refuses, by the work, the spool, a report and the options, what only counting can: each try is booked, so it is
    done in the transaction, and in a trial too."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What the first pass leaves: what came of it, and the rows to write. Its files go with it."""

    report: Report
    scratch: Scratch
    spool: Spool[Any]


def check(
    look: ReadContext,
    source: Source,
    kind: FileKind[Any],
    progress: Progress | None,
    notice: Notice | None = None,
    **options: str,
) -> Checked:
    """The first pass: what would come of the file, and everything that is wrong with it."""
    _ask(look, kind, options)
    # Only a Look, also inside of a transaction: this pass must not write.
    only = ReadContext(look.connection, look.actor, look.now, look.settings, look.keys, look.peer)
    report, scratch = Report(most=MOST_SLIPS), Scratch()

    def tick(done: int) -> None:
        if progress is not None:
            progress(done, 2 * source.size)

    try:
        tick(0)
        spool: Spool[Any] = Spool(scratch, "fresh")
        rows = source.rows(kind.needed, kind.optional, report, most=kind.most, tick=tick)
        _look_over(kind.over(only, report, scratch, **options), kind.read(only, rows, report), spool, kind.part)
    except BaseException:
        scratch.close()
        raise
    report.finish()
    # On PostgreSQL nobody waits for a lock of the whole desk.
    if notice is not None and not report.errors and look.connection.dialect.name == "sqlite":
        told_of(notice, spool.rows / kind.pace)
    return Checked(report, scratch, spool)


def _ask(look: ReadContext, kind: FileKind[Any], options: Mapping[str, str]) -> None:
    if kind.ask is not None:
        kind.ask(look, **options)
    else:
        look.require(kind.action)


def _look_over(over: Pass[R], rows: Iterable[R], spool: Spool[R], part: int) -> None:
    """What has something to write goes to ``spool``, as long as nothing is wrong."""
    try:
        for some in chunks(rows, part):
            fresh = over.take(some)
            if not over.report.errors:
                spool.put(fresh)
        over.finish()
    except Enough:
        over.report.enough()


def told_of(notice: Notice, seconds: float) -> None:
    """Say how long others will wait, unless that is nothing to speak of."""
    if seconds >= LONG:
        notice(round(seconds))


def bring(
    work: UnitOfWork,
    source: Source,
    kind: FileKind[Any],
    checked: Checked,
    progress: Progress | None,
    *,
    dry_run: bool,
    **options: str,
) -> Report:
    """The second pass, unless it is a trial or anything was wrong; says what the first one has found."""
    _ask(work, kind, options)
    report, spool = checked.report, checked.spool
    # The door may run this again after a conflict, so what the first pass has found is left as it is.
    if kind.admit is not None and not report.errors:
        refusal = Report(rows=report.rows)
        kind.admit(work, spool, refusal, **options)
        report = refusal.finish() if refusal.errors else report
    if (report.created or report.updated) and not dry_run:

        def tick(done: int) -> None:
            if progress is not None:
                progress(source.size + source.size * done // max(spool.rows, 1), 2 * source.size)

        over = kind.over(work, Report(), checked.scratch, **options)
        over.tick = tick
        write(over, spool, tick=tick)
        if over.recounts:
            report = _as_written(report, over.report)
        counts = {"rows": report.rows, "created": report.created, "updated": report.updated}
        work.record(kind.action, kind.thing, over.thing_id, **counts, file=source.sha256)
    if progress is not None:
        progress(2 * source.size, 2 * source.size)
    return report


def _as_written(checked: Report, written: Report) -> Report:
    """What the first pass has found, with what was written: somebody may have brought a row in between the two."""
    came = written.created + written.updated
    dropped = checked.created + checked.updated - came
    return replace(checked, created=written.created, updated=written.updated, unchanged=checked.unchanged + dropped)


class Import(Protocol):
    """The use case of a kind of file, as :meth:`core.service.desk.Desk.do` runs it: the file is checked before the
    transaction begins. With ``dry_run`` it only says what would come of it; nothing is written when anything is wrong.
    ``progress`` is called with how much is done, and of how much (bytes); ``notice`` before a long writing, with its
    seconds. ``options`` are those of the kind.
    """

    def __call__(
        self,
        work: UnitOfWork,
        /,
        source: Source,
        *,
        dry_run: bool = False,
        progress: Progress | None = None,
        notice: Notice | None = None,
        checked: Checked | None = None,
        **options: str,
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
        **options: str,
    ) -> dict[str, Checked]:
        return {"checked": check(look, source, kind, progress, None if dry_run else notice, **options)}

    @prepared(check_first)
    def bring_in(
        work: UnitOfWork,
        /,
        source: Source,
        *,
        dry_run: bool = False,
        progress: Progress | None = None,
        notice: Notice | None = None,
        checked: Checked | None = None,
        **options: str,
    ) -> Report:
        checked = checked or check(work, source, kind, None, None, **options)
        return bring(work, source, kind, checked, progress, dry_run=dry_run, **options)

    return bring_in

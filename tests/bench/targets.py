"""What each figure is to be, all in one place, and the table that holds the measured ones beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.bench.report import table


@dataclass(frozen=True)
class Target:
    """One figure's limit.

    Args:
        what: Its name in the table.
        figure: Which lines it is read from, with ``where`` the values they must have besides.
        value: The name of the number in those lines; a dot leads into an object.
        most: The largest that will do.
        unit: What is printed after the number; a ratio has ``×``.
        sound: A number of the line and the most that it may be, or else the figure says nothing.
    """

    what: str
    figure: str
    value: str
    most: float
    where: Mapping[str, Any] = field(default_factory=dict)
    unit: str = "×"
    sound: tuple[str, float] | None = None


QUIET_DISK = ("bare_ms", 1.5)
"""Both sides wait for the disk: where that takes most of the time, any ratio is near one."""
TARGETS = (
    Target("a page of the queue", "queue", "ratio", 1.8, {"what": "open"}),
    Target("a page of all tickets", "queue", "ratio", 2, {"what": "all, page 1"}),
    Target("a customer's page", "queue", "ratio", 2.7, {"what": "customer"}),
    Target("page 1,000 by page 1", "queue.depth", "ratio", 1.1),
    Target("counts beside the rooms", "queue.counts", "door_ms", 0.1, unit="ms"),
    # Meant for a million tickets; with fewer it holds all the more.
    Target("a search of staff", "queue", "door_ms", 1, {"what": "search"}, "ms"),
    Target("a customer's search", "queue", "door_ms", 1.5, {"what": "customer's search"}, "ms"),
    Target("opening a ticket, statements", "ticket", "statements", 5, {"what": "opened"}, ""),
    Target("opening a ticket", "ticket", "door_ms", 0.7, {"what": "opened"}, "ms"),
    Target("a new ticket by its bare inserts", "create", "ratio", 2.5, sound=QUIET_DISK),
    Target("a reply by its bare inserts", "reply", "ratio", 2.5, sound=QUIET_DISK),
    Target("log-in screen by bare Textual", "startup", "ratio", 1.3),
    Target("processor until the desk is open", "startup.open", "cpu_ms", 500, unit="ms"),
    # At most 30 ms to know that it is an Escape, and then a frame as any other key's.
    Target("Escape to its frame, a dialog", "keys", "median_ms", 60, {"key": "escape, a dialog"}, "ms"),
    Target("Escape to its frame, a ticket", "keys", "median_ms", 60, {"key": "escape, to the list"}, "ms"),
    Target("my data by its SQL", "panel", "ratio", 3, {"what": "my data"}),
    Target("who waits, by its SQL", "pending", "ratio", 3, {"what": "pending, large company"}),
    Target("customers, by their SQL", "pending", "ratio", 3, {"what": "customers, large company"}),
    Target("memory of an import of lines", "imports", "peak_mb", 160, {"kind": "lines"}, "MB"),
    Target("PostgreSQL: a page of the queue", "postgres", "ratio", 2.5, {"what": "open"}),
    Target("PostgreSQL: all tickets", "postgres", "ratio", 2.5, {"what": "all, page 1"}),
    Target("PostgreSQL: a customer's page", "postgres", "ratio", 2.5, {"what": "customer"}),
    Target("PostgreSQL: a search", "postgres", "ratio", 2.5, {"what": "search"}),
    Target("PostgreSQL: opening a ticket", "postgres", "ratio", 2.5, {"what": "ticket"}),
)

SIZES = ("tickets", "applications", "subscribers", "size", "profile")
"""What says at which size a line was measured."""


@dataclass(frozen=True)
class Change:
    """What the time or pace of a commit is to be by that of an older one: at ``most``, or at ``least`` so much."""

    what: str
    figure: str
    value: str
    where: Mapping[str, Any]
    most: float | None = None
    least: float | None = None


CHANGES = (
    Change("crowd, operations a second", "crowd", "operations_per_s", {"rate": "saturated"}, least=1.6),
    Change("crowd, half of the writes", "crowd", "write_ms.p50", {"rate": "saturated"}, most=0.6),
)
"""Asked of ``--against`` alone."""


def number(line: Mapping[str, Any], name: str) -> float | None:
    """A line's number by its dotted name; None where there is none."""
    value: Any = line
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def meets(line: Mapping[str, Any], figure: str, where: Mapping[str, Any]) -> bool:
    return line.get("figure") == figure and all(line.get(name) == value for name, value in where.items())


def beside(lines: Sequence[Mapping[str, Any]], names: Iterable[str]) -> str:
    """The table of all targets that the benches ``names`` have, each line of theirs in a row of its own."""
    rows = []
    measured = set(names)
    for target in TARGETS:
        if target.figure.partition(".")[0] not in measured:
            continue
        values = [
            (line, value)
            for line in lines
            if meets(line, target.figure, target.where) and (value := number(line, target.value)) is not None
        ]
        limit = f"≤ {_written(target.most)}"
        for line, value in values:
            met = "met" if value <= target.most else "MISSED"
            if target.sound is not None and (number(line, target.sound[0]) or 0) > target.sound[1]:
                met = "the disk was busy"
            rows.append((target.what, _at(line), f"{_written(value)} {target.unit}".strip(), limit, met))
        if not values:
            rows.append((target.what, "", "", limit, "not measured"))
    return table(("figure", "at", "measured", "target", ""), rows) if rows else ""


def _at(line: Mapping[str, Any]) -> str:
    """At which size: ``10,000``, or ``80x24 economical``."""
    names = ("rows",) if line["figure"] == "imports" else SIZES
    parts = [line[name] for name in names if name in line]
    return " ".join(f"{part:,}" if isinstance(part, int) else str(part) for part in parts)


def _written(value: float) -> str:
    return f"{value:,.3f}".rstrip("0").rstrip(".") if value < 10 else f"{value:,.0f}"


def changes_beside(name: str, ratios: Mapping[str, float]) -> str:
    """The table of what is asked of a bench's change since an older commit; ``ratios`` by :func:`numbers` of
    :mod:`tests.bench.against`."""
    rows = []
    for change in CHANGES:
        if change.figure != name:
            continue
        wanted = [f"{key}={value}" for key, value in change.where.items()]
        for what, ratio in ratios.items():
            head, _colon, value = what.rpartition(": ")
            if value == change.value and all(part in head.split(", ") for part in wanted):
                low, high = change.least, change.most
                met = (low is None or ratio >= low) and (high is None or ratio <= high)
                limit = f"≥ {_written(low)}" if low is not None else f"≤ {_written(high or 0)}"
                rows.append((change.what, f"{_written(ratio)} ×", limit, "met" if met else "MISSED"))
    return table(("change", "measured", "target", ""), rows) if rows else ""

"""What keeps an LMS database that lost much from taking it away here: it may be empty, half restored or another one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from core.errors import say
from core.imports.csv.spool import Scratch, Spool
from core.service.bulk import chunks
from core.service.unit_of_work import ReadContext

FEW: Final = 20
"""So many may be gone from LMS without a question,"""
SHARE: Final = 20
"""or one in so many."""


class Brake:
    """What every table's pass shares: how much of what is here LMS has no more, and whether that can be meant."""

    aside: Mapping[str, Spool[Any]]
    """What else was read from LMS."""
    fresh: Spool[Any]
    """Where rows go that are to be written."""
    removal = False
    """Whether it was said that much is gone."""
    gone_column = ""
    gone_words: ClassVar[str] = ""

    report: Any
    look: ReadContext
    scratch: Scratch

    def gone(self, rows: Iterator[tuple[Any, ...]], columns: str, of: int, beside: int = 0) -> None:
        """Keep what is gone for the pass that writes, unless it is too much of ``of``, with what goes ``beside``."""
        name = f"gone_{self.gone_column}"
        self.scratch.make(f"{name} ({columns})")
        marks = ",".join("?" * (columns.count(",") + 1))
        number = self.scratch.put(f"INSERT INTO {name} VALUES ({marks})", rows)  # noqa: S608 - names of ours
        self.report.removed = number
        lost = number + beside
        much = lost * SHARE > of and (lost > FEW or lost == of)
        if much and not self.removal:
            self.report.wrong(0, self.gone_column, say(self.gone_words, gone=lost, all=of))

    def parts(self) -> Iterator[list[Any]]:
        """What the pass before has found to be gone."""
        name = f"gone_{self.gone_column}"
        yield from chunks(self.scratch.rows(f"SELECT * FROM {name}"))  # noqa: S608 - a name of ours

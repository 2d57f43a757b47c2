"""What came of an import: counts of rows, and every slip with the line and column where it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from core.errors import Say

Progress = Callable[[int, int], None]
"""Called now and then with how much is done, and of how much."""


@dataclass(frozen=True, slots=True)
class Slip:
    """Something wrong. ``line`` is the line of the file (the header is 1), ``column`` the header's name or empty."""

    line: int
    column: str
    say: Say


@dataclass(slots=True)
class Report:
    """Every row is created, updated or unchanged; or, when anything at all was wrong, nothing was written."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: list[Slip] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        return bool(self.errors)

    def wrong(self, line: int, column: str, what: Say) -> None:
        self.errors.append(Slip(line, column, what))

    def finish(self) -> Report:
        """Slips in the order of the lines; nothing counts as done when there are any."""
        if self.errors:
            self.errors.sort(key=lambda slip: slip.line)
            self.created = self.updated = self.unchanged = 0
        return self

    def as_json(self) -> dict[str, Any]:
        """As ``--json`` prints it, its messages in the current language."""
        return {
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "errors": [{"line": slip.line, "column": slip.column, "message": slip.say.text()} for slip in self.errors],
        }

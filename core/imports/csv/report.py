"""What came of an import: counts of rows, and every slip with the line and column where it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from core.errors import Say, say
from core.i18n.translation import N_

Progress = Callable[[int, int], None]
"""Called now and then with how much is done, and of how much."""
Notice = Callable[[int], None]
"""Called before the writing, when it is long, with the seconds that others who save something will wait."""


ENOUGH = N_("That is enough: the rest was not looked at.")


@dataclass(frozen=True, slots=True)
class Slip:
    """Something wrong. ``line`` is the line of the file (the header is 1), ``column`` the header's name or empty."""

    line: int
    column: str
    say: Say

    def as_json(self) -> dict[str, Any]:
        """Its message in the current language."""
        return {"line": self.line, "column": self.column, "message": self.say.text()}


MOST_WARNINGS = 1_000
"""So many are kept; the rest are counted."""


class Enough(Exception):
    """So much is wrong that the rest is not worth looking at."""


@dataclass(slots=True)
class Report:
    """Every row is created, updated or unchanged; or, when anything at all was wrong, nothing was written.

    The slip that makes them ``most`` raises :class:`Enough`. ``warnings`` are slips that keep nothing from coming in.
    """

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: list[Slip] = field(default_factory=list)
    warnings: list[Slip] = field(default_factory=list)
    more_warnings: int = 0
    """How many there were beside those that are kept."""
    most: int | None = field(default=None, repr=False)

    @property
    def refused(self) -> bool:
        return bool(self.errors)

    def wrong(self, line: int, column: str, what: Say) -> None:
        self.errors.append(Slip(line, column, what))
        if self.most is not None and len(self.errors) >= self.most:
            raise Enough

    def warn(self, line: int, column: str, what: Say) -> None:
        """Something that was left out, while the rest of its row comes in."""
        if len(self.warnings) < MOST_WARNINGS:
            self.warnings.append(Slip(line, column, what))
        else:
            self.more_warnings += 1

    def enough(self) -> None:
        """Say, where the last slip is, that the rest was not looked at."""
        last = max(slip.line for slip in self.errors)
        self.errors.append(Slip(last, "", say(ENOUGH)))

    def finish(self) -> Report:
        """Slips in the order of the lines; nothing counts as done when there are any."""
        if self.errors:
            self.errors.sort(key=lambda slip: slip.line)
            self.created = self.updated = self.unchanged = 0
        return self

    def as_json(self) -> dict[str, Any]:
        """As ``--json`` prints it, its messages in the current language; warnings where there are any."""
        return {
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "errors": [slip.as_json() for slip in self.errors],
            **({"warnings": [slip.as_json() for slip in self.warnings]} if self.warnings else {}),
        }

"""The four access levels and what each of them opens. Customers know them by these numbers."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from core.field import Choice
from core.i18n.translation import N_


class Level(IntEnum):
    """Each opens what the one before opens, and more."""

    ON_DEMAND = 1
    MONITORING = 2
    CONTROL = 3
    FULL = 4


class Right(StrEnum):
    """What can be done to a device, in the order of the table's columns."""

    MONITORING = "monitoring"
    CONTROL = "control"
    SETTINGS = "settings"
    """Operation settings: the weekly programme."""


ALWAYS_FROM = {Right.MONITORING: Level.MONITORING, Right.CONTROL: Level.CONTROL, Right.SETTINGS: Level.FULL}
"""The level from which a right is there always; below it is there on demand."""

LEVELS = (
    Choice("1", N_("on demand")),
    Choice("2", N_("monitoring only")),
    Choice("3", N_("monitoring and control")),
    Choice("4", N_("full access")),
)
RIGHTS = (
    Choice(Right.MONITORING.value, N_("monitoring")),
    Choice(Right.CONTROL.value, N_("control")),
    Choice(Right.SETTINGS.value, N_("operation settings")),
)


def always(level: int, right: Right) -> bool:
    """Whether ``level`` opens ``right`` without asking."""
    return level >= ALWAYS_FROM[right]

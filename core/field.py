"""What a form asks for, as plain data: the part of :mod:`core.forms` that costs nothing to import.

A screen draws these, a prompt asks them and the command line takes them as options, all before pydantic is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass

KINDS = (
    "text",
    "long_text",
    "secret",
    "email",
    "phone",
    "code",
    "choice",
    "multi_choice",
    "yes_no",
    "check",
    "date",
    "datetime",
    "number",
    "ip",
    "mac",
    "version",
    "serial",
)
"""Every kind of question there is; anything but ``long_text`` fits on one line or is picked."""

PICKED_KINDS = ("choice", "multi_choice", "yes_no", "check")
SECRET_KINDS = ("secret", "code")
"""Kinds of what nobody but the desk is told."""

Raw = str | tuple[str, ...]
"""What was typed or picked: text, ``"yes"``/``"no"``/``""``, or the picked values of ``multi_choice``."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to pick: what is stored, and a msgid or a text already in the reader's language."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class When:
    """Shown and required only while ``field`` has one of ``values`` (``yes``/``no`` for a ``yes_no``)."""

    field: str
    values: tuple[str, ...]

    def holds(self, value: Raw) -> bool:
        """Whether ``value`` of the other field brings this one up; any pick of several is enough."""
        picked = value if isinstance(value, tuple) else (value,)
        return any(each in self.values for each in picked)


@dataclass(frozen=True, slots=True)
class Field:
    """One question: its msgids, its kind (:data:`KINDS`) and its bounds. ``max_length`` counts characters."""

    name: str
    label: str
    help: str = ""
    kind: str = "text"
    required: bool = True
    choices: tuple[Choice, ...] = ()
    default: Raw = ""
    max_length: int = 200
    unit: str = ""
    when: When | None = None
    section: str = ""
    keepable: bool = True
    """Whether what is typed may be kept until it is sent; see :attr:`can_be_kept`."""

    @property
    def is_typed(self) -> bool:
        """Whether it is answered by typing, not by picking."""
        return self.kind not in PICKED_KINDS

    @property
    def can_be_kept(self) -> bool:
        """Whether a draft may hold what was typed here: never a password, a code, or what its form marks as such."""
        return self.keepable and self.kind not in SECRET_KINDS

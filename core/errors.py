"""What can go wrong, said in a way that the reader's language and the right field can be found later.

Core never formats a sentence in a fixed language: an error carries a :class:`Say`, and whoever shows it
(a screen, the command line, an import report) turns it into words at that moment.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.i18n import dates, translation


@dataclass(frozen=True, slots=True)
class Say:
    """A sentence not yet in any language: a msgid and what goes into its ``{places}``.

    With ``plural`` and ``count`` it is one of two (in Polish three) forms chosen by the count.
    """

    msgid: str
    params: Mapping[str, Any] = field(default_factory=dict)
    plural: str = ""
    count: int = 0

    def text(self) -> str:
        """The sentence in the current language (:func:`core.i18n.translation.language`)."""
        sentence = (
            translation.ngettext(self.msgid, self.plural, self.count)
            if self.plural
            else translation.gettext(self.msgid)
        )
        params = {
            key: value.text() if isinstance(value, Say) else dates.for_sentence(value)
            for key, value in self.params.items()
        }
        return sentence.format(**{"n": self.count, **params}) if (params or self.plural) else sentence

    def __str__(self) -> str:
        return self.text()


def say(msgid: str, /, **params: Any) -> Say:
    """Shorthand for :class:`Say`; mark the msgid with ``N_`` where it stands, so that it is extracted."""
    return Say(msgid, params)


class DeskError(Exception):
    """Something a person can understand and act on. ``field`` names the input it belongs to, or is empty."""

    def __init__(self, what: Say | str, /, *, field: str = "", **params: Any) -> None:
        self.say = what if isinstance(what, Say) else Say(what, params)
        self.field = field
        super().__init__(self.say.msgid)

    def text(self) -> str:
        return self.say.text()

    @property
    def fields(self) -> dict[str, Say]:
        """Field name to sentence; the empty name stands for the whole form."""
        return {self.field: self.say}


class Invalid(DeskError):
    """Input that was refused: every field with its sentence, in the order of the form."""

    def __init__(self, errors: Mapping[str, Say]) -> None:
        self._errors = dict(errors)
        name, what = next(iter(self._errors.items()))
        super().__init__(what, field=name)

    @property
    def fields(self) -> dict[str, Say]:
        return dict(self._errors)


class Forbidden(DeskError):
    """The actor may not do this. The same class and words whether the thing exists or not."""


class NotFound(DeskError):
    """There is no such thing within the actor's sight."""


class Throttled(DeskError):
    """Too many tries; ``until`` (aware UTC datetime) says when the next one counts. The sentence may name ``{time}``:
    it is shown in whole minutes, so it is the next one, from which on the try surely counts."""

    def __init__(self, what: Say | str, /, *, until: dt.datetime, field: str = "", **params: Any) -> None:
        minute = until.replace(second=0, microsecond=0)
        time = until if minute == until else minute + dt.timedelta(minutes=1)
        super().__init__(what, field=field, time=time, **params)
        self.until = until


class Conflict(DeskError):
    """Somebody was faster, or the thing has changed since it was shown."""


class Overtaken(Conflict):
    """The thing has changed since it was shown: show what is there now, and keep what was typed."""


class Unavailable(DeskError):
    """The desk's store or a server cannot be used now; nothing was changed."""

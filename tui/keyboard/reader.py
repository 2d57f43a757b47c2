"""Text from a terminal in, keys, pastes and reports out; and what it means that nothing follows.

An Escape and the start of a sequence are the same byte. Which one it was is known when the rest is there, or when it
isn't after :data:`PATIENCE`. Where the rest comes later all the same, Escape was wrong, and the rest must not be typed:
among commands ``[A`` are two of them. Whoever presses Escape and then types ``[A`` has longer pauses than
:data:`PERSON` between the two. Where a slow line brings both letters at once they are taken for a rest: two letters to
be typed again do less harm than two commands nobody gave.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Final

from textual import events
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.message import Message

from core.i18n.sanitize import printable
from tui.keyboard import sequences
from tui.keyboard.sequences import ESC, State

PATIENCE: Final = 0.025
"""Seconds an Escape waits for what would make it a sequence. Terminals send those in one piece; Textual waits 0.1."""
LONGEST_PATIENCE: Final = 0.2
"""Seconds, on a line that has torn sequences apart."""
PERSON: Final = 0.05
"""Seconds: what comes closer together nobody has typed. A line of 300 baud takes 0.033 for a byte."""
LATE: Final = 1.0
"""Seconds after an Escape in which the rest of a sequence may come; a packet that is sent again is there by then."""
LONGEST_REST: Final = 4096
"""Characters that are kept until it is known whether they are the rest of a sequence."""
PASTE_LIMIT: Final = 64 * 1024
"""Characters of one paste that is still taken."""
SILENCE: Final = 3.0
"""Seconds without a byte after which a paste that never ended is given up; long enough for a slow line."""


class PasteRefused(Message):
    """A paste was too long, or never ended; nothing of it was taken."""


class TolerantParser(XTermParser):
    """Textual's parser, for which a sequence without meaning is no key instead of an exception."""

    def parse_mouse_code(self, code: str) -> Message | None:
        try:
            return super().parse_mouse_code(code)
        except (ValueError, ArithmeticError):
            return None

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        try:
            return list(super()._sequence_to_key_events(sequence, alt))
        except (ValueError, OverflowError):
            return []

    @property
    def is_waiting(self) -> bool:
        """Whether it takes what it has read for the start of a sequence."""
        return self._timeout_time is not None

    def stop_waiting(self) -> Iterable[Message]:
        """What it has read is all there is."""
        if self.is_waiting:
            self._timeout_time = 0.0
        return self.tick()

    def renewed(self) -> TolerantParser:
        """A parser that has read nothing yet and knows the terminal as this one does."""
        fresh = TolerantParser()
        fresh.mouse_pixels = self.mouse_pixels
        fresh.terminal_size = self.terminal_size
        fresh.terminal_pixel_size = self.terminal_pixel_size
        fresh.last_x, fresh.last_y = self.last_x, self.last_y
        return fresh


class InputReader:
    """Text from the terminal in, messages out. Holds at most one :data:`PASTE_LIMIT`.

    Textual's parser gets whole sequences only, so its own time-out decides nothing (``ESCDELAY``, which it reads when
    it is imported: a session that was forked couldn't set it any more). Pastes never get there.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.parser = TolerantParser()
        self.patience = PATIENCE
        """Seconds an Escape waits on this line."""
        self._clock = clock
        self._last = clock()
        """When the last text came."""
        self._begun = ""
        """The start of a sequence that is not whole."""
        self._is_late = False
        """Whether the ESC of what is begun was taken for the Escape key already."""
        self._escaped: float | None = None
        """When an Escape came whose rest may still come."""
        self._pasted: str | None = None
        self._too_long = False

    @property
    def pasting(self) -> bool:
        """Whether a paste has begun and not ended."""
        return self._pasted is not None

    @property
    def waits(self) -> float | None:
        """Seconds until :meth:`expire` has something to say; None where only more text has. Never less than 0."""
        silence = self._longest_silence
        return None if silence is None else max(0.0, self._last + silence - self._clock())

    def feed(self, text: str) -> list[Message]:
        """What ``text`` (any piece of the stream, cut anywhere) means."""
        messages: list[Message] = []
        if not text:
            return messages
        now = self._clock()
        if self._begun == ESC and self._is_overdue(now) and not _is_rest(text):
            # It waited here and not on the line: what follows may have come long after it.
            messages += self._expire_escape()
        if self._escaped is not None and not self._begun:
            if now - self._escaped <= LATE:
                self._begun, self._is_late = ESC, True
            else:
                self._escaped = None
        if not self._is_late:
            self._learn(text, now - self._last)
        self._last = now
        stream, self._begun = self._begun + text, ""
        self._read(stream, messages)
        return messages

    def expire(self) -> list[Message]:
        """What it means that nothing has come up to now: the Escape key instead of the start of a sequence."""
        if not self._is_overdue(self._clock()):
            return []
        if self.pasting:
            return [self._give_up_paste()]
        if self._begun == ESC:
            return self._expire_escape()
        begun, self._begun = self._begun, ""
        messages: list[Message] = []
        if self._is_late:
            self._is_late, self._escaped = False, None
            self._read(begun[1:], messages)  # by somebody who took their time
        elif begun in sequences.MAY_BE_ALT:
            messages += self._parsed(begun)
        return messages

    @property
    def _longest_silence(self) -> float | None:
        if self.pasting:
            return SILENCE
        if not self._begun:
            return None
        if self._is_late:
            return PERSON
        if self._begun == ESC or self._begun in sequences.MAY_BE_ALT:
            return self.patience
        # A rest may come at any time, and then is no letters. All that it costs is the first letter after Alt and [ or
        # O, which are no keys of ours. Whatever is no part of a sequence (Enter, an arrow, ą) is taken at once.
        return SILENCE if sequences.is_text(self._begun) else None

    def _is_overdue(self, now: float) -> bool:
        silence = self._longest_silence
        return silence is not None and now >= self._last + silence

    def _expire_escape(self) -> list[Message]:
        self._begun, self._escaped = "", self._last
        return self._parsed(ESC)

    def _read(self, stream: str, messages: list[Message]) -> None:
        while stream:
            if self.pasting:
                stream = self._read_paste(stream, messages)
            elif self._is_late:
                stream = self._read_late(stream)
            elif stream.startswith(ESC):
                stream = self._read_sequence(stream, messages)
            else:
                letters, escape, rest = stream.partition(ESC)
                messages += self._parsed(letters)
                stream = escape + rest

    def _read_sequence(self, stream: str, messages: list[Message]) -> str:
        piece = sequences.first(stream)
        if piece.state is State.BEGUN:
            self._begun = sequences.shortened(piece.text)
            return ""
        if piece.text == BRACKETED_PASTE_START:
            self._pasted = ""
        elif piece.state is State.WHOLE and sequences.can_mean_something(piece.text):
            messages += self._parsed(piece.text)
        return stream[len(piece.text) :]

    def _read_late(self, stream: str) -> str:
        """What follows an Escape that was taken for the key, with its ESC before it."""
        piece = sequences.first(stream)
        if piece.state is State.BEGUN and len(stream) <= LONGEST_REST:
            self._begun = stream
            return ""
        escaped, self._escaped, self._is_late = self._escaped, None, False
        if piece.state is not State.WHOLE or not sequences.is_certain(piece.text):
            return stream[1:]
        if escaped is not None:
            self._be_patient(self._last - escaped)
        if piece.text == BRACKETED_PASTE_START:
            self._pasted = ""  # a paste is no keys, whatever its mark was taken for
        return stream[len(piece.text) :]

    def _learn(self, text: str, gap: float) -> None:
        """A sequence that was torn after its ESC makes the next Escape wait for longer; those that come whole take that
        back, bit by bit: once does not make a bad line."""
        if self._begun == ESC:
            if text[0] in "[O" and gap < self.patience:
                self._be_patient(gap)
        elif self.patience > PATIENCE and len(text) > 2 and text[0] == ESC and text[1] in "[O":
            self.patience = max(PATIENCE, self.patience * 0.9)

    def _be_patient(self, gap: float) -> None:
        self.patience = max(self.patience, min(2 * gap, LONGEST_PATIENCE))

    def _read_paste(self, text: str, messages: list[Message]) -> str:
        stream = (self._pasted or "") + text
        end = stream.find(BRACKETED_PASTE_END)
        if end < 0:
            self._too_long = self._too_long or len(stream) > PASTE_LIMIT + len(BRACKETED_PASTE_END)
            self._pasted = stream[1 - len(BRACKETED_PASTE_END) :] if self._too_long else stream
            return ""
        refused = self._too_long or end > PASTE_LIMIT
        messages.append(PasteRefused() if refused else events.Paste(printable(stream[:end])))
        self._pasted, self._too_long = None, False
        return stream[end + len(BRACKETED_PASTE_END) :]

    def _give_up_paste(self) -> Message:
        """Forget a paste whose end does not come; of a half of its end, the other half may."""
        pasted = self._pasted or ""
        halves = (BRACKETED_PASTE_END[:length] for length in range(len(BRACKETED_PASTE_END) - 1, 0, -1))
        half = next((half for half in halves if pasted.endswith(half)), "")
        self._pasted, self._too_long = None, False
        if half == ESC:
            self._escaped = self._clock()
        else:
            self._begun = half
        return PasteRefused()

    def _parsed(self, text: str) -> list[Message]:
        """What Textual makes of letters, or of one whole sequence."""
        messages: list[Message] = []
        try:
            messages.extend(self.parser.feed(text))
            if len(text) <= 2:
                messages.extend(self.parser.stop_waiting())  # Escape, or Alt and a letter
        except (ValueError, ArithmeticError, StopIteration, RuntimeError):
            # A generator that raised is finished; the rest of the piece went with it.
            self.parser = self.parser.renewed()
        if self.parser.is_waiting:
            self.parser = self.parser.renewed()  # a sequence without meaning; what comes next is no part of it
        return messages


def _is_rest(text: str) -> bool:
    piece = sequences.first(ESC + text)
    return piece.state is State.WHOLE and sequences.is_certain(piece.text)

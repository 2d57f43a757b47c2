"""Where a sequence of a terminal begins and ends, as ECMA-48 has it and as terminals have it besides.

Textual's parser knows what a sequence means, but by a time-out alone that it is over: what comes later than that is
typed, letter by letter. Here the end is known by the sequence itself.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final, NamedTuple

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import FOCUSIN, FOCUSOUT

ESC: Final = "\x1b"
LONGEST: Final = 32
"""Characters of a sequence that can mean something. Textual's parser types what is longer."""
MAY_BE_ALT: Final = frozenset((ESC + "]", ESC + "P", ESC + "_"))
"""The start of an answer of the terminal, or a letter with Alt: time tells."""

# Compiled when the first sequence comes, after the first frame.
# A control character is no part of any sequence: it breaks it off.
_CSI = r"\[(?:M[^\x00-\x1f]{3}|\[[!-~]|[0-?]*[ -/]*[@-LN-Z\\-~]|[0-?]+[ -/]*[@-~]|[0-?]*[ -/]+[@-~])"
_CSI_BEGUN = r"\[(?:M[^\x00-\x1f]{0,2}|\[|[0-?]*[ -/]*)"
_SS3 = r"O[0-9;]*[ -/:<-~]"
_SS3_BEGUN = r"O[0-9;]*"
# Texts between two marks: answers of the terminal. Nobody asks for one here, and none means anything. What they begin
# with tells them from Alt and a letter, and another one typed after it.
_TEXT_BEGUN = r"(?:\][0-9lL]|P[0-9>!+$|]|_G)[^\x00-\x1f]*"
_TEXT = _TEXT_BEGUN + r"(?:\x07|\x1b\\)"
_ALT = r"(?![\[O]|\][0-9lL]|P[0-9>!+$|]|_G)[^\x1b]"
_ENDS_WITH_DOLLAR = "|".join(re.escape(known) for known in ANSI_SEQUENCES_KEYS if known.endswith("$"))
_WHOLE = f"\x1b(?:{_CSI}|{_SS3}|{_TEXT}|{_ALT}|(?=\x1b))"
_BEGUN = f"\x1b(?:{_CSI_BEGUN}|{_SS3_BEGUN}|{_TEXT_BEGUN}|[]P_]|)"
_IS_TEXT = f"\x1b{_TEXT_BEGUN}"
_ENDING = f"\x1b{_TEXT_BEGUN}\x1b"
_BY_ITSELF = r"(?s)\x1b(?:\[(?:M...|[0-?]+[ -/]*[@-~])|[]P_].*(?:\x07|\x1b\\))"


class State(Enum):
    """What a piece is."""

    WHOLE = "whole"
    BEGUN = "begun"
    """What comes next may belong to it."""
    BROKEN_OFF = "broken off"
    """What comes next can't belong to it; it means nothing."""


class Piece(NamedTuple):
    """The first sequence of a stream, or what there is of it."""

    text: str
    state: State


def first(stream: str) -> Piece:
    """The first sequence of a stream.

    Args:
        stream: Begins with ESC.

    Returns:
        Where it is whole: ESC alone too, if another ESC follows, and ESC with one other character, which is Alt.
        Where it is begun: all of ``stream``.
    """
    if key := re.match(_ENDS_WITH_DOLLAR, stream):  # rxvt's; elsewhere that is no end
        return Piece(key[0], State.WHOLE)
    begun = re.match(_BEGUN, stream)
    begun_text = begun[0] if begun else ESC
    if len(begun_text) == len(stream) or re.fullmatch(_ENDING, stream):
        return Piece(stream, State.BEGUN)
    if whole := re.match(_WHOLE, stream):
        return Piece(whole[0], State.WHOLE)
    return Piece(begun_text, State.BROKEN_OFF)


def is_text(sequence: str) -> bool:
    """Whether a sequence, whole or begun, is an answer between two marks."""
    return re.match(_IS_TEXT, sequence) is not None


def can_mean_something(sequence: str) -> bool:
    """Whether Textual's parser may be asked what a whole sequence means; it types parts of those that mean nothing."""
    return len(sequence) <= LONGEST and not is_text(sequence)


def is_certain(sequence: str) -> bool:
    """Whether a whole sequence can be taken for one though its ESC was taken for the Escape key: it has parameters, or
    is a key that terminals send. ``[x`` is neither, and so is what somebody typed."""
    return (sequence in ANSI_SEQUENCES_KEYS and len(sequence) > 2) or bool(
        sequence in (FOCUSIN, FOCUSOUT) or re.fullmatch(_BY_ITSELF, sequence)
    )


def shortened(begun: str) -> str:
    """As much of a begun sequence as tells how it goes on; one that is too long to mean anything is not kept."""
    return begun if len(begun) <= LONGEST else begun[:LONGEST] + (ESC if begun.endswith(ESC) else "")

"""Keys from a line that tears sequences apart: a rest is never typed, and whoever types is not taken for one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import constants, events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.message import Message

from tui.keyboard import sequences
from tui.keyboard.reader import LONGEST_PATIENCE, PATIENCE, PERSON, SILENCE, InputReader, PasteRefused

ESC = "\x1b"
UP = "\x1b[A"
KNOWN = [sequence for sequence in ANSI_SEQUENCES_KEYS if sequence[:2] in ("\x1b[", "\x1bO")]
REPORTS = [
    "\x1b[<0;10;10M",
    "\x1b[<35;119;39m",
    "\x1b[M !!",
    "\x1b[32;10;10M",
    "\x1b[I",
    "\x1b[O",
    "\x1b[12;40R",
    "\x1b[?2026;2$y",
    "\x1b[48;24;80;480;1280t",
    "\x1b[27;5;9~",
    "\x1b[97;5u",
    "\x1b[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18x",
    "\x1b]11;rgb:1e1e/1e1e/2e2e\x07",
    "\x1bP1$r0m\x1b\\",
    "\x1b[200~pa[A\x1b[Bste\x1b[201~",
]
ANY = st.sampled_from(KNOWN + REPORTS)


class Line:
    """What a driver does with its reader, on a clock moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.reader = InputReader(lambda: self.now)
        self.read: list[str] = []

    def rest(self, seconds: float) -> None:
        """Nothing comes for so long, and each decision falls at its time."""
        end = self.now + seconds
        while (wait := self.reader.waits) is not None and self.now + wait <= end:
            self.now += wait + 1e-6
            self._note(self.reader.expire())
        self.now = end

    def send(self, *pieces: str, pause: float = 0.0) -> Line:
        for piece in pieces:
            self._note(self.reader.feed(piece))
            self.rest(pause)
        return self

    def _note(self, messages: list[Message]) -> None:
        for message in messages:
            if isinstance(message, events.Key):
                self.read.append(message.key)
            elif isinstance(message, events.Paste):
                self.read.append(f"<{message.text}>")
            elif isinstance(message, PasteRefused):
                self.read.append("refused")
            else:
                self.read.append(type(message).__name__)


def whole(sequence: str) -> list[str]:
    line = Line().send(sequence)
    line.rest(2.0)
    return line.read


def cuts(sequence: str, places: set[int]) -> Iterator[str]:
    at = [0, *sorted(place for place in places if place < len(sequence)), len(sequence)]
    return (sequence[begin:end] for begin, end in itertools.pairwise(at))


@given(ANY, st.sets(st.integers(2, 40)), st.floats(0, 100))
def test_once_a_sequence_is_known_as_one_its_rest_may_come_at_any_time(
    sequence: str, places: set[int], pause: float
) -> None:
    in_silence = sequences.is_text(sequence) or "200~" in sequence
    line = Line().send(*cuts(sequence, places), pause=min(pause, SILENCE * 0.9) if in_silence else pause)
    line.rest(2.0)
    assert line.send("z").read == [*whole(sequence), "z"]


@given(ANY, st.sets(st.integers(2, 40)), st.floats(0, 0.9), st.floats(0, PERSON * 0.9))
def test_a_rest_that_comes_after_the_escape_was_taken_is_never_typed(
    sequence: str, places: set[int], late: float, pause: float
) -> None:
    line = Line().send(ESC, pause=late)
    line.send(*cuts(sequence[1:], places), pause=pause)
    line.rest(2.0)
    line.send("z")
    kept = [f"<{sequence[6:-6]}>"] if "200~" in sequence else []
    assert line.read in ([*whole(sequence), "z"], ["escape", *kept, "z"])
    if late < PATIENCE:
        assert line.read == [*whole(sequence), "z"]


@given(st.lists(st.tuples(ANY, st.integers(0, 40), st.floats(0, 0.9)), max_size=8))
def test_many_sequences_torn_once_each(torn: list[tuple[str, int, float]]) -> None:
    line = Line()
    for sequence, place, pause in torn:
        line.send(*cuts(sequence, {place} - {0}), pause=pause)
    line.rest(2.0)
    expected = [key for sequence, _place, _pause in torn for key in [*whole(sequence), "escape"]]
    assert set(line.read) <= {*expected, *(f"<{s[6:-6]}>" for s, _p, _w in torn if "200~" in s)}
    assert line.send("z").read[-1] == "z"


@given(st.text(st.sampled_from("[]OPAM<~;012x_"), min_size=1, max_size=8), st.floats(PERSON * 1.1, 1.0))
def test_what_somebody_types_after_escape_is_typed(text: str, pause: float) -> None:
    line = Line().send(ESC, *text, pause=pause)
    line.rest(2.0)
    assert line.read == ["escape", *Line().send(*text).read]


def test_escape_is_taken_in_less_than_30_ms() -> None:
    line = Line().send(ESC)
    assert line.reader.waits == pytest.approx(PATIENCE)
    assert PATIENCE <= 0.03
    line.rest(0.03)
    assert line.read == ["escape"]
    assert line.reader.waits is None, "nothing is looked after any more"


def test_textuals_own_delay_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read when Textual is imported, and a forked session inherits it."""
    monkeypatch.setattr(constants, "ESCAPE_DELAY", 1000.0)
    assert Line().send(ESC, "[A", ESC, pause=0.02).send(pause=1).read == ["up"]
    assert Line().send(ESC, pause=1).send("\x1bx", "\x1bó").read == ["escape", "alt+x", "alt+ó"]


@pytest.mark.parametrize(
    ("pieces", "pause", "keys"),
    [
        ([ESC, "[", "A"], 0.02, ["up"]),
        ([ESC, "x"], 0.02, ["alt+x"]),
        ([ESC, "x"], 0.1, ["escape", "x"]),
        ([ESC, "[A"], 0.2, ["escape"]),
        ([ESC, "[", "A"], 0.2, ["escape", "left_square_bracket", "A"]),
        ([ESC, "[x"], 0.2, ["escape", "left_square_bracket", "x"]),
        ([ESC, "[A"], 2.0, ["escape", "left_square_bracket", "A"]),
        ([ESC, ESC], 0.02, ["escape", "escape"]),
        ([ESC, ESC], 0.2, ["escape", "escape"]),
        ([ESC, "\x1b[A"], 0.2, ["escape", "up"]),
        (["\x1b\x1b[A"], 0.0, ["escape", "up"]),
        (["\x1b[", "\r"], 0.2, ["enter"]),
        (["\x1b[", "ą"], 0.2, ["ą"]),
        (["\x1b[", "1", "\x1b[A"], 0.2, ["up"]),
        (["\x1bP", "a"], 0.1, ["alt+shift+p", "a"]),
        (["\x1bPa"], 0.0, ["alt+shift+p", "a"]),
        (["\x1b]0;title", "z\x1b[A"], 0.2, ["up"]),
        (["\x1b]0;title", "z"], SILENCE + 1, ["z"]),
        (["\x1b[3$"], 0.0, ["shift+delete"]),
        (["\x1b[[A"], 0.0, ["f1"]),
        (["\x1b[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15q"], 0.0, []),
        (["\x1b[" + "1" * 50, "1" * 50, "~z"], 0.0, ["z"]),
    ],
    ids=repr,
)
def test_what_pieces_mean(pieces: list[str], pause: float, keys: list[str]) -> None:
    line = Line().send(*pieces, pause=pause)
    line.rest(1.0)
    assert line.read == keys


def test_where_the_program_was_busy_what_waits_tells_by_itself() -> None:
    """The Escape had its time, but nobody could look whether more was there."""
    for text, keys in (("[A", ["up"]), ("x", ["escape", "x"]), ("\x1b[A", ["escape", "up"])):
        line = Line().send(ESC)
        line.now += 0.5
        assert line.send(text).read == keys


def test_a_line_that_tears_is_waited_for_until_sequences_come_whole_again() -> None:
    line = Line().send(ESC, pause=0.04).send("[", "A", pause=0.04)
    assert line.read == ["escape"]
    assert PATIENCE < line.reader.patience <= LONGEST_PATIENCE
    line.read.clear()
    assert line.send(ESC, "[", "A", pause=0.04).read == ["up"]
    line.send(*[UP] * 20)
    assert line.reader.patience == PATIENCE


def test_half_of_a_pastes_end_is_no_text_when_the_paste_was_given_up() -> None:
    for half in range(1, 6):
        end = "\x1b[201~"
        line = Line().send("\x1b[200~text" + end[:half], pause=SILENCE + 0.5)
        assert line.send(end[half:]).send("z", pause=1).read == ["refused", "z"]

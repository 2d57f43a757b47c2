"""Hostile bytes from a terminal: the session goes on, takes what it can and keeps its memory."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.geometry import Size

from tests.support.amounts import times
from tests.support.pty import Terminal, probe
from tui.driver import LARGEST, USUAL, PatientFile, bounded
from tui.keyboard.reader import PASTE_LIMIT, InputReader, PasteRefused

START, END = b"\x1b[200~", b"\x1b[201~"
MEGA = 1_000_000
F8 = b"\x1b[19~"
GROWTH = 150 * 1024 * 1024


def ready(terminal: Terminal) -> int:
    """Wait for the first answer to a key; the memory held then."""
    terminal.wait_for("▊")
    terminal.send(F8)
    terminal.wait_for("line=0")
    return terminal.memory()


def answers(terminal: Terminal, expected: str) -> None:
    """A typed key still works, and the fields hold what is expected."""

    asked_at = 0.0

    def asked(it: Terminal) -> bool:
        nonlocal asked_at
        if time.monotonic() - asked_at > 0.5:
            asked_at = time.monotonic()
            it.send(F8)
        return expected in it.text

    terminal.wait_for(asked)


@pytest.mark.thorough
@pytest.mark.parametrize(
    "bytes_",
    [
        b"\xb1",
        b"\xff",
        b"\xc3",
        b"\xed\xa0\x80",
        b"\x1b[1114112;1u",
        b"\x1b[99999999999999;1u",
        b"\x1b[97;1;1114112u",
        b"\x1b[:~",
        b"\x1b[48;99999;99999;1;1t",
        b"\x1b[48;0;0;0;0t\x1b[<0;10;10M\x1b[<0;10;10m",
        b"\x1b[48;24;80;0;0t\x1b[<0;10;10M\x1b[<0;10;10m",
        b"\x1b[<99999999999999999999;99999999;99999999M",
        b"\x1b[99999999999;99999999999R",
        b"\x1b]0;title\x07\x1bP1$r\x1b\\",
        END * 3,
        b"\x1b" * 50,
    ],
    ids=repr,
)
def test_a_key_works_after(bytes_: bytes) -> None:
    with probe("typing") as terminal:
        ready(terminal)
        terminal.send(bytes_)
        terminal.send(b"zzzyx")
        answers(terminal, "zyx text")
        assert terminal.memory() < GROWTH


def test_letters_of_another_code_page_are_seen_to_be_wrong() -> None:
    with probe("typing") as terminal:
        ready(terminal)
        terminal.send(b"k\xb1t " + "kąt".encode())
        answers(terminal, "line=7 k�t kąt")


@pytest.mark.thorough
def test_no_size_is_drawn_that_is_too_large() -> None:
    with probe("typing", claims=(3000, 3000)) as terminal:
        largest = f"size={LARGEST.width}x{LARGEST.height}"
        answers(terminal, largest)
        terminal.resize(90, 25)
        terminal.wait_for_quiet()
        answers(terminal, "size=90x25")
        terminal.send(b"\x1b[48;99999;99999;1;1t")
        terminal.wait_for_quiet()
        answers(terminal, largest)
        terminal.resize(91, 25)
        terminal.wait_for_quiet()
        answers(terminal, "size=91x25")
        terminal.resize(30000, 30000)
        terminal.wait_for_quiet()
        answers(terminal, largest)
        assert terminal.memory() < GROWTH * 2


def test_writes_to_a_cut_line_go_nowhere() -> None:
    class Cut:
        def __init__(self) -> None:
            self.buffer = self
            self.tries = 0

        def write(self, data: bytes) -> int:
            self.tries += 1
            raise OSError(5, "Input/output error")

        flush = write

    line = Cut()
    file = PatientFile(line)  # type: ignore[arg-type]
    assert [file.write("ąę"), file.write("x")] == [2, 1]
    file.flush()
    assert line.tries == 1


def test_sizes_are_bounded() -> None:
    assert bounded(Size(0, 0)) == bounded(Size(0, 50)) == USUAL
    assert bounded(Size(1, 1)) == Size(1, 1)
    assert bounded(Size(99999, 30)) == Size(LARGEST.width, 30)


@pytest.mark.thorough
@pytest.mark.parametrize("field", ["line", "text"])
@pytest.mark.parametrize("text", [b"x" * (10 * MEGA), b"line\n" * (2 * MEGA), "ą".encode() * (5 * MEGA)], ids=len)
def test_ten_megabytes_pasted(field: str, text: bytes) -> None:
    with probe("typing") as terminal:
        before = ready(terminal)
        terminal.send(b"\t" if field == "text" else b"")
        terminal.send(START + text + END)
        terminal.wait_for("nothing of it was taken")
        terminal.send(b"after")
        answers(terminal, "line=5 after text=0" if field == "line" else "line=0  text=5")
        assert terminal.memory() - before < GROWTH


def test_a_paste_of_usual_size_is_taken() -> None:
    with probe("typing") as terminal:
        ready(terminal)
        terminal.send(b"login\t" + START + "pierwszy\r\ndrugi\x1b[31m\x9b".encode() + END)
        answers(terminal, "line=5 login text=18")


@pytest.mark.thorough
def test_a_paste_that_never_ends_is_given_up() -> None:
    with probe("typing") as terminal:
        before = ready(terminal)
        terminal.send(START + b"x" * (2 * MEGA))
        terminal.wait_for("nothing of it was taken")
        terminal.send(b"after")
        answers(terminal, "line=5 after text=0")
        assert terminal.memory() - before < GROWTH


@pytest.mark.thorough
def test_a_flood_of_keys_is_survived() -> None:
    with probe("typing") as terminal:
        before = ready(terminal)
        terminal.send(b"q" * times(6_000, 30_000))
        answers(terminal, "line=200 qqqqqqqqqq")
        assert terminal.memory() - before < GROWTH


def test_what_is_typed_ahead_goes_where_it_was_meant() -> None:
    with probe("typing") as terminal:
        ready(terminal)
        terminal.send(b"login\tpassword\x1b[Zxx\x15yy")
        answers(terminal, "line=2 yy text=8")


def test_what_is_typed_ahead_waits_for_the_screen_that_is_being_opened() -> None:
    with probe("opening") as terminal:
        ready(terminal)
        terminal.send(b"before\x1b[20~abc")
        answers(terminal, "line=3 abc text=0")


def read(pieces: list[str]) -> list[str]:
    """The keys and pastes that ``pieces`` of the stream mean."""
    reader = InputReader()
    found = []
    for piece in pieces:
        for message in reader.feed(piece):
            if isinstance(message, events.Paste):
                found.append(f"<{message.text}>")
            elif isinstance(message, events.Key):
                found.append(message.character or message.key)
            elif isinstance(message, PasteRefused):
                found.append("refused")
    return found


@given(st.integers(1, 30), st.integers(1, 30))
def test_a_stream_means_the_same_wherever_it_is_cut(first: int, second: int) -> None:
    stream = "ab\x1b[200~pa\x1b[Bste\x1b[201~c\x1b[Ad\x1b[200~\x1b[201~e"
    pieces = [stream[:first], stream[first : first + second], stream[first + second :]]
    assert read(pieces) == ["a", "b", "<pa[Bste>", "c", "up", "d", "<>", "e"]


@pytest.mark.parametrize(("length", "taken"), [(PASTE_LIMIT, True), (PASTE_LIMIT + 1, False), (MEGA, False)])
@pytest.mark.parametrize("piece", [4096, 4093, 10**7])
def test_the_limit_of_a_paste_is_exact(length: int, taken: bool, piece: int) -> None:
    stream = f"\x1b[200~{'x' * length}\x1b[201~z"
    found = read([stream[at : at + piece] for at in range(0, len(stream), piece)])
    assert found == [f"<{'x' * length}>" if taken else "refused", "z"]


@given(
    st.lists(
        st.tuples(
            st.text(st.sampled_from("\x1b[]<>;:?0123456789uM~mtRP$yOA\ud800ą\x00")),
            st.sampled_from((0.0, 0.02, 0.03, 0.2, 4.0)),
        ),
        max_size=20,
    )
)
def test_no_stream_breaks_the_reader(pieces: list[tuple[str, float]]) -> None:
    now = 0.0
    reader = InputReader(lambda: now)
    for piece, pause in pieces:
        reader.feed(piece)
        now += pause
        reader.expire()
    now += 4.0
    reader.expire()
    reader.feed("\x1b[201~\x1b[201~")
    assert any(isinstance(message, events.Key) and message.key == "z" for message in reader.feed("~ z"))

"""Hostile strings in every kind of widget: none of their bytes reaches a real terminal, and nothing falls over."""

from __future__ import annotations

import re

import pytest

from tests.support.pty import probe
from tui.text import cell, mixed, plain

OWN_OSC = re.compile(rb"\x1b\]22;[a-z-]*\x07")
"""Textual's own pointer shapes; every other OSC would come from the data."""
PAYLOADS = {
    "an OSC": re.compile(rb"\x1b\]"),
    "C1": re.compile(rb"\xc2[\x80-\x9f]"),
    "bidi": re.compile(rb"\xe2\x80[\xa8-\xae]|\xe2\x81[\xa0-\xaf]"),
    "zero width": re.compile(rb"\xe2\x80\x8b|\xf3\xa0\x81\x81"),
    "a control": re.compile(rb"[\x00-\x06\x08\x0b-\x1a\x1c-\x1f\x7f]"),
    "a surrogate": re.compile(rb"\xed[\xa0-\xbf]|\\ud800"),
}


@pytest.mark.parametrize("env", [{}, {"SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"}, {"NO_COLOR": "1"}])
def test_no_byte_of_a_payload_reaches_the_terminal(env: dict[str, str]) -> None:
    with probe("hostile", env=env, size=(110, 48)) as terminal:
        terminal.wait_for("reached 0")
        terminal.wait_for("gnp.exe")  # the notices
        for _page in range(6):
            terminal.send(b"\x1b[6~")
        terminal.send(b"\x1b[F")
        terminal.wait_for("evil.example")
        terminal.send(b"z")
        terminal.wait_for("pressed z")
        terminal.send(b"\x11")
        assert terminal.wait() == 0
        written = OWN_OSC.sub(b"", bytes(terminal.raw)).replace(b"\r\n", b"")
    for name, payload in PAYLOADS.items():
        found = payload.search(written)
        assert not found, f"{name}: {written[max(0, found.start() - 40) : found.end() + 40]!r}"
    assert b"[/]" in written


def test_text_becomes_content_exactly() -> None:
    for text in ("[/]", "[b]x[/b]", "[$x]", "C:\\[x]\\", "\\[", "[/", "[a=b]"):
        assert plain(text).plain == text
        assert mixed("[b]$x[/b]", x=text).plain == text
        assert cell(text, 20).plain == text.ljust(20)


def test_text_over_lines_stays_over_lines() -> None:
    assert plain("a\r\nb\tc").plain == "a\nb   c"


@pytest.mark.parametrize("width", range(12))
@pytest.mark.parametrize(
    "text", ["", "Zażółć gęślą", "日本語日本語", "a👩\u200d🔧b👩\u200d🔧", "a\nb\tc", "\x1b[31mred"]
)
def test_a_cell_is_exactly_as_wide_as_asked(text: str, width: int) -> None:
    assert cell(text, width).cell_length == width


def test_a_cut_is_marked() -> None:
    assert cell("Zażółć gęślą", 8).plain == "Zażółć …"
    assert cell("日本語", 4).plain == "日 …"

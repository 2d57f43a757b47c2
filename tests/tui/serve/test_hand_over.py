"""What a door says of a visitor: it arrives as it was sent, and nothing else is taken for it."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.serve import hand_over
from tui.serve.hand_over import BadHandOver, Visitor

KEY = "SHA256:" + "A" * 43
LINE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAA"
VISITOR = Visitor(
    "ssh",
    "192.0.2.7",
    40_000,
    key=KEY,
    offered=(LINE,),
    term="tmux-256color",
    colorterm="truecolor",
    language="pl",
    words=("invoice", "FV/1"),
    terminal=False,
)
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def test_a_visitor_arrives_as_they_were_sent() -> None:
    assert hand_over.visitor(json.loads(VISITOR.message())) == VISITOR


def test_files_arrive_with_their_message_and_no_program_inherits_them() -> None:
    ours, theirs = hand_over.pair()
    reader, writer = os.pipe()
    with ours, theirs:
        assert hand_over.send(ours, {"a": 1}, [writer])
        os.close(writer)
        got = hand_over.receive(theirs)
        assert got is not None
        message, files = got
        assert message == {"a": 1}
        assert not os.get_inheritable(files[0])
        os.write(files[0], b"through")
        assert os.read(reader, 20) == b"through"
        hand_over.close_all([reader, *files])
        ours.close()
        assert hand_over.receive(theirs) is None, "the other end is gone"
        assert not hand_over.send(theirs, {"b": 2})


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"7", b"\xff", b"[" * 5000, b'{"a": ' + b" " * hand_over.LONGEST])
def test_what_is_no_message_is_refused_and_its_file_closed(data: bytes) -> None:
    ours, theirs = hand_over.pair()
    reader, writer = os.pipe()
    with ours, theirs:
        hand_over.send(ours, data, [writer])
        os.close(writer)
        with pytest.raises(BadHandOver):
            hand_over.receive(theirs)
    assert os.read(reader, 1) == b"", "nobody holds the file any more"
    os.close(reader)


@given(st.dictionaries(st.sampled_from([*Visitor.__slots__, "other"]), _values, max_size=8))
def test_whatever_comes_is_a_visitor_within_bounds_or_refused(fields: dict[str, Any]) -> None:
    try:
        made = hand_over.visitor({"visitor": fields})
    except BadHandOver:
        return
    assert len(made.message()) < hand_over.LONGEST
    assert made.source in ("ssh", "web", "sshd")
    assert made.language in ("", "en", "pl")


@pytest.mark.parametrize(
    "changed",
    [{"source": "local"}, {"source": None}, {"key": "SHA256:short"}, {"key": "yes"}, {"port": "x"}, {"words": 7}],
    ids=str,
)
def test_a_visitor_of_no_source_or_with_a_made_up_key_is_refused(changed: dict[str, Any]) -> None:
    fields = json.loads(VISITOR.message())["visitor"] | changed
    with pytest.raises(BadHandOver):
        hand_over.visitor({"visitor": fields})


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("screen.xterm-256color", "screen.xterm-256color"),
        ("dumb", hand_over.USUAL_TERMINAL),
        ("", hand_over.USUAL_TERMINAL),
        ("a/../b", hand_over.USUAL_TERMINAL),
        ("x" * 65, hand_over.USUAL_TERMINAL),
        ("xterm\n", hand_over.USUAL_TERMINAL),
    ],
)
def test_a_terminal_is_called_what_terminals_are_called(name: str, taken: str) -> None:
    assert hand_over.terminal_name(name) == taken


@pytest.mark.parametrize(
    ("text", "language"), [("pl_PL.UTF-8", "pl"), ("en-GB,en;q=0.8", "en"), ("C.UTF-8", ""), ("", ""), ("de", "")]
)
def test_a_language_is_one_of_ours_or_none(text: str, language: str) -> None:
    assert hand_over.language_of(text) == language

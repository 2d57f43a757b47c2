"""Commands: one saying, many uses; keys that never arrive and clashes are told."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.binding import Binding

from core.errors import DeskError
from tui.commands import Command, bindings, check, key_problem, load_keymap, shown_key
from tui.shell import Commanded, Shell

REPLY = Command("ticket.reply", "r", "Reply", "reply", footer=True)
MERGE = Command("ticket.merge", "M", "Merge", "merge", danger=True, roles=frozenset({"agent"}))
SEARCH = Command("queue.search", "slash", "Search", "search")
HELP = Command("shell.help", "question_mark", "Keys", "keys")
ALL = (REPLY, MERGE, SEARCH, HELP)


def test_bindings_come_from_commands() -> None:
    first = bindings(ALL)[0]
    assert isinstance(first, Binding)
    assert (first.key, first.action, first.id) == ("r", "reply", "ticket.reply")


def test_a_good_keymap_has_nothing_to_say() -> None:
    assert check({}, ALL) == []
    assert check({"ticket.reply": "x,f5", "queue.search": "r"}, ALL) == []


@pytest.mark.parametrize(
    ("keymap", "said"),
    [
        ({"ticket.reply": "M"}, "M would mean both ticket.reply and ticket.merge."),
        ({"queue.search": "question_mark"}, "? would mean both queue.search and shell.help."),
        ({"ticket.replay": "x"}, "There is no command ticket.replay."),
        ({"ticket.reply": " , "}, "ticket.reply is left without a key."),
        ({"ticket.merge": "m"}, "ticket.merge can't be taken back"),
        ({"ticket.reply": "alt+e"}, "alt+e can't be used for ticket.reply: Alt and a letter"),
    ],
)
def test_what_is_wrong_is_told(keymap: dict[str, str], said: str) -> None:
    assert any(said in each.text() for each in check(keymap, ALL))


@pytest.mark.parametrize(
    "key",
    [
        *(f"ctrl+{letter}" for letter in "abchijmz"),
        *("ctrl+slash", "ctrl+underscore", "ctrl+enter", "ctrl+shift+k", "alt+a", "alt+shift+x", "super+s"),
        *("ctrl+tab", "ctrl+backspace", "shift+enter", "tab"),
    ],
)
def test_keys_that_are_eaten(key: str) -> None:
    assert key_problem(key)


@pytest.mark.parametrize("key", ["r", "G", "f9", "ctrl+p", "ctrl+s", "ctrl+n", "slash", "question_mark", "enter"])
def test_keys_that_arrive(key: str) -> None:
    assert not key_problem(key)


def test_our_own_keys_pass() -> None:
    assert check({}, [*Commanded.DESK_COMMANDS, *Shell.DESK_COMMANDS]) == []


def test_keys_as_readers_know_them() -> None:
    shown = [shown_key(key) for key in ("ctrl+p", "question_mark", "f9", "slash", "escape", "x")]
    assert shown == ["^p", "?", "F9", "/", "esc", "x"]


def test_a_keymap_file(tmp_path: Path) -> None:
    file = tmp_path / "keys.toml"
    assert load_keymap(file) == {}
    file.write_text('[keys]\nticket.reply = "x"\n"queue.search" = "f3"\n', encoding="utf-8")
    assert load_keymap(file) == {"ticket.reply": "x", "queue.search": "f3"}


@pytest.mark.parametrize("text", ["[keys", "[keys]\nticket.reply = 3\n", "keys = 4"])
def test_a_keymap_file_that_is_none_is_refused_in_words(tmp_path: Path, text: str) -> None:
    file = tmp_path / "keys.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DeskError) as refused:
        load_keymap(file)
    assert "keys.toml" in refused.value.text()

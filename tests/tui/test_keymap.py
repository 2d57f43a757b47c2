"""The keys of the whole program: no clash on any screen, one letter for one thing, and the reader's own choice."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
from textual.binding import Binding

from core.accounts.models import Role
from core.desk import Desk
from tests.desks import logged_in
from tests.tui.playing import playing, sitting
from tui import keys_page
from tui.cli import main
from tui.commands import check, declared, split_keys
from tui.screens.demo.chooser import Chooser
from tui.screens.demo.post_room import PostRoom
from tui.screens.tickets.queue import Tickets
from tui.screens.tickets.ticket import TicketScreen
from tui.widgets.fields.line import LineInput
from tui.widgets.fields.long import LongInput
from tui.widgets.form import Form
from tui.widgets.list import ListView
from tui.widgets.timeline import Timeline

SCREENS = keys_page.screens()


def test_every_screen_was_found() -> None:
    names = {cls.__name__ for cls in SCREENS}
    assert {"Tickets", "TicketScreen", "Welcome", "MyAccount", "OutboxRoom", "EnrolAtLogIn", "DemoApp"} <= names
    assert len(keys_page.commands()) > 50


@pytest.mark.parametrize("screen", SCREENS, ids=lambda cls: cls.__name__)
def test_no_screen_has_a_clash_or_a_key_that_never_arrives(screen: type) -> None:
    assert [said.text() for said in check({}, list(declared(screen).values()))] == []


@pytest.mark.parametrize("screen", SCREENS, ids=lambda cls: cls.__name__)
def test_what_cannot_be_taken_back_has_no_small_key_and_asks(screen: type) -> None:
    for command in declared(screen).values():
        if command.danger:
            keys = split_keys(command.keys)
            assert all(key.isupper() or key.startswith(("f", "ctrl+")) for key in keys), command.id
            asking = _with_what_it_calls(screen, f"action_{command.action}")
            assert "Confirm(" in asking or "Prompt(" in asking or "_question(" in asking, command.id


def _with_what_it_calls(screen: type, name: str) -> str:
    """The source of a method and of the methods of its own class that it calls."""
    source = inspect.getsource(getattr(screen, name))
    called = [one for one in re.findall(r"self\.(_\w+)\(", source) if hasattr(screen, one)]
    return source + "".join(inspect.getsource(getattr(screen, one)) for one in called)


def test_one_name_has_one_key() -> None:
    """What is called the same is done by the same key, wherever one is."""
    first_key: dict[str, set[str]] = {}
    for command in keys_page.commands():
        first_key.setdefault(command.id.split(".")[-1], set()).add(split_keys(command.keys)[0])
    assert {name: keys for name, keys in first_key.items() if len(keys) > 1} == {}


@pytest.mark.parametrize("widget", [ListView, Timeline, Form])
def test_no_list_or_form_takes_a_command_away(widget: type) -> None:
    """A focused widget hears a key before its screen does; reading a list again is the list's own on both."""
    taken = {key for binding in vars(widget)["BINDINGS"] for key in split_keys(Binding(*_head(binding)).key)}
    holders: dict[type, list[type]] = {
        ListView: [*(cls for cls in SCREENS if hasattr(cls, "rows")), Chooser, PostRoom],
        Timeline: [TicketScreen],
        Form: SCREENS,
    }
    for screen in holders[widget]:
        for command in declared(screen).values():
            lost = taken & set(split_keys(command.keys)) - {"enter"}
            assert not lost, (screen.__name__, command.id, lost)


def test_where_one_writes_only_editing_keys_are_taken() -> None:
    """A function key of the screen works from every field; Ctrl and a letter of the same name edits there."""
    for widget in (LongInput, LineInput):
        taken = set(widget("")._bindings.key_to_bindings)
        for command in keys_page.commands():
            lost = taken & set(split_keys(command.keys))
            assert lost <= {"enter", "ctrl+k"}, (widget.__name__, command.id, lost)


def _head(binding: object) -> tuple[str, str]:
    assert isinstance(binding, Binding)
    return binding.key, binding.action


def test_the_page_of_keys_is_up_to_date() -> None:
    """Renew it with ``python -m tui.keys_page``."""
    assert keys_page.PAGE.read_text(encoding="utf-8") == keys_page.page()


def test_the_page_names_every_command() -> None:
    page = keys_page.page()
    for command in keys_page.commands():
        assert f"`{command.id}`" in page


# The reader's own choice


@pytest.fixture
def keys_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "state"))
    (tmp_path / "state").mkdir()
    return tmp_path / "state" / "keys.toml"


async def test_own_keys_work_and_are_shown(desk: Desk, keys_file: Path) -> None:
    keys_file.write_text('[keys]\n"tickets.new" = "w"\n"ticket.reply" = "f4"\n', encoding="utf-8")
    logged_in(desk, "root", Role.ADMIN)
    ola = logged_in(desk, "ola", company="Tarnina")
    async with sitting(desk, ola) as player:
        player.app.keys_file = keys_file
        player.app._take_own_keys()
        await player.settle()
        player.sees("w New ticket")
        await player.press("n")
        assert isinstance(player.app.screen, Tickets)
        await player.press("w")
        assert not isinstance(player.app.screen, Tickets)


async def test_a_broken_file_of_keys_is_told_and_the_usual_keys_stay(desk: Desk, keys_file: Path) -> None:
    keys_file.write_text('[keys\n"tickets.new" = ', encoding="utf-8")
    logged_in(desk, "root", Role.ADMIN)
    async with playing(desk) as player:
        player.app.keys_file = keys_file
        player.app._take_own_keys()
        await player.settle()
        player.sees("keys.toml can't be read")
        await player.press("f8")
        player.sees("Forgot login or password?")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('"ticket.reply" = "C"', "C would mean both ticket.reply and ticket.close."),
        ('"ticket.reply" = "t"', "t would mean both ticket.reply and ticket.take."),
        ('"ticket.reply" = "g"', "g would mean both"),
        ('"ticket.replay" = "x"', "There is no command ticket.replay."),
        ('"ticket.reply" = "alt+e"', "alt+e can't be used for ticket.reply"),
        ('"people.switch" = "o"', "people.switch can't be taken back"),
        ("ticket = 3", "ticket should be a text"),
    ],
)
def test_check_says_what_is_wrong_with_them(
    keys_file: Path, capsys: pytest.CaptureFixture[str], keys: str, said: str
) -> None:
    keys_file.write_text(f"[keys]\n{keys}\n", encoding="utf-8")
    assert main(["check"]) == 1
    out = capsys.readouterr().out
    assert said in out
    assert "!!  keys:" in out


def test_check_has_nothing_to_say_about_good_ones(keys_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys_file.write_text('[keys]\n"ticket.reply" = "w"\nticket.note = "N"\n', encoding="utf-8")
    main(["check"])
    assert "ok  keys:" in capsys.readouterr().out

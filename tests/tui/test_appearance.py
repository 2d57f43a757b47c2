"""Choosing a theme, how many colours a terminal has, and what is at hand in every room."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from rich.color import ColorSystem
from textual.theme import BUILTIN_THEMES

from core import paths
from core.models.accounts import Role
from core.service.client_address import Peer
from core.service.desk import Desk
from core.service.settings import Theme
from tests.factories.desks import logged_in, person
from tests.support.playing import Player, playing, sitting
from tui import appearance, colours, themes
from tui.app import OkienkoApp
from tui.screens.accounts.terms import Terms
from tui.screens.accounts.welcome import Welcome
from tui.widgets.confirm import Confirm

ALL, MANY, FEW = ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT, ColorSystem.STANDARD


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What is kept on this computer is the test's own."""
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "seat"))
    return tmp_path / "seat"


@pytest.mark.parametrize(
    ("environment", "depth"),
    [
        ({"TERM": "xterm-256color"}, MANY),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, ALL),
        ({"TERM": "tmux-256color"}, MANY),
        *(({"TERM": term}, ALL) for term in ("foot", "foot-extra", "xterm-kitty", "kitty", "wezterm", "alacritty")),
        *(({"TERM": term}, ALL) for term in ("xterm-ghostty", "ghostty", "contour", "mintty", "xterm-direct")),
        *(({"TERM": term}, FEW) for term in ("xterm", "linux", "screen", "vt220", "xterm-16color", "")),
        ({"TERM": "xterm", "COLORTERM": "24bit"}, ALL),
        ({"TERM": "xterm", "COLORTERM": "yes"}, FEW),
    ],
)
def test_what_a_terminal_can_show_is_known_by_its_name(environment: dict[str, str], depth: ColorSystem) -> None:
    assert colours.depth(environment) is depth


def app_with(depth: ColorSystem, *, economical: bool = False) -> OkienkoApp:
    app = OkienkoApp(lambda: None, economical=economical)  # type: ignore[arg-type,return-value]
    app.console._color_system = depth
    return app


@pytest.mark.parametrize(
    ("depth", "economical", "chosen", "theme"),
    [
        (ALL, False, "", "okienko-dark"),
        (ALL, True, "", "okienko-16"),
        (MANY, True, "light", "okienko-light"),
        (MANY, False, "contrast", "okienko-contrast"),
        (ALL, True, "nord", "nord"),
        (FEW, False, "dark", "okienko-16"),
        (FEW, False, "ansi-light", "ansi-light"),
        (ALL, False, "16", "okienko-16"),
        (ALL, False, "no such theme", "okienko-dark"),
    ],
)
def test_which_theme_counts(depth: ColorSystem, economical: bool, chosen: str, theme: str) -> None:
    app = app_with(depth, economical=economical)
    assert appearance.suited(app, chosen) == theme


def test_settings_know_the_themes_that_there_are() -> None:
    offered = set(get_args(Theme)) - {""}
    assert {themes.full_name(each) for each in offered} == {theme.name for theme in themes.OURS} | set(BUILTIN_THEMES)


def test_the_desk_has_a_theme_until_the_reader_chooses(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKIENKO_DESK__THEME", "light")
    assert OkienkoApp(lambda: None, economical=False).theme == "okienko-light"  # type: ignore[arg-type,return-value]
    appearance._keep_here("okienko-contrast")
    assert OkienkoApp(lambda: None, economical=True).theme == "okienko-contrast"  # type: ignore[arg-type,return-value]


async def choose(player: Player, words: str) -> None:
    await player.press("ctrl+t")
    await player.type(words)
    await player.press("enter")


async def test_a_choice_before_logging_in_is_this_computers(desk: Desk) -> None:
    person(desk, "root", Role.ADMIN)
    async with playing(desk) as player:
        await choose(player, "high")
        assert player.app.theme == "okienko-contrast"
    assert (paths.state_folder() / "theme").read_text() == "okienko-contrast"


async def test_nothing_is_kept_on_a_computer_that_is_everybodys(desk: Desk) -> None:
    person(desk, "root", Role.ADMIN)
    desk.peer = Peer(None, "local", afar=True, shared=True)
    async with playing(desk) as player:
        await choose(player, "light")
    assert not (paths.state_folder() / "theme").exists()


async def test_an_account_has_its_theme_wherever_it_logs_in(desk: Desk, folder: Path) -> None:
    logged_in(desk, "root", Role.ADMIN)
    ola = logged_in(desk, "ola", company="Tarnina")
    async with sitting(desk, ola, theme=None) as player:
        await player.press("g", "u")
        player.sees("Theme", "Dark")
        await choose(player, "light")
        chosen = player.app.theme
        player.sees("Light" if chosen == "okienko-light" else chosen)
    (folder / "state" / "theme").unlink()
    async with sitting(desk, ola, theme=None) as player:
        assert player.app.theme == chosen
        await player.press("ctrl+l", "y")
        assert player.app.theme == "okienko-dark", "nobody sits here"
    async with sitting(desk, logged_in(desk, "ela", company="Tarnina"), theme=None) as player:
        assert player.app.theme == "okienko-dark"
        await choose(player, "as the desk")
        assert player.app.theme == "okienko-dark"


async def test_the_ways_out_are_in_the_palette_in_help_and_below_the_rooms(desk: Desk) -> None:
    logged_in(desk, "root", Role.ADMIN)
    ola = logged_in(desk, "ola", company="Tarnina")
    async with sitting(desk, ola) as player:
        await player.press("question_mark")
        player.sees("F5 Read again", "^q Quit", "^l Log out", "^t Theme", "^o Terms and notices")
        await player.press("escape", "f9")
        player.sees("^l Log out", "^q Quit")
        await player.press(*["down"] * 30, "up", "enter")
        assert isinstance(player.app.screen, Confirm)
        player.sees("Log out?")
        await player.press("escape", "ctrl+p")
        await player.type("quit")
        player.sees("Quit", "^q")
        await player.press("enter")
    assert player.app._exit


async def test_quitting_from_the_list_of_rooms(desk: Desk) -> None:
    logged_in(desk, "root", Role.ADMIN)
    async with sitting(desk, logged_in(desk, "ola", company="Tarnina")) as player:
        await player.press("f9", *["down"] * 30, "enter")
    assert player.app._exit


async def test_what_was_accepted_can_be_read_again(desk: Desk) -> None:
    logged_in(desk, "root", Role.ADMIN)
    async with sitting(desk, logged_in(desk, "ola", company="Tarnina")) as player:
        await player.press("ctrl+p")
        await player.type("terms")
        await player.press("enter")
        assert isinstance(player.app.screen, Terms)
        player.sees("Terms of use")
        await player.press("ctrl+o", "escape")
        await player.press("g", "u", "ctrl+o")
        assert isinstance(player.app.screen, Terms)
        await player.press("enter")
        player.sees("My account")


async def test_it_can_be_chosen_and_read_before_logging_in(desk: Desk) -> None:
    person(desk, "root", Role.ADMIN)
    async with playing(desk) as player:
        await player.press("f1")
        player.sees("^t Theme", "^q Quit", "^o Terms")
        await player.press("escape")
        assert isinstance(player.app.screen, Welcome)

"""Pages before logging in: where one begins to type, how one goes on, and the other language at any moment."""

from __future__ import annotations

import inspect
import threading

import pytest

from core.models.accounts import Role
from core.service.client_address import Peer
from core.service.desk import Desk
from tests.factories.desks import mailed_code, person
from tests.support.playing import LARGE, SMALL, playing
from tui import keys_page
from tui.app import OkienkoApp
from tui.commands import declared, split_keys
from tui.screens.accounts.login_box import LoginBox
from tui.screens.accounts.page import Page
from tui.screens.accounts.recovery import Changed, Forgot, HaveCode, NewPassword
from tui.screens.accounts.welcome import Welcome
from tui.widgets.field_row import FieldRow
from tui.widgets.fields.picks import Tick

NEW = "four lazy herons"
PAGES = [cls for cls in keys_page.screens() if issubclass(cls, Page) and cls is not Page]


@pytest.fixture
def ola(desk: Desk) -> int:
    person(desk, "root", Role.ADMIN)
    return person(desk, "ola", company="Tarnina")


async def test_the_other_language_while_the_desk_is_still_opening(desk: Desk, ola: int) -> None:
    """Nothing that the opening looks for is away for a moment, and nothing typed is."""
    desk.peer = Peer(None, "local", afar=True, shared=True)
    may_open = threading.Event()

    def opener() -> Desk:
        may_open.wait(30)
        return desk

    app = OkienkoApp(opener, first=Welcome, language="en", theme="okienko-dark")
    async with app.run_test(size=SMALL) as pilot:
        box = app.screen.query_one(LoginBox)
        await pilot.press("o", "l", "a", "f9")
        may_open.set()
        await app.ready()
        for _time in range(4):
            await pilot.press("f9")
        await app.workers.wait_for_complete()
        await pilot.press("f9")
        assert app.language == "en"
        assert app.screen.query_one(LoginBox) is box, "no part of the page is made anew"
        assert box.values["login"] == "ola"
        assert not box.query_one(Tick).display, "this computer is everybody's, in any language"
    assert app.return_code != 70


async def test_every_word_of_the_way_in_is_said_in_the_other_language(desk: Desk, ola: int) -> None:
    async with playing(desk) as player:
        await player.press("f9")
        player.sees("Hasło", "Zapamiętaj mnie", "Enter loguje", "Kontakt", "Nie pamiętam")
        await player.press("f9")
        player.sees("Password", "Remember me", "Enter logs in", "Contact", "Forgot")


async def test_a_page_begins_where_something_is_missing(desk: Desk, ola: int) -> None:
    """A new password was typed into the field of the code, where it can be read."""
    async with playing(desk) as player:
        await player.press("f8")
        assert isinstance(player.app.screen, Forgot)
        await player.fill(login="ola")
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, NewPassword)
        assert begins_at(player.app.focused) == "code"
        await player.press("escape", "f6")
        assert isinstance(player.app.screen, HaveCode)
        await player.fill(code=mailed_code(desk, "reset"))
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, NewPassword)
        assert begins_at(player.app.focused) == "password"
        await player.type(NEW)
        await player.press("enter")
        await player.type(NEW)
        await player.press("enter")
        assert isinstance(player.app.screen, Changed)
        player.sees("^s Log in")
        await player.press("enter")
        assert isinstance(player.app.screen, Welcome)
        assert player.app.screen.box.values["login"] == "ola"
        await player.type(NEW)
        await player.press("enter")
        player.sees("code")


def begins_at(focused: object) -> str:
    row = next(node for node in getattr(focused, "ancestors_with_self", ()) if isinstance(node, FieldRow))
    return row.field.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
def test_a_page_that_asks_nothing_goes_on_with_enter(page: type[Page]) -> None:
    if inspect.isabstract(page) or page.fields is not Page.fields:
        return
    assert "enter" in split_keys(declared(page)["page.send"].keys)


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_role_of_a_new_agent_is_on_the_first_screen(desk: Desk, size: tuple[int, int]) -> None:
    from tests.factories.desks import logged_in
    from tests.support.playing import sitting

    root = logged_in(desk, "root", Role.ADMIN)
    async with sitting(desk, root, size=size) as player:
        await player.press("g", "p", "n")
        player.sees("New agent", "Role", "administrator", "Login")

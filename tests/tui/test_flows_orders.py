"""Ordering a service in the real interface: from the catalogue to the team's answer, and what is refused on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import resources
from core.billing import catalogue as billing_catalogue
from core.billing import orders
from core.models.accounts import Role
from core.service.desk import Desk
from core.tickets import order
from tests.factories.desks import logged_in, mail, person, seat
from tests.factories.subscribers import subscriber
from tests.snapshots.shooting import speak
from tests.support.playing import LARGE, SMALL, playing, sitting
from tui.screens.billing.catalogue import Services
from tui.screens.billing.order import OrderScreen
from tui.screens.tickets.ticket import TicketScreen
from tui.widgets.list import ListView

SIZES = pytest.mark.parametrize(("size", "language"), [(SMALL, "pl"), (LARGE, "en")], ids=str)


@pytest.fixture
def wanda(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A subscriber at a desk that has the demo's catalogue."""
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "seat"))
    catalogue = (resources.folder("demo") / billing_catalogue.FILE).read_text(encoding="utf-8")
    (desk.settings.data_dir / billing_catalogue.FILE).write_text(catalogue, encoding="utf-8")
    subscriber(desk, account_id=person(desk, "wanda", language="en"))
    return seat(desk, 1)


@SIZES
async def test_from_the_catalogue_to_the_teams_answer(
    desk: Desk, wanda: Desk, size: tuple[int, int], language: str
) -> None:
    adam = logged_in(desk, "adam", Role.AGENT)
    async with sitting(desk, wanda, size=size) as player:
        await player.press("g", "o", "enter")
        player.sees("Światło 600", "PLN", "79.00")
        await player.fill(effective_on="2026-11-21", remarks="Po szesnastej.")
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, OrderScreen), "no summary of what can't be"
        assert "first day of a month" in player.error("effective_on")
        assert player.form.values["remarks"] == "Po szesnastej."
        await player.fill(effective_on="2027-01-01")
        await player.press("ctrl+s")
        player.sees("Order this?", "PN-00000001", "1 Jan 2027", "Po szesnastej.")
        await player.press("escape")
        assert not mail(desk, "order_placed"), "nothing is ordered by looking at the summary"
        await player.press("ctrl+s", "y")
        assert isinstance(player.app.screen, TicketScreen)
        player.sees("Order: Światło 600", "Po szesnastej.")
    assert [row.address for row in mail(desk, "order_placed")] == ["wanda@example.com"]
    async with sitting(desk, adam, size=size) as player:
        await player.press("enter", "y")
        player.sees("Accept it", "Decline it, with a reason")
        await player.press("enter")
        await player.press(*(["d"] if size == SMALL else []))
        player.sees("accepted")
    assert wanda.see(order.read, 1).state == "accepted"


async def test_a_decline_needs_its_reason_and_the_subscriber_reads_it(desk: Desk, wanda: Desk) -> None:
    number = wanda.do(orders.place, "router", None, _form(), seen_price=24900)
    async with sitting(desk, logged_in(desk, "adam", Role.AGENT), size=LARGE) as player:
        await player.press("enter", "y", "down", "enter")
        await player.press("ctrl+s")
        player.sees("This is needed.")
        await player.type("Zabrakło w magazynie.")
        await player.press("ctrl+s")
        player.sees("declined", "Zabrakło w magazynie.")
    async with sitting(desk, wanda, size=SMALL) as player:
        await player.press("g", "t", "right_square_bracket")
        assert wanda.see(order.read, number).state == "declined"


async def test_an_order_left_for_another_room_is_kept_unasked(desk: Desk, wanda: Desk) -> None:
    async with sitting(desk, wanda) as player:
        await player.press("g", "o", "enter")
        await player.fill(remarks="Po szesnastej.")
        await player.press("f9", "down", "enter")
        assert not any(isinstance(screen, OrderScreen) for screen in player.app.screen_stack), player.screen
        await player.press("g", "o", "enter")
        assert player.form.values["remarks"] == "Po szesnastej."
        await player.fill(effective_on="2027-01-01")
        await player.press("ctrl+s", "y")
        assert isinstance(player.app.screen, TicketScreen) and not player.app.drafts


async def test_a_subscriber_takes_an_order_back_after_being_asked(desk: Desk, wanda: Desk) -> None:
    number = wanda.do(orders.place, "router", None, _form(), seen_price=24900)
    async with sitting(desk, wanda, size=SMALL) as player:
        await player.press("g", "t", "enter", "y")
        player.sees("Withdraw the order?")
        await player.press("escape")
        assert wanda.see(order.read, number).state == "placed"
        await player.press("y", "y")
        assert wanda.see(order.read, number).state == "withdrawn"
        await player.press("y")
        assert isinstance(player.app.screen, TicketScreen), "there is nothing left to decide"


@SIZES
async def test_what_one_has_ordered_stands_in_a_list(
    desk: Desk, wanda: Desk, size: tuple[int, int], language: str
) -> None:
    speak(desk, language)
    nothing = {"en": "Nothing has been ordered yet", "pl": "Nic jeszcze nie zamówiono"}[language]
    withdrawn = {"en": "withdrawn", "pl": "wycofane"}[language]
    async with sitting(desk, wanda, size=size) as player:
        await player.press("g", "o", "h")
        player.sees(nothing)
        await player.press("escape", "n")
        assert isinstance(player.app.screen, OrderScreen)
        await player.press("escape")
        first = wanda.do(orders.place, "router", None, _form(), seen_price=24900)
        wanda.do(orders.withdraw, first, seen=1)
        again = wanda.do(orders.place, "router", None, _form(), seen_price=24900)
        await player.press("h")
        assert [row.id for row in player.app.screen.query_one(ListView).window.rows] == [again, first]
        player.sees(withdrawn)
        await player.press("down", "enter")
        assert isinstance(player.app.screen, TicketScreen)
        await player.press("escape", "escape")
        assert isinstance(player.app.screen, Services)


async def test_a_price_that_changed_is_said_before_anything_is_ordered(desk: Desk, wanda: Desk) -> None:
    async with sitting(desk, wanda, size=LARGE) as player:
        await player.press("g", "o", "enter")
        file = desk.settings.data_dir / billing_catalogue.FILE
        file.write_text(file.read_text(encoding="utf-8").replace("79.00", "80.00"), encoding="utf-8")
        await player.press("ctrl+s", "y")
        player.sees("The price has changed meanwhile", "80.00")
        assert not mail(desk, "order_placed")
        await player.press("ctrl+s", "y")
    assert wanda.see(order.read, 1).price == 8000


async def test_a_desk_without_a_catalogue_says_so(desk: Desk, wanda: Desk) -> None:
    (desk.settings.data_dir / billing_catalogue.FILE).unlink()
    async with sitting(desk, wanda, size=SMALL) as player:
        await player.press("g", "o")
        player.sees("Nothing can be ordered here", "My orders")
        assert "n Order" not in player.screen, "there is nothing under the cursor"


async def test_a_guest_reads_the_prices_and_orders_nothing(desk: Desk, wanda: Desk) -> None:
    person(desk, "root", Role.ADMIN)
    async with playing(desk, size=SMALL) as player:
        await player.press("f5", "g", "o")
        player.sees("Światło 600", "PLN", "79.00")
        await player.press("enter")
        assert not isinstance(player.app.screen, OrderScreen)
        player.sees("Log in first (Esc)")


def _form() -> orders.OrderForm:
    from core.forms import fill

    return fill(orders.OrderForm, {"effective_on": "2026-12-01"})

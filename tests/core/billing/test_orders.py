"""Ordering a service: the catalogue as a file, the summary's price, the states of an order and who moves them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.billing import catalogue, orders
from core.billing.catalogue import OfferedService
from core.billing.orders import OrderForm
from core.companies import activation
from core.db.pagination import PageRequest
from core.errors import Conflict, DeskError, Forbidden, Invalid, NotFound
from core.forms import fill
from core.models.accounts import Role, Standing
from core.models.tickets import Status
from core.service.desk import Desk
from core.service.settings import InBoth
from core.tickets import conversation, detail, listing, order, workflow
from core.tickets.listing import View
from tests.factories.desks import START, journal_of, logged_in, mail, person, seat
from tests.factories.subscribers import subscriber

TODAY = START.date()
FILE = """
[[services]]
id = "speed-600"
group = "speed"
name = { en = "600 Mbit/s", pl = "600 Mb/s" }
price = "20,00"
every = "month"
for_line = true
notice_days = 3
from_first = true

[[services]]
id = "router"
group = "equipment"
name = "Router"
price = "149.00"
every = "once"
"""


@pytest.fixture
def shop(desk: Desk) -> Desk:
    (desk.settings.data_dir / catalogue.FILE).write_text(FILE, encoding="utf-8")
    return desk


def form(day: dt.date = dt.date(2026, 12, 1), remarks: str = "") -> OrderForm:
    return fill(OrderForm, {"effective_on": day.isoformat(), "remarks": remarks})


def test_an_order_from_the_catalogue_to_its_end(shop: Desk) -> None:
    made = subscriber(shop, account_id=person(shop, "wanda"))
    wanda, adam = seat(shop, 1), logged_in(shop, "adam", Role.AGENT)
    assert [one.id for one in shop.see(orders.offered)] == ["speed-600", "router"], "before logging in too"
    number = wanda.do(orders.place, "speed-600", made.lines[0], form(remarks="Po 16."), seen_price=2000)
    shown = adam.see(detail.ticket, number)
    assert (shown.kind, shown.subject) == ("order", "Order: 600 Mbit/s")
    assert "Po 16." in shown.conversation[0].body and "1 Dec 2026" in shown.conversation[0].body
    assert shown.order is not None and (shown.order.price, shown.order.state) == (2000, "placed")
    assert [row.id for row in adam.see(listing.page, View("new"), PageRequest()).rows] == [number]
    assert [row.letter for row in mail(shop)] == ["order_placed", "ticket_new"]
    adam.do(orders.decide, number, "accepted", seen=shown.order.version)
    assert wanda.see(detail.ticket, number).status == Status.OPEN
    adam.do(orders.decide, number, "done", seen=shown.order.version + 1)
    after = wanda.see(detail.ticket, number)
    assert (after.status, after.order.state, after.order.next) == (Status.RESOLVED, "done", ())
    assert [row.details["became"] for row in mail(shop, "order_decided")] == ["accepted", "done"]
    assert journal_of(shop).count("order.decide") == 2


def test_a_declined_order_says_why_in_its_ticket(shop: Desk) -> None:
    made = subscriber(shop, account_id=person(shop, "wanda"))
    wanda, adam = seat(shop, 1), logged_in(shop, "adam", Role.AGENT)
    number = wanda.do(orders.place, "speed-600", made.lines[0], form(), seen_price=2000)
    with pytest.raises(Invalid):
        adam.do(orders.decide, number, "declined", seen=1)
    adam.do(orders.decide, number, "declined", seen=1, reason="Za daleko od węzła.")
    shown = wanda.see(detail.ticket, number)
    assert shown.conversation[-1].body == "Za daleko od węzła." and shown.conversation[-1].staff
    assert mail(shop, "order_decided")[0].details["reason"] == "Za daleko od węzła."
    with pytest.raises(Conflict):
        adam.do(orders.decide, number, "accepted", seen=2)


def test_it_is_taken_back_until_somebody_has_decided(shop: Desk) -> None:
    made = subscriber(shop, account_id=person(shop, "wanda"))
    wanda, adam = seat(shop, 1), logged_in(shop, "adam", Role.AGENT)
    number = wanda.do(orders.place, "speed-600", made.lines[0], form(), seen_price=2000)
    wanda.do(orders.withdraw, number, seen=1)
    assert wanda.see(detail.ticket, number).status == Status.CLOSED
    with pytest.raises(Conflict):
        adam.do(orders.decide, number, "accepted", seen=1)
    other = wanda.do(orders.place, "router", None, form(), seen_price=14900)
    adam.do(orders.decide, other, "accepted", seen=1)
    with pytest.raises(Conflict):
        wanda.do(orders.withdraw, other, seen=2)


def test_an_order_is_the_persons_own_whatever_company_they_are_in(shop: Desk) -> None:
    company = "Tarnina sp. z o.o."
    olga = person(shop, "olga", company=company, standing=Standing.OWNER)
    made = subscriber(shop, account_id=person(shop, "wanda", company=company))
    wanda, boss = seat(shop, 2), seat(shop, olga)
    number = wanda.do(orders.place, "speed-600", made.lines[0], form(), seen_price=2000)
    assert wanda.see(detail.ticket, number).order is not None
    assert [row.id for row in wanda.see(listing.page, View("open"), PageRequest()).rows] == [number]
    wanda.do(conversation.reply, number, conversation.Reply(body="Po 16, proszę."))
    with pytest.raises(NotFound):
        boss.see(detail.ticket, number)
    assert boss.see(order.read, number) is None
    for view in ("all", "open"):
        assert not boss.see(listing.page, View(view), PageRequest()).rows
    with pytest.raises(NotFound):
        boss.do(orders.withdraw, number, seen=1)
    wanda.do(orders.withdraw, number, seen=1)


def test_who_joins_a_company_does_not_bring_their_orders_along(shop: Desk) -> None:
    made = subscriber(shop, account_id=person(shop, "wanda"))
    number = seat(shop, 1).do(orders.place, "speed-600", made.lines[0], form(), seen_price=2000)
    olga = person(shop, "olga", company="Tarnina sp. z o.o.", standing=Standing.OWNER)
    shop.as_system().do(lambda work: activation.bring_own_tickets(work, 1, 1))
    with pytest.raises(NotFound):
        seat(shop, olga).see(detail.ticket, number)
    assert seat(shop, 1).see(detail.ticket, number).order is not None


def test_the_ticket_of_an_order_ends_with_the_order(shop: Desk) -> None:
    made = subscriber(shop, account_id=person(shop, "wanda"))
    wanda, adam = seat(shop, 1), logged_in(shop, "adam", Role.AGENT)
    number = wanda.do(orders.place, "speed-600", made.lines[0], form(), seen_price=2000)
    seen = adam.see(detail.ticket, number).version
    with pytest.raises(Conflict, match="Take it back"):
        wanda.do(workflow.close, number, seen=seen)
    adam.do(workflow.set_status, number, Status.OPEN, seen=seen)
    with pytest.raises(Conflict, match="decide it first"):
        adam.do(workflow.set_status, number, Status.RESOLVED, seen=seen + 1)
    wanda.do(orders.withdraw, number, seen=1)
    assert wanda.see(detail.ticket, number).status == Status.CLOSED
    with pytest.raises(Conflict, match="order the service again"):
        wanda.do(workflow.reopen, number, seen=wanda.see(detail.ticket, number).version)
    another = wanda.do(orders.place, "router", None, form(), seen_price=14900)
    adam.do(orders.decide, another, "accepted", seen=1)
    with pytest.raises(Conflict, match="accepted: its ticket is closed when it is done"):
        wanda.do(workflow.close, another, seen=wanda.see(detail.ticket, another).version)


def test_whoever_ordered_sees_it_and_nobody_else(shop: Desk) -> None:
    made = subscriber(shop, account_id=person(shop, "wanda"))
    subscriber(shop, "A-2", contract="U-2", addresses=("203.0.113.9",), account_id=person(shop, "bruno"))
    wanda, bruno = seat(shop, 1), seat(shop, 2)
    faster = wanda.do(orders.place, "speed-600", made.lines[0], form(), seen_price=2000)
    wanda.do(orders.withdraw, faster, seen=1)
    router = wanda.do(orders.place, "router", None, form(), seen_price=14900)
    told = [
        (row.id, row.name, row.line, row.price, row.state) for row in wanda.see(orders.mine, PageRequest(limit=9)).rows
    ]
    assert told == [
        (router, "Router", "", 14900, "placed"),
        (faster, "600 Mbit/s", "PN-00000001", 2000, "withdrawn"),
    ]
    for nothing in (bruno, logged_in(shop, "adam", Role.AGENT)):
        assert not nothing.see(orders.mine, PageRequest(limit=9)).rows


def test_what_cannot_be_ordered(shop: Desk) -> None:
    made = subscriber(shop, account_id=person(shop, "wanda"))
    his = subscriber(shop, "A-2", contract="U-2", addresses=("203.0.113.9",), account_id=person(shop, "bruno"))
    wanda, bruno = seat(shop, 1), seat(shop, 2)
    with pytest.raises(Conflict, match="price"):
        wanda.do(orders.place, "router", None, form(), seen_price=1)
    with pytest.raises(Conflict, match="price"):
        wanda.do(orders.place, "router", None, form(), seen_price=14900, seen_every="month")
    for day in (dt.date(2026, 11, 21), dt.date(2026, 12, 2), dt.date(2028, 1, 1)):
        with pytest.raises(Invalid) as error:
            wanda.do(orders.place, "speed-600", made.lines[0], form(day), seen_price=2000)
        assert "first day of a month" in error.value.fields["effective_on"].text()
    with pytest.raises((Invalid, NotFound)):
        wanda.do(orders.place, "speed-600", his.lines[0], form(), seen_price=2000)
    with pytest.raises(Invalid):
        wanda.do(orders.place, "speed-600", None, form(), seen_price=2000)
    with pytest.raises(NotFound):
        wanda.do(orders.place, "nothing", None, form(), seen_price=1)
    for nobody in (logged_in(shop, "nina"), logged_in(shop, "adam", Role.AGENT), shop):
        with pytest.raises((NotFound, Forbidden)):
            nobody.do(orders.place, "router", None, form(), seen_price=14900)
    number = wanda.do(orders.place, "router", None, form(), seen_price=14900)
    for use in (lambda: bruno.do(orders.withdraw, number, seen=1), lambda: bruno.see(detail.ticket, number)):
        with pytest.raises(NotFound):
            use()
    with pytest.raises(Forbidden):
        wanda.do(orders.decide, number, "accepted", seen=1)


def test_a_price_changed_later_leaves_the_order_as_it_was(shop: Desk) -> None:
    subscriber(shop, account_id=person(shop, "wanda"))
    number = seat(shop, 1).do(orders.place, "router", None, form(), seen_price=14900)
    (shop.settings.data_dir / catalogue.FILE).write_text(FILE.replace("149.00", "999.00"), encoding="utf-8")
    assert seat(shop, 1).see(order.read, number).price == 14900


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("services = 3", "services"),
        ("[[services]]\nid = 'A b'\nname='x'\nprice='1'\nevery='once'", "id"),
        ("[[services]]\nid = 'a'\nname='x'\nprice='1,234'\nevery='once'", "price"),
        ("[[services]]\nid = 'a'\nname='x'\nprice='1'\nevery='week'", "every"),
        ("[[services]]\nid = 'a'\nname='x'\nprice='1'\nevery='once'\ncolour='red'", "colour"),
        ("[[services", "can't be read"),
        ("[[services]]\nid='a'\nname='x'\nprice='1'\nevery='once'\n" * 2, "twice"),
    ],
)
def test_a_wrong_catalogue_says_where(tmp_path: Path, content: str, says: str) -> None:
    file = tmp_path / catalogue.FILE
    file.write_text(content, encoding="utf-8")
    with pytest.raises(DeskError) as error:
        catalogue.read(file)
    assert says in error.value.text()


def test_no_catalogue_is_an_empty_one(tmp_path: Path) -> None:
    assert catalogue.read(tmp_path / catalogue.FILE) == ()


@given(st.dates(dt.date(2026, 1, 1), dt.date(2030, 12, 31)), st.integers(0, 60), st.booleans())
def test_the_earliest_day_is_one_that_fits_and_none_before_it_does(today: dt.date, notice: int, first: bool) -> None:
    one = OfferedService(id="x", name=InBoth(), price=1, every="once", notice_days=notice, from_first=first)
    earliest = one.earliest(today)
    assert one.fits(earliest, today)
    assert (earliest - today).days >= notice
    assert not any(one.fits(earliest - dt.timedelta(days=ago), today) for ago in range(1, 40))


@pytest.mark.parametrize(("written", "grosze"), [("20.00", 2000), ("20", 2000), ("0.5", 50), ("149", 14900), ("0", 0)])
def test_a_price_without_quotes_is_zlotys(tmp_path: Path, written: str, grosze: int) -> None:
    (tmp_path / "x.toml").write_text(f'[[services]]\nid = "x"\nname = "X"\nprice = {written}\nevery = "once"\n')
    assert catalogue.read(tmp_path / "x.toml")[0].price == grosze


@pytest.mark.parametrize("written", ["true", "1e3", "nan", "20.005", "-1"])
def test_a_price_that_is_none_is_refused(tmp_path: Path, written: str) -> None:
    (tmp_path / "x.toml").write_text(f'[[services]]\nid = "x"\nname = "X"\nprice = {written}\nevery = "once"\n')
    with pytest.raises(DeskError) as refused:
        catalogue.read(tmp_path / "x.toml")
    assert "x.toml is wrong at services.0.price" in refused.value.text()

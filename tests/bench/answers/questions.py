"""What is asked of each desk: a name for the line, and the answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from core import badges
from core.billing import invoices, statement
from core.care import approval, grants
from core.db.pagination import PageRequest
from core.errors import DeskError
from core.service.desk import Desk
from core.subscribers import detail as subscriber_detail
from core.tickets import detail, listing
from core.tickets.listing import View
from tests.bench.answers.operator_desk import OperatorWorld
from tests.bench.answers.subscriber_desk import SubscriberWorld

Answered = Iterator[tuple[str, Any]]
VIEWS = ("open", "all", "new", "mine", "closed")
FULL = ("agent", "admin", "installer", "customer", "customer without a company")
"""Who is asked for every view in every direction; the others for the top of two."""
SEARCHES = {
    "a common word": "router",
    "a rare word": "tremolando",
    "an unfinished word": "rou",
    "an unfinished rare word": "tremol",
    "several words": "tunnel łódź",
    "an inflected word": "kaloryfery",
    "a word of internal notes": "tajemnica",
    "a scope": "open c1",
    "nothing": "zzyzx",
    "only signs": "!!! ---",
}
FILTERS = {
    "status": View("all", status=3),
    "priority": View("open", priority=4),
    "kind": View("all", kind="technical"),
    "company": View("all", company="tarnina"),
    "device": View("all", asset="fw-"),
    "days": View("all", since=dt.date(2026, 11, 21), until=dt.date(2026, 11, 22)),
    "requester": View("all", requester=1),
    "words and status": View("all", search="router", status=1),
    "words and kind": View("closed", search="since", kind="administrative"),
}
SOME = 20
"""Rows a page where pages are walked, so that a middle and an end are there."""


def of_operator(world: OperatorWorld) -> Answered:
    for who, seat in world.seats.items():
        yield f"{who}: counts", _asked(seat, listing.counts)
        yield f"{who}: sidebar", _asked(seat, badges.sidebar)
        for name in VIEWS if who in FULL else ("open", "all"):
            view = View(name)
            yield f"{who}: {name}, count", _asked(seat, listing.count, view)
            yield f"{who}: {name}, fifty", _asked(seat, listing.page, view, PageRequest())
            if who in FULL:
                yield from _walked(f"{who}: {name}", seat, lambda ask, view=view: (listing.page, view, ask))
        yield from _narrowed(who, seat)
        for ticket_id in [*world.tickets[:14], *world.tickets[-3:], 10_000]:
            yield f"{who}: ticket {ticket_id}", _asked(seat, detail.ticket, ticket_id)
    for who in ("installer", "other installer", "customer", "agent"):
        seat = world.seats[who]
        for name, query in (("pending", approval.page), ("customers", grants.customers)):
            yield f"{who}: {name}, fifty", _asked(seat, query, PageRequest())
            yield from _walked(f"{who}: {name}", seat, lambda ask, query=query: (query, ask), 7)
            for text in ("rzepa", "Ża", "b2000", "zzyzx"):
                yield f"{who}: {name}, search {text}", _asked(seat, query, PageRequest(limit=SOME), text)


def _narrowed(who: str, seat: Desk) -> Answered:
    """Searches and filters, from the top and in a few directions."""
    for what, text in SEARCHES.items():
        for name in ("all", "open"):
            view = View(name, search=text)
            yield f"{who}: {name}, search for {what}, count", _asked(seat, listing.count, view)
            yield f"{who}: {name}, search for {what}", _asked(seat, listing.page, view, PageRequest())
    for text in ("router", "rou"):
        yield from _walked(
            f"{who}: all, search {text}", seat, lambda ask, text=text: (listing.page, View("all", search=text), ask)
        )
    for what, view in FILTERS.items():
        yield f"{who}: filter by {what}, count", _asked(seat, listing.count, view)
        yield from _walked(f"{who}: filter by {what}", seat, lambda ask, view=view: (listing.page, view, ask))


def of_subscribers(world: SubscriberWorld) -> Answered:
    for who, seat in world.seats.items():
        yield f"{who}: counts", _asked(seat, listing.counts)
        yield f"{who}: sidebar", _asked(seat, badges.sidebar)
        yield f"{who}: all", _asked(seat, listing.page, View("all"), PageRequest())
        yield f"{who}: search", _asked(seat, listing.page, View("all", search="invoice"), PageRequest())
        for ticket_id in world.tickets[:3]:
            yield f"{who}: ticket {ticket_id}", _asked(seat, detail.ticket, ticket_id)
        yield f"{who}: my data", _asked(seat, subscriber_detail.mine)
        yield f"{who}: summary", _asked(seat, statement.summary)
        yield from _walked(f"{who}: statement", seat, lambda ask: (statement.page, ask))
        yield from _walked(f"{who}: invoices", seat, lambda ask: (invoices.page, ask))
        for name, id_ in world.subscribers.items():
            yield f"{who}: summary of {name}", _asked(seat, statement.summary, id_)
            yield f"{who}: statement of {name}", _asked(seat, statement.page, PageRequest(), id_)
            yield f"{who}: invoices of {name}", _asked(seat, invoices.page, PageRequest(), id_)
            yield f"{who}: card of {name}", _asked(seat, subscriber_detail.card, id_)


def _walked(what: str, seat: Desk, query: Callable[[PageRequest], tuple[Any, ...]], limit: int = SOME) -> Answered:
    """The top, the page after it, the one before that, and the last."""
    first = _asked(seat, *query(PageRequest(limit=limit)))
    yield f"{what}, top", first
    if getattr(first, "end", None) is not None:
        following = _asked(seat, *query(PageRequest(after=first.end, limit=limit)))
        yield f"{what}, after", following
        back = getattr(following, "start", None) or first.end
        yield f"{what}, before", _asked(seat, *query(PageRequest(before=back, limit=limit)))
    yield f"{what}, last", _asked(seat, *query(PageRequest(last=True, limit=limit)))


def _asked(seat: Desk, query: Callable[..., Any], *arguments: Any) -> Any:
    """The answer, or what was said instead: a refusal is one as well."""
    try:
        return seat.see(query, *arguments)
    except DeskError as refused:
        return {"refused": type(refused).__name__, "says": refused.say}

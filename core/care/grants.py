"""What an application or an invitation came to: a company looks after a device.

The customer owns the choice of the level. A change counts at once, is mailed to both sides and stays in the history.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import sqlalchemy as sa

from core.care import access, access_requests, history, recipients
from core.db import pagination
from core.db.columns import moment
from core.db.list_search import each_word, key_begins
from core.db.pagination import Page
from core.db.ready import ReadyStatement
from core.errors import Conflict, Invalid, Say, say
from core.i18n.sanitize import fold
from core.i18n.translation import N_
from core.models.accounts import Account, Role
from core.models.care import Grant
from core.models.companies import Company, ServiceProfile
from core.models.contracts import Asset, Product
from core.models.levels import LEVELS
from core.models.tickets import Ticket
from core.service import policy, throttle
from core.service.actions import Available, action, available
from core.service.actor import Actor
from core.service.unit_of_work import Addressee, ReadContext, UnitOfWork, table

LETTERS_AT_ONCE, LETTERS_EVERY = 6, dt.timedelta(minutes=10)
"""About changes of the level, by grant: so many in a row, then one each ten minutes."""

_grant, _account, _company = table(Grant), table(Account), table(Company)
_profile, _asset, _product = table(ServiceProfile), table(Asset), table(Product)
_ticket = table(Ticket)


class GrantTerms(Protocol):
    """What a grant takes over of an application, or of an invitation with its answer."""

    @property
    def company_id(self) -> int: ...
    @property
    def customer_id(self) -> int: ...
    @property
    def level(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def phone(self) -> str: ...
    @property
    def country(self) -> str: ...
    @property
    def language(self) -> str: ...


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One line of an installer's list of customers."""

    id: int
    asset_id: int
    name: str
    device: str
    product: str
    address: str
    level: int
    since: dt.datetime
    open_tickets: int


@dataclass(frozen=True, slots=True)
class GrantCard:
    """One grant with both sides, for either of them. ``ended_at`` is None while it runs."""

    id: int
    asset_id: int
    device: str
    product: str
    category: str
    level: int
    since: dt.datetime
    ended_at: dt.datetime | None
    version: int
    company: str
    company_email: str
    company_phone: str
    company_url: str
    name: str
    address: str
    phone: str
    country: str
    email: str
    language: str
    available: Available = field(default_factory=dict)
    """Of a card that was opened by itself; a list leaves it out."""


def begin(
    work: UnitOfWork,
    agreed: GrantTerms,
    *,
    asset_id: int,
    application_id: int | None = None,
    invitation_id: int | None = None,
) -> int:
    """Make the grant; part of an approval and of accepting an invitation, which have asked for the right."""
    grant_id = work.add(
        Grant,
        company_id=agreed.company_id,
        customer_id=agreed.customer_id,
        asset_id=asset_id,
        application_id=application_id,
        invitation_id=invitation_id,
        level=agreed.level,
        name=agreed.name,
        name_key=fold(agreed.name)[:160],
        address=agreed.address,
        address_key=fold(agreed.address)[:200],
        language=agreed.language,
        phone=agreed.phone,
        country=agreed.country,
        since=work.now,
    )
    history.write(work, grant_id, "granted", detail=str(agreed.level))
    return grant_id


_OPEN_TICKETS = (
    sa.select(sa.func.count())
    .where(_ticket.c.grant_id == _grant.c.id, sa.text("ticket.status < 5"))
    .correlate(_grant)
    .scalar_subquery()
)
_COLUMNS = (
    _grant.c.id,
    _grant.c.asset_id,
    _grant.c.name,
    _asset.c.identifier,
    _product.c.name.label("product"),
    _grant.c.address,
    _grant.c.level,
    moment(_grant.c.since),
    _OPEN_TICKETS.label("open_tickets"),
    _grant.c.name_order,
)
_SOURCE = _grant.join(_asset, _grant.c.asset_id == _asset.c.id).join(_product, _asset.c.product_id == _product.c.id)
_RUNNING = (
    sa.text("care_grant.ended_at IS NULL"),
    _grant.c.company_id == sa.bindparam("actor_company", type_=sa.BigInteger()),
)
_BY_NAME = (_grant.c.name_order, _grant.c.id)


def customers(look: ReadContext, ask: pagination.PageRequest, search: str = "") -> Page[CustomerRow]:
    """The actor's company's customers by name; search by name or address, or by the beginning of the device ID."""
    parameters = policy.parameters(look.actor)
    if not search:
        statement = _plain(look.actor, pagination.way_of(ask))
        return pagination.fetch(look, statement, _BY_NAME, ask, _customer_row, **parameters)
    condition = sa.or_(
        each_word(search, _grant.c.name_key, _grant.c.address_key), key_begins(search, _asset.c.identifier_key)
    )
    query = look.scoped(Grant, *_COLUMNS).select_from(_SOURCE).where(*_RUNNING, condition)
    statement = pagination.ordered(query, _BY_NAME, pagination.way_of(ask), descending=False)
    return pagination.fetch(look, statement, _BY_NAME, ask, _customer_row, **parameters)


def _customer_row(row: Any) -> CustomerRow:
    return CustomerRow(*row[:9])


@policy.made_once
def _plain(somebody: Actor, way: str) -> ReadyStatement:
    """The statement without a search."""
    query = sa.select(*_COLUMNS).select_from(_SOURCE).where(policy.scope(somebody, Grant), *_RUNNING)
    return ReadyStatement(pagination.ordered(query, _BY_NAME, way, descending=False))


def count(look: ReadContext) -> int:
    """How many customers the actor's company has."""
    if look.actor.company_id is None:
        return 0
    return int(look.value(_counted(look.actor), **policy.parameters(look.actor)))


@policy.made_once
def _counted(somebody: Actor) -> ReadyStatement:
    running = sa.select(sa.func.count()).select_from(_grant)
    return ReadyStatement(running.where(policy.scope(somebody, Grant), *_RUNNING))


_CARD = (
    _grant.c.id,
    _grant.c.asset_id,
    _asset.c.identifier.label("device"),
    _product.c.name.label("product"),
    _product.c.category,
    _grant.c.level,
    moment(_grant.c.since),
    moment(_grant.c.ended_at),
    _grant.c.version,
    _company.c.name.label("company"),
    _profile.c.email.label("company_email"),
    _profile.c.phone.label("company_phone"),
    _profile.c.url.label("company_url"),
    _grant.c.name.label("customer_name"),
    _grant.c.address,
    _grant.c.phone,
    _grant.c.country,
    _account.c.email,
    _account.c.language,
)


def _cards(look: ReadContext) -> sa.Select[Any]:
    return (
        look.scoped(Grant, *_CARD)
        .join_from(_grant, _asset, _grant.c.asset_id == _asset.c.id)
        .join(_product, _asset.c.product_id == _product.c.id)
        .join(_company, _grant.c.company_id == _company.c.id)
        .join(_profile, _grant.c.company_id == _profile.c.company_id)
        .join(_account, _grant.c.customer_id == _account.c.id)
    )


def card(look: ReadContext, grant_id: int) -> GrantCard:
    """One grant, for either side; :class:`core.errors.NotFound` for anybody else's."""
    grant = look.find(Grant, grant_id)
    row = look.row(_cards(look).where(_grant.c.id == grant_id))
    if row is None:
        raise LookupError("a grant without its two sides")
    grant_card = replace(GrantCard(*row), available=available(look, grant, (set_level, end, access_requests.ask)))
    if grant_card.ended_at is not None and look.actor.role == Role.INSTALLER:
        return replace(grant_card, address="", phone="", email="")  # no business of theirs any more
    return grant_card


def mine(look: ReadContext) -> Sequence[GrantCard]:
    """The actor's own grants: those that run first, then the ended ones, each newest first; at most fifty."""
    own = _cards(look).where(_grant.c.customer_id == look.actor.account_id)
    rows = look.rows(own.order_by(_grant.c.ended_at.is_not(None), _grant.c.id.desc()).limit(50))
    return [GrantCard(*row) for row in rows]


def reason_of_end(ended_at: dt.datetime | None) -> Say | None:
    """Nothing is changed about a service that has ended."""
    return None if ended_at is None else access_requests.ENDED


def reason_against_changing(look: ReadContext, grant: Grant) -> Say | None:
    """It has ended, or whoever agreed to it has left the company whose device it is."""
    return reason_of_end(grant.ended_at) or access.reason_not_theirs(look, grant.asset_id)


@action("grant.level", on=Grant, when=reason_against_changing)
def set_level(work: UnitOfWork, grant: Grant, level: int, *, seen: int) -> None:
    """The customer's choice. What the company has open loses at its next act what it may do no longer; a lower level
    also ends what was allowed on demand, a higher one what it opens now anyway."""
    if str(level) not in [choice.value for choice in LEVELS]:
        raise Invalid({"level": say(N_("Choose one of the list."))})
    if level == grant.level:
        return
    _change(work, grant, seen, level=level)
    history.write(work, grant.id, "level", detail=f"{grant.level} {level}")
    access_requests.end_running(work, grant.id, lowered=level < grant.level, level=level)
    work.record("grant.level", "grant", grant.id, before=grant.level, after=level)
    often = throttle.bucket(work, "level", grant.id)
    if throttle.hit(work, often, every=LETTERS_EVERY, burst=LETTERS_AT_ONCE) is not None:
        return  # it counts all the same, and is in the history
    device, firm = _device(work, grant), recipients.firm(work, grant.company_id)
    for to, to_company in _both(work, grant, firm):
        details: dict[str, Any] = {"name": grant.name, "company": firm.name, "device": device, "to_company": to_company}
        work.mail("level_changed", to, before=grant.level, level=level, **details)


@action("grant.end", on=Grant, when=reason_against_changing)
def end(work: UnitOfWork, grant: Grant, *, seen: int) -> None:
    """End the service: the company may do nothing from now on, whatever it was allowed."""
    _change(work, grant, seen, ended_at=work.now, ended_by=work.actor.account_id)
    access_requests.end_all(work, grant.id)
    history.write(work, grant.id, "ended")
    device, firm = _device(work, grant), recipients.firm(work, grant.company_id)
    for to, to_company in _both(work, grant, firm):
        details: dict[str, Any] = {"name": grant.name, "company": firm.name, "device": device, "to_company": to_company}
        work.mail("service_ended", to, switched_off=False, **details)
    work.record("grant.end", "grant", grant.id)


def abandon(work: UnitOfWork, account_id: int) -> None:
    """The account is switched off (or goes for good): its services end, because nobody could end them or be asked any
    more while a company goes on steering the device. Both sides are told. Part of that use case."""
    running = _grant.c.customer_id == account_id, _grant.c.ended_at.is_(None)
    over = {"ended_at": work.now, "ended_by": work.actor.account_id, "version": _grant.c.version + 1}
    ended = work.connection.execute(sa.update(_grant).where(*running).values(**over).returning(_grant)).all()
    address = work.row(sa.select(_account.c.id, _account.c.email).where(_account.c.id == account_id))
    for grant in ended:
        access_requests.end_all(work, grant.id)
        history.write(work, grant.id, "ended")
        firm = recipients.firm(work, grant.company_id)
        customer = (
            recipients.CustomerRecipient(account_id, address.email, grant.language) if address is not None else None
        )
        details: dict[str, Any] = {
            "name": grant.name,
            "company": firm.name,
            "device": _identifier(work, grant.asset_id),
        }
        for to, to_company in ((customer, False), (firm.box, True)):
            if to is not None:
                work.mail("service_ended", to, to_company=to_company, switched_off=True, **details)
        work.record("grant.abandon", "grant", grant.id)


def _change(work: UnitOfWork, grant: Grant, seen: int, **values: Any) -> None:
    same = _grant.c.version == seen, _grant.c.ended_at.is_(None)
    if work.change(Grant, _grant.c.id == grant.id, *same, version=seen + 1, **values) == 0:
        raise Conflict(N_("This service was changed or has ended since it was shown. Here it is as it stands now."))


def _device(look: ReadContext, grant: Grant) -> str:
    return _identifier(look, grant.asset_id)


def _identifier(look: ReadContext, asset_id: int) -> str:
    return str(look.value(sa.select(_asset.c.identifier).where(_asset.c.id == asset_id)))


def _both(look: ReadContext, grant: Grant, firm: recipients.ServiceCompany) -> Iterator[tuple[Addressee, bool]]:
    """Both sides of a grant, and which of them is the company. A customer who is gone gets no mail."""
    customer = recipients.customer(look, grant.customer_id, grant.language)
    if customer is not None:
        yield customer, False
    yield firm.box, True

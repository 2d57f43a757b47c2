"""Whom an outage reaches: what staff write, and the lines that means.

Any of three things names a line: where it is (``Łapsze`` or ``Łapsze, ul. Krzywa``), a network one of its addresses
lies in, its identifier. What was written is kept with the article, so that it can be corrected; the lines themselves
are looked up when it is published, and again with every change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from core.accounts.models import Account, AccountState
from core.contracts.models import Asset
from core.errors import Invalid, say
from core.exchange.keys import chunks
from core.knowledge.models import ArticleLine
from core.subscribers import networks
from core.subscribers.models import Line, LineAddress, Subscriber
from core.text import clean_id, fold
from core.words import N_
from core.work import Look, Work, table

_line, _address, _asset = table(Line), table(LineAddress), table(Asset)
_reached, _subscriber, _account = table(ArticleLine), table(Subscriber), table(Account)

EVERYWHERE = "*"


@dataclass(frozen=True, slots=True)
class Reach:
    """What was written, one thing each."""

    places: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()

    @classmethod
    def typed(cls, places: str | None, networks: str | None, lines: str | None) -> Reach:
        """Of a form: places one a line (they hold commas), the others parted by anything."""
        return cls(
            tuple(one.strip() for one in (places or "").splitlines() if one.strip()),
            tuple(filter(None, re.split(r"[\s,;]+", networks or ""))),
            tuple(filter(None, (one.strip() for one in re.split(r"[\n,;]+", lines or "")))),
        )

    @classmethod
    def kept(cls, value: Mapping[str, Any]) -> Reach:
        """Of the article's column."""
        return cls(*(tuple(value.get(name, ())) for name in ("places", "networks", "lines")))

    def to_keep(self) -> dict[str, Any]:
        """For the article's column."""
        return {name: list(said) for name, said in asdict(self).items() if said}


@dataclass(frozen=True, slots=True)
class Audience:
    """How many an outage reaches: lines, the subscribers who have them, and those of them who will get mail."""

    lines: int
    subscribers: int
    mailed: int


def lines(look: Look, reach: Reach) -> set[int]:
    """The assets that ``reach`` names. Raises :class:`Invalid` with the field and the first thing that names none."""
    found: set[int] = set()
    for place in reach.places:
        found |= _known("places", place, _at(look, place))
    for network in reach.networks:
        found |= _known("networks", network, _within(look, network))
    for part in chunks(reach.lines):
        found |= _named(look, part)
    return found


def _known(field: str, said: str, found: set[int]) -> set[int]:
    if not found:
        raise Invalid({field: say(N_("There is no line at “{said}”."), said=said)})
    return found


def _at(look: Look, place: str) -> set[int]:
    """Lines of a town, or of a street there. Streets are compared word by word: ``Krzywa 3`` is not ``Krzywa 33``."""
    if place == EVERYWHERE:
        return {row.asset_id for row in look.rows(sa.select(_line.c.asset_id))}
    town, _comma, street = place.partition(",")
    rows = look.rows(sa.select(_line.c.asset_id, _line.c.street).where(_line.c.town_key == fold(town)))
    wanted = _words(street)
    return {row.asset_id for row in rows if wanted in _words(row.street)}


def _words(street: str) -> str:
    """Its words with a space before and after each, so that one text holds the other as whole words only."""
    return " " + "".join(f"{word} " for word in re.findall(r"[^\W_]+", fold(street)))


def _within(look: Look, network: str) -> set[int]:
    """Lines with an address that the network holds or that holds it."""
    try:
        ends = networks.read(network)
    except ValueError:
        raise Invalid(
            {"networks": say(N_("“{said}” is no network: 203.0.113.0/24 or 2001:db8::/32."), said=network)}
        ) from None
    overlap = _address.c.low <= ends.high, _address.c.high >= ends.low
    return {row.asset_id for row in look.rows(sa.select(_address.c.asset_id).where(*overlap))}


def _named(look: Look, identifiers: Iterable[str]) -> set[int]:
    """Lines by their identifiers, small letters or capital ones."""
    wanted = {fold(clean_id(one))[:64]: one for one in identifiers}
    chosen = look.scoped(Asset, _asset.c.id, _asset.c.identifier_key).join(_line, _line.c.asset_id == _asset.c.id)
    rows = look.rows(chosen.where(_asset.c.identifier_key.in_(wanted)))
    unknown = wanted.keys() - {row.identifier_key for row in rows}
    if unknown:
        first = next(said for key, said in wanted.items() if key in unknown)
        raise Invalid({"lines": say(N_("There is no line “{said}”."), said=first)})
    return {row.id for row in rows}


def audience(look: Look, reach: Reach) -> Audience:
    """How many ``reach`` means now; for whoever may write."""
    look.require("article.write")
    found = lines(look, reach)
    subscribers, mailed = set(), set()
    active = sa.and_(_account.c.id == _subscriber.c.account_id, _account.c.state == AccountState.ACTIVE.value)
    chosen = (
        look.scoped(Asset, _asset.c.subscriber_id, _account.c.id.label("account_id"))
        .join(_subscriber, _subscriber.c.id == _asset.c.subscriber_id)
        .outerjoin(_account, active)
    )
    for part in chunks(sorted(found)):
        for row in look.rows(chosen.where(_asset.c.id.in_(part))):
            subscribers.add(row.subscriber_id)
            if row.account_id is not None:
                mailed.add(row.account_id)
    return Audience(len(found), len(subscribers), len(mailed))


def keep(work: Work, article_id: int, reach: Reach) -> int:
    """Write down the lines that ``reach`` means now; what a line has been told of stays. Part of publishing and of
    correcting what is published. Returns how many lines there are."""
    found = lines(work, reach)
    mine = _reached.c.article_id == article_id
    before = {row.asset_id for row in work.rows(sa.select(_reached.c.asset_id).where(mine))}
    for part in chunks(sorted(before - found)):
        work.connection.execute(sa.delete(_reached).where(mine, _reached.c.asset_id.in_(part)))
    for part in chunks(sorted(found - before), 5000):
        work.add_all(ArticleLine, [{"article_id": article_id, "asset_id": asset_id} for asset_id in part])
    return len(found)

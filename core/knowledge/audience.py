"""Whom an outage reaches: what staff write, and the lines that means.

Any of three things names a line: where it is (``Łapsze`` or ``Łapsze, ul. Krzywa``), a network one of its addresses
lies in, its identifier. What was written is kept with the article, so that it can be corrected; the lines themselves
are looked up when it is published, and again with every change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from core.errors import Invalid, Say, say
from core.i18n.sanitize import fold, identity
from core.i18n.translation import N_
from core.models.accounts import Account, AccountState
from core.models.contracts import Asset
from core.models.knowledge import ArticleLine, SparedLine, Told
from core.models.subscribers import Line, LineAddress, Subscriber
from core.service.bulk import chunks
from core.service.unit_of_work import ReadContext, UnitOfWork, table
from core.subscribers import ip_ranges, streets

_line, _address, _asset = table(Line), table(LineAddress), table(Asset)
_reached, _subscriber, _account = table(ArticleLine), table(Subscriber), table(Account)
_spared = table(SparedLine)

EVERYWHERE = "*"
NAMED = 5
"""Unknown things that one complaint names."""


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
            tuple(each.strip() for each in (places or "").splitlines() if each.strip()),
            tuple(filter(None, re.split(r"[\s,;]+", networks or ""))),
            tuple(filter(None, (each.strip() for each in re.split(r"[\n,;]+", lines or "")))),
        )

    @classmethod
    def from_column(cls, value: Mapping[str, Any]) -> Reach:
        """Of the article's column."""
        return cls(*(tuple(value.get(name, ())) for name in ("places", "networks", "lines")))

    def to_keep(self) -> dict[str, Any]:
        """For the article's column."""
        return {name: list(names) for name, names in asdict(self).items() if names}


@dataclass(frozen=True, slots=True)
class Audience:
    """How many an outage reaches: lines, the subscribers who have them, and those of them who will get mail."""

    lines: int
    subscribers: int
    mailed: int


def lines(look: ReadContext, reach: Reach) -> set[int]:
    """The assets that ``reach`` names. Raises :class:`Invalid` with every field that names something unknown, so that
    all of it is corrected at once."""
    asset_ids: set[int] = set()
    wrong: dict[str, Say] = {}
    for field, part in (("places", _in_places), ("networks", _in_networks), ("lines", _by_number)):
        known, unknown = part(look, reach)
        asset_ids |= known
        if unknown is not None:
            wrong[field] = unknown
    if wrong:
        raise Invalid(wrong)
    return asset_ids


def _in_places(look: ReadContext, reach: Reach) -> tuple[set[int], Say | None]:
    at = {place: _at(look, place) for place in reach.places}
    return set().union(*at.values()), _nothing_at([place for place, asset_ids in at.items() if not asset_ids])


def _in_networks(look: ReadContext, reach: Reach) -> tuple[set[int], Say | None]:
    ends: dict[str, ip_ranges.Network] = {}
    for network in reach.networks:
        try:
            ends[network] = ip_ranges.read(network)
        except ValueError:
            sentence = N_("“{said}” is no network: 203.0.113.0/24 or 2001:db8::/32.")
            return set(), say(sentence, said=network)
    at = {network: _within(look, each) for network, each in ends.items()}
    return set().union(*at.values()), _nothing_at([network for network, asset_ids in at.items() if not asset_ids])


def _by_number(look: ReadContext, reach: Reach) -> tuple[set[int], Say | None]:
    asset_ids: set[int] = set()
    unknown: list[str] = []
    for part in chunks(reach.lines):
        known, others = _named(look, part)
        asset_ids |= known
        unknown += others
    if len(unknown) > 1:
        return asset_ids, say(N_("There are no lines with these numbers: {said}."), said=_listed(unknown))
    return asset_ids, say(N_("There is no line “{said}”."), said=unknown[0]) if unknown else None


def _nothing_at(unknown: Sequence[str]) -> Say | None:
    if len(unknown) > 1:
        return say(N_("There is no line at any of these: {said}."), said=_listed(unknown))
    return say(N_("There is no line at “{said}”."), said=unknown[0]) if unknown else None


def _listed(names: Sequence[str]) -> str:
    """The first of them; places hold commas themselves."""
    return "; ".join(names[:NAMED]) + ("; …" if len(names) > NAMED else "")


def _at(look: ReadContext, place: str) -> set[int]:
    """Lines of a town, or of a street there. Streets are compared word by word: ``Krzywa 3`` is not ``Krzywa 33``."""
    if place == EVERYWHERE:
        return {row.asset_id for row in look.rows(sa.select(_line.c.asset_id))}
    town, _comma, street = place.partition(",")
    rows = look.rows(sa.select(_line.c.asset_id, _line.c.street).where(_line.c.town_key == fold(town)))
    wanted = _words(street)
    if street.strip() and not wanted.strip():
        return set()  # signs alone are no street, and not the whole town either
    return {row.asset_id for row in rows if wanted in _words(row.street)}


def _words(street: str) -> str:
    """Its words with a space before and after each, so that one text holds the other as whole words only."""
    return " " + "".join(f"{word} " for word in streets.words(street))


def _within(look: ReadContext, ends: ip_ranges.Network) -> set[int]:
    """Lines with an address that the network holds or that holds it."""
    overlap = _address.c.low <= ends.high, _address.c.high >= ends.low
    return {row.asset_id for row in look.rows(sa.select(_address.c.asset_id).where(*overlap))}


def _named(look: ReadContext, identifiers: Iterable[str]) -> tuple[set[int], list[str]]:
    """Lines by their identifiers, small letters or capital ones; and those there are not."""
    wanted = {identity(identifier)[:64]: identifier for identifier in identifiers}
    chosen = look.scoped(Asset, _asset.c.id, _asset.c.identifier_key).join(_line, _line.c.asset_id == _asset.c.id)
    rows = look.rows(chosen.where(_asset.c.identifier_key.in_(wanted)))
    known = {row.identifier_key for row in rows}
    return {row.id for row in rows}, [identifier for key, identifier in wanted.items() if key not in known]


def audience(look: ReadContext, reach: Reach) -> Audience:
    """How many ``reach`` means now; for whoever may write."""
    look.require("article.publish")
    asset_ids = lines(look, reach)
    subscribers, mailed = set(), set()
    active = sa.and_(_account.c.id == _subscriber.c.account_id, _account.c.state == AccountState.ACTIVE.value)
    chosen = (
        look.scoped(Asset, _asset.c.subscriber_id, _account.c.id.label("account_id"))
        .join(_subscriber, _subscriber.c.id == _asset.c.subscriber_id)
        .outerjoin(_account, active)
    )
    for part in chunks(sorted(asset_ids)):
        for row in look.rows(chosen.where(_asset.c.id.in_(part))):
            subscribers.add(row.subscriber_id)
            if row.account_id is not None:
                mailed.add(row.account_id)
    return Audience(len(asset_ids), len(subscribers), len(mailed))


def keep(work: UnitOfWork, article_id: int, reach: Reach) -> int:
    """Write down the lines that ``reach`` means now; what a line has been told of stays, also while it is spared. Part
    of publishing and of correcting what is published. Returns how many lines there are."""
    asset_ids = lines(work, reach)
    mine = _reached.c.article_id == article_id
    before = {row.asset_id for row in work.rows(sa.select(_reached.c.asset_id).where(mine))}
    for part in chunks(sorted(before - asset_ids)):
        _spare(work, article_id, part)
    for part in chunks(sorted(asset_ids - before)):
        known = _spared_no_more(work, article_id, part)
        fresh = [{"asset_id": asset_id} for asset_id in part if asset_id not in known]
        for rows in (fresh, list(known.values())):
            work.add_all(ArticleLine, [{"article_id": article_id, **row} for row in rows])
    return len(asset_ids)


def _spare(work: UnitOfWork, article_id: int, asset_ids: Sequence[int]) -> None:
    """These lines are reached no more. Whoever has heard of it is to hear that too."""
    gone = sa.delete(_reached).where(_reached.c.article_id == article_id, _reached.c.asset_id.in_(asset_ids))
    rows = work.connection.execute(gone.returning(_reached)).all()
    work.add_all(
        SparedLine,
        [
            {
                "article_id": article_id,
                "asset_id": row.asset_id,
                "told_begins": row.told_begins,
                "told_ends": row.told_ends,
            }
            for row in rows
            if row.told == Told.BEGUN
        ],
    )


def _spared_no_more(work: UnitOfWork, article_id: int, asset_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Those of the lines that were spared and have not heard of it: what they were told last still counts."""
    back = sa.delete(_spared).where(_spared.c.article_id == article_id, _spared.c.asset_id.in_(asset_ids))
    rows = work.connection.execute(back.returning(_spared)).all()
    return {
        row.asset_id: {
            "asset_id": row.asset_id,
            "told": Told.BEGUN.value,
            "told_begins": row.told_begins,
            "told_ends": row.told_ends,
        }
        for row in rows
    }

"""A device as it stands before somebody: which one it is, whose, who looks after it, and what is open."""

import datetime as dt
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from core.care import access
from core.care.access import AccessVerdict, By, DeviceStanding
from core.db.columns import moment
from core.devices.gateway import DeviceRef
from core.errors import Invalid, Say, say
from core.i18n.translation import N_
from core.models.care import Grant
from core.models.companies import Company
from core.models.contracts import Asset, Product
from core.models.levels import Right
from core.service.unit_of_work import ReadContext, not_found, table

_asset, _product, _grant, _company = table(Asset), table(Product), table(Grant), table(Company)

KEPT = dt.timedelta(days=30)
"""How far back a day's course can be looked at."""


@dataclass(frozen=True, slots=True)
class Face:
    """What is known of a device without any of its rights. ``company`` (empty: none), ``level`` and ``since`` are
    those of the running grant; ``customer``, ``address`` and ``phone`` are told to the company that has it.
    ``opened`` is what is open to the reader, ``company_may`` to the company (nothing without one)."""

    asset_id: int
    identifier: str
    vendor: str
    product: str
    owner: bool
    grant_id: int | None
    company: str
    level: int | None
    since: dt.datetime | None
    customer: str
    address: str
    phone: str
    opened: Mapping[Right, AccessVerdict]
    company_may: Mapping[Right, AccessVerdict]
    first_day: dt.date
    """The first day whose course may be looked at; for a company the one on which its grant began."""
    today: dt.date
    """By the reader's clock, as ``first_day``."""

    @property
    def device(self) -> DeviceRef:
        return DeviceRef(self.asset_id, self.identifier)

    def opens(self, right: Right) -> bool:
        """Whether ``right`` is open now."""
        return self.opened[right].allowed

    def reason_against(self, right: Right) -> Say | None:
        """Why ``right`` is not open to the reader now; None when it is."""
        return None if self.opens(right) else access.NOT_OPENED

    @property
    def to_ask(self) -> tuple[Right, ...]:
        """The rights that the customer can be asked for."""
        return tuple(right for right, verdict in self.opened.items() if verdict.by is By.DEMAND)


def face(look: ReadContext, asset_id: int) -> Face:
    """The device. Raises :class:`core.errors.NotFound` for whom it is no business of."""
    opened = access.opened(look, asset_id)
    row = look.row(
        sa.select(
            _asset.c.identifier,
            _product.c.vendor,
            _product.c.name.label("product"),
            _grant.c.id.label("grant_id"),
            _company.c.name.label("company"),
            _grant.c.level,
            moment(_grant.c.since),
            _grant.c.name.label("customer"),
            _grant.c.address,
            _grant.c.phone,
        )
        .select_from(
            _asset.join(_product, _asset.c.product_id == _product.c.id)
            .outerjoin(_grant, sa.and_(_grant.c.asset_id == _asset.c.id, _grant.c.ended_at.is_(None)))
            .outerjoin(_company, _grant.c.company_id == _company.c.id)
        )
        .where(_asset.c.id == asset_id)
    )
    if row is None:
        raise not_found()
    owner = all(verdict.by is By.OWNERSHIP for verdict in opened.values())
    here = zoneinfo.ZoneInfo(look.actor.zone)
    first = look.now - KEPT
    if not owner and row.since is not None:
        first = max(first, row.since)
    return Face(
        asset_id=asset_id,
        identifier=row.identifier,
        vendor=row.vendor,
        product=row.product,
        owner=owner,
        grant_id=row.grant_id,
        company=row.company or "",
        level=row.level,
        since=row.since,
        customer=row.customer or "",
        address=row.address or "",
        phone=row.phone or "",
        opened=opened,
        company_may=(_company_may(look, row.grant_id, row.level) if row.grant_id else {}) if owner else opened,
        first_day=first.astimezone(here).date(),
        today=look.now.astimezone(here).date(),
    )


def _company_may(look: ReadContext, grant_id: int, level: int) -> dict[Right, AccessVerdict]:
    until = access.permissions(look, grant_id)
    verdicts: dict[Right, AccessVerdict] = {}
    for right in Right:
        allowed, by = access.verdict(DeviceStanding.SERVICE, level, right, until.get(right), look.now)
        verdicts[right] = AccessVerdict(allowed, by, until.get(right) if by is By.PERMISSION else None, grant_id)
    return verdicts


def check_day(face: Face, day: dt.date) -> None:
    """Refuse a day that has not come, or lies before what this reader may look at."""
    if not face.first_day <= day <= face.today:
        raise Invalid(
            {"day": say(N_("Days from {first} to {last} can be looked at."), first=face.first_day, last=face.today)}
        )

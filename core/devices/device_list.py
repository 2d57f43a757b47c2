"""A customer's own devices, as a list."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.care import device_ids
from core.db import pagination
from core.db.columns import moment
from core.db.pagination import Page, PageRequest
from core.devices.connection import gateway
from core.devices.gateway import DeviceRef, Reading
from core.models.care import Grant
from core.models.companies import Company
from core.models.contracts import Asset, Product
from core.service.unit_of_work import ReadContext, table

_asset, _product, _grant, _company = table(Asset), table(Product), table(Grant), table(Company)


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One line. ``company``, ``level`` and ``since`` are those of the running grant, or empty and None."""

    id: int
    identifier: str
    vendor: str
    product: str
    company: str
    level: int | None
    since: dt.datetime | None
    reading: Reading


def devices(look: ReadContext, ask: PageRequest) -> Page[DeviceRow]:
    """The actor's own and its client company's devices that can be reached, the newest first. Nobody else has any:
    a company comes to its customers' devices by its list of customers."""
    columns = (
        _asset.c.id,
        _asset.c.identifier,
        _product.c.vendor,
        _product.c.name.label("product"),
        _company.c.name.label("company"),
        _grant.c.level,
        moment(_grant.c.since),
    )
    query = (
        look.scoped(Asset, *columns)
        .select_from(
            _asset.join(_product, _asset.c.product_id == _product.c.id)
            .outerjoin(_grant, sa.and_(_grant.c.asset_id == _asset.c.id, _grant.c.ended_at.is_(None)))
            .outerjoin(_company, _grant.c.company_id == _company.c.id)
        )
        .where(device_ids.reachable())
    )
    if look.actor.role != "customer":
        query = query.where(sa.false())
    return pagination.read(look, query, (_asset.c.id,), ask, lambda row: _row(look, row))


def _row(look: ReadContext, row: Any) -> DeviceRow:
    reading = gateway(look).read(look, DeviceRef(row.id, row.identifier))
    return DeviceRow(row.id, row.identifier, row.vendor, row.product, row.company or "", row.level, row.since, reading)

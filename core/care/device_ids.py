"""Device IDs: which ones there can be, which product one is of, and whether it is anybody's already."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from core.care import recipients
from core.errors import Say, Throttled, say
from core.forms.field_types import FieldKind, refuse
from core.i18n.sanitize import clean_id, identity
from core.i18n.translation import N_
from core.models.care import Application, ApplicationState, Grant
from core.models.contracts import Asset, Product
from core.products import catalogue
from core.products.questions import Definition
from core.products.questions import VendorProduct as Known
from core.service import throttle
from core.service.actor import Actor
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_asset, _grant, _application, _product = table(Asset), table(Grant), table(Application), table(Product)

TRIES_AT_ONCE, TRY_EVERY = 10, dt.timedelta(minutes=6)
"""So many devices at once, then one each six minutes: nobody tries out which IDs or addresses are known here."""

IN_SERVICE = say(N_("This device is in service already. If it is yours, please ask the desk."))
PENDING = say(N_("There is an application for this device already. It must be decided or withdrawn first."))


def key(device: str) -> str:
    """Device IDs are one however they are spaced or capitalised."""
    return identity(device)[:64]


def named(device: str) -> tuple[str, Known, str] | None:
    """Category, product and the ID as it is kept, of the first product an installer can look after that it fits."""
    for definition, product in _remote():
        if (identifier := product.identify(device)) is not None:
            return definition.category, product, identifier
    return None


def reachable() -> sa.ColumnElement[bool]:
    """The condition on a product's row: its devices can be reached from afar. That their IDs fit was seen when they
    came in."""
    products = [
        (definition.category, identity(known.vendor)[:80], identity(known.name)[:80]) for definition, known in _remote()
    ]
    return sa.tuple_(_product.c.category, _product.c.vendor_key, _product.c.name_key).in_(products)


def _remote() -> list[tuple[Definition, Known]]:
    """The products an installer can look after, in the catalogue's order."""
    return [(definition, product) for definition, product in catalogue.catalogue().products() if product.remote]


@dataclass(frozen=True)
class DeviceId(FieldKind):
    """What is printed on the adaptor, kept in capitals without spaces; checked against the catalogue's patterns."""

    name = "serial"
    limit: int = 40

    def tidy(self, text: str) -> str:
        return "".join(clean_id(text).upper().split())

    def read(self, text: str) -> str:
        match = named(text)
        if match is None:
            raise refuse(N_("This can't be a device ID. It is one letter and nine digits, as in B123456789."))
        return match[2]


@dataclass(frozen=True, slots=True)
class DeviceHolder:
    """Whose a device is that is here already."""

    asset_id: int
    account_id: int | None
    company_id: int | None
    grant_id: int | None

    def is_of(self, account_id: int | None, company_id: int | None) -> bool:
        """Whether it is the account's, its company's, or nobody's yet."""
        if self.account_id is not None:
            return self.account_id == account_id
        return self.company_id is None or self.company_id == company_id


def holder(look: ReadContext, device: str) -> DeviceHolder | None:
    """Whose the device with this ID is; None when nobody has met it."""
    running = sa.and_(_grant.c.asset_id == _asset.c.id, _grant.c.ended_at.is_(None))
    row = look.row(
        sa.select(_asset.c.id, _asset.c.account_id, _asset.c.company_id, _grant.c.id)
        .select_from(_asset.outerjoin(_grant, running))
        .where(_asset.c.identifier_key == key(device))
    )
    return DeviceHolder(*row) if row else None


def taken(
    look: ReadContext, device: str, account_id: int | None, company_id: int | None, *, but: int = 0
) -> Say | None:
    """Why this account can't bring the device into service now; ``but`` is an application that does not count."""
    device_holder = holder(look, device)
    if device_holder is not None and (
        device_holder.grant_id is not None or not device_holder.is_of(account_id, company_id)
    ):
        return IN_SERVICE
    pending = (
        _application.c.device_key == key(device),
        _application.c.state == ApplicationState.PENDING.value,
        _application.c.expires_at > look.now,
        _application.c.id != but,
    )
    return PENDING if look.value(sa.select(_application.c.id).where(*pending).limit(1)) is not None else None


def decides_for(actor: Actor) -> int | None:
    """The client company whose devices the actor may bring into service: an owner's. A member's own word is not the
    company's."""
    return actor.company_id if actor.owner else None


def book_try(work: UnitOfWork, device: str) -> None:
    """Book a try to bring a device into service, before it is compared with anything; commit it first. Somebody whose
    device others try to claim is told, once a day."""
    name = throttle.bucket(work, "apply", work.actor.account_id)
    until = throttle.hit(work, name, every=TRY_EVERY, burst=TRIES_AT_ONCE)
    if until is not None:
        raise Throttled(N_("You have tried many devices. The next one can be tried after {time}."), until=until)
    device_holder = holder(work, device)
    if device_holder is None or device_holder.account_id in (None, work.actor.account_id):
        return
    today = throttle.bucket(work, "claimed", key(device))
    owner = recipients.customer(work, device_holder.account_id) if device_holder.account_id is not None else None
    if owner is not None and throttle.hit(work, today, every=dt.timedelta(days=1), burst=1) is None:
        work.mail("device_claimed", owner, device=device)
        work.record("device.claimed", "asset", device_holder.asset_id)


def bring_in(work: UnitOfWork, device: str, account_id: int) -> int:
    """The asset with this ID, made the account's own if it was nobody's; returns its id. The caller has asked
    :func:`taken` in this transaction."""
    device_holder = holder(work, device)
    if device_holder is None:
        return work.add(
            Asset,
            product_id=product_id(work, device),
            identifier=device,
            identifier_key=key(device),
            company_id=None,
            account_id=account_id,
            created_at=work.now,
        )
    if device_holder.account_id is None and device_holder.company_id is None:
        work.change(Asset, _asset.c.id == device_holder.asset_id, account_id=account_id)
    return device_holder.asset_id


def product_id(work: UnitOfWork, device: str) -> int:
    """The row of the product that the device is of: its own where it is known, else by its ID."""
    known = work.value(sa.select(_asset.c.product_id).where(_asset.c.identifier_key == key(device)))
    if known is not None:
        return int(known)
    match = named(device)
    if match is None:
        raise LookupError("a device ID that no product has")
    category, product, _identifier = match
    names = {"vendor_key": identity(product.vendor)[:80], "name_key": identity(product.name)[:80]}
    row = work.value(
        sa.select(_product.c.id).where(
            _product.c.category == category,
            *(_product.c[column] == value for column, value in names.items()),
        )
    )
    if row is not None:
        return int(row)
    return work.add(Product, category=category, vendor=product.vendor, name=product.name, **names)

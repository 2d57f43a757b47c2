"""Care for tests: a service company at work, its people, and devices it looks after."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from core.i18n.sanitize import fold, identity
from core.models.accounts import Account, Role, Standing
from core.models.care import Grant
from core.models.companies import Company, CompanyKind, ServiceProfile
from core.models.contracts import Asset, Product
from core.security import passwords
from core.service.desk import Desk
from core.service.unit_of_work import UnitOfWork, table
from tests.factories.desks import person, seat

COMPANY = "Ciepłownia Test"
MANAGEMENT_PASSWORD = "niebieski kaloryfer"


def service_company(desk: Desk, name: str = COMPANY, email: str = "serwis@example.com", language: str = "en") -> int:
    """A service company whose two addresses are confirmed; returns its id. ``email`` is for notifications, the
    management address is ``zarzad-`` and the same."""

    def make(work: UnitOfWork) -> int:
        company_id = work.add(
            Company, name=name, name_key=identity(name), kind=CompanyKind.SERVICE.value, created_at=work.now
        )
        work.add_all(
            ServiceProfile,
            [
                {
                    "company_id": company_id,
                    "email": email,
                    "email_key": email.casefold(),
                    "email_confirmed_at": work.now,
                    "management_email": f"zarzad-{email}",
                    "management_key": f"zarzad-{email}".casefold(),
                    "management_confirmed_at": work.now,
                    "management_hash": passwords.hash(MANAGEMENT_PASSWORD),
                    "country": "PL",
                    "zone": "Europe/Warsaw",
                    "phone": "+48225550200",
                    "language": language,
                    "active_at": work.now,
                }
            ],
        )
        return company_id

    return desk.as_system().do(make)


def installer(
    desk: Desk, login: str, company_id: int | None, standing: Standing = Standing.MEMBER, *, language: str = "en"
) -> Desk:
    """Somebody of a service company (or of none any more), logged in."""
    account_id = person(desk, login, Role.INSTALLER, language=language)
    if company_id is not None:
        join(desk, account_id, company_id, standing)
    return seat(desk, account_id)


def join(desk: Desk, account_id: int, company_id: int | None, standing: Standing = Standing.MEMBER) -> None:
    """Put an account into a company, or take it out of its own (None)."""
    to = {"company_id": company_id, "standing": (standing if company_id else Standing.NONE).value}
    desk.as_system().do(lambda work: work.change(Account, table(Account).c.id == account_id, **to))


def device(desk: Desk, customer_id: int, identifier: str = "B123456789") -> int:
    """A heat pump of somebody's own, made once; returns the asset's id."""

    def make(work: UnitOfWork) -> int:
        asset, product = table(Asset), table(Product)
        found = work.value(sa.select(asset.c.id).where(asset.c.identifier_key == identity(identifier)))
        if found is not None:
            return int(found)
        one = {"category": "heat_pump", "vendor": "Cieplarz", "vendor_key": "cieplarz"}
        pump = {**one, "name": "Cieplarz Zefir 7", "name_key": "cieplarz zefir 7"}
        chosen = sa.select(product.c.id).where(*(product.c[name] == value for name, value in pump.items()))
        return work.add(
            Asset,
            product_id=work.value(chosen) or work.add(Product, **pump),
            identifier=identifier,
            identifier_key=identity(identifier),
            account_id=customer_id,
            created_at=work.now,
        )

    return desk.as_system().do(make)


def grant(
    desk: Desk,
    company_id: int,
    customer_id: int,
    device: str = "B123456789",
    level: int = 2,
    *,
    since: dt.datetime | None = None,
) -> tuple[int, int]:
    """A running grant for a device (made if it is not there): the ids of the grant and of the asset."""
    asset_id = _device(desk, customer_id, device)

    def make(work: UnitOfWork) -> int:
        customer = work.unscoped(Account, table(Account).c.id == customer_id)
        assert customer is not None
        name = f"{customer.first_name} {customer.last_name}"
        return work.add(
            Grant,
            company_id=company_id,
            customer_id=customer_id,
            asset_id=asset_id,
            level=level,
            name=name,
            name_key=fold(name),
            address="ul. Lipowa 5, 05-500 Piaseczno",
            phone="+48601234567",
            country="PL",
            since=since or work.now,
        )

    return desk.as_system().do(make), asset_id


def end(desk: Desk, grant_id: int) -> None:
    """The service has ended, now."""
    running = table(Grant).c.id == grant_id, table(Grant).c.ended_at.is_(None)
    desk.as_system().do(lambda work: work.change(Grant, *running, ended_at=work.now))


_device = device

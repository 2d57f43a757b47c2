"""What a scenario about care finds: service companies, devices that are looked after, applications that wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core import forms
from core.care import applications, device_ids, grants
from core.care.applications import Apply
from core.devices.simulator import gateway
from core.forms import email_address
from core.i18n.sanitize import identity
from core.models.accounts import Account
from core.models.companies import Company, CompanyKind, ServiceProfile
from core.models.names import full_name
from core.security import passwords
from core.service.desk import Desk
from core.service.unit_of_work import UnitOfWork, table

MANAGEMENT = "cztery mokre kominy"
"""The management password where a stage names none."""
PHONE = "+48600100200"


@dataclass(frozen=True, slots=True)
class _Agreed:
    """What a grant takes over, as the stage says it."""

    company_id: int
    customer_id: int
    level: int
    name: str
    address: str
    phone: str
    language: str
    country: str = "PL"


def add_company(work: UnitOfWork, company: dict[str, Any], language: str) -> int:
    """A service company at work: both addresses are confirmed."""
    name, email = company["name"], company["email"]
    management = company.get("management_email", f"zarzad.{email}")
    kind = CompanyKind.SERVICE.value
    company_id = work.add(Company, name=name, name_key=identity(name), kind=kind, created_at=work.now)
    profile = {
        "company_id": company_id,
        "email": email,
        "email_key": email_address.normal(email),
        "email_confirmed_at": work.now,
        "management_email": management,
        "management_key": email_address.normal(management),
        "management_confirmed_at": work.now,
        "management_hash": passwords.hash(company.get("management_password", MANAGEMENT)),
        "country": "PL",
        "zone": work.settings.desk.zone,
        "phone": company.get("phone", "+48225550200"),
        "language": language,
        "active_at": work.now,
    }
    work.add_all(ServiceProfile, [profile])
    return company_id


def add_grant(desk: Desk, grant: dict[str, Any], company_id: int, customer_id: int, language: str) -> None:
    """A device that the company looks after already; ``desk`` acts for the customer. With ``fault`` it is out of
    order."""

    def make(work: UnitOfWork) -> int:
        agreed = _Agreed(company_id, customer_id, grant["level"], *_who(work, grant, customer_id), language)
        asset_id = device_ids.bring_in(work, grant["device"], customer_id)
        grants.begin(work, agreed, asset_id=asset_id)
        return asset_id

    asset_id = desk.do(make)
    if grant.get("fault"):
        desk.as_system().do(gateway.break_down, asset_id, grant["fault"])


def apply(desk: Desk, application: dict[str, Any], company_email: str, language: str) -> None:
    """The customer, for whom ``desk`` acts, has applied a moment ago; the letters about it are in the post."""

    def who(work: UnitOfWork) -> tuple[str, str, str]:
        return _who(work, application, work.actor.account_id or 0)

    name, address, phone = desk.do(who)
    values = {
        "company_email": company_email,
        "device": application["device"],
        "level": str(application["level"]),
        "name": name,
        "address": address,
        "phone": phone,
        "country": "PL",
        "language": language,
        "terms": "yes",
    }
    desk.do(applications.apply, forms.fill(Apply, values))


def _who(work: UnitOfWork, facts: dict[str, Any], account_id: int) -> tuple[str, str, str]:
    """Name, address and phone."""
    person = work.unscoped(Account, table(Account).c.id == account_id)
    name = full_name(person) if person else ""
    return name, facts.get("address", "ul. Lipowa 5, 05-500 Piaseczno"), (person.phone if person else "") or PHONE

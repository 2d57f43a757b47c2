"""Writing the demo's subscribers: who they are, their contracts and lines, what they agreed to."""

from __future__ import annotations

import datetime as dt
import shutil
from typing import Any

from core import resources
from core.billing import catalogue
from core.contracts.number import number_key
from core.demo import articles, provider, provider_bills
from core.demo.care_rows import Letter
from core.demo.provider import DemoLine, DemoSubscriber
from core.i18n.sanitize import fold, identity
from core.knowledge import outages
from core.models import subscribers as kept
from core.models.contracts import NO_END, Asset, Contract, ContractKind, Cover
from core.service.unit_of_work import UnitOfWork
from core.subscribers import ip_ranges, pesel
from core.subscribers.search import words_of


def keep(work: UnitOfWork, everybody: list[DemoSubscriber], author_id: int) -> None:
    """Everything of theirs; accounts are there already. News and questions, written by an account of staff, come after
    the lines they reach."""
    lines = [(one, line) for one in everybody for line in one.lines]
    work.add_all(kept.Subscriber, [_subscriber(work, one) for one in everybody])
    work.add_all(Contract, [_contract(work, one) for one in everybody])
    work.add_all(Asset, [_asset(one, line) for one, line in lines])
    work.add_all(Cover, [{"contract_id": one.contract_id, "asset_id": line.id} for one, line in lines])
    work.add_all(kept.Line, [_line(work, one, line) for one, line in lines])
    work.add_all(kept.LineAddress, [row for _one, line in lines for row in _addresses(line)])
    work.add_all(kept.Consent, [_consent(one) for one in everybody if one.by_mail and one.person])
    provider_bills.keep(work, everybody)
    articles.keep(work, articles.articles(work.now, provider.towns()), author_id)
    shutil.copyfile(resources.folder("demo") / catalogue.FILE, work.settings.data_dir / catalogue.FILE)


def letters(now: dt.datetime) -> list[Letter]:
    """What subscribers were told of outages."""

    def tell(work: UnitOfWork) -> None:
        while outages.tell(work):
            pass

    return [(now - dt.timedelta(hours=1), tell)]


def _noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), dt.UTC)


def _subscriber(work: UnitOfWork, one: DemoSubscriber) -> dict[str, Any]:
    company = bool(one.tax_id)
    known = {name: getattr(one, name) for name in ("name", "street", "postcode", "town", "email", "tax_id")}
    phone = one.person.phone if one.person else ""
    return {
        **known,
        "words": words_of({**known, "phone": phone}),
        "id": one.id,
        "number": one.number,
        "number_key": number_key(one.number),
        "account_id": one.person.id if one.person else None,
        "name_key": fold(one.name),
        "kind": (kept.SubscriberKind.COMPANY if company else kept.SubscriberKind.PERSON).value,
        "phone": phone,
        "pesel_mac": pesel.mac(work.keys, one.pesel) if one.pesel else "",
        "pesel_end": pesel.end(one.pesel),
        "bank_account": one.account,
        "language": one.language,
        "e_invoices": one.by_mail,
        "created_at": _noon(one.since),
        "changed_at": _noon(one.since),
    }


def _contract(work: UnitOfWork, one: DemoSubscriber) -> dict[str, Any]:
    return {
        "id": one.contract_id,
        "number": one.contract,
        "number_key": number_key(one.contract),
        "code_mac": "",
        "kind": ContractKind.SUBSCRIPTION.value,
        "subscriber_id": one.id,
        "monthly_fee": one.fee,
        "valid_from": one.since,
        "valid_until": one.until,
        "registered_at": _noon(one.since),
        "ending_told_at": None if one.until == NO_END or one.until > work.today + dt.timedelta(days=30) else work.now,
        "created_at": _noon(one.since),
    }


def _asset(one: DemoSubscriber, line: DemoLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "product_id": line.plan.product_id,
        "identifier": line.identifier,
        "identifier_key": identity(line.identifier),
        "subscriber_id": one.id,
        "created_at": _noon(line.activated),
    }


def _line(work: UnitOfWork, one: DemoSubscriber, line: DemoLine) -> dict[str, Any]:
    login = f"{fold(line.identifier)}@migotnia"
    return {
        "asset_id": line.id,
        "down_mbit": line.plan.down,
        "up_mbit": line.plan.up,
        "street": line.street,
        "postcode": one.postcode,
        "town": one.town,
        "town_key": fold(one.town),
        "activated_on": line.activated,
        "pppoe_login": login,
        "pppoe_password": work.keys.seal("pppoe", f"swiatlo-{line.id * 7919 % 100_000:05}", str(line.id)),
    }


def _addresses(line: DemoLine) -> list[dict[str, Any]]:
    found = [ip_ranges.read(one) for one in line.addresses]
    return [{"asset_id": line.id, "network": one.text, "low": one.low, "high": one.high} for one in found]


def _consent(one: DemoSubscriber) -> dict[str, Any]:
    account = one.person.id if one.person else None
    at = one.person.created_at if one.person else _noon(one.since)
    of = {"subscriber_id": one.id, "account_id": account, "kind": kept.ConsentKind.E_INVOICE.value}
    return {**of, "version": "2025-01-01", "given": True, "at": at}

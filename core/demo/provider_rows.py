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
from core.models import subscribers as models
from core.models.contracts import NO_END, Asset, Contract, ContractKind, Cover
from core.service.unit_of_work import UnitOfWork
from core.subscribers import ip_ranges, pesel
from core.subscribers.search import words_of


def keep(work: UnitOfWork, everybody: list[DemoSubscriber], author_id: int) -> None:
    """Everything of theirs; accounts are there already. News and questions, written by an account of staff, come after
    the lines they reach."""
    lines = [(subscriber, line) for subscriber in everybody for line in subscriber.lines]
    work.add_all(models.Subscriber, [_subscriber(work, subscriber) for subscriber in everybody])
    work.add_all(Contract, [_contract(work, subscriber) for subscriber in everybody])
    work.add_all(Asset, [_asset(subscriber, line) for subscriber, line in lines])
    work.add_all(Cover, [{"contract_id": subscriber.contract_id, "asset_id": line.id} for subscriber, line in lines])
    work.add_all(models.Line, [_line(work, subscriber, line) for subscriber, line in lines])
    work.add_all(models.LineAddress, [row for _one, line in lines for row in _addresses(line)])
    work.add_all(
        models.Consent, [_consent(subscriber) for subscriber in everybody if subscriber.by_mail and subscriber.person]
    )
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


def _subscriber(work: UnitOfWork, subscriber: DemoSubscriber) -> dict[str, Any]:
    company = bool(subscriber.tax_id)
    known = {name: getattr(subscriber, name) for name in ("name", "street", "postcode", "town", "email", "tax_id")}
    phone = subscriber.person.phone if subscriber.person else ""
    return {
        **known,
        "words": words_of({**known, "phone": phone}),
        "id": subscriber.id,
        "number": subscriber.number,
        "number_key": number_key(subscriber.number),
        "account_id": subscriber.person.id if subscriber.person else None,
        "name_key": fold(subscriber.name),
        "kind": (models.SubscriberKind.COMPANY if company else models.SubscriberKind.PERSON).value,
        "phone": phone,
        "pesel_mac": pesel.mac(work.keys, subscriber.pesel) if subscriber.pesel else "",
        "pesel_end": pesel.end(subscriber.pesel),
        "bank_account": subscriber.account,
        "language": subscriber.language,
        "e_invoices": subscriber.by_mail,
        "created_at": _noon(subscriber.since),
        "changed_at": _noon(subscriber.since),
    }


def _contract(work: UnitOfWork, subscriber: DemoSubscriber) -> dict[str, Any]:
    return {
        "id": subscriber.contract_id,
        "number": subscriber.contract,
        "number_key": number_key(subscriber.contract),
        "code_mac": "",
        "kind": ContractKind.SUBSCRIPTION.value,
        "subscriber_id": subscriber.id,
        "monthly_fee": subscriber.fee,
        "valid_from": subscriber.since,
        "valid_until": subscriber.until,
        "registered_at": _noon(subscriber.since),
        "ending_told_at": None
        if subscriber.until == NO_END or subscriber.until > work.today + dt.timedelta(days=30)
        else work.now,
        "created_at": _noon(subscriber.since),
    }


def _asset(subscriber: DemoSubscriber, line: DemoLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "product_id": line.plan.product_id,
        "identifier": line.identifier,
        "identifier_key": identity(line.identifier),
        "subscriber_id": subscriber.id,
        "created_at": _noon(line.activated),
    }


def _line(work: UnitOfWork, subscriber: DemoSubscriber, line: DemoLine) -> dict[str, Any]:
    login = f"{fold(line.identifier)}@migotnia"
    return {
        "asset_id": line.id,
        "down_mbit": line.plan.down,
        "up_mbit": line.plan.up,
        "street": line.street,
        "postcode": subscriber.postcode,
        "town": subscriber.town,
        "town_key": fold(subscriber.town),
        "activated_on": line.activated,
        "pppoe_login": login,
        "pppoe_password": work.keys.seal("pppoe", f"swiatlo-{line.id * 7919 % 100_000:05}", str(line.id)),
    }


def _addresses(line: DemoLine) -> list[dict[str, Any]]:
    networks = [ip_ranges.read(address) for address in line.addresses]
    return [
        {"asset_id": line.id, "network": network.text, "low": network.low, "high": network.high} for network in networks
    ]


def _consent(subscriber: DemoSubscriber) -> dict[str, Any]:
    account = subscriber.person.id if subscriber.person else None
    at = subscriber.person.created_at if subscriber.person else _noon(subscriber.since)
    of = {"subscriber_id": subscriber.id, "account_id": account, "kind": models.ConsentKind.E_INVOICE.value}
    return {**of, "version": "2025-01-01", "given": True, "at": at}

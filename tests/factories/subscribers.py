"""Subscribers for tests: a number, a PESEL with right check digits, contracts, lines with addresses, invoices."""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import forms
from core.billing.invoice_document import priced_gross
from core.i18n.sanitize import fold, identity
from core.models.billing import Invoice, InvoiceLine, InvoiceParty, Payment
from core.models.contracts import NO_END, Asset, Contract, ContractKind, Cover, Product
from core.models.subscribers import Line, LineAddress, Subscriber
from core.service.client_address import Peer
from core.service.desk import Desk
from core.service.settings import SellerSection, SubscribersSection
from core.service.unit_of_work import UnitOfWork, table
from core.sign_up import subscriber as sign_up_subscriber
from core.subscribers import ip_ranges, pesel
from core.subscribers.search import words_of
from tests.factories.desks import PASSWORD, START, make_desk

PESEL = "44051401458"
"""Invented, with a right check digit."""
OTHER_PESEL = "02070803628"


@dataclass(frozen=True)
class Made:
    """Ids of a subscriber, their contract and their lines."""

    id: int
    contract_id: int
    lines: tuple[int, ...]


def subscriber(
    desk: Desk,
    number: str = "A-1001",
    *,
    pesel_: str = PESEL,
    contract: str = "U/1001/2025",
    account_id: int | None = None,
    name: str = "Wanda Zielińska",
    addresses: tuple[str, ...] = ("203.0.113.7",),
    valid_until: dt.date = NO_END,
    **more: Any,
) -> Made:
    """A subscriber with one contract and one line (``PN-`` and a number of eight digits) that has ``addresses``."""

    def make(work: UnitOfWork) -> Made:
        facts = {
            "number": number,
            "number_key": fold(number),
            "account_id": account_id,
            "name": name,
            "name_key": fold(name),
            "street": "ul. Krzywa 3",
            "postcode": "34-442",
            "town": "Łapsze",
            "email": "wanda@example.com",
            "pesel_mac": pesel.mac(work.keys, pesel_) if pesel_ else "",
            "pesel_end": pesel.end(pesel_),
            "created_at": work.now,
            "changed_at": work.now,
            **more,
        }
        id_ = work.add(Subscriber, **{"words": words_of(facts), **facts})
        contract_id = work.add(
            Contract,
            number=contract,
            number_key=fold(contract),
            code_mac="",
            kind=ContractKind.SUBSCRIPTION.value,
            subscriber_id=id_,
            monthly_fee=6900,
            valid_from=START.date() - dt.timedelta(days=365),
            valid_until=valid_until,
            registered_at=work.now,
            created_at=work.now,
        )
        return Made(id_, contract_id, (_line(work, id_, contract_id, addresses),))

    return desk.as_system().do(make)


def _line(work: UnitOfWork, subscriber_id: int, contract_id: int, addresses: tuple[str, ...]) -> int:
    asset_id = work.add(
        Asset,
        product_id=_product(work),
        identifier=f"PN-{contract_id:08}",
        identifier_key=f"pn-{contract_id:08}",
        subscriber_id=subscriber_id,
        created_at=work.now,
    )
    work.add_all(Cover, [{"contract_id": contract_id, "asset_id": asset_id}])
    work.add_all(
        Line,
        [
            {
                "asset_id": asset_id,
                "down_mbit": 300,
                "up_mbit": 50,
                "street": "ul. Krzywa 3",
                "postcode": "34-442",
                "town": "Łapsze",
                "town_key": fold("Łapsze"),
                "activated_on": START.date() - dt.timedelta(days=365),
                "pppoe_login": f"pn{contract_id:08}@line",
                "pppoe_password": work.keys.seal("pppoe", "krzywa-jabłoń-7", str(asset_id)),
            }
        ],
    )
    for one in map(ip_ranges.read, addresses):
        work.add(LineAddress, asset_id=asset_id, network=one.text, low=one.low, high=one.high)
    return asset_id


def _product(work: UnitOfWork) -> int:
    product = work.unscoped(Product, table(Product).c.category == "internet_line")
    if product is not None:
        return product.id
    named = {"vendor": "Pogodna Net", "name": "Światło 300"}
    keys = {f"{key}_key": identity(value) for key, value in named.items()}
    return work.add(Product, category="internet_line", **named, **keys)


def coming_from(desk: Desk, address: str, source: str = "sshd") -> Desk:
    """The same desk, its guest or whoever sits there coming from ``address``; empty for none that can be seen."""
    desk.peer = Peer(ipaddress.ip_address(address) if address else None, source, 50_000 if address else 0)
    return desk


def sign_up_form(rule: str = "require", **given: Any) -> Any:
    """A filled form for :func:`subscriber`'s defaults; change what the test is about."""
    login = given.get("login", "wanda")
    values = {
        "login": login,
        "email": f"{login}@example.com",
        "language": "en",
        "password": PASSWORD,
        "again": PASSWORD,
        "identity": PESEL,
        "contract": "U/1001/2025",
        "terms": "yes",
        **given,
    }
    return forms.fill(sign_up_subscriber.form_for(rule), values)


def with_rule(folder: Path, rule: str) -> Desk:
    """An empty desk under a line rule."""
    return make_desk(folder, subscribers=SubscribersSection(line_rule=rule))


SELLER = SellerSection(
    name="Wiatrołap Internet sp. z o.o.",
    street="ul. Żabia 7/3",
    postcode="05-120",
    town="Nowe Łęgi",
    tax_id="1234563218",
    bank_account="91123412340000000000000042",
    bank_name="Bank Próbny S.A.",
)


def billed(
    desk: Desk,
    subscriber_id: int,
    number: str,
    issued_on: dt.date,
    gross: int = 6900,
    *,
    unpaid: int = 0,
    days: int = 14,
    **more: Any,
) -> int:
    """An invoice of one line at 23 %, due ``days`` after its day; returns its id."""
    line = priced_gross("Światło 300", 1, "mies.", gross, "23")

    def make(work: UnitOfWork) -> int:
        parties = {
            "seller": {"name": SELLER.name, "street": SELLER.street, "postcode": SELLER.postcode, "town": SELLER.town},
            "buyer": {"name": "Wanda Zielińska", "street": "ul. Krzywa 3", "postcode": "34-442", "town": "Łapsze"},
        }
        parties["seller"] |= {"tax_id": SELLER.tax_id, "bank_account": SELLER.bank_account}
        ids = {}
        for role, body in parties.items():
            known = work.unscoped(InvoiceParty, table(InvoiceParty).c.digest == role)
            ids[f"{role}_id"] = known.id if known else work.add(InvoiceParty, digest=role, body=body)
        invoice_id = work.add(
            Invoice,
            subscriber_id=subscriber_id,
            number=number,
            number_key=number.casefold(),
            issued_on=issued_on,
            sold_on=issued_on,
            due_on=issued_on + dt.timedelta(days=days),
            net=line.net,
            vat=line.vat,
            gross=line.gross,
            unpaid=unpaid,
            created_at=work.now,
            **ids,
            **more,
        )
        row = {"name": line.name, "unit": line.unit, "quantity": 1000, "rate": line.rate, "net_price": line.net_price}
        sums = {"net": line.net, "vat": line.vat, "gross": line.gross}
        work.add_all(InvoiceLine, [{"invoice_id": invoice_id, "position": 1, **row, **sums}])
        return invoice_id

    return desk.as_system().do(make)


def paid(desk: Desk, subscriber_id: int, mark: str, paid_on: dt.date, amount: int, title: str = "wpłata") -> int:
    """A payment; it covers nothing by itself."""

    def make(work: UnitOfWork) -> int:
        of = {"subscriber_id": subscriber_id, "mark": mark, "mark_key": mark.casefold(), "title": title}
        return work.add(Payment, **of, paid_on=paid_on, amount=amount, created_at=work.now)

    return desk.as_system().do(make)

"""Desks for tests: a migrated file copied in a millisecond, a clock that stands still, people who are logged in."""

from __future__ import annotations

import atexit
import base64
import datetime as dt
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core import forms
from core.accounts import sessions
from core.accounts.address_owner import Started
from core.accounts.registration import Proof
from core.clock import MovableClock
from core.companies import names
from core.contracts.number import code_mac, number_key
from core.i18n.sanitize import identity
from core.models.accounts import Account, AccountState, Role, Standing
from core.models.contracts import Asset, Contract, Cover, Product
from core.models.mail import Outbox
from core.security import passwords
from core.service.desk import Desk
from core.service.settings import Settings
from core.service.unit_of_work import ReadContext, UnitOfWork, table
from core.sign_up import confirmation
from core.sign_up.confirmed import Confirmed
from core.sign_up.customer import SignUp

START = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
PASSWORD = "zielony traktor"

passwords.use_profile("test")


def lay_key(folder: Path) -> Path:
    """The key of every desk of the tests, so that their tables can be lent from one to the next."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = folder / "desk.key"
    key.touch(mode=0o600)
    key.write_bytes(base64.b64encode(bytes(range(32))))
    return key


def scratch() -> Path:
    """A folder for what is made once a process."""
    folder = Path(tempfile.mkdtemp(prefix="okienko-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@lru_cache(maxsize=1)
def template() -> Path:
    """An empty desk, migrated once a process; its key lies beside it."""
    folder = scratch()
    lay_key(folder)
    Desk.open(Settings(data_dir=folder)).close()
    return folder / "desk.db"


def lay_template(folder: Path) -> None:
    """The empty desk's file and key into ``folder``."""
    lay_key(folder)
    shutil.copy(template(), folder / "desk.db")


def make_desk(folder: Path, clock: MovableClock | None = None, **settings: Any) -> Desk:
    """A fresh desk in ``folder`` at :data:`START` (or by ``clock``)."""
    if "database_url" in settings:
        lay_key(folder)
    else:
        lay_template(folder)
    return Desk.open(Settings(data_dir=folder, **settings), clock or MovableClock(START))


def copied(desk: Desk, folder: Path) -> Desk:
    """The desk as it was when it was closed, in another folder; its clock stands where that one stopped."""
    shutil.copytree(desk.settings.data_dir, folder)
    return Desk.open(desk.settings.model_copy(update={"data_dir": folder}), MovableClock(desk.now))


def person(
    desk: Desk,
    login: str,
    role: Role = Role.CUSTOMER,
    *,
    company: str = "",
    standing: Standing = Standing.MEMBER,
    state: AccountState = AccountState.ACTIVE,
    language: str = "en",
    password: str | None = PASSWORD,
) -> int:
    """An account, of a company when one is named; returns its id."""

    def make(work: UnitOfWork) -> int:
        company_id = names.find_or_make(work, company) if company else None
        return work.add(
            Account,
            login=login,
            login_key=login.casefold(),
            email=f"{login}@example.com",
            email_key=f"{login}@example.com".casefold(),
            role=role.value,
            state=state.value,
            first_name=login.title(),
            last_name="Testowa",
            language=language,
            password_hash=passwords.hash(password) if password else None,
            company_id=company_id,
            standing=standing.value if company else Standing.NONE.value,
            created_at=work.now,
            preferences={},
        )

    return desk.as_system().do(make)


def moved_away(desk: Desk, login: str) -> int:
    """Somebody whose login is an address that has ceased to be theirs."""
    account_id = person(desk, login)
    away = {"email": "elsewhere@example.com", "email_key": "elsewhere@example.com"}
    desk.as_system().do(lambda work: work.change(Account, table(Account).c.id == account_id, **away))
    return account_id


def seat(desk: Desk, account_id: int) -> Desk:
    """The desk as seen by somebody who has just logged in."""

    def enter(work: UnitOfWork) -> int:
        account = work.unscoped(Account, table(Account).c.id == account_id)
        assert account is not None
        return sessions.begin(work, account).session_id

    return desk.acting(desk.as_system().do(enter))


def logged_in(desk: Desk, login: str, role: Role = Role.CUSTOMER, **more: Any) -> Desk:
    """Make a person and log them in."""
    return seat(desk, person(desk, login, role, **more))


def contract(
    desk: Desk,
    number: str = "OK-1",
    code: str = "ABCD-EFGH",
    *,
    company: str = "Tarnina sp. z o.o.",
    identifiers: tuple[str, ...] = ("FW-1",),
    category: str = "firewall",
    valid_from: dt.date = dt.date(2026, 1, 1),
    valid_until: dt.date = dt.date(2027, 6, 30),
    registered: bool = True,
) -> tuple[int, tuple[int, ...]]:
    """A contract with one asset for each identifier; returns its id and theirs."""

    def make(work: UnitOfWork) -> tuple[int, tuple[int, ...]]:
        company_id = names.find_or_make(work, company) if company else None
        contract_id = work.add(
            Contract,
            number=number,
            number_key=number_key(number),
            code_mac=code_mac(work.keys, number, code),
            company_id=company_id,
            support_level="gold",
            valid_from=valid_from,
            valid_until=valid_until,
            registered_at=work.now if registered else None,
            created_at=work.now,
        )
        product = sa.select(table(Product).c.id).where(table(Product).c.category == category)
        product_id = work.value(product) or work.add(
            Product, category=category, vendor="Barwa", vendor_key="barwa", name=category.title(), name_key=category
        )
        assets = tuple(
            work.add(
                Asset,
                product_id=product_id,
                identifier=identifier,
                identifier_key=identity(identifier),
                company_id=company_id,
                created_at=work.now,
            )
            for identifier in identifiers
        )
        work.add_all(Cover, [{"contract_id": contract_id, "asset_id": asset_id} for asset_id in assets])
        return contract_id, assets

    return desk.as_system().do(make)


FIREWALL_ANSWERS = {
    "occurred": "2026-11-19",
    "new_deployment": "no",
    "worked_before": "yes",
    "changed": "no",
    "production": "yes",
    "frequency": "daily",
    "area": "traffic",
}


def ticket_values(subject: str = "No traffic", **more: Any) -> dict[str, Any]:
    """Raw values of a ticket about a firewall."""
    own = {"subject": subject, "priority": "2", "description": "Nothing gets through.", "relation": "fault"}
    return {**own, **FIREWALL_ANSWERS, **more}


def admin_values(subject: str = "A question", **more: Any) -> dict[str, Any]:
    """Raw values of an administrative ticket."""
    return {"subject": subject, "priority": "2", "description": "How do I register a contract?", **more}


def mail(desk: Desk, letter: str = "") -> list[Any]:
    """The outbox's rows, oldest first; of one letter when it is named."""
    outbox = table(Outbox)
    chosen = sa.select(outbox).order_by(outbox.c.id)
    return list(
        desk.as_system().see(lambda look: look.rows(chosen.where(outbox.c.letter == letter) if letter else chosen))
    )


def mailed_code(desk: Desk, letter: str) -> str:
    """The code in the latest letter of this kind."""

    def read(look: ReadContext) -> str:
        row = mail(desk, letter)[-1]
        opened = json.loads(look.keys.unseal("outbox", row.secrets, row.message_id))
        return str(opened["code"])

    return desk.as_system().see(read)


def come_back(desk: Desk, started: Started, login: str = "") -> Confirmed:
    """The code of the latest letter, typed on the page where the sign-up began."""
    code = mailed_code(desk, "confirm_address")
    return desk.do(confirmation.confirm, code, Proof(receipt=started.receipt), login)


def journal_of(desk: Desk) -> list[str]:
    """The actions in the journal, oldest first."""
    from core.service.audit_log import Entry

    entries = table(Entry)
    return [
        row.action
        for row in desk.as_system().see(lambda look: look.rows(sa.select(entries.c.action).order_by(entries.c.id)))
    ]


def sign_up_form(**given: Any) -> SignUp:
    """A filled sign-up form for contract OK-1; change what the test is about."""
    login = given.get("login", "ola")
    values = {
        "login": login,
        "email": f"{login}@example.com",
        "first_name": "Ola",
        "last_name": "Testowa",
        "phone": "+48 601 234 567",
        "language": "en",
        "password": PASSWORD,
        "again": PASSWORD,
        "contract": "OK-1",
        "code": "ABCD-EFGH",
        "company": "Tarnina sp. z o.o.",
        "terms": "yes",
        **given,
    }
    return forms.fill(SignUp, values)


@contextmanager
def statements(desk: Desk) -> Iterator[list[str]]:
    """Every SQL statement that the desk's store is sent inside the block."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        sent.append(statement)

    sa.event.listen(desk.store.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(desk.store.engine, "before_cursor_execute", note)

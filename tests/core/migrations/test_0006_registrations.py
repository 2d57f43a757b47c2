"""Unconfirmed accounts of an older desk become registrations, and their codes stay good."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
import sqlalchemy as sa

from core.accounts.registration import Proof, sign_of
from core.errors import Invalid
from core.mail import delivery, maildir
from core.models.accounts import Account, Code, Purpose, Registration, Role, Standing
from core.models.companies import Company, ServiceProfile
from core.models.contracts import Contract
from core.models.mail import Outbox
from core.service import upgrade
from core.service.desk import Desk
from core.service.one_time_codes import LIFETIME, _mac, make
from core.service.unit_of_work import UnitOfWork, table
from core.sign_up import confirmation
from core.sign_up import installer as installer_sign_up
from tests.factories.desks import PASSWORD, contract, person
from tests.factories.subscribers import subscriber

_account = table(Account)


def unconfirmed(desk: Desk, login: str, preferences: dict[str, Any] | None = None, **more: Any) -> int:
    """An account as older versions kept somebody who was signing up."""
    account_id = person(desk, login)
    values = {"state": "unconfirmed", "preferences": {"receipt": "x", **(preferences or {})}, **more}
    desk.as_system().do(lambda work: work.change(Account, _account.c.id == account_id, **values))
    return account_id


def code_for(desk: Desk, account_id: int, purpose: Purpose, binding: str = "") -> str:
    def issue(work: UnitOfWork) -> str:
        code = make()
        work.add(
            Code,
            account_id=account_id,
            purpose=purpose.value,
            mac=_mac(work, purpose, code.replace("-", "")),
            binding=binding,
            created_at=work.now,
            expires_at=work.now + LIFETIME[purpose],
        )
        return code

    return str(desk.as_system().do(issue))


def young_company(desk: Desk) -> int:
    """A company whose notification address is confirmed and whose management address is not."""

    def make_it(work: UnitOfWork) -> int:
        number = work.add(Company, name="Ciepło", name_key="cieplo", kind="service", created_at=work.now)
        told = {"country": "PL", "zone": "Europe/Warsaw", "phone": "+48 22 555 02 00", "language": "pl"}
        boxes = {"email": "s@cieplo.example", "email_key": "s@cieplo.example", "email_confirmed_at": work.now}
        own = {"management_email": "iga@example.com", "management_key": "iga@example.com", "management_hash": "x"}
        row = {"company_id": number, **told, **boxes, **own, "employees": 7}
        columns = {column.name for column in table(ServiceProfile).c} - {"unlimited_at"}
        values = {**dict.fromkeys(columns - row.keys()), **row, "url": "", "version": 1}
        work.connection.execute(sa.insert(table(ServiceProfile)).values(**values))
        return number

    return int(desk.as_system().do(make_it))


def test_whoever_was_signing_up_goes_on_with_the_code_they_have(any_desk: Desk) -> None:
    desk = any_desk
    support, _assets = contract(desk, registered=False)
    at_home = subscriber(desk)
    number = desk.as_system().see(
        lambda look: look.value(sa.select(table(Contract).c.id).where(table(Contract).c.subscriber_id == at_home.id))
    )
    company = young_company(desk)
    codes = {
        "ola": code_for(desk, unconfirmed(desk, "ola", {"company": "Tarnina"}), Purpose.CONFIRM, str(support)),
        "zofia": code_for(desk, unconfirmed(desk, "zofia"), Purpose.CONFIRM),
        "wanda": code_for(desk, unconfirmed(desk, "wanda"), Purpose.CONFIRM, str(number)),
    }
    founder = {"role": Role.INSTALLER.value, "company_id": company, "standing": Standing.OWNER.value}
    codes["iga"] = code_for(desk, unconfirmed(desk, "iga", **founder), Purpose.MANAGEMENT, "iga@example.com")
    person(desk, "dawno")
    upgrade.run(desk.store, "downgrade", "0003")
    upgrade.run(desk.store, "upgrade", "head")
    chosen = sa.select(table(Registration).c.login, table(Registration).c.kind)
    kinds = desk.as_system().see(lambda look: look.rows(chosen))
    assert dict(map(tuple, kinds)) == {"ola": "support", "zofia": "home", "wanda": "subscriber", "iga": "company"}
    logins = desk.as_system().see(lambda look: look.rows(sa.select(_account.c.login)))
    assert [row.login for row in logins] == ["dawno"], "none of them holds a login or an address"
    assert desk.as_system().see(lambda look: look.rows(sa.select(table(Company).c.name))) == [("Tarnina sp. z o.o.",)]
    done = {login: desk.do(confirmation.confirm, codes[login], proof(login)) for login in ("ola", "zofia", "wanda")}
    assert (done["ola"].number, done["ola"].company, done["wanda"].number) == (
        "OK-1",
        "Tarnina sp. z o.o.",
        "U/1001/2025",
    )
    founded = desk.do(installer_sign_up.confirm, codes["iga"], proof("iga"))
    assert (founded.waits_for, founded.login, founded.company) == ("", "iga", "Ciepło")
    profile = desk.as_system().see(lambda look: look.unscoped(ServiceProfile, sa.true()))
    assert profile is not None
    assert (profile.employees, profile.email, profile.management_email) == (7, "s@cieplo.example", "iga@example.com")


def test_letters_that_wait_at_the_upgrade_leave_with_the_sign_of_their_form(any_desk: Desk) -> None:
    """They were promised without one; a letter about another address of a company is for no form."""
    desk = any_desk
    company = young_company(desk)
    zofia = unconfirmed(desk, "zofia")
    founder = {"role": Role.INSTALLER.value, "company_id": company, "standing": Standing.OWNER.value}
    iga = unconfirmed(desk, "iga", **founder)
    management = code_for(desk, iga, Purpose.MANAGEMENT, "iga@example.com")
    letters = [
        ("confirm_address", zofia, "zofia@example.com", code_for(desk, zofia, Purpose.CONFIRM), {"name": "Zofia"}),
        ("confirm_company", None, "iga@example.com", management, {"company": "Ciepło", "management": True}),
        ("confirm_company", None, "nowy@cieplej.example", make(), {"company": "Cieplej", "management": False}),
    ]

    def promise(work: UnitOfWork) -> None:
        for at, (letter, account_id, address, code, details) in enumerate(letters):
            sealed = work.keys.seal("outbox", json.dumps({"code": code}), f"<{at}@x>")
            row = {"letter": letter, "account_id": account_id, "address": address, "details": details}
            moments = {"created_at": work.now, "due_at": work.now}
            work.add(Outbox, **row, **moments, language="en", secrets=sealed, message_id=f"<{at}@x>")

    desk.as_system().do(promise)
    upgrade.run(desk.store, "downgrade", "0003")
    upgrade.run(desk.store, "upgrade", "head")
    chosen = sa.select(table(Registration).c.login, table(Registration).c.mark)
    signs = {row.login: sign_of(row.mark) for row in desk.as_system().see(lambda look: look.rows(chosen))}
    assert delivery.deliver(desk) == delivery.Delivered(sent=3)
    sent = {post.to: post.body for post in maildir.newest(desk.settings.maildir)}
    assert all(code in sent[address] for _letter, _id, address, code, _details in letters)
    assert f"the sign {signs['zofia']}." in sent["zofia@example.com"]
    assert f"the sign {signs['iga']}." in sent["iga@example.com"]
    assert "sign" not in sent["nowy@cieplej.example"].replace("signs up", "")


def proof(login: str) -> Proof:
    return Proof(login=login, password=PASSWORD)


def test_they_run_out_a_day_after_they_began(desk: Desk) -> None:
    code = code_for(desk, unconfirmed(desk, "zofia"), Purpose.CONFIRM)
    upgrade.run(desk.store, "downgrade", "0003")
    upgrade.run(desk.store, "upgrade", "head")
    kept = desk.as_system().see(lambda look: look.unscoped(Registration, sa.true()))
    assert kept is not None
    assert kept.expires_at == desk.now + dt.timedelta(days=1)
    upgrade.run(desk.store, "downgrade", "0003")
    upgrade.run(desk.store, "upgrade", "head")
    with pytest.raises(Invalid):
        desk.do(confirmation.confirm, code, proof("zofia"))

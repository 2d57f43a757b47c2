"""What goes out by itself: once, to the right people, with the PDF, by the desk's clock."""

from __future__ import annotations

import datetime as dt
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest
import sqlalchemy as sa

from core import jobs
from core.billing import invoices, reminders, statement
from core.billing.allocation import settle
from core.mail import delivery
from core.models.accounts import Standing
from core.models.billing import Invoice
from core.models.contracts import NO_END, Asset, Contract, ContractKind, Cover
from core.service.desk import Desk
from core.service.unit_of_work import UnitOfWork, table
from core.subscribers import consent
from tests.factories.desks import START, contract, mail, make_desk, person, seat
from tests.factories.subscribers import SELLER, billed, subscriber

TODAY = START.date()


@pytest.fixture
def provider(tmp_path: Path) -> Desk:
    return make_desk(tmp_path / "provider", seller=SELLER)


def told(desk: Desk) -> list[tuple[str, str]]:
    return [(row.letter, row.address) for row in mail(desk) if row.letter != "e_invoices_changed"]


def test_an_invoice_goes_by_mail_to_whoever_agreed_with_its_pdf_and_once(provider: Desk) -> None:
    wanda_id, bruno_id = person(provider, "wanda", language="pl"), person(provider, "bruno")
    hers = subscriber(provider, account_id=wanda_id)
    his = subscriber(provider, "A-2", contract="U-2", account_id=bruno_id, addresses=("203.0.113.9",))
    seat(provider, wanda_id).do(consent.decide, agreed=True)
    mine = billed(provider, hers.id, "FV/7/2026", TODAY, mail_due=True)
    billed(provider, his.id, "FV/8/2026", TODAY, mail_due=True)
    assert jobs.run(provider)["invoices"] == 2
    assert jobs.run(provider)["invoices"] == 0
    assert told(provider) == [("invoice_issued", "wanda@example.com")]
    delivery.deliver(provider)
    [letter] = [
        BytesParser(policy=policy.default).parsebytes(file.read_bytes())
        for file in (provider.settings.maildir / "new").iterdir()
        if b"FV/7/2026" in file.read_bytes() or b"FV-7-2026" in file.read_bytes()
    ]
    assert "69,00" in letter.get_body().get_content()
    [pdf] = letter.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content_type()) == ("FV-7-2026.pdf", "application/pdf")
    assert pdf.get_content() == seat(provider, wanda_id).see(invoices.pdf, mine, "pl").content


def test_a_correction_goes_by_mail_as_one_and_ends_the_reminders(provider: Desk) -> None:
    made = subscriber(provider, account_id=person(provider, "wanda", language="pl"), e_invoices=True)
    billed(provider, made.id, "FV/1", TODAY - dt.timedelta(days=30), unpaid=6900)
    of = {"corrects": "FV/1", "corrects_key": "fv/1", "corrects_on": TODAY, "mail_due": True}
    billed(provider, made.id, "FK/1", TODAY, -6900, **of)
    provider.as_system().do(settle, [made.id])
    provider.clock.move(reminders.SETTLED)
    jobs.run(provider)
    assert told(provider) == [("correction_issued", "wanda@example.com")], "and no word of what is overdue"
    delivery.deliver(provider)
    [letter] = (file.read_bytes() for file in (provider.settings.maildir / "new").iterdir())
    read = BytesParser(policy=policy.default).parsebytes(letter)
    assert "FK/1 do faktury FV/1" in read.get_body().get_content().replace("\n", " ")
    assert "zmniejsza się o: 69,00" in read.get_body().get_content()
    assert [part.get_filename() for part in read.iter_attachments()] == ["FK-1.pdf"]


def test_who_withdrew_meanwhile_gets_none(provider: Desk) -> None:
    wanda_id = person(provider, "wanda")
    made = subscriber(provider, account_id=wanda_id, e_invoices=True)
    billed(provider, made.id, "FV/7/2026", TODAY, mail_due=True)
    seat(provider, wanda_id).do(consent.decide, agreed=False)
    assert jobs.run(provider)["invoices"] == 1
    assert told(provider) == []
    [kept] = seat(provider, wanda_id).see(lambda look: look.rows(sa.select(table(Invoice).c.mailed_at)))
    assert kept.mailed_at is None


def test_before_and_after_the_day(provider: Desk) -> None:
    made = subscriber(provider, account_id=person(provider, "wanda"))
    billed(provider, made.id, "FV/1", TODAY - dt.timedelta(days=200), unpaid=1)
    billed(provider, made.id, "FV/2", TODAY, unpaid=6900, days=10)
    billed(provider, made.id, "FV/3", TODAY, unpaid=5000, days=11)
    billed(provider, made.id, "FV/4", TODAY, unpaid=0, days=10)
    seen = []
    for _day in range(25):
        jobs.run(provider)
        jobs.run(provider)
        seen.append(len(told(provider)))
        provider.clock.move(dt.timedelta(days=1))
    letters = told(provider)
    assert [letter for letter, _to in letters] == ["payment_due", "payment_due", "payment_overdue"]
    assert seen.index(1) == 7 and seen.index(2) == 8, "three days before"
    assert seen.index(3) == 14, "three days of grace, and then about all that is late"
    [told_] = (one.details for one in mail(provider, "payment_overdue"))
    assert (told_["unpaid"], told_["invoices"], told_["account"][:7]) == (11901, "FV/1, FV/2, FV/3", "91 1234")
    assert (told_["title"], told_["unpaid"]) == ("A-1001", seat(provider, 1).see(statement.summary).overdue)
    billed(provider, made.id, "FV/5", provider.as_system().see(lambda look: look.today), unpaid=1000, days=1)
    for _day in range(6):
        jobs.run(provider)
        provider.clock.move(dt.timedelta(days=1))
    again = mail(provider, "payment_overdue")
    assert [one.details["unpaid"] for one in again] == [11901, 12901], "what was told before is owed still"


def test_one_letter_about_everything_overdue(provider: Desk) -> None:
    made = subscriber(provider, account_id=person(provider, "wanda"))
    subscriber(provider, "A-2", contract="U-2", addresses=("203.0.113.9",))
    for at in range(7):
        billed(provider, made.id, f"FV/{at}", TODAY - dt.timedelta(days=40 + at), unpaid=100)
        billed(provider, 2, f"X/{at}", TODAY - dt.timedelta(days=40 + at), unpaid=100)
    jobs.run(provider)
    assert mail(provider, "payment_overdue") == [], "what pays them may be in the next file"
    provider.clock.move(reminders.SETTLED)
    jobs.run(provider)
    [letter] = mail(provider, "payment_overdue")
    assert (letter.details["unpaid"], letter.details["more"]) == (700, 2)
    assert letter.details["invoices"].startswith("FV/6, FV/5")


def test_a_contract_that_ends_and_one_that_is_followed(provider: Desk) -> None:
    ends = TODAY + dt.timedelta(days=40)
    subscriber(provider, account_id=person(provider, "wanda"), valid_until=ends)
    renewed = person(provider, "bruno")
    subscriber(provider, "A-2", contract="U-2", account_id=renewed, addresses=("203.0.113.9",), valid_until=ends)
    provider.as_system().do(_renew, "U-2a", 2)
    both = person(provider, "ida")
    two_lines = subscriber(
        provider, "A-3", contract="U-3", account_id=both, addresses=("203.0.113.11",), valid_until=ends
    )
    other = subscriber(provider, "A-4", contract="U-4", addresses=("203.0.113.12",))
    provider.as_system().do(_renew, "U-3a", two_lines.id, other.lines[0])
    person(provider, "olga", company="Tarnina sp. z o.o.", standing=Standing.OWNER)
    person(provider, "ola", company="Tarnina sp. z o.o.")
    contract(provider, "OK-1", valid_until=ends)
    jobs.run(provider)
    assert told(provider) == []
    provider.clock.move(dt.timedelta(days=10))
    jobs.run(provider)
    jobs.run(provider)
    assert sorted(told(provider)) == [
        ("contract_ending", "ida@example.com"),  # what goes on is of another line
        ("contract_ending", "olga@example.com"),
        ("contract_ending", "wanda@example.com"),
    ]


def _renew(work: UnitOfWork, number: str, subscriber_id: int, line: int | None = None) -> None:
    """A later contract: of the same line, or of ``line``."""
    more = {"kind": ContractKind.SUBSCRIPTION.value, "subscriber_id": subscriber_id, "registered_at": work.now}
    days = {"valid_from": TODAY, "valid_until": NO_END}
    key = number.casefold()
    id_ = work.add(Contract, number=number, number_key=key, code_mac="", created_at=work.now, **days, **more)
    of = table(Asset).c.subscriber_id == subscriber_id if line is None else table(Asset).c.id == line
    asset = work.unscoped(Asset, of)
    assert asset is not None
    work.add_all(Cover, [{"contract_id": id_, "asset_id": asset.id}])


def test_two_at_once_tell_once(provider: Desk) -> None:
    """Each step's rows are gone for the next one the moment they are taken."""
    made = subscriber(provider, account_id=person(provider, "wanda"), e_invoices=True)
    for at in range(5):
        billed(provider, made.id, f"FV/{at}", TODAY, mail_due=True)
    assert [provider.as_system().do(reminders.mail_invoices, 2) for _turn in range(4)] == [2, 2, 1, 0]
    assert len(told(provider)) == 5

"""A copy of an invoice by mail: to the account it belongs to, with its PDF, not too often."""

from __future__ import annotations

import datetime as dt
from email import policy
from email.parser import BytesParser
from typing import Any

import pytest

from core.billing import email_copy, invoices
from core.errors import Conflict, NotFound, Throttled
from core.mail import delivery
from core.models.accounts import Role
from core.service.desk import Desk
from tests.factories.desks import START, journal_of, logged_in, mail, person, seat
from tests.factories.subscribers import billed, coming_from, subscriber

TODAY = START.date()


def test_the_copy_has_the_pdf_in_the_readers_language(desk: Desk) -> None:
    made = subscriber(desk, account_id=person(desk, "wanda", language="pl"))
    id_ = billed(desk, made.id, "FV/7/2026", TODAY)
    wanda = seat(desk, 1)
    assert wanda.do(email_copy.mail_copy, id_) == "wanda@example.com"
    assert journal_of(desk)[-1] == "invoice.copy"
    delivery.deliver(desk)
    [file] = (desk.settings.maildir / "new").iterdir()
    letter = BytesParser(policy=policy.default).parsebytes(file.read_bytes())
    assert letter["Subject"] == "Kopia faktury FV/7/2026"
    [pdf] = letter.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content_type()) == ("FV-7-2026.pdf", "application/pdf")
    assert pdf.get_content() == wanda.see(invoices.pdf, id_, "pl").content


def test_an_agent_sends_it_to_the_subscriber_and_nobody_else_sends_anything(any_desk: Desk) -> None:
    made = subscriber(any_desk, account_id=person(any_desk, "wanda"))
    other = subscriber(any_desk, "A-2", contract="U-2", addresses=("203.0.113.9",))
    id_, theirs = billed(any_desk, made.id, "FV/7", TODAY), billed(any_desk, other.id, "FV/8", TODAY)
    adam = logged_in(any_desk, "adam", Role.AGENT)
    assert adam.do(email_copy.mail_copy, id_) == "wanda@example.com"
    with pytest.raises(Conflict):
        adam.do(email_copy.mail_copy, theirs)
    for stranger in (logged_in(any_desk, "nina"), logged_in(any_desk, "iwan", Role.INSTALLER), any_desk):
        with pytest.raises(NotFound):
            stranger.do(email_copy.mail_copy, id_)
    assert [row.address for row in mail(any_desk, "invoice_copy")] == ["wanda@example.com"]


def test_not_too_often(desk: Desk) -> None:
    made = subscriber(desk, account_id=person(desk, "wanda"))
    id_ = billed(desk, made.id, "FV/7", TODAY)
    wanda = seat(desk, 1)
    for _time in range(email_copy.COPIES_AT_ONCE):
        wanda.do(email_copy.mail_copy, id_)
    with pytest.raises(Throttled):
        wanda.do(email_copy.mail_copy, id_)
    assert len(mail(desk, "invoice_copy")) == email_copy.COPIES_AT_ONCE
    clock: Any = desk.clock
    clock.move(email_copy.COPY_EVERY + dt.timedelta(seconds=1))
    wanda.do(email_copy.mail_copy, id_)


@pytest.mark.parametrize(
    ("address", "source", "may"), [("", "local", True), ("203.0.113.7", "demo", True), ("203.0.113.7", "sshd", False)]
)
def test_files_are_saved_where_the_reader_sits(desk: Desk, address: str, source: str, may: bool) -> None:
    subscriber(desk, account_id=person(desk, "wanda"))
    assert seat(coming_from(desk, address, source), 1).see(email_copy.may_save) is may

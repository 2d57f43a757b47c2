"""An invoice once more, by mail: for whoever can't save a file where they are."""

from __future__ import annotations

import datetime as dt

from core.errors import Conflict, Throttled
from core.i18n.translation import N_
from core.models.accounts import Account, AccountState
from core.models.billing import Invoice
from core.models.subscribers import Subscriber
from core.service import throttle
from core.service.actions import action
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_account = table(Account)

COPY_EVERY, COPIES_AT_ONCE = dt.timedelta(minutes=6), 10
"""How often a subscriber's invoices are mailed again: ten at once, then ten an hour."""


@action("invoice.copy", on=Invoice)
def mail_copy(work: UnitOfWork, invoice: Invoice) -> str:
    """Mail the PDF to the account of the subscriber it was issued to, whoever of those who may read it asks; returns
    the address. The PDF is made when the letter leaves."""
    subscriber = work.find(Subscriber, invoice.subscriber_id)
    active = _account.c.state == AccountState.ACTIVE.value
    account = work.unscoped(Account, _account.c.id == subscriber.account_id, active)
    if account is None:
        raise Conflict(N_("Nobody has signed up for this subscriber yet, so there is no address to mail it to."))
    often = throttle.bucket(work, "invoice-copy", subscriber.id)
    until = throttle.hit(work, often, every=COPY_EVERY, burst=COPIES_AT_ONCE)
    if until is not None:
        raise Throttled(N_("Many invoices have been mailed just now. The next one can be after {time}."), until=until)
    work.mail(
        "invoice_copy",
        account,
        name=account.first_name,
        invoice=invoice.number,
        invoice_id=invoice.id,
        by_staff=account.id != work.actor.account_id,
    )
    work.record("invoice.copy", "invoice", invoice.id)
    return account.email


def may_save(look: ReadContext) -> bool:
    """Whether a file saved by this program would be on the reader's own computer: not over SSH, where that may be
    everybody's."""
    return look.peer.own_computer

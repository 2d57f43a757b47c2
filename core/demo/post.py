"""What only a demo may show: the codes in the mail, and what an authenticator app would say now."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import pyotp
import sqlalchemy as sa

from core.accounts.models import Account
from core.accounts.second_step import STEP
from core.contracts import cover
from core.contracts.models import Contract
from core.desk import Desk
from core.errors import Forbidden
from core.mail import maildir, worker
from core.mail.maildir import Post
from core.settings import Settings
from core.tickets.models import OPEN_BELOW, Ticket
from core.words import N_
from core.work import Look, table

_account, _contract, _ticket = table(Account), table(Contract), table(Ticket)

_ALONE = re.compile(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b")
_DIGITS = re.compile(r"^\s+((?:\d ?){6,8})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Shown:
    """What an authenticator shows: six digits, and for how many seconds they stay."""

    code: str
    left: int


def only_in_a_demo(settings: Settings) -> None:
    """Raise :class:`Forbidden` on a real desk."""
    if not settings.demo:
        raise Forbidden(N_("You may not do this."))


def mails(desk: Desk, limit: int = 200) -> list[Post]:
    """The latest mails of the demo's own mail folder, newest first; what is due is delivered before."""
    only_in_a_demo(desk.settings)
    worker.deliver(desk)
    return maildir.newest(desk.settings.maildir, limit)


def code_in(body: str) -> str:
    """The code a mail carries, or an empty text."""
    alone = _ALONE.search(body)
    if alone is not None:
        return alone[0]
    digits = _DIGITS.search(body)
    return digits[1].replace(" ", "") if digits is not None else ""


def authenticator_code(desk: Desk, account_id: int) -> Shown | None:
    """What the account's authenticator app shows; None when it has none.

    Each step is good once, so after a log-in this is already the next one, which the desk takes half a minute early.
    """
    only_in_a_demo(desk.settings)

    def read(look: Look) -> Shown | None:
        account = look.entity(Account, _account.c.id == account_id)
        if account is None or account.totp_secret is None:
            return None
        secret = look.keys.unseal("totp", account.totp_secret, str(account_id))
        seconds = int(look.now.timestamp())
        step = max(seconds // STEP, account.totp_step + 1)
        return Shown(pyotp.TOTP(secret).at(for_time=step * STEP), (step + 1) * STEP - seconds)

    return desk.as_system().see(read)


@dataclass(frozen=True, slots=True)
class Standing:
    """What changes with time, counted: for *what changed* after the clock was moved."""

    at: dt.datetime
    active: int
    expiring: int
    expired: int
    not_begun: int
    open_tickets: int


def standing(look: Look) -> Standing:
    """How the demo's contracts and tickets stand now."""
    only_in_a_demo(look.settings)
    today = look.now.date()
    begun = _contract.c.valid_from <= today
    runs = sa.and_(begun, _contract.c.valid_until >= today)
    soon = sa.and_(runs, _contract.c.valid_until <= today + cover.SOON)
    count = sa.func.count()
    counted = (
        count.filter(runs),
        count.filter(soon),
        count.filter(_contract.c.valid_until < today),
        count.filter(sa.not_(begun)),
    )
    row = look.connection.execute(sa.select(*counted).select_from(_contract)).one()
    open_tickets = look.value(sa.select(count).select_from(_ticket).where(_ticket.c.status < OPEN_BELOW))
    return Standing(look.now, row[0], row[1], row[2], row[3], open_tickets)

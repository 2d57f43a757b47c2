"""What only a demo may do: show the codes in the mail and an authenticator's, and let a visitor be anybody."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import pyotp
import sqlalchemy as sa

from core import jobs
from core.accounts import sessions
from core.accounts.second_factor import STEP
from core.accounts.sessions import Entered
from core.clock import MovableClock
from core.contracts import coverage
from core.demo import provider_bills
from core.errors import Forbidden
from core.i18n.translation import N_
from core.mail import delivery, maildir
from core.mail.maildir import Post
from core.models.accounts import Account, Session
from core.models.care import Application, ApplicationState, Invitation, InvitationState
from core.models.contracts import Asset, Contract
from core.models.subscribers import LineAddress, Subscriber
from core.models.tickets import OPEN_BELOW, Ticket
from core.service.desk import Desk
from core.service.settings import Settings
from core.service.unit_of_work import ReadContext, UnitOfWork, not_found, table

_account, _session = table(Account), table(Session)
_contract, _ticket = table(Contract), table(Ticket)

_CODE = re.compile(r"^\s*([0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}|\d{8}|\d{6})\s*$", re.MULTILINE)
"""A code has a line of its own in every letter."""


@dataclass(frozen=True, slots=True)
class AuthenticatorCode:
    """What an authenticator shows: six digits, and for how many seconds they stay."""

    code: str
    left: int


def only_in_a_demo(settings: Settings) -> None:
    """Raise :class:`Forbidden` on a real desk."""
    if not settings.demo:
        raise Forbidden(N_("You may not do this."))


def enter(work: UnitOfWork, account_id: int) -> Entered:
    """Log in as somebody without the steps it takes."""
    only_in_a_demo(work.settings)
    account = work.unscoped(Account, _account.c.id == account_id)
    if account is None:
        raise not_found()
    return sessions.begin(work, account)


def stay(work: UnitOfWork, session_id: int, by: dt.timedelta) -> None:
    """Let a session outlive a jump of the clock by ``by``: whoever moves it would otherwise throw themselves out."""
    only_in_a_demo(work.settings)
    until = work.now + by + dt.timedelta(hours=work.settings.security.session_hours)
    work.change(Session, _session.c.id == session_id, _session.c.ended_at.is_(None), expires_at=until)


def pass_time(desk: Desk, clock: MovableClock, by: dt.timedelta) -> None:
    """Push the clock ahead, a day at a time: what comes due by itself happens on its day, as if one had waited."""
    only_in_a_demo(desk.settings)
    while by > dt.timedelta():
        step = min(by, dt.timedelta(days=1))
        clock.move(step)
        desk.as_system().do(provider_bills.one_more_day)
        jobs.run(desk)
        by -= step


def home(look: ReadContext, account_id: int) -> str:
    """An address of the first line of whoever this is; empty for somebody who is no subscriber."""
    only_in_a_demo(look.settings)
    address, asset, subscriber = table(LineAddress), table(Asset), table(Subscriber)
    joined = (
        sa.select(address.c.network)
        .join_from(address, asset, asset.c.id == address.c.asset_id)
        .join(subscriber, subscriber.c.id == asset.c.subscriber_id)
        .where(subscriber.c.account_id == account_id)
        .order_by(asset.c.id, address.c.id)
        .limit(1)
    )
    return str(look.value(joined) or "")


class PostBox:
    """The demo's mail folder, read again only when something came in."""

    def __init__(self, desk: Desk, limit: int = 200) -> None:
        only_in_a_demo(desk.settings)
        self._desk, self._limit = desk, limit
        self._stamp = 0
        self._mails: list[Post] = []

    def mails(self) -> list[Post]:
        """The latest mails, newest first; what is due is delivered before. Blocks, so call it in a thread."""
        delivery.deliver(self._desk)
        arrivals = self._desk.settings.maildir / "new"
        stamp = arrivals.stat().st_mtime_ns if arrivals.is_dir() else 0
        if stamp != self._stamp:
            self._mails = maildir.newest(self._desk.settings.maildir, self._limit)
            self._stamp = stamp
        return self._mails


def code_in(body: str) -> str:
    """The code a mail carries, or an empty text."""
    match = _CODE.search(body)
    return match[1] if match is not None else ""


def authenticator_code(desk: Desk, account_id: int) -> AuthenticatorCode | None:
    """What the account's authenticator app shows; None when it has none.

    Each step is good once, so after a log-in this is already the next one, which the desk takes half a minute early.
    """
    only_in_a_demo(desk.settings)

    def read(look: ReadContext) -> AuthenticatorCode | None:
        account = look.unscoped(Account, _account.c.id == account_id)
        if account is None or account.totp_secret is None:
            return None
        secret = look.keys.unseal("totp", account.totp_secret, str(account_id))
        seconds = int(look.now.timestamp())
        step = max(seconds // STEP, account.totp_step + 1)
        return AuthenticatorCode(pyotp.TOTP(secret).at(for_time=step * STEP), (step + 1) * STEP - seconds)

    return desk.as_system().see(read)


@dataclass(frozen=True, slots=True)
class ChangingCounts:
    """What changes with time, counted: for *what changed* after the clock was moved."""

    at: dt.datetime
    active: int
    expiring: int
    expired: int
    not_begun: int
    open_tickets: int
    pending: int
    """Applications that installers have not decided."""
    invited: int
    """Invitations that customers have not answered."""


def standing(look: ReadContext) -> ChangingCounts:
    """How the demo's contracts and tickets stand now."""
    only_in_a_demo(look.settings)
    today = look.today
    begun = _contract.c.valid_from <= today
    runs = sa.and_(begun, _contract.c.valid_until >= today)
    soon = sa.and_(runs, _contract.c.valid_until <= today + coverage.SOON)
    count = sa.func.count()
    counted = (
        count.filter(runs),
        count.filter(soon),
        count.filter(_contract.c.valid_until < today),
        count.filter(sa.not_(begun)),
    )
    row = look.connection.execute(sa.select(*counted).select_from(_contract)).one()
    open_tickets = look.value(sa.select(count).select_from(_ticket).where(_ticket.c.status < OPEN_BELOW))
    application, invitation = table(Application), table(Invitation)
    pending = application.c.state == ApplicationState.PENDING.value, application.c.expires_at > look.now
    invited = invitation.c.state == InvitationState.SENT.value, invitation.c.expires_at > look.now
    return ChangingCounts(
        look.now,
        row[0],
        row[1],
        row[2],
        row[3],
        open_tickets,
        look.value(sa.select(count).select_from(application).where(*pending)),
        look.value(sa.select(count).select_from(invitation).where(*invited)),
    )

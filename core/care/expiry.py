"""What comes due by itself: reminders, and applications and invitations whose time is over.

The job tells people; what counts is checked in the statement that decides, so nothing depends on when the job runs.
Every step claims its row by the UPDATE that the letter belongs to: run twice, or by two at once, it tells once.
"""

import datetime as dt
from typing import Any

import sqlalchemy as sa

from core.accounts.models import Purpose
from core.care import invitations, recipients
from core.care.applications import REMIND_EVERY
from core.care.models import Application, ApplicationState, Invitation, InvitationState
from core.security import one_time_codes
from core.service.unit_of_work import Work, table

_application, _invitation = table(Application), table(Invitation)

BATCH = 100
"""Rows that one transaction takes: other writers wait no longer than for these."""


def run_out_applications(work: Work, *, device_key: str = "", limit: int = BATCH) -> int:
    """Applications whose time is over leave the list, and both sides get mail; of one device when it is given.
    Returns how many there were."""
    late = sa.text("application.state = 'pending'"), _application.c.expires_at <= work.now
    here = _application.c.device_key == device_key if device_key else sa.true()
    ids = sa.select(_application.c.id).where(*late, here).order_by(_application.c.expires_at).limit(limit)
    gone = work.connection.execute(
        sa.update(_application)
        .where(_application.c.id.in_(ids), *late)
        .values(
            state=ApplicationState.EXPIRED.value,
            decided_at=work.now,
            remind_at=None,
            version=_application.c.version + 1,
        )
        .returning(_application)
    ).all()
    for row in gone:
        _tell_of_application(work, row)
        work.record("application.expire", "application", row.id)
    return len(gone)


def _tell_of_application(work: Work, row: Any) -> None:
    firm = recipients.firm(work, row.company_id)
    told: dict[str, Any] = {"name": row.name, "company": firm.name, "device": row.device}
    customer = recipients.customer(work, row.customer_id, row.language)
    if customer is not None:
        work.mail("application_expired", customer, to_company=False, **told)
    work.mail("application_expired", firm.box, to_company=True, **told)


def run_out_invitations(work: Work, *, company_id: int | None = None, email_key: str = "", limit: int = BATCH) -> int:
    """Invitations nobody answered: the company is told. Of one company's to one address when they are given."""
    late = sa.text("invitation.state = 'sent'"), _invitation.c.expires_at <= work.now
    here = sa.and_(_invitation.c.company_id == company_id, _invitation.c.email_key == email_key)
    ids = (
        sa.select(_invitation.c.id)
        .where(*late, here if company_id is not None else sa.true())
        .order_by(_invitation.c.expires_at)
        .limit(limit)
    )
    gone = work.connection.execute(
        sa.update(_invitation)
        .where(_invitation.c.id.in_(ids), *late)
        .values(
            state=InvitationState.EXPIRED.value,
            answered_at=work.now,
            remind_at=None,
            version=_invitation.c.version + 1,
        )
        .returning(_invitation)
    ).all()
    for row in gone:
        one_time_codes.void_bound(work, Purpose.CARE, str(row.id))
        firm = recipients.firm(work, row.company_id)
        work.mail("invitation_expired", firm.box, name=row.name, company=firm.name, email=row.email)
        work.record("invitation.expire", "invitation", row.id)
    return len(gone)


def remind_companies(work: Work, limit: int = BATCH) -> int:
    """An application waits for its answer: one reminder after 7, 14 and 21 days. Whoever missed one (nothing ran that
    day) gets the next, not both."""
    rows = _reminded(work, _application, "application.state = 'pending'", limit)
    for row in rows:
        firm = recipients.firm(work, row.company_id)
        work.mail(
            "application_reminder",
            firm.box,
            name=row.name,
            company=firm.name,
            device=row.device,
            since=row.created_at.isoformat(),
            until=row.expires_at.isoformat(),
        )
        work.record("application.remind", "application", row.id)
    return len(rows)


def remind_customers(work: Work, limit: int = BATCH) -> int:
    """The same for invitations. The reminder carries a new code: the old one is kept nowhere to be said again."""
    rows = _reminded(work, _invitation, "invitation.state = 'sent'", limit)
    for row in rows:
        firm = recipients.firm(work, row.company_id)
        invitations.mail_code(work, firm, row.id, row, row.expires_at, reminder=True)
        work.record("invitation.remind", "invitation", row.id)
    return len(rows)


def _reminded(work: Work, waiting: sa.Table, open_: str, limit: int) -> list[Any]:
    """The rows whose reminder is due, each claimed by moving its ``remind_at`` on."""
    due = sa.text(open_), waiting.c.remind_at <= work.now, waiting.c.expires_at > work.now
    rows = work.rows(
        sa.select(waiting.c.id, waiting.c.remind_at, waiting.c.expires_at)
        .where(*due)
        .order_by(waiting.c.remind_at)
        .limit(limit)
    )
    claimed: list[Any] = []
    for row in rows:
        claim = (
            sa.update(waiting)
            .where(waiting.c.id == row.id, waiting.c.remind_at == row.remind_at, *due)
            .values(remind_at=_next(row.remind_at, row.expires_at, work.now))
            .returning(waiting)
        )
        claimed += work.connection.execute(claim).all()
    return claimed


def _next(last: dt.datetime, end: dt.datetime, now: dt.datetime) -> dt.datetime | None:
    """The next reminder that lies ahead, if there is one before the end."""
    while last <= now:
        last += REMIND_EVERY
    return last if last < end else None

"""Reminders of what waits for an answer: to companies of applications, to customers of invitations.

The job tells people; what counts is checked in the statement that decides, so nothing depends on when the job runs.
Every step claims its row by the UPDATE that the letter belongs to: run twice, or by two at once, it tells once.
"""

import datetime as dt
from typing import Any

import sqlalchemy as sa

from core.care import invitations, recipients
from core.care.applications import REMIND_EVERY
from core.care.expiry import BATCH
from core.models.care import Application, Invitation
from core.service.unit_of_work import UnitOfWork, table

_application, _invitation = table(Application), table(Invitation)


def remind_companies(work: UnitOfWork, limit: int = BATCH) -> int:
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


def remind_customers(work: UnitOfWork, limit: int = BATCH) -> int:
    """The same for invitations. The reminder carries a new code: the old one is kept nowhere to be said again."""
    rows = _reminded(work, _invitation, "invitation.state = 'sent'", limit)
    for row in rows:
        firm = recipients.firm(work, row.company_id)
        invitations.mail_code(work, firm, row.id, row, row.expires_at, reminder=True)
        work.record("invitation.remind", "invitation", row.id)
    return len(rows)


def _reminded(work: UnitOfWork, waiting: sa.Table, open_: str, limit: int) -> list[Any]:
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

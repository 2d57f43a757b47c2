"""Applications and invitations whose time is over: they keep no device and no place, even before the job comes round.

Every step claims its row by the UPDATE that the letter belongs to: run twice, or by two at once, it tells once.
"""

import datetime as dt
from typing import Any

import sqlalchemy as sa

from core.care import recipients
from core.models.accounts import Purpose
from core.models.care import Application, ApplicationState, Invitation, InvitationState
from core.service import one_time_codes
from core.service.unit_of_work import UnitOfWork, table

_application, _invitation = table(Application), table(Invitation)

BATCH = 100
"""Rows that one transaction takes: other writers wait no longer than for these."""


def run_out_applications(work: UnitOfWork, *, device_key: str = "", limit: int = BATCH) -> int:
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


def _tell_of_application(work: UnitOfWork, row: Any) -> None:
    firm = recipients.firm(work, row.company_id)
    details: dict[str, Any] = {"name": row.name, "company": firm.name, "device": row.device}
    customer = recipients.customer(work, row.customer_id, row.language)
    if customer is not None:
        work.mail("application_expired", customer, to_company=False, **details)
    work.mail("application_expired", firm.box, to_company=True, **details)


def run_out_invitations(
    work: UnitOfWork, *, company_id: int | None = None, email_key: str = "", limit: int = BATCH
) -> int:
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


def days_left(until: dt.datetime, now: dt.datetime) -> int:
    """Begun days until then; 0 when it is over."""
    left = until - now
    return max(0, left.days + (1 if left.seconds or left.microseconds else 0))

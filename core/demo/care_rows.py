"""Writing the demo's care, and the letters about it that lie in the post room."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from core.accounts.address_owner import TERMS_VERSION
from core.care import invitations
from core.care.applications import VALID_FOR
from core.care.recipients import CustomerRecipient, ServiceCompany
from core.demo.care import BROKEN, BROKEN_FOR, Applied, CareWorld, DemoInvitation, Looked, reminders
from core.demo.contracts import asset_row
from core.demo.grant_histories import Life
from core.demo.installers import DemoServiceCompany
from core.devices.simulator import gateway
from core.i18n.sanitize import fold, identity
from core.models.care import (
    AccessRequest,
    Application,
    ApplicationState,
    Grant,
    GrantEvent,
    Invitation,
    InvitationState,
    RequestState,
)
from core.models.contracts import Asset
from core.models.devices import DeviceSetting
from core.service.unit_of_work import UnitOfWork

Letter = tuple[dt.datetime, Callable[[UnitOfWork], None]]
"""When it was promised, and what promises it, given the desk as it was then."""


def keep(work: UnitOfWork, made: CareWorld, lives: Sequence[Life]) -> None:
    """Applications, invitations, devices, grants with their histories, and the fault of one device."""
    work.add_all(Application, [_application(work, each) for each in made.applications])
    work.add_all(Invitation, [_invitation(work, each) for each in made.invitations])
    work.add_all(Asset, [asset_row(each.thing, each.since) for each in made.grants])
    work.add_all(Grant, [_grant(life) for life in lives])
    work.add_all(AccessRequest, _by_time([row for life in lives for row in life.requests], "asked_at"))
    work.add_all(GrantEvent, _by_time([row for life in lives for row in life.events], "at"))
    work.add_all(DeviceSetting, _by_time([row for life in lives for row in life.settings], "at"))
    broken = next(each for each in made.grants if each.person.part == "asked")
    gateway.break_down(then(work, work.now - BROKEN_FOR), broken.thing.id, BROKEN)


def then(work: UnitOfWork, at: dt.datetime) -> UnitOfWork:
    """The same work as it would have been done at another moment."""
    return UnitOfWork(work.connection, work.actor, at, work.settings, work.keys)


def _by_time(rows: list[dict[str, Any]], column: str) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: row[column])


def _application(work: UnitOfWork, application: Applied) -> dict[str, Any]:
    person, open_ = application.person, application.state is ApplicationState.PENDING
    return {
        "id": application.id,
        "company_id": application.service.firm.id,
        "customer_id": person.id,
        "product_id": application.product_id,
        "device": application.device,
        "device_key": identity(application.device),
        "level": application.level,
        "name": person.name,
        "name_key": fold(person.name),
        "address": application.address,
        "phone": person.phone,
        "country": "PL",
        "language": person.language,
        "state": application.state.value,
        "terms_version": TERMS_VERSION,
        "created_at": application.created,
        "expires_at": application.created + VALID_FOR,
        "remind_at": reminders(application.created, work.now)[1] if open_ else None,
        "decided_at": application.decided,
        "decided_by": application.decided_by.id if application.decided_by else None,
        "message": application.message,
        "version": 1 if open_ else 2,
    }


def _invitation(work: UnitOfWork, invitation: DemoInvitation) -> dict[str, Any]:
    open_ = invitation.state is InvitationState.SENT
    return {
        "id": invitation.id,
        "company_id": invitation.service.firm.id,
        "invited_by": invitation.by.id,
        "customer_id": invitation.person.id if invitation.person else None,
        "name": invitation.name,
        "name_key": fold(invitation.name),
        "address": invitation.address,
        "country": "PL",
        "email": invitation.email,
        "email_key": invitation.email,
        "language": invitation.language,
        "state": invitation.state.value,
        "created_at": invitation.sent,
        "sent_at": invitation.sent,
        "expires_at": invitation.sent + VALID_FOR,
        "remind_at": reminders(invitation.sent, work.now)[1] if open_ else None,
        "answered_at": invitation.answered,
        "version": 1 if open_ else 2,
    }


def _grant(life: Life) -> dict[str, Any]:
    grant, person = life.grant, life.grant.person
    return {
        "id": grant.id,
        "company_id": grant.service.firm.id,
        "customer_id": person.id,
        "asset_id": grant.thing.id,
        "application_id": grant.application.id if grant.application else None,
        "invitation_id": grant.invitation.id if grant.invitation else None,
        "level": life.level,
        "name": person.name,
        "name_key": fold(person.name),
        "address": grant.address,
        "address_key": fold(grant.address),
        "phone": person.phone,
        "country": "PL",
        "language": person.language,
        "since": grant.since,
        "ended_at": grant.ended,
        "ended_by": person.id if grant.ended else None,
        "version": life.version,
    }


# Letters


def letters(made: CareWorld, lives: Sequence[Life], now: dt.datetime, posted: dt.timedelta) -> Iterator[Letter]:
    """What was promised in the last days, and the latest letter of every invitation that waits, with its code."""
    for application in made.applications:
        if application.state is ApplicationState.PENDING and now - application.created < posted:
            yield application.created, _sent(application)
            yield application.created, _received(application)
        last, _following = reminders(application.created, now)
        if application.state is ApplicationState.PENDING and last is not None and now - last < posted:
            yield last, _reminded(application)
    for invited in made.invitations:
        if invited.state is InvitationState.SENT:
            last, _following = reminders(invited.sent, now)
            yield last or invited.sent, _invite(invited, reminder=last is not None)
    for life in lives:
        for row in life.requests:
            if row["state"] == RequestState.ASKED.value:
                yield row["asked_at"], _asked(life.grant, row)


def firm(service: DemoServiceCompany) -> ServiceCompany:
    """The company as letters know it."""
    known = service.firm
    return ServiceCompany(known.id, known.name, service.email, known.language, service.facts["phone"])


def _sent(application: Applied) -> Callable[[UnitOfWork], None]:
    def promise(work: UnitOfWork) -> None:
        work.mail(
            "application_sent",
            CustomerRecipient(application.person.id, application.person.email, application.person.language),
            name=application.person.name,
            company=application.service.firm.name,
            device=application.device,
            level=application.level,
            until=(application.created + VALID_FOR).isoformat(),
        )

    return promise


def _received(application: Applied) -> Callable[[UnitOfWork], None]:
    def promise(work: UnitOfWork) -> None:
        work.mail(
            "application_received",
            firm(application.service).box,
            name=application.person.name,
            company=application.service.firm.name,
            device=application.device,
            level=application.level,
            place=application.address,
            until=(application.created + VALID_FOR).isoformat(),
        )

    return promise


def _reminded(application: Applied) -> Callable[[UnitOfWork], None]:
    def promise(work: UnitOfWork) -> None:
        work.mail(
            "application_reminder",
            firm(application.service).box,
            name=application.person.name,
            company=application.service.firm.name,
            device=application.device,
            since=application.created.isoformat(),
            until=(application.created + VALID_FOR).isoformat(),
        )

    return promise


def _invite(invitation: DemoInvitation, *, reminder: bool) -> Callable[[UnitOfWork], None]:
    """The real letter with a real code: whoever finds it can answer."""

    def promise(work: UnitOfWork) -> None:
        row = Invitation(**_invitation(work, invitation))
        invitations.mail_code(
            work, firm(invitation.service), invitation.id, row, invitation.sent + VALID_FOR, reminder=reminder
        )

    return promise


def _asked(grant: Looked, row: dict[str, Any]) -> Callable[[UnitOfWork], None]:
    def promise(work: UnitOfWork) -> None:
        work.mail(
            "access_asked",
            CustomerRecipient(grant.person.id, grant.person.email, grant.person.language),
            name=grant.person.name,
            company=grant.service.firm.name,
            by=grant.by.name,
            device=grant.thing.identifier,
            right=row["right_"],
            hours=row["hours"],
            reason=row["reason"],
        )

    return promise

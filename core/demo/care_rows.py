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


def keep(work: UnitOfWork, made: CareWorld, told: Sequence[Life]) -> None:
    """Applications, invitations, devices, grants with their histories, and the fault of one device."""
    work.add_all(Application, [_application(work, one) for one in made.applications])
    work.add_all(Invitation, [_invitation(work, one) for one in made.invitations])
    work.add_all(Asset, [asset_row(one.thing, one.since) for one in made.grants])
    work.add_all(Grant, [_grant(life) for life in told])
    work.add_all(AccessRequest, _by_time([row for life in told for row in life.requests], "asked_at"))
    work.add_all(GrantEvent, _by_time([row for life in told for row in life.events], "at"))
    work.add_all(DeviceSetting, _by_time([row for life in told for row in life.settings], "at"))
    broken = next(one for one in made.grants if one.person.part == "asked")
    gateway.break_down(then(work, work.now - BROKEN_FOR), broken.thing.id, BROKEN)


def then(work: UnitOfWork, at: dt.datetime) -> UnitOfWork:
    """The same work as it would have been done at another moment."""
    return UnitOfWork(work.connection, work.actor, at, work.settings, work.keys)


def _by_time(rows: list[dict[str, Any]], column: str) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: row[column])


def _application(work: UnitOfWork, one: Applied) -> dict[str, Any]:
    person, open_ = one.person, one.state is ApplicationState.PENDING
    return {
        "id": one.id,
        "company_id": one.service.firm.id,
        "customer_id": person.id,
        "product_id": one.product_id,
        "device": one.device,
        "device_key": identity(one.device),
        "level": one.level,
        "name": person.name,
        "name_key": fold(person.name),
        "address": one.address,
        "phone": person.phone,
        "country": "PL",
        "language": person.language,
        "state": one.state.value,
        "terms_version": TERMS_VERSION,
        "created_at": one.created,
        "expires_at": one.created + VALID_FOR,
        "remind_at": reminders(one.created, work.now)[1] if open_ else None,
        "decided_at": one.decided,
        "decided_by": one.decided_by.id if one.decided_by else None,
        "message": one.message,
        "version": 1 if open_ else 2,
    }


def _invitation(work: UnitOfWork, one: DemoInvitation) -> dict[str, Any]:
    open_ = one.state is InvitationState.SENT
    return {
        "id": one.id,
        "company_id": one.service.firm.id,
        "invited_by": one.by.id,
        "customer_id": one.person.id if one.person else None,
        "name": one.name,
        "name_key": fold(one.name),
        "address": one.address,
        "country": "PL",
        "email": one.email,
        "email_key": one.email,
        "language": one.language,
        "state": one.state.value,
        "created_at": one.sent,
        "sent_at": one.sent,
        "expires_at": one.sent + VALID_FOR,
        "remind_at": reminders(one.sent, work.now)[1] if open_ else None,
        "answered_at": one.answered,
        "version": 1 if open_ else 2,
    }


def _grant(life: Life) -> dict[str, Any]:
    one, person = life.grant, life.grant.person
    return {
        "id": one.id,
        "company_id": one.service.firm.id,
        "customer_id": person.id,
        "asset_id": one.thing.id,
        "application_id": one.application.id if one.application else None,
        "invitation_id": one.invitation.id if one.invitation else None,
        "level": life.level,
        "name": person.name,
        "name_key": fold(person.name),
        "address": one.address,
        "address_key": fold(one.address),
        "phone": person.phone,
        "country": "PL",
        "language": person.language,
        "since": one.since,
        "ended_at": one.ended,
        "ended_by": person.id if one.ended else None,
        "version": life.version,
    }


# Letters


def letters(made: CareWorld, told: Sequence[Life], now: dt.datetime, posted: dt.timedelta) -> Iterator[Letter]:
    """What was promised in the last days, and the latest letter of every invitation that waits, with its code."""
    for one in made.applications:
        if one.state is ApplicationState.PENDING and now - one.created < posted:
            yield one.created, _sent(one)
            yield one.created, _received(one)
        last, _following = reminders(one.created, now)
        if one.state is ApplicationState.PENDING and last is not None and now - last < posted:
            yield last, _reminded(one)
    for invited in made.invitations:
        if invited.state is InvitationState.SENT:
            last, _following = reminders(invited.sent, now)
            yield last or invited.sent, _invite(invited, reminder=last is not None)
    for life in told:
        for row in life.requests:
            if row["state"] == RequestState.ASKED.value:
                yield row["asked_at"], _asked(life.grant, row)


def firm(service: DemoServiceCompany) -> ServiceCompany:
    """The company as letters know it."""
    known = service.firm
    return ServiceCompany(known.id, known.name, service.email, known.language, service.facts["phone"])


def _sent(one: Applied) -> Callable[[UnitOfWork], None]:
    def promise(work: UnitOfWork) -> None:
        work.mail(
            "application_sent",
            CustomerRecipient(one.person.id, one.person.email, one.person.language),
            name=one.person.name,
            company=one.service.firm.name,
            device=one.device,
            level=one.level,
            until=(one.created + VALID_FOR).isoformat(),
        )

    return promise


def _received(one: Applied) -> Callable[[UnitOfWork], None]:
    def promise(work: UnitOfWork) -> None:
        work.mail(
            "application_received",
            firm(one.service).box,
            name=one.person.name,
            company=one.service.firm.name,
            device=one.device,
            level=one.level,
            place=one.address,
            until=(one.created + VALID_FOR).isoformat(),
        )

    return promise


def _reminded(one: Applied) -> Callable[[UnitOfWork], None]:
    def promise(work: UnitOfWork) -> None:
        work.mail(
            "application_reminder",
            firm(one.service).box,
            name=one.person.name,
            company=one.service.firm.name,
            device=one.device,
            since=one.created.isoformat(),
            until=(one.created + VALID_FOR).isoformat(),
        )

    return promise


def _invite(one: DemoInvitation, *, reminder: bool) -> Callable[[UnitOfWork], None]:
    """The real letter with a real code: whoever finds it can answer."""

    def promise(work: UnitOfWork) -> None:
        row = Invitation(**_invitation(work, one))
        invitations.mail_code(work, firm(one.service), one.id, row, one.sent + VALID_FOR, reminder=reminder)

    return promise


def _asked(one: Looked, row: dict[str, Any]) -> Callable[[UnitOfWork], None]:
    def promise(work: UnitOfWork) -> None:
        work.mail(
            "access_asked",
            CustomerRecipient(one.person.id, one.person.email, one.person.language),
            name=one.person.name,
            company=one.service.firm.name,
            by=one.by.name,
            device=one.thing.identifier,
            right=row["right_"],
            hours=row["hours"],
            reason=row["reason"],
        )

    return promise

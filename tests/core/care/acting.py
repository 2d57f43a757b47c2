"""What people of care do, in one line each."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from core import forms
from core.care import access_requests, applications, approval, invitation_reply, invitations
from core.care.access_requests import AskAccess
from core.care.applications import Apply
from core.care.approval import Approval
from core.care.invitation_reply import Accept
from core.care.invitations import Invite
from core.db.pagination import PageRequest
from core.models.care import Application
from core.service.desk import Desk
from core.service.unit_of_work import table
from tests.factories.desks import mailed_code

DEVICE = "B123456789"


def application_form(**given: Any) -> Apply:
    values = {
        "company_email": "serwis@example.com",
        "device": DEVICE,
        "level": "2",
        "name": "Zofia Rzepa",
        "address": "ul. Krzywa 3, 34-442 Łapsze",
        "phone": "600 700 800",
        "country": "PL",
        "language": "pl",
        "terms": "yes",
        **given,
    }
    return forms.fill(Apply, values)


def applied(customer: Desk, **given: Any) -> int:
    """Apply; the application's id."""
    customer.do(applications.apply, application_form(**given))
    return latest(customer, Application)


def latest(desk: Desk, model: Any) -> int:
    """The id of the newest row."""
    found = desk.as_system().see(lambda look: look.value(sa.select(sa.func.max(table(model).c.id))))
    return int(found)


def row(desk: Desk, model: Any, id_: int) -> Any:
    """A row as it stands."""
    return desk.as_system().see(lambda look: look.row(sa.select(table(model)).where(table(model).c.id == id_)))


def approved(installer: Desk, application_id: int, message: str = "", *, seen: int = 1) -> int:
    """Approve; the grant's id."""
    done: int = installer.do(approval.approve, application_id, Approval(message=message or None), seen=seen)
    return done


def invite_form(**given: Any) -> Invite:
    values = {
        "name": "Zofia Rzepa",
        "country": "PL",
        "address": "ul. Krzywa 3, 34-442 Łapsze",
        "email": "zofia@example.com",
        "language": "pl",
        **given,
    }
    return forms.fill(Invite, values)


def invited(installer: Desk, **given: Any) -> tuple[int, str]:
    """Invite; the invitation's id and the code in its letter."""
    invitation_id = installer.do(invitations.send, invite_form(**given))
    return invitation_id, mailed_code(installer, "care_invitation")


def accept_form(**given: Any) -> Accept:
    return forms.fill(Accept, {"device": DEVICE, "level": "3", "language": "pl", "terms": "yes", **given})


def accepted(customer: Desk, code: str, **given: Any) -> int:
    """Accept; the grant's id."""
    done: int = customer.do(invitation_reply.accept, code, accept_form(**given))
    return done


def asked(installer: Desk, grant_id: int, right: str = "control", hours: int = 24) -> int:
    """Ask for a right; the request's id."""
    form = forms.fill(AskAccess, {"right": right, "reason": "Sprawdzenie krzywej grzewczej", "hours": str(hours)})
    done: int = installer.do(access_requests.ask, grant_id, form)
    return done


def waiting(installer: Desk, search: str = "") -> list[Any]:
    """The rows of the pending list."""
    return list(installer.see(approval.page, PageRequest(), search).rows)


def invitations_of(installer: Desk) -> list[Any]:
    """The rows of the list of invitations."""
    return list(installer.see(invitations.page, PageRequest()).rows)

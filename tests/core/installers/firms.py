"""Installer companies for tests, from the form to the two codes."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from core import forms
from core.accounts.registration import Proof
from core.installers import profile as installer_profile
from core.installers.addresses import Proved
from core.installers.forms import ServiceSignUp
from core.installers.invitations import NewMember
from core.installers.profile import ManagementPassword, ProfileForm
from core.models.accounts import Account, Purpose, Standing
from core.models.companies import ServiceProfile
from core.service.desk import Desk
from core.service.unit_of_work import ReadContext, table
from core.sign_up import installer as sign_up_installer
from tests.factories.cares import MANAGEMENT_PASSWORD, installer, service_company
from tests.factories.desks import PASSWORD, mail

EMAIL, MANAGEMENT = "serwis@cieplo.example", "zarzad@cieplo.example"
BOTH = (Purpose.COMPANY, Purpose.MANAGEMENT)


def values(**given: Any) -> dict[str, Any]:
    """Raw values of a good sign-up; change what the test is about."""
    own = {
        "company": "Ciepło Dolne",
        "country": "PL",
        "zone": "Europe/Warsaw",
        "phone": "+48 22 555 02 00",
        "email": EMAIL,
        "url": "https://cieplo.example",
        "founded": "1998",
        "employees": "12",
        "language": "en",
        "login": "cieplo",
        "first_name": "Iga",
        "last_name": "Kotłowska",
        "password": PASSWORD,
        "again": PASSWORD,
        "management_email": MANAGEMENT,
        "management_password": MANAGEMENT_PASSWORD,
        "management_again": MANAGEMENT_PASSWORD,
        "terms": "yes",
    }
    return {**own, **given}


def form(**given: Any) -> ServiceSignUp:
    return forms.fill(ServiceSignUp, values(**given))


def start(desk: Desk, **given: Any) -> str:
    """The receipt of a sign-up."""
    return desk.do(sign_up_installer.start, form(**given)).receipt


def confirm(desk: Desk, receipt: str, address: str, login: str = "") -> Proved:
    """The code that came to an address, typed on the page of this receipt."""
    return desk.do(sign_up_installer.confirm, code_to(desk, address), Proof(receipt=receipt), login)


def code_to(desk: Desk, address: str, letter: str = "confirm_company") -> str:
    """The code in the latest letter of this kind to an address."""

    def read(look: ReadContext) -> str:
        row = [one for one in mail(desk, letter) if one.address == address][-1]
        return str(json.loads(look.keys.unseal("outbox", row.secrets, row.message_id))["code"])

    return desk.as_system().see(read)


def letters(desk: Desk) -> list[tuple[str, str]]:
    return [(row.letter, row.address) for row in mail(desk)]


def account(desk: Desk, login: str) -> Account | None:
    return desk.as_system().see(lambda look: look.unscoped(Account, table(Account).c.login == login))


def profile(desk: Desk) -> ServiceProfile:
    """The only company's."""
    found = desk.as_system().see(lambda look: look.unscoped(ServiceProfile, sa.true()))
    assert found is not None
    return found


def team(desk: Desk) -> tuple[Desk, Desk]:
    """A company at work: its owner and a member, both logged in."""
    company = service_company(desk)
    return installer(desk, "iga", company, Standing.OWNER), installer(desk, "wit", company)


def unlock(seat: Desk, password: str = MANAGEMENT_PASSWORD) -> str:
    return seat.do(installer_profile.unlock, forms.fill(ManagementPassword, {"password": password}))


def profile_form(seat: Desk, **given: Any) -> tuple[ProfileForm, int]:
    """What is shown, filled in with something else, and its version."""
    shown = seat.see(installer_profile.read)
    return forms.fill(ProfileForm, {**shown.typed(), **given}), shown.version


def joining(**given: Any) -> NewMember:
    """What a colleague chooses who was invited."""
    values = {
        "login": "nowy",
        "first_name": "Nel",
        "last_name": "Nowa",
        "language": "en",
        "password": PASSWORD,
        "again": PASSWORD,
        "terms": "yes",
    }
    return forms.fill(NewMember, {**values, **given})

"""Many invitations at once, from a CSV file: for a company that brings its customers along.

All or nothing; a customer who is invited already (or in service with the company) is left as they are, so that a file
can be brought in again with new rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from core.care import expiry, invitations, recipients
from core.care.invitations import Invite
from core.care.recipients import ServiceCompany
from core.errors import Conflict, Throttled
from core.forms import countries, email_address
from core.forms.field_types import FieldKind, Text, refuse
from core.forms.formats import Email
from core.i18n.translation import N_
from core.imports.csv import pipeline
from core.imports.csv.cell_types import ADDRESS_AGAIN, LANGUAGE, Cells
from core.imports.csv.reader import Row
from core.imports.csv.report import Report
from core.imports.csv.spool import Packed, Scratch, Seen, Spool
from core.installers import invitation_limit
from core.models.accounts import Account
from core.models.care import Grant, Invitation
from core.service.bulk import chunks
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_invitation, _grant, _account = table(Invitation), table(Grant), table(Account)


@dataclass(frozen=True)
class Country(FieldKind):
    """A country by its two letters."""

    name = "choice"

    def read(self, text: str) -> str:
        code = text.upper()
        if code not in {choice.value for choice in countries.choices()}:
            raise refuse(N_("A country has two letters, such as PL or DE."))
        return code


NEEDED = ("email", "name", "address")
OPTIONAL = ("country", "language")
KINDS: dict[str, FieldKind] = {
    "email": Email(),
    "name": Text(limit=160),
    "address": Text(limit=200),
    "country": Country(),
    "language": LANGUAGE,
}
MOST = 5_000
"""Rows: as many letters leave at once."""


@dataclass(frozen=True, slots=True)
class InvitationFileRow(Packed):
    """One customer; a blank language is the company's."""

    line: int
    key: str
    """Of the address."""
    email: str
    name: str
    address: str
    country: str
    language: str


def read(_look: ReadContext, rows: Iterator[Row], report: Report) -> Iterator[InvitationFileRow]:
    """The rows that are right in themselves; a blank country is the desk's own."""
    cells = Cells(KINDS, report, blank=OPTIONAL, private=NEEDED)
    for row in rows:
        values, right = cells.read(row)
        if right:
            texts = {name: values.get(name) or "" for name in KINDS}
            texts["country"] = texts["country"] or countries.HOME
            yield InvitationFileRow(row.line, email_address.normal(values["email"]), **texts)


def _company(look: ReadContext, *, company: str = "") -> ServiceCompany:
    """The actor's own company, for which they may import; for the operator the one that is notified at the address
    ``company``."""
    if look.actor.role == "system":
        look.require("invitation.import")
        firm = recipients.firm_by_email(look, email_address.normal(company))
        if firm is None:
            raise Conflict(N_("No installer company is notified at {address}."), address=company)
        return firm
    profile = invitations.own_profile(look)
    look.require("invitation.import", profile)
    return recipients.firm(look, profile.company_id)


def _admit(work: UnitOfWork, spool: Spool[InvitationFileRow], report: Report, *, company: str = "") -> None:
    """Counts the letters that are to leave. An address that has been invited over and over is a slip, as in the
    form."""
    if spool.rows and work.actor.role != "system":
        invitation_limit.book(work, invitations.own_profile(work), spool.rows)
    for rows in spool.parts():
        for row in rows:
            try:
                invitations.not_too_often(work, row.email)
            except Throttled as wait:
                report.wrong(row.line, "email", wait.say)


class InvitationsPass(pipeline.Pass[InvitationFileRow]):
    """Compares rows with the desk, and with a :class:`UnitOfWork` invites whoever is new."""

    def __init__(self, look: ReadContext, report: Report, scratch: Scratch, *, company: str = "") -> None:
        super().__init__(look, report, scratch)
        self._addresses = Seen(scratch, "address")
        self._company = _company(look, company=company)
        self.thing_id = self._company.id

    def take(self, rows: list[InvitationFileRow]) -> list[InvitationFileRow]:
        if self.work is None:
            rows = self.only_firsts(self._addresses, rows, lambda row: row.key, "email", ADDRESS_AGAIN)
        known = self._invited_or_served([row.key for row in rows])
        new = [row for row in rows if row.key not in known]
        self.report.created += len(new)
        self.report.unchanged += len(rows) - len(new)
        if self.work is not None:
            self._write(self.work, new)
        return new

    def _write(self, work: UnitOfWork, rows: list[InvitationFileRow]) -> None:
        for row in rows:
            expiry.run_out_invitations(work, company_id=self._company.id, email_key=row.key)
            invite = Invite.model_construct(
                name=row.name,
                country=row.country,
                address=row.address,
                email=row.email,
                language=row.language or self._company.language,
            )
            invitations.store(work, self._company, invite)

    def _invited_or_served(self, keys: list[str]) -> set[str]:
        """Keys of the addresses that wait for an answer already, or whose device the company looks after."""
        waiting: set[str] = set()
        for part in chunks(sorted(set(keys))):
            open_ = sa.text("invitation.state = 'sent'"), _invitation.c.expires_at > self.look.now
            mine = _invitation.c.company_id == self._company.id, _invitation.c.email_key.in_(part)
            rows = self.look.rows(sa.select(_invitation.c.email_key).where(*mine, *open_))
            waiting.update(row.email_key for row in rows)
        served = self.look.rows(
            sa.select(_account.c.email_key)
            .join_from(_grant, _account, _grant.c.customer_id == _account.c.id)
            .where(_grant.c.company_id == self._company.id, _grant.c.ended_at.is_(None))
        )
        return waiting | {row.email_key for row in served}


KIND = pipeline.FileKind(
    "invitation.import",
    "company",
    NEEDED,
    OPTIONAL,
    read,
    InvitationsPass,
    pace=500,
    most=MOST,
    ask=_company,
    admit=_admit,
)

import_invitations = pipeline.importing(KIND)
"""Invitations from a file; how it is called says :class:`core.imports.csv.pipeline.Import`. For the operator,
``company`` is the notification address of whoever invites."""

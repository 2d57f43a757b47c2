"""Many invitations at once, from a CSV file: for a company that brings its customers along.

All or nothing; a customer who is invited already (or in service with the company) is left as they are, so that a file
can be brought in again with new rows.
"""

from __future__ import annotations

import hashlib

import sqlalchemy as sa

from core.care import expiry, invitations, recipients
from core.care.invitations import Invite
from core.care.recipients import ServiceCompany
from core.errors import Conflict, Invalid, Say, Throttled, say
from core.forms import countries, email_address, fill
from core.i18n.translation import LANGUAGES, N_
from core.imports.csv import reader
from core.imports.csv.reader import Row
from core.imports.csv.report import Progress, Report
from core.installers import invitation_limit
from core.models.accounts import Account
from core.models.care import Grant, Invitation
from core.service.bulk import chunks
from core.service.desk import prepared
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_invitation, _grant, _account = table(Invitation), table(Grant), table(Account)

COLUMNS = ("email", "name", "address")
OPTIONAL = ("country", "language")
MOST = 5_000
"""Rows: as many letters leave at once."""

Parsed = tuple[list[tuple[int, Invite]], Report]


def _read(
    look: ReadContext, content: bytes, *, company: str = "", dry_run: bool = False, progress: Progress | None = None
) -> dict[str, Parsed]:
    firm = _company(look, company)
    report = Report()
    rows = reader.read(content, COLUMNS, OPTIONAL, report)
    if len(rows) > MOST:
        report.wrong(rows[MOST].line, "", say(N_("The file has more than {limit} rows. Please split it."), limit=MOST))
        return {"parsed": ([], report)}
    found: list[tuple[int, Invite]] = []
    lines: dict[str, int] = {}
    known = {choice.value for choice in countries.choices()}
    for at, row in enumerate(rows):
        if progress is not None and at % 500 == 0:
            progress(at, 2 * len(rows))
        invite = _invite(row, firm, known, report)
        if invite is None:
            continue
        first = lines.setdefault(email_address.normal(invite.email), row.line)
        if first == row.line:
            found.append((row.line, invite))
        else:
            report.wrong(row.line, "email", say(N_("This address is on line {line} already."), line=first))
    return {"parsed": (found, report)}


def _company(look: ReadContext, company: str) -> ServiceCompany:
    """The actor's own company; for the operator the one that is notified at the address ``company``."""
    if look.actor.role == "system":
        look.require("invitation.import")
        firm = recipients.firm_by_email(look, email_address.normal(company))
        if firm is None:
            raise Conflict(N_("No installer company is notified at {address}."), address=company)
        return firm
    profile = invitations.own_profile(look)
    look.require("invitation.import", profile)
    return recipients.firm(look, profile.company_id)


def _invite(row: Row, firm: ServiceCompany, known: set[str], report: Report) -> Invite | None:
    """The row as the form takes it; blank countries and languages are the company's."""
    values = {name: row.values.get(name, "") for name in (*COLUMNS, *OPTIONAL)}
    country, language = values["country"].upper() or countries.HOME, values["language"].casefold() or firm.language
    before = len(report.errors)
    if country not in known:
        report.wrong(row.line, "country", say(N_("A country has two letters, such as PL or DE.")))
    if language not in LANGUAGES:
        report.wrong(row.line, "language", say(N_("The language is pl or en.")))
    try:
        invite = fill(Invite, {**values, "country": "PL", "language": "pl"})
    except Invalid as wrong:
        for column, what in wrong.fields.items():
            report.wrong(row.line, column, _said(values.get(column, ""), what))
        return None
    if len(report.errors) > before:
        return None
    return invite.model_copy(update={"country": country, "language": language})


def _said(cell: str, what: Say) -> Say:
    return what if cell else say(N_("This is missing."))


@prepared(_read)
def import_invitations(
    work: UnitOfWork,
    content: bytes,
    *,
    company: str = "",
    dry_run: bool = False,
    progress: Progress | None = None,
    parsed: Parsed | None = None,
) -> Report:
    """Invite everybody in the file with these bytes; with ``dry_run`` only say what would come of it."""
    firm = _company(work, company)
    rows, slips = parsed or _read(work, content, company=company)["parsed"]
    report = Report(rows=slips.rows, errors=list(slips.errors))
    known = _invited_or_served(work, firm, [invite for _line, invite in rows])
    new = [invite for _line, invite in rows if email_address.normal(invite.email) not in known]
    if not slips.errors and new and work.actor.role != "system":
        invitation_limit.book(work, invitations.own_profile(work), len(new))
    if not slips.errors:
        for line, invite in rows:
            if email_address.normal(invite.email) not in known:
                _book(work, line, invite, report)
    report.created, report.unchanged = len(new), len(rows) - len(new)
    if new and not report.errors and not dry_run:
        for at, invite in enumerate(new):
            expiry.run_out_invitations(work, company_id=firm.id, email_key=email_address.normal(invite.email))
            invitations.store(work, firm, invite)
            if progress is not None and at % 100 == 0:
                progress(len(rows) + at, 2 * len(rows))
        work.record(
            "invitation.import",
            "company",
            firm.id,
            rows=report.rows,
            created=len(new),
            file=hashlib.sha256(content).hexdigest(),
        )
    if progress is not None:
        progress(2 * len(rows), 2 * len(rows))
    return report.finish()


def _book(work: UnitOfWork, line: int, invite: Invite, report: Report) -> None:
    """An address that has been invited over and over is a slip, as in the form."""
    try:
        invitations.not_too_often(work, invite.email)
    except Throttled as wait:
        report.wrong(line, "email", wait.say)


def _invited_or_served(look: ReadContext, firm: ServiceCompany, invites: list[Invite]) -> set[str]:
    """Keys of the addresses that wait for an answer already, or whose device the company looks after."""
    keys = [email_address.normal(invite.email) for invite in invites]
    waiting: set[str] = set()
    for part in chunks(sorted(set(keys))):
        open_ = sa.text("invitation.state = 'sent'"), _invitation.c.expires_at > look.now
        mine = _invitation.c.company_id == firm.id, _invitation.c.email_key.in_(part)
        waiting.update(row.email_key for row in look.rows(sa.select(_invitation.c.email_key).where(*mine, *open_)))
    served = look.rows(
        sa.select(_account.c.email_key)
        .join_from(_grant, _account, _grant.c.customer_id == _account.c.id)
        .where(_grant.c.company_id == firm.id, _grant.c.ended_at.is_(None))
    )
    return waiting | {row.email_key for row in served}

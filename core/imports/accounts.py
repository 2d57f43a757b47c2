"""Bringing over the accounts of an older system: known people without a password, who must reset it once.

Their login is their e-mail. Nothing that is here already is touched, so a file can be imported again with new rows.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from core.accounts.login_attempts import login_key
from core.companies.activation import has_people
from core.companies.names import find_or_make
from core.errors import say
from core.forms import email_address
from core.forms.field_types import FieldKind, FormError, Text
from core.forms.formats import Email, Phone
from core.i18n.translation import LANGUAGES, N_
from core.imports.csv import reader
from core.imports.csv.reader import Row
from core.imports.csv.report import Progress, Report
from core.models.accounts import Account, AccountState, Role, Standing
from core.models.companies import ServiceProfile
from core.service.bulk import by_key, chunks
from core.service.desk import prepared
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_account, _profile = table(Account), table(ServiceProfile)

COLUMNS = ("email", "first_name", "last_name", "phone", "company", "language")
_KINDS: dict[str, FieldKind] = {
    "email": Email(),
    "first_name": Text(limit=80),
    "last_name": Text(limit=80),
    "phone": Phone(),
    "company": Text(limit=120),
}
LONGEST_LOGIN = 64


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One person."""

    line: int
    email: str
    key: str
    """Of the address, and of the login, which is the address."""
    first_name: str
    last_name: str
    phone: str
    company: str
    language: str

    @property
    def names(self) -> set[str]:
        """Keys of logins that this address must not meet: as it is written, and in ASCII."""
        return {login_key(self.email), self.key}


def _read(
    look: ReadContext, content: bytes, *, dry_run: bool = False, progress: Progress | None = None
) -> dict[str, tuple[list[AccountRow], Report]]:
    look.require("account.import")
    report = Report()
    rows = reader.read(content, COLUMNS[:1], COLUMNS[1:], report)
    people: list[AccountRow] = []
    lines: dict[str, int] = {}
    for at, row in enumerate(rows):
        if progress is not None and at % 500 == 0:
            progress(at, 2 * len(rows))
        person = _person(row, look.settings.desk.language, report)
        if person is None:
            continue
        first = lines.setdefault(person.key, row.line)
        if first == row.line:
            people.append(person)
        else:
            report.wrong(row.line, "email", say(N_("This address is on line {line} already."), line=first))
    return {"parsed": (people, report)}


def _person(row: Row, language: str, report: Report) -> AccountRow | None:
    before = len(report.errors)
    cells = {column: _cell(row, column, report) for column in _KINDS}
    email = cells["email"]
    spoken = row.values.get("language", "").casefold() or language
    if spoken not in LANGUAGES:
        report.wrong(row.line, "language", say(N_("The language is pl or en.")))
    if not row.values["email"]:
        report.wrong(row.line, "email", say(N_("This is missing.")))
    elif len(email) > LONGEST_LOGIN:
        what = say(N_("This address is too long to be a login ({limit} characters at most)."), limit=LONGEST_LOGIN)
        report.wrong(row.line, "email", what)
    if len(report.errors) > before:
        return None
    return AccountRow(line=row.line, key=email_address.normal(email), language=spoken, **cells)


def _cell(row: Row, column: str, report: Report) -> str:
    try:
        return str(_KINDS[column].value(row.values.get(column, "")) or "")
    except FormError as error:
        report.wrong(row.line, column, error.say)
        return ""


@prepared(_read)
def import_accounts(
    work: UnitOfWork,
    content: bytes,
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
    parsed: tuple[list[AccountRow], Report] | None = None,
) -> Report:
    """Bring in the file with these bytes; with ``dry_run`` only say what would come of it. All or nothing.

    Nobody is mailed: people hear of the new desk from the operator, and then ask for their first password.
    """
    work.require("account.import")
    people, slips = parsed or _read(work, content)["parsed"]
    report = Report(rows=slips.rows, errors=list(slips.errors))
    new = _new(work, people)
    report.created, report.unchanged = len(new), len(people) - len(new)
    if new and not report.errors and not dry_run:
        _write(work, new, progress)
        work.record("account.import", rows=report.rows, created=len(new), file=hashlib.sha256(content).hexdigest())
    if progress is not None:
        progress(2 * len(people), 2 * len(people))
    return report.finish()


def _new(look: ReadContext, people: list[AccountRow]) -> list[AccountRow]:
    """Those whose address nobody has, a service company neither, and whose login nobody has or ever had."""
    addressed = by_key(
        look, [_account.c.email_key], _account.c.email_key, (one.key for one in people), lambda row: row.email_key
    )
    named = by_key(
        look,
        [_account.c.login_key],
        _account.c.login_key,
        (key for one in people for key in one.names),
        lambda row: row.login_key,
    )
    keys = [one.key for one in people]
    companies = {
        key
        for column in (_profile.c.email_key, _profile.c.management_key)
        for key in by_key(look, [column], column, keys, lambda row: row[0])
    }
    taken = addressed.keys() | companies
    return [one for one in people if one.key not in taken and named.keys().isdisjoint(one.names)]


def _write(work: UnitOfWork, people: list[AccountRow], progress: Progress | None) -> None:
    companies: dict[str, int] = {}
    led: set[int] = set()
    done = 0
    for part in chunks(people):
        rows = []
        for one in part:
            company_id, standing = None, Standing.NONE
            if one.company:
                company_id = companies.get(one.company) or companies.setdefault(
                    one.company, find_or_make(work, one.company)
                )
                standing = Standing.MEMBER if company_id in led or has_people(work, company_id) else Standing.OWNER
                led.add(company_id)
            rows.append(_values(work, one, company_id, standing))
        work.add_all(Account, rows)
        done += len(part)
        if progress is not None:
            progress(len(people) + done, 2 * len(people))


def _values(work: UnitOfWork, one: AccountRow, company_id: int | None, standing: Standing) -> dict[str, Any]:
    return {
        "login": one.email,
        "login_key": login_key(one.email),
        "email": one.email,
        "email_key": one.key,
        "role": Role.CUSTOMER.value,
        "state": AccountState.ACTIVE.value,
        "first_name": one.first_name,
        "last_name": one.last_name,
        "phone": one.phone,
        "language": one.language,
        "zone": work.settings.desk.zone,
        "company_id": company_id,
        "standing": standing.value,
        "created_at": work.now,
    }

"""Bringing over the accounts of an older system: known people without a password, who must reset it once.

Their login is their e-mail. Nothing that is here already is touched, so a file can be imported again with new rows.
Nobody is mailed: people hear of the new desk from the operator, and then ask for their first password.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.accounts.login_attempts import login_key
from core.companies.activation import has_people
from core.companies.names import find_or_make
from core.errors import say
from core.forms import email_address
from core.forms.field_types import FieldKind, Text
from core.forms.formats import Email, Phone
from core.i18n.translation import N_
from core.imports.csv import pipeline
from core.imports.csv.cell_types import ADDRESS_AGAIN, LANGUAGE, Cells
from core.imports.csv.reader import Row
from core.imports.csv.report import Report
from core.imports.csv.spool import Packed, Scratch, Seen
from core.models.accounts import Account, AccountState, Role, Standing
from core.models.companies import ServiceProfile
from core.service.bulk import by_key
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_account, _profile = table(Account), table(ServiceProfile)

NEEDED = ("email",)
OPTIONAL = ("first_name", "last_name", "phone", "company", "language")
KINDS: dict[str, FieldKind] = {
    "email": Email(),
    "first_name": Text(limit=80),
    "last_name": Text(limit=80),
    "phone": Phone(),
    "company": Text(limit=120),
    "language": LANGUAGE,
}
LONGEST_LOGIN = 64


@dataclass(frozen=True, slots=True)
class AccountRow(Packed):
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


def read(look: ReadContext, rows: Iterator[Row], report: Report) -> Iterator[AccountRow]:
    """The rows that are right in themselves; who speaks no language is spoken to in the desk's."""
    cells = Cells(KINDS, report, blank=OPTIONAL, private=("email", "first_name", "last_name", "phone"))
    for row in rows:
        values, right = cells.read(row)
        email, texts = values["email"], {name: values.get(name) or "" for name in OPTIONAL}
        if email and len(email) > LONGEST_LOGIN:
            what = N_("This address is too long to be a login ({limit} characters at most).")
            report.wrong(row.line, "email", say(what, limit=LONGEST_LOGIN))
        elif right:
            texts["language"] = texts["language"] or look.settings.desk.language
            yield AccountRow(line=row.line, email=email, key=email_address.normal(email), **texts)


class AccountsPass(pipeline.Pass[AccountRow]):
    """Compares rows with the desk, and with a :class:`UnitOfWork` writes whoever is new."""

    def __init__(self, look: ReadContext, report: Report, scratch: Scratch) -> None:
        super().__init__(look, report, scratch)
        self._addresses = Seen(scratch, "address")
        self._companies: dict[str, int] = {}
        self._led: set[int] = set()
        """Companies that have people by now."""

    def take(self, rows: list[AccountRow]) -> list[AccountRow]:
        if self.work is None:
            rows = self.only_firsts(self._addresses, rows, lambda row: row.key, "email", ADDRESS_AGAIN)
        new = self._new(rows)
        self.report.created += len(new)
        self.report.unchanged += len(rows) - len(new)
        if self.work is not None:
            self._write(self.work, new)
        return new

    def _new(self, rows: list[AccountRow]) -> list[AccountRow]:
        """Those whose address nobody has, a service company neither, and whose login nobody has or ever had."""
        keys = [row.key for row in rows]
        names = [name for row in rows for name in row.names]
        named = by_key(self.look, [_account.c.login_key], _account.c.login_key, names)
        taken = {
            key
            for column in (_account.c.email_key, _profile.c.email_key, _profile.c.management_key)
            for key in by_key(self.look, [column], column, keys)
        }
        return [row for row in rows if row.key not in taken and named.keys().isdisjoint(row.names)]

    def _write(self, work: UnitOfWork, rows: list[AccountRow]) -> None:
        people = []
        for row in rows:
            company_id, standing = None, Standing.NONE
            if row.company:
                if row.company not in self._companies:
                    self._companies[row.company] = find_or_make(work, row.company)
                company_id = self._companies[row.company]
                led = company_id in self._led or has_people(work, company_id)
                standing = Standing.MEMBER if led else Standing.OWNER
                self._led.add(company_id)
            people.append(_values(work, row, company_id, standing))
        work.add_all(Account, people)


def _values(work: UnitOfWork, row: AccountRow, company_id: int | None, standing: Standing) -> dict[str, Any]:
    return {
        "login": row.email,
        "login_key": login_key(row.email),
        "email": row.email,
        "email_key": row.key,
        "role": Role.CUSTOMER.value,
        "state": AccountState.ACTIVE.value,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "phone": row.phone,
        "language": row.language,
        "zone": work.settings.desk.zone,
        "company_id": company_id,
        "standing": standing.value,
        "created_at": work.now,
    }


KIND = pipeline.FileKind("account.import", "", NEEDED, OPTIONAL, read, AccountsPass, pace=6_000)

import_accounts = pipeline.importing(KIND)
"""Accounts from a file; how it is called says :class:`core.imports.csv.pipeline.Import`."""

"""The desk a scenario plays on: private, empty but for what its stage says, with a clock that stands still."""

from __future__ import annotations

import datetime as dt
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.accounts import second_factor, sessions
from core.clock import MovableClock
from core.companies import names
from core.demo import world
from core.errors import DeskError
from core.forms import email_address
from core.i18n.translation import N_
from core.imports.csv.report import Report
from core.mail import maildir
from core.mail.delivery import deliver
from core.mail.maildir import Post
from core.models.accounts import Account, AccountState, Role, Standing
from core.models.mail import Outbox
from core.security import passwords
from core.service.desk import Desk
from core.service.settings import DeskSection, Settings
from core.service.unit_of_work import UnitOfWork, table
from tui.demo.tour import care_stage, provider_stage

START = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
PASSWORD = "trzy zielone rowery"  # noqa: S105 - of invented people on a desk that is thrown away
NAME = "Migotnia"
"""The invented operator."""


@lru_cache(maxsize=1)
def _empty_desk() -> dict[str, bytes]:
    """The files of a desk without rows, by name. Made once a process, in a quarter of a second."""
    with tempfile.TemporaryDirectory(prefix="okienko-tour-") as folder:
        Desk.open(Settings(data_dir=Path(folder), demo=True)).close()
        return {file.name: file.read_bytes() for file in Path(folder).iterdir() if file.is_file()}


def _lay_empty_desk(folder: Path) -> None:
    for name, content in _empty_desk().items():
        file = folder / name
        file.touch(mode=0o600)
        file.write_bytes(content)


class Stage:
    """``desk`` acts as a guest; people sit down by :meth:`session_of`. ``seeds`` are the authenticators' secrets."""

    def __init__(self, folder: Path, stage: dict[str, Any], language: str) -> None:
        section = DeskSection(
            name=NAME, email="desk@example.com", phone="+48 22 555 01 01", language="pl" if language == "pl" else "en"
        )
        self.clock = MovableClock(START)
        more = provider_stage.settings(stage)
        _lay_empty_desk(folder)
        self.desk = Desk.open(Settings(data_dir=folder, desk=section, demo=True, **more), self.clock)
        self.seeds: dict[str, str] = {}
        self.recovery: dict[str, list[str]] = {}
        self._people: dict[str, int] = {}
        self._companies: dict[str, dict[str, Any]] = {}
        if stage.get("demo"):
            world.build(self.desk)
            self.desk.as_system().do(lambda work: work.change(Account, language=language))
        for company in stage.get("companies", ()):
            made = self.desk.as_system().do(care_stage.add_company, company, language)
            self._companies[company["name"]] = {**company, "id": made}
        for person in [{"login": "root", "role": "admin"}, *stage.get("people", ())]:
            self._add(person, language)
        whole = [{"kind": kind, "text": stage[kind]} for kind in ("contracts", "accounts") if kind in stage]
        for file in (*whole, *stage.get("files", ())):
            self._check(provider_stage.take_in(self.desk, file["kind"], file["text"]))
        for person in stage.get("people", ()):
            if "subscriber" in person:
                of = person["subscriber"], self._people[person["login"]]
                self.desk.as_system().do(provider_stage.belongs_to, *of)
        if stage.get("catalogue"):
            provider_stage.open_shop(self.desk)
        for grant in stage.get("grants", ()):
            company_id, who = self._companies[grant["company"]]["id"], grant["customer"]
            care_stage.add_grant(self._desk_of(who), grant, company_id, self._people[who], language)
        for application in stage.get("applications", ()):
            email = self._companies[application["company"]]["email"]
            care_stage.apply(self._desk_of(application["customer"]), application, email, language)

    def close(self) -> None:
        self.desk.close()

    def _check(self, report: Report) -> None:
        if report.errors:
            raise DeskError(
                N_("The stage is broken: {why}"), why=f"{report.errors[0].line}: {report.errors[0].say.text()}"
            )

    def _add(self, person: dict[str, Any], language: str) -> None:
        login = person["login"]
        hashed = passwords.hash(person.get("password", PASSWORD))

        def make(work: UnitOfWork) -> int:
            company = person.get("company", "")
            return work.add(
                Account,
                login=login,
                login_key=login.casefold(),
                email=f"{login}@example.com",
                email_key=email_address.normal(f"{login}@example.com"),
                role=Role(person.get("role", "customer")).value,
                state=AccountState.ACTIVE.value,
                first_name=person.get("first_name", login.title()),
                last_name=person.get("last_name", ""),
                phone=person.get("phone", ""),
                language=language,
                password_hash=hashed,
                company_id=self._company(work, company),
                standing=Standing(person.get("standing", "member" if company else "none")).value,
                created_at=work.now,
            )

        self._people[login] = self.desk.as_system().do(make)
        if person.get("authenticator"):
            self._enrol(login)

    def _company(self, work: UnitOfWork, name: str) -> int | None:
        """A service company of this stage, or else a client company."""
        if name in self._companies:
            return int(self._companies[name]["id"])
        return names.find_or_make(work, name) if name else None

    def _desk_of(self, login: str) -> Desk:
        """The desk as the person has it before them."""
        return self.desk.acting(self.session_of(login).session_id)

    def _enrol(self, login: str) -> None:
        """The person has an authenticator already, and keeps its recovery codes in a drawer."""
        import pyotp

        def begin(work: UnitOfWork) -> str:
            draft = second_factor.begin(work, self._account(work, login))
            return draft.secret.replace(" ", "")

        def finish(work: UnitOfWork) -> list[str]:
            code = pyotp.TOTP(self.seeds[login]).at(for_time=int(work.now.timestamp()))
            return second_factor.finish(work, self._account(work, login), code)

        self.seeds[login] = self.desk.as_system().do(begin)
        self.recovery[login] = self.desk.as_system().do(finish)
        self.clock.move(dt.timedelta(minutes=2))

    def _account(self, work: UnitOfWork, login: str) -> Account:
        account = work.unscoped(Account, table(Account).c.login_key == login.casefold())
        if account is None:
            raise DeskError(N_("Nobody is called {login} in this scenario."), login=login)
        return account

    def session_of(self, login: str) -> sessions.Entered:
        """Somebody who has just logged in, without the keys it takes."""
        return self.desk.as_system().do(lambda work: sessions.begin(work, self._account(work, login)))

    def post(self) -> list[Post]:
        """Deliver what waits, then everything in the Maildir, newest first."""
        deliver(self.desk)
        return maildir.newest(self.desk.settings.maildir, 200)

    def letters(self) -> dict[str, str]:
        """Which letter a mail is, by its Message-ID."""
        outbox = table(Outbox)
        rows = self.desk.as_system().see(lambda look: look.rows(sa.select(outbox.c.message_id, outbox.c.letter)))
        return {row.message_id: row.letter for row in rows}

    def code_shown_by(self, login: str) -> str:
        """What the person's authenticator shows now."""
        import pyotp

        if login not in self.seeds:
            raise DeskError(N_("{login} has no authenticator in this scenario."), login=login)
        return str(pyotp.TOTP(self.seeds[login]).at(for_time=int(self.clock.now().timestamp())))

"""The operator's own people: the first administrator, agents, unlocking and switching accounts off."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import model_validator

from core.accounts import address_owner, form_fields, sessions
from core.accounts import login as account_login
from core.accounts.address_owner import own_address_only
from core.accounts.login_attempts import login_key
from core.care import applications, grants
from core.db import pagination
from core.db.list_search import each_word
from core.db.pagination import Page
from core.errors import Conflict, Forbidden, Invalid, Say, say
from core.forms import Choice, Email, FormModel, Label, LoginName, OneOf, Phone, Text, email_address
from core.i18n.translation import N_
from core.installers import invitation_limit
from core.models.accounts import Account, AccountState, Purpose, Role
from core.models.companies import Company
from core.models.names import ROLE_LABELS, full_name
from core.security import passwords
from core.service import one_time_codes, throttle
from core.service.actions import AnyAction, Available, action, offered, open_action
from core.service.actor import Actor
from core.service.desk import prepared
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_account, _company = table(Account), table(Company)

NOT_SET_UP = N_("This desk is not set up yet.")
"""All that is said from afar of a desk without an administrator: else a stranger could become that."""


class FirstAdmin(FormModel):
    """A new desk has nobody: whoever opens it first makes the administrator (there are no default accounts)."""

    login: Annotated[
        str, LoginName(), Label(N_("Login"), help=N_("3–64 letters, digits and . _ - @. It can never be changed."))
    ]
    email: Annotated[str, Email(), Label(N_("E-mail"))]
    first_name: Annotated[str, Text(limit=80), Label(N_("First name"))]
    last_name: Annotated[str, Text(limit=80), Label(N_("Last name"))]
    language: Annotated[str, OneOf(offered=form_fields.SPOKEN), Label(N_("Language"))]
    password: form_fields.NewPassword
    again: form_fields.PasswordAgain

    @model_validator(mode="after")
    def _password_will_do(self) -> "FirstAdmin":
        own_address_only(self.login, self.email)
        form_fields.password_will_do(self.password, self.login, self.email, self.first_name, self.last_name)
        return self


class Appointed(FormModel):
    """The first administrator as ``okienko init`` is told of them."""

    login: Annotated[str, LoginName(), Label(N_("Login"))]
    email: Annotated[str, Email(), Label(N_("E-mail"))]
    first_name: Annotated[str | None, Text(limit=80), Label(N_("First name"))] = None
    last_name: Annotated[str | None, Text(limit=80), Label(N_("Last name"))] = None
    language: Annotated[str, OneOf(offered=form_fields.SPOKEN), Label(N_("Language"))]

    @model_validator(mode="after")
    def _login_with_at_is_own_address(self) -> "Appointed":
        own_address_only(self.login, self.email)
        return self


class NewAgent(FormModel):
    """A colleague of the operator's. They choose their password by the code that is mailed to them. What they may do
    comes first: it is what must not be overlooked."""

    role: Annotated[
        str,
        OneOf(offered=(*(Choice(role, ROLE_LABELS[role]) for role in ("agent", "admin")),)),
        Label(N_("Role"), help=N_("An administrator also makes agents and sees the journal and the mail.")),
    ]
    login: Annotated[
        str, LoginName(), Label(N_("Login"), help=N_("3–64 letters, digits and . _ - @. It can never be changed."))
    ]
    email: Annotated[str, Email(), Label(N_("E-mail"), help=N_("A code to choose a password is sent there."))]
    first_name: Annotated[str, Text(limit=80), Label(N_("First name"))]
    last_name: Annotated[str, Text(limit=80), Label(N_("Last name"))]
    phone: Annotated[str | None, Phone(), Label(N_("Phone"))] = None
    language: Annotated[str, OneOf(offered=form_fields.SPOKEN), Label(N_("Language"))]

    @model_validator(mode="after")
    def _login_with_at_is_own_address(self) -> "NewAgent":
        own_address_only(self.login, self.email)
        return self


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One line of the list of people."""

    id: int
    login: str
    name: str
    email: str
    role: str
    state: str
    company: str
    standing: str


def is_new(look: ReadContext) -> bool:
    """Whether nobody can log in yet: the desk wants its first administrator."""
    return look.value(sa.select(_account.c.id).where(_account.c.role == Role.ADMIN.value).limit(1)) is None


def _hash(_look: ReadContext, form: FirstAdmin) -> dict[str, Any]:
    return {"hashed": passwords.hash(form.password.get_secret_value())}


@prepared(_hash)
@open_action("desk.set_up")
def set_up(work: UnitOfWork, form: FirstAdmin, *, hashed: str = "") -> None:
    """Make the first administrator; only while there is none."""
    if not work.peer.at_the_machine:
        raise Forbidden(NOT_SET_UP)
    _only_one_at_a_time(work)
    if not is_new(work):
        raise Conflict(N_("This desk has its administrator already."))
    values = form.model_dump(exclude={"password", "again"})
    account_id = _make(work, Role.ADMIN, password_hash=hashed, **values)
    work.record("desk.set_up", "account", account_id)


@open_action("desk.appoint")
def appoint(work: UnitOfWork, form: Appointed, code: str = "") -> str:
    """Make the first administrator without a password, for whoever has a shell on the machine.

    Args:
        code: The code that was given, if one was; else one is made.

    Returns:
        The code by which the administrator chooses a password. It is mailed to nobody: a new desk often has no mail
        server yet.
    """
    _only_one_at_a_time(work)
    if not is_new(work):
        raise Conflict(N_("This desk has its administrator already."))
    account_id = _make(work, Role.ADMIN, password_hash=None, **form.model_dump())
    invite_code = one_time_codes.issue(work, account_id, Purpose.INVITE, preset=code)
    work.record("desk.appoint", "account", account_id)
    return invite_code


def _only_one_at_a_time(work: UnitOfWork) -> None:
    """Of two who make the first administrator at once, the second waits at the row of a bucket, and then sees the one
    that was made. On SQLite writers take turns anyway."""
    name = throttle.bucket(work, "first-administrator")
    throttle.hit(work, name, every=dt.timedelta(milliseconds=1), burst=1_000_000)


def _make(work: UnitOfWork, role: Role, **values: Any) -> int:
    login, email = values["login"], values["email"]
    if work.unscoped(Account, _account.c.login_key == login_key(login)):
        raise Invalid({"login": say(N_("This login was given to somebody before. Choose another one."))})
    address_owner.hold(work, email)
    if not address_owner.find(work, email).free:
        raise Invalid({"email": say(N_("This address belongs to an account already."))})
    return work.add(
        Account,
        login_key=login_key(login),
        email_key=email_address.normal(email),
        role=role.value,
        state=AccountState.ACTIVE.value,
        zone=work.settings.desk.zone,
        created_at=work.now,
        **{**values, **{name: values.get(name) or "" for name in ("first_name", "last_name", "phone")}},
    )


@open_action("account.employ")
def employ(work: UnitOfWork, form: NewAgent) -> int:
    """Make an agent or administrator; an invitation's code to choose a password is mailed. Returns the account's id."""
    values = form.model_dump(exclude={"role"})
    account_id = _make(work, Role(form.role), password_hash=None, **values)
    account = work.find(Account, account_id)
    code = one_time_codes.issue(work, account_id, Purpose.INVITE)
    work.mail("staff_welcome", account, secrets_={"code": code}, name=form.first_name, login=form.login, role=form.role)
    work.record("account.employ", "account", account_id, role=form.role)
    return account_id


NOT_NOW = say(N_("This account is not in a state where that can be done."))


def reason_against_switching(actor: Actor, account_id: int, state: str) -> Say | None:
    """Nobody switches off themselves, and what was never active can't be switched. Asked of an account, and of its
    row."""
    if account_id == actor.account_id:
        return say(N_("You can't switch off your own account."))
    if state not in (AccountState.ACTIVE, AccountState.OFF):
        return NOT_NOW
    return None


def available_for(actor: Actor, row: PersonRow) -> Available:
    """What the actor can do to the account of a row."""
    able: list[tuple[AnyAction, Say | None]] = [
        (unlock, None),
        (switch, reason_against_switching(actor, row.id, row.state)),
    ]
    if row.role == Role.INSTALLER:  # nobody else has a company with such a limit
        able.append((invitation_limit.lift, None))
    return offered(actor, able)


@action(
    "account.switch",
    on=Account,
    when=lambda look, account: reason_against_switching(look.actor, account.id, account.state),
)
def switch(work: UnitOfWork, account: Account, *, on: bool) -> None:
    """Switch an account off (its sessions end at once) or on again."""
    account_id = account.id
    before, after = (AccountState.OFF, AccountState.ACTIVE) if on else (AccountState.ACTIVE, AccountState.OFF)
    if work.change(Account, _account.c.id == account_id, _account.c.state == before.value, state=after.value) == 0:
        raise Conflict(NOT_NOW)
    if not on:
        sessions.end_all(work, account_id)
        _abandon(work, account_id)
    work.record("account.switch", "account", account_id, on=on)


def _abandon(work: UnitOfWork, account_id: int) -> None:
    applications.abandon(work, account_id)
    grants.abandon(work, account_id)


@action("account.unlock", on=Account)
def unlock(work: UnitOfWork, account: Account) -> None:
    """Forget the wrong tries of an account, wherever they were made. Its remembered logins end: somebody was at it."""
    account_id = account.id
    account_login.forget_failures(work, account)
    throttle.clear_account(work, account_id)
    sessions.end_all(work, account_id, but=work.actor.session_id if account_id == work.actor.account_id else None)
    work.record("account.unlock", "account", account_id)


def people(look: ReadContext, ask: pagination.PageRequest, search: str = "") -> Page[PersonRow]:
    """Everybody the actor may see, by name; ``search`` is for words of name, login, address and company."""
    columns = (
        _account.c.id,
        _account.c.login,
        _account.c.first_name,
        _account.c.last_name,
        _account.c.email,
        _account.c.role,
        _account.c.state,
        _company.c.name,
        _account.c.standing,
        _account.c.name_order,
    )
    query = look.scoped(Account, *columns).select_from(
        _account.outerjoin(_company, _account.c.company_id == _company.c.id)
    )
    if search:
        mine = (_account.c.name_words, _account.c.login_key, _account.c.email_words, _account.c.email_key)
        query = query.where(each_word(search, *mine, _company.c.words))
    return pagination.read(look, query, (_account.c.name_order, _account.c.id), ask, _person, descending=False)


def _person(row: Any) -> PersonRow:
    return PersonRow(row[0], row[1], full_name(row), row[4], row[5], row[6], row[7] or "", row[8])

"""Case 1, the customer's side: asking an installer company to look after a device."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import sqlalchemy as sa

from core.accounts import form_fields
from core.accounts.address_owner import TERMS_VERSION, TermsAccepted
from core.care import device_ids, expiry, recipients
from core.care.device_ids import DeviceId
from core.db.columns import moment
from core.errors import Conflict, Invalid, Say, say
from core.forms import Email, FormModel, Label, OneOf, Phone, Text, countries, email_address
from core.i18n.sanitize import fold
from core.i18n.translation import N_
from core.models.accounts import Account
from core.models.care import Application, ApplicationState
from core.models.companies import Company
from core.models.levels import LEVELS
from core.service.actions import Available, action, offered, open_action
from core.service.desk import nothing, prepared
from core.service.unit_of_work import ReadContext, UnitOfWork, not_found, table

_application, _company, _account = table(Application), table(Company), table(Account)

VALID_FOR = dt.timedelta(days=28)
"""From the application to its end."""
REMIND_EVERY = dt.timedelta(days=7)
"""Whoever has to answer is reminded after 7, 14 and 21 days."""


class Apply(FormModel):
    """What a customer is asked who applies to an installer company."""

    company_email: Annotated[
        str,
        Email(),
        Label(
            N_("Installer's e-mail"),
            help=N_("Watch out for typing errors: your application goes there."),
            section=N_("Who shall look after it"),
        ),
    ]
    device: Annotated[
        str,
        DeviceId(),
        Label(N_("Device ID"), help=N_("Printed on the adaptor: one letter and nine digits. Please check it twice.")),
    ]
    level: Annotated[
        str,
        OneOf(offered=LEVELS),
        Label(N_("Access level"), help=N_("F8 shows what each opens. You can change it at any time."), default="2"),
    ]
    name: Annotated[str, Text(limit=160), Label(N_("Name"), section=N_("You and the device"))]
    address: Annotated[str, Text(limit=200), Label(N_("Address"), help=N_("Where the device stands."))]
    phone: Annotated[str, Phone(), Label(N_("Phone"))]
    country: Annotated[str, OneOf(offered=countries.choices), Label(N_("Country"), default="PL")]
    language: Annotated[str, OneOf(offered=form_fields.SPOKEN), Label(N_("Language"), help=N_("Of the mail about it."))]
    terms: TermsAccepted


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """An application as its applicant sees it. ``message`` is what the company wrote."""

    id: int
    device: str
    company: str
    level: int
    state: str
    created_at: dt.datetime
    expires_at: dt.datetime
    decided_at: dt.datetime | None
    message: str
    version: int
    available: Available


def _book(work: UnitOfWork, form: Apply) -> None:
    work.require("application.apply")
    device_ids.book_try(work, form.device)


@prepared(nothing, first=_book)
@open_action("application.apply")
def apply(work: UnitOfWork, form: Apply) -> None:
    """Send an application. What the page says does not depend on whether the address is an installer's: the applicant
    learns it by mail, the same way in either case."""
    # One whose time is over keeps no device, even before the job has told people so.
    expiry.run_out_applications(work, device_key=device_ids.key(form.device))
    wrong = device_ids.taken(work, form.device, work.actor.account_id, device_ids.decides_for(work.actor))
    if wrong is not None:
        raise Invalid({"device": wrong})
    me = work.find(Account, work.actor.account_id or 0)
    customer = recipients.CustomerRecipient(me.id, me.email, form.language)
    firm = recipients.firm_by_email(work, email_address.normal(form.company_email))
    if firm is None:
        work.mail("application_unknown", customer, name=form.name, installer=form.company_email, device=form.device)
        work.record("application.unaddressed", "account", me.id)
        return
    application_id = _store(work, form, firm.id)
    details: dict[str, Any] = {
        "name": form.name,
        "company": firm.name,
        "device": form.device,
        "level": int(form.level),
        "until": (work.now + VALID_FOR).isoformat(),
    }
    work.mail("application_sent", customer, **details)
    work.mail("application_received", firm.box, place=form.address, **details)
    work.record("application.apply", "application", application_id, company=firm.id)


def _store(work: UnitOfWork, form: Apply, company_id: int) -> int:
    return work.add(
        Application,
        company_id=company_id,
        customer_id=work.actor.account_id,
        product_id=device_ids.product_id(work, form.device),
        device=form.device,
        device_key=device_ids.key(form.device),
        level=int(form.level),
        name=form.name,
        name_key=fold(form.name)[:160],
        address=form.address,
        phone=form.phone,
        country=form.country,
        language=form.language,
        terms_version=TERMS_VERSION,
        created_at=work.now,
        expires_at=work.now + VALID_FOR,
        remind_at=work.now + REMIND_EVERY,
    )


def mine(look: ReadContext) -> Sequence[ApplicationRow]:
    """The actor's applications, newest first; the last fifty."""
    return [_row(look, row) for row in look.rows(_mine(look).order_by(_application.c.id.desc()).limit(50))]


def card(look: ReadContext, application_id: int) -> ApplicationRow:
    """One of the actor's own applications; :class:`core.errors.NotFound` for anybody else's."""
    row = look.row(_mine(look).where(_application.c.id == application_id))
    if row is None:
        raise not_found()
    return _row(look, row)


def _mine(look: ReadContext) -> sa.Select[Any]:
    return (
        look.scoped(
            Application,
            _application.c.id,
            _application.c.device,
            _company.c.name,
            _application.c.level,
            _application.c.state,
            moment(_application.c.created_at),
            moment(_application.c.expires_at),
            moment(_application.c.decided_at),
            _application.c.message,
            _application.c.version,
        )
        .join_from(_application, _company, _application.c.company_id == _company.c.id)
        .where(_application.c.customer_id == look.actor.account_id)
    )


def _row(look: ReadContext, row: Any) -> ApplicationRow:
    values = {**row._mapping, "state": state_now(row, look.now)}
    values["company"] = values.pop("name")
    decided = reason_of_state(values["state"])
    can = offered(look.actor, ((change_level, decided), (withdraw, decided)))
    return ApplicationRow(**values, available=can)


def pending(work_or_look: ReadContext) -> tuple[sa.ColumnElement[bool], ...]:
    """What must hold for an application to count, for every statement that relies on it."""
    return _application.c.state == ApplicationState.PENDING.value, _application.c.expires_at > work_or_look.now


DECIDED = say(N_("This application has been decided or has run out meanwhile."))
_OVER = {
    ApplicationState.APPROVED: say(N_("This application was approved.")),
    ApplicationState.REJECTED: say(N_("This application was rejected.")),
    ApplicationState.WITHDRAWN: say(N_("You have taken this application back.")),
    ApplicationState.EXPIRED: say(N_("This application has run out.")),
}


def reason_of_state(state: str) -> Say | None:
    """Only what waits is changed by its applicant; ``state`` as it is now, with *expired* from its last moment on."""
    return _OVER.get(ApplicationState(state))


def state_now(application: Application | Any, now: dt.datetime) -> str:
    """The state of an application or its row; ``expired`` from the moment its time is over, whether or not the job
    has run."""
    late = application.state == ApplicationState.PENDING and application.expires_at <= now
    return ApplicationState.EXPIRED.value if late else str(application.state)


def reason_against_changing(look: ReadContext, application: Application) -> Say | None:
    """:func:`reason_of_state`, of an application that was found."""
    return reason_of_state(state_now(application, look.now))


@action("application.withdraw", on=Application, when=reason_against_changing)
def withdraw(work: UnitOfWork, application: Application) -> None:
    """Take an application back. The company is told."""
    done = work.change(
        Application,
        _application.c.id == application.id,
        *pending(work),
        state=ApplicationState.WITHDRAWN.value,
        decided_at=work.now,
        version=_application.c.version + 1,
    )
    if done == 0:
        raise Conflict(DECIDED)
    firm = recipients.firm(work, application.company_id)
    work.mail("application_withdrawn", firm.box, name=application.name, device=application.device, company=firm.name)
    work.record("application.withdraw", "application", application.id)


def abandon(work: UnitOfWork, account_id: int) -> None:
    """The account is switched off (or goes for good): what it had applied for is withdrawn. Part of that use case."""
    mine = _application.c.customer_id == account_id, *pending(work)
    gone = {"state": ApplicationState.WITHDRAWN.value, "decided_at": work.now, "version": _application.c.version + 1}
    statement = sa.update(_application).where(*mine).values(**gone).returning(_application)
    for row in work.connection.execute(statement).all():
        firm = recipients.firm(work, row.company_id)
        work.mail("application_withdrawn", firm.box, name=row.name, device=row.device, company=firm.name)
        work.record("application.abandon", "application", row.id)


@action("application.level", on=Application, when=reason_against_changing)
def change_level(work: UnitOfWork, application: Application, level: int, *, seen: int) -> None:
    """Ask for another access level while the company has not decided. It grants only the level that it was shown."""
    if str(level) not in [choice.value for choice in LEVELS]:
        raise Invalid({"level": say(N_("Choose one of the list."))})
    same = _application.c.version == seen
    if (
        work.change(
            Application, _application.c.id == application.id, *pending(work), same, level=level, version=seen + 1
        )
        == 0
    ):
        raise Conflict(N_("This application has been decided, changed or has run out meanwhile."))
    work.record("application.level", "application", application.id, before=application.level, after=level)

"""How many people a company may invite a day, until the desk knows that it is one: some of them have accepted, or an
agent has looked. Whoever can register two addresses can register a company, and invitations go to anybody's address.
To decline takes no more than a mailbox, so a company could do that itself: it makes nobody known.
"""

import datetime as dt

import sqlalchemy as sa

from core.errors import Conflict, Say, Throttled, say
from core.i18n.translation import N_
from core.models.accounts import Account
from core.models.care import Invitation, InvitationState
from core.models.companies import ServiceProfile
from core.service import mail_allowance, throttle
from core.service.actions import action
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_invitation, _profile = table(Invitation), table(ServiceProfile)

ACCEPTED = 10
"""Invitations that were accepted; from then on the company is known."""
_DAY = dt.timedelta(days=1)


def known(look: ReadContext, profile: ServiceProfile) -> bool:
    """Whether so many have accepted that a day has no limit for the company."""
    accepted = _invitation.c.company_id == profile.company_id, _invitation.c.state == InvitationState.ACCEPTED.value
    return len(look.rows(sa.select(_invitation.c.id).where(*accepted).limit(ACCEPTED))) == ACCEPTED


def book(work: UnitOfWork, profile: ServiceProfile, letters: int = 1) -> None:
    """Count invitations that are about to leave, or raise :class:`Throttled`: so many a day by the desk's clock, and
    within what the whole desk mails to addresses that nobody has proved. The latter holds for a known company, too; an
    agent's word alone lifts both."""
    if profile.unlimited_at is not None:
        return
    if not known(work, profile):
        _book_today(work, profile, letters)
    mail_allowance.admit(work, letters)


def _book_today(work: UnitOfWork, profile: ServiceProfile, letters: int) -> None:
    limit = work.settings.care.invitations_a_day
    name = throttle.bucket(work, "invitations-of", profile.company_id, work.today)
    for _letter in range(letters):
        if throttle.hit(work, name, every=_DAY, burst=limit) is not None:
            raise Throttled(
                N_(
                    "A new company invites at most {limit} people a day, until ten have accepted. Go on after {time}, "
                    "or ask the desk to lift the limit."
                ),
                until=_tomorrow(work),
                limit=limit,
            )


def _tomorrow(look: ReadContext) -> dt.datetime:
    from zoneinfo import ZoneInfo

    midnight = dt.datetime.combine(look.today + _DAY, dt.time(), ZoneInfo(look.settings.desk.zone))
    return midnight.astimezone(dt.UTC)


def _company_of(look: ReadContext, account_id: int) -> ServiceProfile:
    account = look.find(Account, account_id)
    profile = look.unscoped(ServiceProfile, _profile.c.company_id == account.company_id)
    if profile is None:
        raise Conflict(N_("This account belongs to no installer company."))
    return profile


LIFTED = say(N_("This company may invite as many as it likes already."))


def reason_against_lifting(_look: ReadContext, profile: ServiceProfile) -> Say | None:
    """A limit is lifted once."""
    return None if profile.unlimited_at is None else LIFTED


@action("profile.unlimit", on=ServiceProfile, find=_company_of, when=reason_against_lifting)
def lift(work: UnitOfWork, profile: ServiceProfile) -> None:
    """From now on the company of an account invites as many as it likes: an agent has made sure who they are."""
    waits = _profile.c.company_id == profile.company_id, _profile.c.unlimited_at.is_(None)
    if work.change(ServiceProfile, *waits, unlimited_at=work.now) == 0:
        raise Conflict(LIFTED)
    work.record("company.invitations_unlimited", "company", profile.company_id)

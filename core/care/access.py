"""*May this account do this to that device now?* One answer, in one function.

:func:`verdict` is the rule itself and knows no database; :func:`may` finds the facts for it in one query. Whatever
opens a device's screen, and every act on it, asks :func:`require` anew.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from core.db.columns import moment
from core.errors import Forbidden, Say, say
from core.i18n.translation import N_
from core.models.accounts import Role
from core.models.care import AccessRequest, Grant, RequestState
from core.models.contracts import Asset
from core.models.levels import Level, Right, always
from core.service.actor import Actor
from core.service.unit_of_work import ReadContext, not_found, table

_asset, _grant, _request = table(Asset), table(Grant), table(AccessRequest)


NOT_OPENED = say(N_("Your access level does not open this. You can ask the customer for it."))


class DeviceStanding(StrEnum):
    """How an account stands to a device."""

    OWNER = "owner"
    """It is the account's own, or its client company's."""
    SERVICE = "service"
    """The account's company has the running grant."""
    NONE = "none"
    """Anybody else: another company, one whose grant has ended, staff of the desk."""


class By(StrEnum):
    """What an answer rests on."""

    OWNERSHIP = "ownership"
    LEVEL = "level"
    PERMISSION = "permission"
    DEMAND = "demand"
    """Refused for now: the customer can be asked."""
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class AccessVerdict:
    """``until`` is set for a permission: an aware UTC moment from which it is over. ``grant_id`` is set for the
    service company, whose every use is written into that grant's history."""

    allowed: bool
    by: By
    until: dt.datetime | None = None
    grant_id: int | None = None


def verdict(
    standing: DeviceStanding, level: int | None, right: Right, until: dt.datetime | None, now: dt.datetime
) -> tuple[bool, By]:
    """The table of access levels (:mod:`core.models.levels`). ``level`` is the running grant's, ``until`` the end of
    the customer's permission for this right, if there is one."""
    if standing is DeviceStanding.OWNER:
        return True, By.OWNERSHIP
    if standing is not DeviceStanding.SERVICE or level is None:
        return False, By.NOTHING
    if always(level, right):
        return True, By.LEVEL
    if until is not None and now < until:
        return True, By.PERMISSION
    return False, By.DEMAND


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an account and a device; ``until`` by right."""

    standing: DeviceStanding
    grant_id: int | None
    level: int | None
    until: dict[Right, dt.datetime]


def facts(look: ReadContext, asset_id: int) -> Facts:
    """How the actor stands to the device now."""
    asset = look.row(sa.select(_asset.c.account_id, _asset.c.company_id).where(_asset.c.id == asset_id))
    if asset is None:
        return Facts(DeviceStanding.NONE, None, None, {})
    if _owns(look.actor, asset.account_id, asset.company_id):
        return Facts(DeviceStanding.OWNER, None, None, {})
    if look.actor.role != Role.INSTALLER or look.actor.company_id is None:
        return Facts(DeviceStanding.NONE, None, None, {})
    running = _grant.c.asset_id == asset_id, _grant.c.ended_at.is_(None), _grant.c.company_id == look.actor.company_id
    grant = look.row(sa.select(_grant.c.id, _grant.c.level).where(*running))
    if grant is None:
        return Facts(DeviceStanding.NONE, None, None, {})
    return Facts(DeviceStanding.SERVICE, grant.id, grant.level, permissions(look, grant.id))


def _owns(actor: Actor, account_id: int | None, company_id: int | None) -> bool:
    if actor.role != Role.CUSTOMER or actor.account_id is None:
        return False
    if account_id is not None:
        return account_id == actor.account_id
    return company_id is not None and company_id == actor.company_id


def permissions(look: ReadContext, grant_id: int) -> dict[Right, dt.datetime]:
    """What the customer has allowed and is not over yet, by right, until when."""
    running = sa.select(_request.c.right_, moment(_request.c.until)).where(
        _request.c.grant_id == grant_id, _request.c.state == RequestState.ALLOWED.value, _request.c.until > look.now
    )
    allowed_until: dict[Right, dt.datetime] = {}
    for row in look.rows(running):
        right = Right(row.right_)
        allowed_until[right] = max(row.until, allowed_until.get(right, row.until))
    return allowed_until


def may(look: ReadContext, right: Right, asset_id: int) -> AccessVerdict:
    """Whether the actor may do what ``right`` opens to this device now, and what that rests on."""
    known = facts(look, asset_id)
    until = known.until.get(right)
    allowed, by = verdict(known.standing, known.level, right, until, look.now)
    return AccessVerdict(allowed, by, until if by is By.PERMISSION else None, known.grant_id)


def require(look: ReadContext, right: Right, asset_id: int) -> AccessVerdict:
    """:func:`may`, or :class:`core.errors.NotFound` where the device is nobody's business of the actor's, or
    :class:`core.errors.Forbidden` where the customer can still be asked."""
    verdict = may(look, right, asset_id)
    if verdict.allowed:
        return verdict
    if verdict.by is By.NOTHING:
        raise not_found()
    raise Forbidden(NOT_OPENED)


def reason_not_theirs(look: ReadContext, asset_id: int) -> Say | None:
    """A company's device is not decided about any more by somebody who has left the company."""
    if facts(look, asset_id).standing is DeviceStanding.OWNER:
        return None
    return say(N_("This device is not yours any more, so its owner decides."))


def opened(look: ReadContext, asset_id: int) -> dict[Right, AccessVerdict]:
    """Every right and how it stands, for a screen that shows what it opens. Raises
    :class:`core.errors.NotFound` as :func:`require` does."""
    verdicts = {right: may(look, right, asset_id) for right in Right}
    if all(verdict.by is By.NOTHING for verdict in verdicts.values()):
        raise not_found()
    return verdicts


__all__ = [
    "AccessVerdict",
    "By",
    "DeviceStanding",
    "Facts",
    "Level",
    "Right",
    "facts",
    "may",
    "opened",
    "require",
    "verdict",
]

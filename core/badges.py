"""The figures beside the rooms: all kept by triggers or behind small indexes."""

import sqlalchemy as sa

from core.billing import orders
from core.care import access_request_list, approval, grants
from core.db.ready import ReadyStatement
from core.mail import stops
from core.models.accounts import Account, AccountState, Role, Standing
from core.models.mail import MailState, Outbox
from core.service import policy
from core.service.actor import Actor
from core.service.unit_of_work import ReadContext, table
from core.tickets import listing

_account, _outbox = table(Account), table(Outbox)
_failed = ReadyStatement(sa.select(sa.func.count()).where(_outbox.c.state == MailState.FAILED.value))


def sidebar(look: ReadContext) -> dict[str, int]:
    """Tickets by view, people who wait to be let in, customers and questions of care, and for administrators mail that
    could not be sent, or waits because the server takes none from this desk."""
    counts = listing.counts(look)
    counts["colleagues"] = _waiting(look)
    if look.actor.role == Role.INSTALLER:
        counts["pending"], counts["customers"] = approval.count(look), grants.count(look)
    elif look.actor.role == Role.CUSTOMER:
        counts["requests"] = access_request_list.waiting(look)
        if look.actor.subscriber_id is not None:
            counts["orders"] = orders.open_orders(look)
    if look.actor.role == Role.ADMIN:
        stop = stops.current(look)
        counts["stopped"] = stop.waiting if stop else 0
        counts["failed"] = int(look.value(_failed)) + counts["stopped"]
    return counts


def _waiting(look: ReadContext) -> int:
    if not (look.actor.staff or look.actor.owner):
        return 0
    return int(look.value(_pending(look.actor), **policy.parameters(look.actor)))


@policy.made_once
def _pending(somebody: Actor) -> ReadyStatement:
    pending = sa.select(sa.func.count()).where(
        _account.c.standing == Standing.PENDING.value, _account.c.state == AccountState.ACTIVE.value
    )
    if not somebody.staff:
        pending = pending.where(_account.c.company_id == sa.bindparam("actor_company", type_=sa.BigInteger()))
    return ReadyStatement(pending)

"""What was ordered, for the ticket that carries the order: the service as it stood then, and where it has come to."""

import datetime as dt
from dataclasses import dataclass

from core.models.accounts import Account
from core.models.billing import OrderState, ServiceOrder
from core.models.contracts import Asset
from core.models.names import full_name
from core.service.unit_of_work import ReadContext, table

_order, _asset, _account = table(ServiceOrder), table(Asset), table(Account)

OPEN = (OrderState.PLACED.value, OrderState.ACCEPTED.value)
NEXT = {
    OrderState.PLACED.value: (OrderState.ACCEPTED, OrderState.DECLINED, OrderState.DONE),
    OrderState.ACCEPTED.value: (OrderState.DONE, OrderState.DECLINED),
}
"""What the team can make of an order, by where it stands."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is shown of an order. ``line`` is the identifier it is for, or empty; ``next`` holds the states that the
    reader can move it to."""

    ticket_id: int
    name: str
    price: int
    every: str
    line: str
    effective_on: dt.date
    state: str
    decided_by: str
    decided_at: dt.datetime | None
    version: int
    next: tuple[str, ...]


def read(look: ReadContext, ticket_id: int) -> Order | None:
    """The order behind a ticket within sight; None for a ticket that is none."""
    columns = (_order, _asset.c.identifier, _account.c.first_name, _account.c.last_name)
    joined = _order.outerjoin(_asset, _order.c.asset_id == _asset.c.id).outerjoin(
        _account, _order.c.decided_by == _account.c.id
    )
    row = look.row(look.scoped(ServiceOrder, *columns).select_from(joined).where(_order.c.ticket_id == ticket_id))
    if row is None:
        return None
    if look.actor.staff:
        moves = tuple(state.value for state in NEXT.get(row.state, ()))
    else:
        moves = (OrderState.WITHDRAWN.value,) if row.state == OrderState.PLACED else ()
    return Order(
        row.ticket_id,
        row.name,
        row.price,
        row.every,
        row.identifier or "",
        row.effective_on,
        row.state,
        full_name(row),
        row.decided_at,
        row.version,
        moves,
    )

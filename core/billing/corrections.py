"""Which invoices belong together: one, what corrects it, and what corrects that. They are told by the numbers that
stand on them, among those of one subscriber; one that isn't here is missing and breaks nothing."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from core.models.billing import Invoice
from core.service.unit_of_work import ReadContext, table

_invoice = table(Invoice)

_MOST = 50
"""Documents that are followed: whoever has corrected one more often looks at the list."""
_COLUMNS = [
    _invoice.c[name]
    for name in ("id", "number", "number_key", "issued_on", "due_on", "gross", "unpaid", "corrects", "corrects_key")
]


def family(look: ReadContext, invoice: Invoice) -> list[Any]:
    """All of them, the first issued first, ``invoice`` among them."""
    of = _invoice.c.subscriber_id == invoice.subscriber_id
    members: dict[str, Any] = {}
    wanted, asked = {invoice.number_key}, set[str]()
    while wanted and len(members) < _MOST:
        asked |= wanted
        fresh = [row for row in _named(look, of, wanted) if row.number_key not in members]
        members.update({row.number_key: row for row in fresh})
        wanted = {key for row in fresh for key in (row.corrects_key, row.number_key) if key} - asked
    return sorted(members.values(), key=lambda row: (row.issued_on, row.id))


def _named(look: ReadContext, of: Any, keys: Collection[str]) -> list[Any]:
    """Those with one of these numbers, and those that correct one of them."""
    numbered = sa.select(*_COLUMNS).where(of, _invoice.c.number_key.in_(keys))
    correcting = sa.select(*_COLUMNS).where(of, sa.text("corrects_key <> ''"), _invoice.c.corrects_key.in_(keys))
    return [*look.rows(numbered), *look.rows(correcting)]


def corrected() -> sa.ColumnElement[bool]:
    """A condition on invoices: another one of the same subscriber corrects it."""
    other = _invoice.alias("other")
    correcting = sa.and_(
        other.c.subscriber_id == _invoice.c.subscriber_id,
        sa.text("other.corrects_key <> ''"),
        other.c.corrects_key == _invoice.c.number_key,
    )
    return sa.exists(sa.select(1).select_from(other).where(correcting).correlate(_invoice))

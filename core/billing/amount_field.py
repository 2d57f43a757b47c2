"""The kind of field that holds an amount: for rows of imports and for forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.billing import money
from core.errors import DeskError
from core.forms.field_types import FieldKind, FormError


@dataclass(frozen=True)
class Money(FieldKind):
    """An amount as :func:`core.billing.money.parse` reads it; the value is whole grosze.

    An ``int`` is taken as the grosze it is, since ``1234`` typed means złotys.
    """

    name = "number"
    limit: int = 24

    def read(self, text: str) -> int:
        try:
            return money.parse(text)
        except DeskError as error:
            raise FormError("", error.say) from None

    def value(self, entry: Any) -> Any:
        return entry if isinstance(entry, int) and not isinstance(entry, bool) else super().value(entry)

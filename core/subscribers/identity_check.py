"""Who a subscriber is, as they type it: a person's PESEL, or a company's NIP. Never shown, never kept as it is."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import SecretStr

from core.forms.field_types import FieldKind, FormError, refuse
from core.i18n.sanitize import clean_id
from core.i18n.translation import N_
from core.models.subscribers import Subscriber, SubscriberKind
from core.service.unit_of_work import ReadContext
from core.subscribers import pesel

NIP_LENGTH = 10


@dataclass(frozen=True)
class Identity(FieldKind):
    """A field for it; the value is a ``SecretStr`` of digits, so that neither a log nor a traceback has it."""

    name = "secret"
    limit: int = 20

    def tidy(self, text: str) -> str:
        return "".join(clean_id(text).replace("-", "").split())

    def read(self, text: str) -> SecretStr:
        if len(text) == NIP_LENGTH and text.isdecimal():
            return SecretStr(_nip(text))
        wrong = pesel.problem(text)
        if wrong is not None:
            raise FormError("", wrong)
        return SecretStr(pesel.normal(text))


def _nip(text: str) -> str:
    from stdnum.exceptions import ValidationError
    from stdnum.pl import nip

    try:
        digits = str(nip.validate(text))
    except ValidationError:
        digits = "0"
    if not digits.strip("0"):
        raise refuse(N_("A PESEL has 11 digits; a NIP has 10, and these don't fit together."))
    return digits


def fits(look: ReadContext, subscriber: Subscriber | None, typed: SecretStr) -> bool:
    """Whether ``typed`` is this subscriber's. As much is computed for nobody, so that the time tells nothing."""
    import hmac

    digits = typed.get_secret_value()
    mac = pesel.mac(look.keys, digits)
    if subscriber is not None and subscriber.kind == SubscriberKind.COMPANY and len(digits) == NIP_LENGTH:
        return hmac.compare_digest(subscriber.tax_id, digits)
    known = subscriber.pesel_mac if subscriber is not None else ""
    return hmac.compare_digest(known or "0" * 64, mac)

"""An agent corrects what the operator knows of a subscriber: where they live, how they are reached.

A later import of the same subscriber says what counts again: the operator's own books come first.
"""

from __future__ import annotations

from typing import Annotated

from core.errors import Conflict
from core.field import Raw
from core.forms import Email, FormModel, Label, Phone, Text
from core.i18n.translation import N_
from core.models.subscribers import Subscriber
from core.service.actions import action
from core.service.unit_of_work import ReadContext, UnitOfWork, table
from core.subscribers.search import words_of

_subscriber = table(Subscriber)


class Address(FormModel):
    """Street, postcode and town, e-mail and phone as the operator knows them."""

    street: Annotated[str, Text(limit=120), Label(N_("Street and number"))]
    postcode: Annotated[str, Text(limit=10), Label(N_("Postcode"))]
    town: Annotated[str, Text(limit=80), Label(N_("Town"))]
    email: Annotated[
        str | None, Email(), Label(N_("E-mail"), help=N_("Where the operator writes while there is no account."))
    ] = None
    phone: Annotated[str | None, Phone(), Label(N_("Phone"))] = None


def current(look: ReadContext, subscriber_id: int) -> tuple[dict[str, Raw], int]:
    """What is known now, as a form holds it, and the version that a correction is made of."""
    subscriber = look.find(Subscriber, subscriber_id)
    look.require("subscriber.correct", subscriber)
    known = {name: str(getattr(subscriber, name)) for name in Address.model_fields}
    return dict(known), subscriber.version


@action("subscriber.correct", on=Subscriber)
def correct(work: UnitOfWork, subscriber: Subscriber, form: Address, *, seen: int) -> None:
    """Save it, if nobody else has meanwhile. The journal says which of it changed, never how."""
    values = {name: value or "" for name, value in form}
    changed = sorted(name for name, value in values.items() if getattr(subscriber, name) != value)
    if not changed:
        return
    same = _subscriber.c.id == subscriber.id, _subscriber.c.version == seen
    words = words_of({**subscriber.model_dump(), **values})
    if not work.change(Subscriber, *same, **values, words=words, version=seen + 1, changed_at=work.now):
        raise Conflict(N_("Somebody else has changed this meanwhile. Please look at it again."))
    work.record("subscriber.correct", "subscriber", subscriber.id, changed=",".join(changed))

"""An agent vouches for a subscriber who can't sign up from their own line: a code, told by phone
or given on paper, good once and for seven days. Why stands in the journal, and nobody can vouch without saying it.
"""

import datetime as dt
from typing import Annotated

from pydantic import model_validator

from core.accounts import registration
from core.errors import Say, say
from core.forms import FormModel, Label, Text
from core.forms.field_types import FormError
from core.i18n.translation import N_
from core.models.accounts import Purpose
from core.models.subscribers import Subscriber
from core.service import one_time_codes
from core.service.actions import Available, action, available
from core.service.unit_of_work import ReadContext, UnitOfWork
from core.subscribers import detail, edit, pesel


class Vouch(FormModel):
    """How the agent knows who it is."""

    reason: Annotated[
        str,
        Text(limit=120, least=5),
        Label(
            N_("How do you know who it is?"),
            help=N_("It stands in the journal: no PESEL, no passwords."),
            keepable=False,
        ),
    ]

    @model_validator(mode="after")
    def _for_the_journal(self) -> "Vouch":
        """Nothing can be taken out of the journal again."""
        if pesel.within(self.reason):
            raise FormError("reason", say(N_("This is a PESEL. What is written here stays for good: leave it out.")))
        return self


def reason_against_vouching(look: ReadContext, subscriber: Subscriber) -> Say | None:
    """A code is for somebody without an account, on a desk whose rule leaves room for it."""
    if look.settings.subscribers.line_rule != "staff":
        return say(N_("This desk's rule for sign-up leaves no room for a code from the office."))
    if subscriber.account_id is not None:
        return say(N_("This subscriber has an account already."))
    return None


@action("subscriber.vouch", on=Subscriber, when=reason_against_vouching)
def vouch(work: UnitOfWork, subscriber: Subscriber, form: Vouch) -> str:
    """The code, to be told to the subscriber now: it is shown this once. An earlier one is void from here on."""
    # What was begun with an earlier code, which somebody may have overheard, comes to nothing.
    registration.give_up(work, [contract.id for contract in detail.contracts(work, subscriber.id)])
    code = one_time_codes.issue_bound(work, Purpose.VOUCH, str(subscriber.id))
    work.record("subscriber.vouch", "subscriber", subscriber.id, reason=form.reason)
    return code


def available_on_card(look: ReadContext, subscriber_id: int) -> Available:
    """What the actor can do for this subscriber, or why not."""
    return available(look, look.find(Subscriber, subscriber_id), (vouch, edit.correct))


def good_until(look: ReadContext, subscriber_id: int) -> dt.datetime | None:
    """Until when a code that was made for this subscriber lets them in; None when there is none."""
    subscriber = look.find(Subscriber, subscriber_id)
    if not look.may("subscriber.vouch", subscriber):
        return None
    return one_time_codes.good_until(look, Purpose.VOUCH, str(subscriber.id))

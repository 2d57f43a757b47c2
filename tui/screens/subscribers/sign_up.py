"""Signing up as a subscriber: from where, the form, the summary; then as everybody does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult

from core import forms
from core.accounts.address_owner import Started
from core.field import Field
from core.i18n.translation import N_, _
from core.sign_up import subscriber
from core.sign_up.subscriber import SubscriberSignUp
from core.subscribers import pesel
from core.subscribers.sign_up_rule import Whence
from tui.screens.accounts.sign_up import PersonSignUp, facts_of
from tui.widgets.card import Card
from tui.widgets.form import Form
from tui.widgets.notice import Notice

_LONG_ENOUGH = (10, pesel.LENGTH)
"""Digits from which on a NIP or a PESEL can be judged."""
_UNSEEN = {
    (True, False): N_("From this terminal no line can be seen, so you need a code from the office."),
    (True, True): N_("From this browser no line can be seen, so you need a code from the office."),
    (False, False): N_(
        "From this terminal no line can be seen, and signing up works only over your own line: please connect "
        "from home."
    ),
    (False, True): N_(
        "From this browser no line can be seen, and signing up works only over your own line: please connect from home."
    ),
}
"""By whether a code of the office's helps, and whether somebody sits at a browser."""


class SubscriberScreen(PersonSignUp):
    """``whence`` says which rule is in force and where this terminal stands: both are said before anything is typed."""

    FORM: type[forms.FormModel] = SubscriberSignUp  # type: ignore[misc]
    DRAFT, SUMMARY = "subscriber", N_("You and your internet contract")
    CSS_PATH: ClassVar[str] = "sign_up.tcss"

    def __init__(self, whence: Whence, help_: str = "") -> None:
        """``help_`` is where somebody who gets no further can ask, such as a phone number."""
        self.FORM = subscriber.form_for(whence.rule)
        super().__init__()
        self._whence, self._help = whence, help_

    def intro(self) -> str:
        return _(
            "For people and companies with an internet line of ours. Have your contract at hand; the PESEL is only "
            "compared, and never kept: its last two digits are what is shown of it."
        )

    def compose_box(self) -> ComposeResult:
        for widget in super().compose_box():
            if isinstance(widget, Notice):
                yield Notice(self._from_where(), "info" if self._whence.possible else "warning", id="sign-up-whence")
            yield widget

    @property
    def notice(self) -> Notice:  # type: ignore[override]
        """What went wrong; not what is said about where one sits."""
        return self.query(Notice).last()

    def fields(self) -> tuple[Field, ...]:
        """What is accepted comes last, as everywhere."""
        return tuple(sorted(super().fields(), key=lambda field: field.name == "terms"))

    def _from_where(self) -> str:
        """The rule and the address, and what to do: nothing here depends on who is about to sign up."""
        rule, address = self._whence.rule, self._whence.address
        if rule == "off":
            return ""
        if address and rule == "require":
            sentence = _("You come from {address}. Sign up here if that is your own line.")
        elif address:
            sentence = _(
                "You come from {address}. If that is your own line, sign up here; elsewhere you need a code from "
                "the office."
            )
        else:
            sentence = _(_UNSEEN[rule == "staff", self.app.in_browser])
        ask = " " + _("Questions: {phone}").format(phone=self._help) if self._help else ""
        return sentence.format(address=address) + ask

    @on(Form.Changed)
    def _judge(self, event: Form.Changed) -> None:
        """The check digit speaks as soon as the last digit is there."""
        typed = str(event.values.get("identity", ""))
        digits = sum(sign.isdigit() for sign in typed)
        if event.name == "identity" and digits in _LONG_ENOUGH:
            right = _("11 digits, and they fit together.") if digits == pesel.LENGTH else ""
            if digits == pesel.LENGTH or not forms.check(self.FORM, {"identity": typed}, "identity"):
                self.form.verdict("identity", right or _("10 digits of a NIP, and they fit together."))

    def cards(self, form: Any) -> Iterable[Card]:
        facts = facts_of(form)
        masked = pesel.masked(pesel.end(form.identity.get_secret_value()))
        at = next(at for at, (label, _value) in enumerate(facts) if label == "Number of your contract")
        facts.insert(at, ("PESEL", masked))
        yield Card(_(self.SUMMARY), facts)

    async def start(self, form: Any, receipt: str = "") -> Started:
        started: Started = await self.do(subscriber.start, form, receipt)
        return started

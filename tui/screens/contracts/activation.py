"""Registering a contract with number and activation code."""

from __future__ import annotations

from textual import work

from core.companies import activation
from core.companies.activation import RegisterContract, Registered
from core.i18n.translation import N_, _
from core.models.accounts import Standing
from tui.screens.form_prompt import FormPrompt
from tui.screens.room import RoomScreen


def register_contract(screen: RoomScreen) -> None:
    """Ask for number and code over ``screen``; a refusal stands beside its field and nothing typed is lost."""

    @work(exclusive=True, group="register")
    async def ask(screen: RoomScreen) -> None:
        prompt = FormPrompt(
            _("Register contract"),
            RegisterContract,
            kept_as="contract.register",
            submit=lambda form: screen.do(activation.register, form),
            save=N_("Apply"),
            text=_("Both stand on the support certificate you were sent."),
        )
        sent = await screen.app.push_screen_wait(prompt)
        if sent is not None:
            screen.notify(_said(sent.result))
            screen.registered()

    ask(screen)


def _said(done: Registered) -> str:
    if done.standing == Standing.PENDING:
        return _("{company} has an account already: a colleague or the desk has to let you in first.").format(
            company=done.company
        )
    return _("Contract {number} is registered.").format(number=done.number)

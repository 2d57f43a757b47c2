"""Registering a contract with number and activation code."""

from __future__ import annotations

from typing import Any

from textual import work

from core import forms
from core.companies import activation
from core.companies.activation import RegisterContract, Registered
from core.i18n.translation import N_, _
from core.models.accounts import Standing
from tui.screens.room import RoomScreen
from tui.widgets.prompt import Prompt


def register_contract(screen: RoomScreen) -> None:
    """Ask for number and code over ``screen``; a refusal stands beside its field and nothing typed is lost."""

    @work(exclusive=True, group="register")
    async def ask(screen: RoomScreen) -> None:
        done: list[Registered] = []

        async def apply(values: dict[str, Any]) -> None:
            done.append(await screen.do(activation.register, forms.fill(RegisterContract, values)))

        prompt = Prompt(
            _("Register contract"),
            forms.describe(RegisterContract),
            check=lambda values, only: forms.check(RegisterContract, values, only),
            text=_("Both stand on the support certificate you were sent."),
            submit=apply,
            save=N_("Apply"),
        )
        await screen.app.push_screen_wait(prompt)
        for registered in done:
            screen.notify(_said(registered))
            screen.registered()

    ask(screen)


def _said(done: Registered) -> str:
    if done.standing == Standing.PENDING:
        return _("{company} has an account already: a colleague or the desk has to let you in first.").format(
            company=done.company
        )
    return _("Contract {number} is registered.").format(number=done.number)

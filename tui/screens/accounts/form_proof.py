"""A code of a sign-up comes back: on the page where that began, or elsewhere with the form's login and password."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core import forms
from core.accounts.registrations import Proof
from core.accounts.sign_up import SignUp
from core.errors import Invalid
from core.fields import Field
from core.words import N_, _
from tui.screens.accounts.page import Page
from tui.widgets.prompt import Prompt

_LOGIN = next(replace(field, section="") for field in forms.describe(SignUp) if field.name == "login")


async def come_back(page: Page, use_case: Callable[..., Any], code: str, proof: Proof) -> Any | None:
    """Confirm with a code. Where the form's login has been given out meanwhile another one is asked for, here; nothing
    else has to be typed again. None: that was left."""
    try:
        return await page.do(use_case, code, proof)
    except Invalid as error:
        if "login" not in error.fields:
            raise
        taken = error.fields["login"].text()
    done: list[Any] = []

    async def send(values: dict[str, Any]) -> None:
        done.append(await page.do(use_case, code, proof, values["login"]))

    prompt = Prompt(_("Choose another login"), (_LOGIN,), submit=send, save=N_("Go on"), text=taken)
    await page.app.push_screen_wait(prompt)
    return done[0] if done else None


class FormProof(Page):
    """Which form the code was mailed for is known here, but not who types it: a code in one's mail may be of a form
    that somebody else filled in."""

    def __init__(self, code: str, use_case: Callable[..., Any], shown: Callable[[Any], Page]) -> None:
        super().__init__()
        self._code, self._use_case, self._shown = code, use_case, shown

    def title_text(self) -> str:
        return _("Is this your sign-up?")

    def intro(self) -> str:
        return _(
            "Type the login and the password of the form that the code was mailed for. If you did not send in any, "
            "somebody else used your address: leave this page, and nothing comes of it."
        )

    def fields(self) -> tuple[Field, ...]:
        return (
            Field("login", N_("Login or e-mail of the form"), max_length=254),
            Field("password", N_("Password of the form"), kind="secret", max_length=512),
        )

    async def submit(self, values: dict[str, Any]) -> None:
        proof = Proof(login=values["login"], password=values["password"])
        done = await come_back(self, self._use_case, self._code, proof)
        if done is not None:
            self.app.switch_screen(self._shown(done))

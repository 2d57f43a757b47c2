"""A code of a sign-up comes back: on the page where that began, or elsewhere with the form's login and password."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from core import forms
from core.accounts.registration import Proof
from core.errors import Invalid
from core.field import Field
from core.i18n.translation import N_, _
from core.sign_up.customer import SignUp
from tui.drafts import NOT_KEPT
from tui.screens.accounts.page import Page
from tui.widgets.prompt import FieldPrompt

if TYPE_CHECKING:
    from core.service.unit_of_work import UnitOfWork

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

_LOGIN = next(replace(field, section="") for field in forms.describe(SignUp) if field.name == "login")


class Confirm(Protocol[R_co]):
    """The use case that takes a sign-up's code."""

    def __call__(self, work: UnitOfWork, typed: str, proof: Proof, login: str = "", /) -> R_co: ...


async def come_back(page: Page, confirm: Confirm[R], code: str, proof: Proof) -> R | None:
    """Confirm with a code. Where the form's login has been given out meanwhile another one is asked for, here; nothing
    else has to be typed again. None: that was left."""
    try:
        return await page.do(confirm, code, proof)
    except Invalid as error:
        if "login" not in error.fields:
            raise
        taken = error.fields["login"].text()
    done: list[R] = []

    async def send(values: dict[str, Any]) -> None:
        done.append(await page.do(confirm, code, proof, values["login"]))

    prompt = FieldPrompt(
        _("Choose another login"), (_LOGIN,), kept_as=NOT_KEPT, submit=send, save=N_("Go on"), text=taken
    )
    await page.app.push_screen_wait(prompt)
    return done[0] if done else None


class FormProof(Page, Generic[R]):
    """Which form the code was mailed for is known here, but not who types it: a code in one's mail may be of a form
    that somebody else filled in."""

    def __init__(self, code: str, confirm: Confirm[R], next_page: Callable[[R], Page]) -> None:
        super().__init__()
        self._code, self._confirm, self._next_page = code, confirm, next_page

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
        done = await come_back(self, self._confirm, self._code, proof)
        if done is not None:
            self.app.switch_screen(self._next_page(done))

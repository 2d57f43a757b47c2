"""A form of core's in a dialog: asked, checked and filled by its model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar, Unpack

from core import forms
from tui.widgets.form import Values
from tui.widgets.prompt import Prompt, PromptOptions

F = TypeVar("F", bound=forms.FormModel)
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class SentForm(Generic[F, R]):
    """The form as it was sent, and what came of it."""

    form: F
    result: R


class FormPrompt(Prompt[SentForm[F, R]], Generic[F, R]):
    """Asks what ``model`` asks and hands it over filled. Gives what was sent, or None when the reader left::

        prompt = FormPrompt(_("Invite"), Invite, submit=lambda form: self.do(invitations.send, form))
        sent = await self.app.push_screen_wait(prompt)

    What ``submit`` raises is shown beside its field, and the form stays open with all that was typed.
    """

    def __init__(
        self,
        title: str,
        model: type[F],
        *,
        submit: Callable[[F], Awaitable[R]],
        **options: Unpack[PromptOptions],
    ) -> None:
        super().__init__(title, forms.describe(model), check=partial(forms.check, model), **options)
        self._model, self._submit = model, submit

    async def send(self, values: Values) -> SentForm[F, R]:
        form = forms.fill(self._model, values)
        return SentForm(form, await self._submit(form))

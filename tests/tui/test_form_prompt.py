"""A form of core's in a dialog: checked by its model, handed over filled, and never typed twice."""

from __future__ import annotations

from typing import Annotated, Any

from core import forms
from core.errors import DeskError
from core.i18n.translation import N_
from tests.tui.widgets.stage import Stage, on_screen
from tui.drafts import NOT_KEPT
from tui.screens.form_prompt import FormPrompt, SentForm
from tui.widgets.dialog import Dialog


class Order(forms.FormModel):
    pieces: Annotated[int, forms.Number(), forms.Label("Pieces")]
    why: Annotated[str | None, forms.Text(limit=40), forms.Label("Why")] = None


async def test_the_form_is_checked_filled_and_given_with_what_came_of_it() -> None:
    orders: list[Order] = []

    async def order(form: Order) -> str:
        orders.append(form)
        if len(orders) == 1:
            raise DeskError(N_("Nobody can carry so many."), field="pieces")
        return "on its way"

    app, answers = Stage(), list[Any]()
    async with app.run_test(size=(100, 24)) as pilot:
        app.push_screen(
            FormPrompt("Order", Order, kept_as=NOT_KEPT, submit=order, text="By post", values={"why": "Spares"}),
            answers.append,
        )
        await pilot.pause()
        assert "By post" in on_screen(app)
        assert "Spares" in on_screen(app)
        await pilot.press("x", "ctrl+s")
        await pilot.pause()
        assert orders == [], "what the model refuses goes nowhere"
        await pilot.press("backspace", "7", "ctrl+s")
        await pilot.pause()
        await pilot.pause()
        assert "× Nobody can carry so many." in on_screen(app)
        assert answers == []
        await pilot.press("ctrl+s")
        await pilot.pause()
        await pilot.pause()
    form = Order(pieces=7, why="Spares")
    assert orders == [form, form]
    assert answers == [SentForm(form, "on its way")]


async def test_who_leaves_has_sent_nothing_though_what_came_of_sending_may_be_none() -> None:
    async def forget(form: Order) -> None:
        """Nothing comes of it."""

    for keys, answer in (("escape",), None), (("3", "ctrl+s"), SentForm(Order(pieces=3), None)):
        app, answers = Stage(), list[Any]()
        async with app.run_test() as pilot:
            app.push_screen(FormPrompt("Order", Order, kept_as=NOT_KEPT, submit=forget), answers.append)
            await pilot.pause()
            await pilot.press(*keys)
            await pilot.pause()
            await pilot.pause()
        assert answers == [answer]


async def test_a_roomy_one_is_wide() -> None:
    async def forget(form: Order) -> None:
        """Nothing comes of it."""

    for roomy, width in (False, 64), (True, 96):
        app = Stage()
        async with app.run_test(size=(120, 24)) as pilot:
            prompt: Dialog[Any] = FormPrompt(
                "Order", Order, kept_as=NOT_KEPT, submit=forget, roomy=roomy, classes="-internal"
            )
            app.push_screen(prompt)
            await pilot.pause()
            assert prompt.query_one(".dialog--box").outer_size.width == width
            assert prompt.has_class("-internal")

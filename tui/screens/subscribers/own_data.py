"""*My data*: what a subscriber has, and from where they look at it just now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.worker import Worker

from core.billing import statement
from core.errors import Say
from core.i18n.translation import N_, _
from core.knowledge import articles
from core.knowledge.articles import ArticleRow
from core.subscribers import detail, lines
from core.subscribers.detail import LineFacts, SubscriberCard
from tui.commands import Command, bindings
from tui.screens.base import deed
from tui.screens.card_room import CardRoom
from tui.screens.knowledge.formatting import period, when
from tui.screens.subscribers import formatting, line_password
from tui.text import plain
from tui.widgets.card import Card

WIDE = 124
"""Columns from which the cards stand in two columns."""


class Panel(CardRoom):
    """Cards: who I am, what I pay, where I am; one for each contract and line."""

    ROOM = "panel"
    DESK_COMMANDS = (
        Command("panel.reveal", "U", N_("Password"), "reveal", N_("Show a line's PPPoE password"), footer=True),
        Command(
            "panel.new_password", "N", N_("New password"), "reset", N_("Of a line's PPPoE"), footer=True, danger=True
        ),
        Command("panel.reload", "f5", N_("Read again"), "reload"),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    CSS_PATH = "subscribers.tcss"
    PAGE = "panel"

    def __init__(self, frame: Any) -> None:
        super().__init__(frame)
        self.card: SubscriberCard | None = None
        self._passwords: dict[int, str] = {}

    def compose_cards(self) -> ComposeResult:
        with Horizontal(id="panel-columns"):
            with Vertical(id="panel-left"):
                yield Card(N_("Outage"), id="panel-outage")
                yield Card(N_("Payments"), id="panel-money")
                yield Card(N_("You"), id="panel-you")
                yield Card(N_("My address now"), id="panel-here")
            with Vertical(id="panel-right"):
                yield Vertical(id="panel-contracts")
                yield Vertical(id="panel-lines")

    def on_mount(self) -> None:
        self.query_one("#panel-outage").display = False
        super().on_mount()

    def on_resize(self, event: Any) -> None:
        super().on_resize(event)
        self.set_class(event.size.width >= WIDE, "-two")

    def on_screen_suspend(self) -> None:
        """A password that was shown is hidden again as soon as somebody turns away."""
        self._passwords.clear()

    def on_screen_resume(self) -> None:
        """Something may have happened meanwhile: a payment, an outage, another month."""
        super().on_screen_resume()
        if self.card is not None:
            self.read_again()

    async def fill(self) -> None:
        self.card = card = await self.see(detail.mine)
        here = await self.see(detail.here)
        money = await self.see(statement.summary)
        self._tell_outages(await self.see(articles.outages, self.app.language))
        you = formatting.person(card)
        if card.login:
            you.append((N_("Login"), card.login))
        hint = plain(_("Another e-mail address or password: My account, g u.")).stylize("$text-muted")
        self.query_one("#panel-you", Card).show(you, [hint])
        self.query_one("#panel-money", Card).show(formatting.money(money))
        self.query_one("#panel-here", Card).show(formatting.here(here, card.lines, in_browser=self.app.in_browser))
        agreed = [(N_("Internet contract"), "", formatting.contract(each)) for each in card.contracts]
        await self._fill("#panel-contracts", agreed)
        listed = [(N_("Line"), each.identifier, self._line(each)) for each in card.lines]
        await self._fill("#panel-lines", listed)

    def _tell_outages(self, outages: Sequence[ArticleRow]) -> None:
        """What is wrong with a line of theirs comes before anything else."""
        card = self.query_one("#panel-outage", Card)
        card.display = bool(outages)
        lines = [period(row) + plain(f"  {row.title}  {when(row, self.app.now)}") for row in outages]
        title = N_("Planned work") if all(row.planned for row in outages) else N_("Outage")
        more = plain(_("More under News: g j.")).stylize("$text-muted")
        card.show([], [*lines, more] if lines else [], title=title)

    def _line(self, line: LineFacts) -> formatting.Facts:
        return formatting.line(line, self._passwords.get(line.asset_id, ""))

    async def _fill(self, place: str, facts: list[tuple[str, str, formatting.Facts]]) -> None:
        """A card for each; those that are there already are filled anew, so that nothing jumps."""
        holder = self.query_one(place)
        cards = list(holder.query(Card))
        for surplus in cards[len(facts) :]:
            await surplus.remove()
        for at, (title, name, card_facts) in enumerate(facts):
            called = f"{_(title)} {name}".strip()
            if at < len(cards):
                cards[at].show(card_facts, title=called)
            else:
                await holder.mount(Card(called, card_facts))

    def why_not(self, action: str) -> Say | None:
        if action in ("reveal", "reset") and not line_password.with_password(self.card):
            return line_password.NO_PASSWORD
        return super().why_not(action)

    @deed
    async def action_reveal(self) -> None:
        line = await line_password.which(self.app, self.card)
        if line is None:
            return
        if line.asset_id in self._passwords:
            del self._passwords[line.asset_id]
        else:
            self._passwords[line.asset_id] = await self.do(lines.reveal, line.asset_id)
        await self.show()
        self._bring_up(line)

    @deed
    async def action_reset(self) -> None:
        line = await line_password.which(self.app, self.card)
        if line is not None and await self.app.push_screen_wait(line_password.new_password_question()):
            self._passwords[line.asset_id] = await self.do(lines.reset, line.asset_id)
            await self.show()
            self._bring_up(line)

    def _bring_up(self, line: LineFacts) -> None:
        """Scroll to a line's card: on a small terminal it lies below."""
        at = [each.asset_id for each in self.card.lines].index(line.asset_id) if self.card else 0
        self.query_one("#panel-lines").query(Card)[at].scroll_visible(animate=False)

    def action_reload(self) -> Worker[None]:
        self.say_headline()
        return super().action_reload()

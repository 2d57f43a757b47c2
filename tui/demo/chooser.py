"""Who do you want to be? The first screen of the demo, and F2 everywhere in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Center, Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from core.db.pagination import Page
from core.i18n import translation
from core.i18n.translation import N_, _
from core.models.names import ROLE_LABELS
from tui.commands import Command, bindings
from tui.screens.base import DeskScreen, errand
from tui.shell import FOLDED_BELOW, Commanded
from tui.text import plain
from tui.widgets.card import Card
from tui.widgets.footer import KeyLine
from tui.widgets.list import Column, ListView
from tui.widgets.logo import Logo
from tui.widgets.progress import Progress

if TYPE_CHECKING:
    from core.demo.personas import Cast, FreeContract, FreeSubscriber, Persona
    from tui.demo.app import DemoApp

BY_HAND = "by hand"
_MARKS = {
    "admin": ("◆", "$text-error"),
    "agent": ("●", "$text-accent"),
    "installer": ("▲", "$text-warning"),
    "customer": ("○", "$text-primary"),
}
"""Sign and colour, by role."""
_STANDINGS = {"owner": N_("owner"), "member": N_("member"), "pending": N_("waits to be let in"), "none": ""}
_GOOD_FOR = {
    "sign_up": N_("to sign up with"),
    "register": N_("to register as this company"),
    "early": N_("has not begun yet"),
    "ended": N_("has ended"),
}


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of the list; without a persona it is the way to log in by hand."""

    id: Any
    persona: Persona | None
    first_of_role: bool


class Chooser(Commanded[None], DeskScreen[None]):
    """People by role with a line on what they can show; beside them what is lying about to be tried."""

    DESK_COMMANDS = (
        Command("chooser.by_hand", "f7", N_("Log in by hand"), "by_hand", N_("The way in, as it is"), footer=True),
        Command("chooser.language", "f9", N_("Polski / English"), "language", N_("Change the language"), footer=True),
        Command(
            "chooser.contracts",
            "f8",
            N_("Contracts"),
            "contracts",
            N_("Contracts to sign up with or register"),
            footer=True,
        ),
        Command("chooser.place", "f6", N_("Where I sit"), "place", N_("Your own line, a café"), footer=True),
        Command("chooser.back", "escape", N_("Back"), "back", N_("Stay who you are"), footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    CSS_PATH = "demo.tcss"

    people = getters.query_one("#chooser-people", ListView)
    facts = getters.query_one("#chooser-facts", Card)

    @property
    def _small(self) -> bool:
        """Whether there is no room to say again what the list says."""
        return self.app.size.width < FOLDED_BELOW

    @property
    def demo(self) -> DemoApp:
        return cast("DemoApp", self.app)

    def compose(self) -> ComposeResult:
        with Vertical(id="chooser"):
            yield Logo(self.app.frame.desk)
            yield Static(id="chooser-about")
            with Center():
                yield Progress(N_("Inventing a world"), cancellable=False)
            with Horizontal(id="chooser-middle"):
                yield ListView(_columns(), id="chooser-people", limit=100)
                with VerticalScroll(id="chooser-side", can_focus=False):
                    yield Card(N_("Who this is"), id="chooser-facts")
                    yield Card(N_("Contracts to be tried"), id="chooser-contracts")
                    yield Card(N_("Subscribers to sign up as"), id="chooser-subscribers")
        yield KeyLine()

    def on_mount(self) -> None:
        self.set_class(self.demo.cast is None, "-making")
        self.query_one(Progress).can_focus = False
        self._meet()

    def lacks(self, action: str) -> bool:
        """Nobody to stay, nowhere to go back to, while this is the only screen."""
        if action == "back":
            return len(self.app.screen_stack) <= 2
        if action in ("by_hand", "contracts", "place") and self.demo.cast is None:
            return True
        return (action == "contracts" and not self._small) or super().lacks(action)

    @errand
    async def _meet(self) -> None:
        """Show how far the world is, then the people in it."""
        timer = self.set_interval(0.1, self._show_stage)
        try:
            await self.app.ready()
        finally:
            timer.stop()
        made = cast("Cast", self.demo.cast)
        self.remove_class("-making")
        self.query_one(Logo).show(self.app.frame.desk)
        self._say_about(made)
        self.query_one("#chooser-contracts", Card).show((), _contract_lines(made.contracts, one_line=self._small))
        self._show_subscribers()
        self.people.set_source(lambda _ask: _page(made))
        self.people.focus()
        self.refresh_bindings()

    def _show_stage(self) -> None:
        from core.demo.world import STAGES  # deferred: start-up, loaded behind the first frame

        for progress in self.query(Progress):
            progress.update(self.demo.stage + 1, len(STAGES) + 1)
        for about in self.query("#chooser-about").results(Static):
            about.update(plain(_(STAGES[self.demo.stage]) + "…"))

    def _say_about(self, made: Cast) -> None:
        secret = _("Everybody's password: {password}").format(password=made.password)
        lines = [plain(secret).stylize("bold $text-accent")]
        if not self._small:
            lines.insert(0, plain(made.about[translation.language()]).stylize("$text-muted"))
        self.query_one("#chooser-about", Static).update(Content("\n").join(lines))

    @on(ListView.Highlighted)
    def _show_person(self, event: ListView.Highlighted) -> None:
        event.stop()
        made = cast("Cast", self.demo.cast)
        person = event.row.persona
        self._show_only("-by-hand" if person is None else "")
        if person is None:
            lines = [
                plain(_("Log in with any of these logins, sign up with a contract below, or ask for a new password.")),
                plain(_("F3 opens the post room, where every code is mailed to.")),
            ]
            self.facts.show((), lines, title=N_("Log in by hand"))
        else:
            facts = _facts(person, made)
            self.facts.show(
                facts[2:4] + facts[5:6] if self._small else facts,
                [plain(person.shows[translation.language()])],
                title=N_("Who this is"),
            )

    @on(ListView.Opened)
    @errand
    async def _choose(self, event: ListView.Opened) -> None:
        event.stop()
        person = event.row.persona
        if person is None or person.by_hand:
            await self.demo.by_hand()
        else:
            await self.demo.become(person.id)

    @errand
    async def action_by_hand(self) -> None:
        await self.demo.by_hand()

    def action_place(self) -> None:
        """Somewhere else, for whoever signs up as a subscriber; where there is room for one card, that of the place
        comes first, so that nobody goes away from where they have not seen themselves."""
        if not self._small or self.has_class("-elsewhere"):
            self.demo.place_at += 1
            self._show_subscribers()
        self._show_only("-elsewhere")

    def _show_subscribers(self) -> None:
        made = cast("Cast", self.demo.cast)
        named, address = self.demo.places[self.demo.place_at % len(self.demo.places)]
        where = _(named).format(name=made.subscribers[0].name)
        lines = _subscriber_lines(made.subscribers, one_line=self._small)
        sits = _("You sit {where} ({address}).") if address else _("You sit {where}.")
        lines.append(plain(sits.format(where=where, address=address)).stylize("$text-muted"))
        lines.append(plain(_("F6 takes you elsewhere.")).stylize("$text-muted"))
        self.query_one("#chooser-subscribers", Card).show((), lines)

    def action_contracts(self) -> None:
        """Where there is room for one card only: the contracts, and again who this is."""
        self._show_only("" if self.has_class("-by-hand") else "-by-hand")

    def _show_only(self, card: str) -> None:
        """Which of the three cards stands where there is room for one."""
        for each in ("-by-hand", "-elsewhere"):
            self.set_class(each == card, each)

    async def action_language(self) -> None:
        """The other language, with the same people. What is under way is begun again on the new page: it would look for
        the parts of the old one while there are none."""
        self.demo.speak("pl" if self.app.language == "en" else "en")
        self.workers.cancel_node(self)
        await self.recompose()
        if not self.left:
            self.on_mount()
            self.show_keys()

    def action_back(self) -> None:
        self.app.pop_screen()


def _page(made: Cast) -> Page[_Row]:
    rows: list[_Row] = []
    for person in made.personas:
        rows.append(_Row(person.id, person, not rows or rows[-1].persona.role != person.role))  # type: ignore[union-attr]
    rows.append(_Row(BY_HAND, None, first_of_role=True))
    return Page(rows, None, None, more_before=False, more_after=False)


def _columns() -> list[Column]:
    return [
        Column("role", N_("Role"), 15, _role),
        Column("name", N_("Name"), 21, lambda row: row.persona.name if row.persona else _("Log in by hand")),
        Column("shows", N_("What there is to see"), None, _shows),
        Column("company", N_("Company"), 24, lambda row: row.persona.company if row.persona else "", 110),
    ]


def _role(row: _Row) -> Content:
    if row.persona is None:
        return Content("→").stylize("$text-muted")
    glyph, colour = _MARKS[row.persona.role]
    return Content(f"{glyph} {_(ROLE_LABELS[row.persona.role])}" if row.first_of_role else glyph).stylize(colour)


def _shows(row: _Row) -> Content:
    if row.persona is None:
        return plain(_("Sign up, log in, forget a password: the way in, as it is."))
    return plain(row.persona.shows[translation.language()])


def _facts(person: Persona, made: Cast) -> list[tuple[str, Content | str]]:
    word = _(ROLE_LABELS[person.role])
    standing = _(_STANDINGS[person.standing])
    facts: list[tuple[str, Content | str]] = [
        (N_("Name"), plain(person.name).stylize("bold")),
        (N_("Role"), f"{word}, {standing}" if standing else word),
        (N_("Company"), person.company or "–"),
        (N_("Login"), plain(person.login or _("none yet")).stylize("$text-accent")),
        (N_("Password"), _("none yet") if person.by_hand else made.password),
        (N_("Second step"), _("authenticator (F3 shows its code)") if person.authenticator else _("mailed code (F3)")),
        (N_("Language"), "polski" if person.language == "pl" else "English"),
    ]
    return facts


def _subscriber_lines(people: tuple[FreeSubscriber, ...], *, one_line: bool) -> list[Content]:
    """Invented people, so that somebody can sign up: nobody else's PESEL is ever shown."""
    lines: list[Content] = []
    for person in people:
        number, pesel = (
            plain(person.contract).stylize("bold $text-accent"),
            plain(person.pesel).stylize("bold $text-primary"),
        )
        head = number + Content("  PESEL ") + pesel
        about = plain(f"  {person.name} · {person.address}").stylize("$text-muted")
        lines += [head + about] if one_line else [head, about]
    return lines


def _contract_lines(contracts: tuple[FreeContract, ...], *, one_line: bool) -> list[Content]:
    lines: list[Content] = []
    for contract in contracts:
        number, code = (
            plain(contract.number).stylize("bold $text-accent"),
            plain(contract.code).stylize("bold $text-primary"),
        )
        if one_line:
            lines.append(
                number + Content("  ") + code + plain(f"  {_(_GOOD_FOR[contract.good_for])}").stylize("$text-muted")
            )
            continue
        lines.append(number + Content("  ") + code)
        lines.append(plain(f"  {contract.company} · {_(_GOOD_FOR[contract.good_for])}").stylize("$text-muted"))
    return lines

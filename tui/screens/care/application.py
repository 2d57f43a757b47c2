"""One application, as whoever sent it sees it: what was asked, how long it is good, and what the company said."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Concatenate

from textual.app import ComposeResult
from textual.binding import BindingType

from core.care import applications
from core.care.applications import ApplicationRow
from core.care.expiry import days_left
from core.errors import Conflict
from core.i18n import dates
from core.i18n.translation import N_, _, ngettext
from core.models.levels import LEVELS
from tui.commands import Command, bindings
from tui.screens.base import P, deed
from tui.screens.care import formatting
from tui.screens.care.card_screen import CardScreen
from tui.widgets.card import Card, Value
from tui.widgets.choose import Choose
from tui.widgets.confirm import Confirm
from tui.widgets.frame import Frame
from tui.widgets.menu import Option

if TYPE_CHECKING:
    from core.service.actions import Available
    from core.service.unit_of_work import UnitOfWork

_DECIDED = {"approved": N_("Decided"), "rejected": N_("Decided"), "withdrawn": N_("Withdrawn")}
"""How the moment is called at which it was over; one that ran out has its last day for that."""


class ApplicationScreen(CardScreen):
    """While nobody has decided, the applicant changes the level or takes it back."""

    ROOM = "service"
    DESK_COMMANDS = (
        Command(
            "own_application.level",
            "l",
            N_("Change level"),
            "level",
            N_("Before it is decided"),
            footer=True,
            asks="application.level",
        ),
        Command(
            "own_application.withdraw",
            "W",
            N_("Withdraw"),
            "withdraw",
            N_("The company is told"),
            footer=True,
            danger=True,
            asks="application.withdraw",
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def __init__(self, frame: Frame, application_id: int) -> None:
        super().__init__(frame)
        self.application_id = application_id
        self.application: ApplicationRow | None = None

    @property
    def thing(self) -> str:
        return self.application.device if self.application else ""

    @property
    def level(self) -> int:
        return self.application.level if self.application else 0

    def compose_cards(self) -> ComposeResult:
        yield Card(N_("Application"), id="care-application")
        yield Card(N_("What the company wrote"), id="care-message")

    def on_mount(self) -> None:
        self.query_one("#care-message").display = False
        super().on_mount()

    async def fill(self) -> None:
        application: ApplicationRow = await self.see(applications.card, self.application_id)
        self.application = application
        left = days_left(application.expires_at, self.app.now)
        self.query_one("#care-application", Card).show(application_facts(application, left))
        message = self.query_one("#care-message", Card)
        message.display = bool(application.message)
        message.show([], application.message.splitlines())

    @property
    def available(self) -> Available | None:
        return self.application.available if self.application is not None else None

    async def _change(
        self, use_case: Callable[Concatenate[UnitOfWork, P], object], /, *args: P.args, **kwargs: P.kwargs
    ) -> bool:
        """Do it, and show what is there now; whether it was done. Where the company was faster, that is said."""
        self.notice.hide()
        try:
            await self.do(use_case, *args, **kwargs)
        except Conflict as conflict:
            self.notice.say(conflict.text(), "warning")
            return False
        finally:
            await self.show()
        return True

    @deed
    async def action_level(self) -> None:
        application = self.application
        if application is None:
            return
        options = [Option(int(choice.value), f"{choice.value}. {_(choice.label)}") for choice in LEVELS]
        picked = await self.app.push_screen_wait(Choose(_("Access level"), options, at=application.level))
        if picked is not None and await self._change(
            applications.change_level, application.id, picked, seen=application.version
        ):
            text = _("Access level asked for: {level}. The company decides about it.")
            self.notify(text.format(level=formatting.level(picked)))

    @deed
    async def action_withdraw(self) -> None:
        application = self.application
        if application is not None and await self.app.push_screen_wait(withdraw_question(application.company)):
            await self._change(applications.withdraw, application.id)


def withdraw_question(company: str) -> Confirm:
    """Before an application is taken back."""
    return Confirm(
        _("Withdraw this application?"),
        _("{company} is told. You can apply again at any time.").format(company=company),
        yes=N_("Withdraw"),
        no=N_("Keep it"),
    )


def application_facts(application: ApplicationRow, left: int) -> list[tuple[str, Value]]:
    """What was asked of whom, and what has become of it; ``left`` counts begun days."""
    facts: list[tuple[str, Value]] = [
        (N_("State"), formatting.application(application.state)),
        (N_("Device ID"), application.device),
        (N_("Installer company"), application.company),
        (N_("Access level"), formatting.level(application.level)),
        *((f"  {name}", word) for name, word in formatting.opens(application.level)),
        (N_("Sent"), dates.moment(application.created_at)),
    ]
    if application.state in _DECIDED:
        if application.decided_at is not None:
            facts.append((_DECIDED[application.state], dates.moment(application.decided_at)))
    else:
        facts.append((N_("Valid until"), f"{dates.moment(application.expires_at)} ({_left(left)})"))
    return facts


def _left(days: int) -> str:
    return ngettext("{n} day left", "{n} days left", days).format(n=days) if days else _("over")

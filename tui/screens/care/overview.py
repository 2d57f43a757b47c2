"""*Service*, the customer's side: questions to answer, who looks after what, what was applied for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content

from core.care import access_request_list, access_requests, applications, grants, overview
from core.care.access_request_list import RequestRow
from core.care.overview import OverviewLine
from core.i18n import dates
from core.i18n.translation import N_, _
from core.models.levels import LEVELS
from tui.commands import Command, bindings
from tui.screens.base import deed
from tui.screens.care import formatting
from tui.screens.care.application import ApplicationScreen, withdraw_question
from tui.screens.care.grant import answer_question, end_question, stop_question
from tui.screens.list_room import ListRoom
from tui.widgets.badge import badge
from tui.widgets.choose import Choose
from tui.widgets.empty import EmptyState
from tui.widgets.list import Column, ListView
from tui.widgets.menu import Option

if TYPE_CHECKING:
    from core.service.actions import Available

_KINDS = {
    "question": N_("question"),
    "permission": N_("access"),
    "service": N_("service"),
    "application": N_("application"),
}


class Service(ListRoom):
    """One list; the keys are those of the line under the cursor."""

    ROOM = "service"
    DESK_COMMANDS = (
        Command("service.apply", "n", N_("Apply"), "apply", N_("To an installer company"), footer=True),
        Command("service.code", "f6", N_("I have a code"), "code", N_("An installer invites me"), footer=True),
        Command(
            "service.allow",
            "y",
            N_("Allow"),
            "allow",
            N_("What the installer asks for"),
            footer=True,
            asks="permission.answer",
        ),
        Command("service.deny", "D", N_("Deny"), "deny", footer=True, danger=True, asks="permission.answer"),
        Command(
            "service.stop",
            "Z",
            N_("End access"),
            "stop",
            N_("A permission, early"),
            footer=True,
            asks="permission.stop",
        ),
        Command(
            "service.level",
            "l",
            N_("Change level"),
            "level",
            N_("It counts at once"),
            footer=True,
            asks="grant.level application.level",
        ),
        Command("service.device", "v", N_("Device"), "device", N_("What it measures and is told")),
        Command(
            "service.withdraw", "W", N_("Withdraw"), "withdraw", footer=True, danger=True, asks="application.withdraw"
        ),
        Command("service.end", "E", N_("End service"), "end", footer=True, danger=True, asks="grant.end"),
        Command("service.levels", "f8", N_("Access levels"), "levels", N_("What each opens")),
    )
    KEYS_OF_ROW = True
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    def columns(self) -> tuple[Column, ...]:
        return (
            Column("kind", N_("What"), 11, lambda row: _(_KINDS[row.kind])),
            Column("device", N_("Device ID"), 13, lambda row: row.device),
            Column("company", N_("Installer company"), None, lambda row: row.company),
            Column("what", N_("Access"), 24, _access, from_width=100),
            Column("state", N_("State"), 22, _state),
            Column("when", N_("Since"), 8, lambda row: dates.brief(row.at, self.app.now), from_width=112),
        )

    def empty(self) -> EmptyState:
        return EmptyState(
            N_("Nobody looks after a device of yours yet"),
            N_("Press n to apply to an installer company, or F6 if one has invited you by mail."),
        )

    def asks(self, search: str) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        return overview.overview, (), {}

    def available_for(self, row: OverviewLine) -> Available:
        return overview.available_for(self.me, row)

    def lacks(self, action: str) -> bool:
        row = self.row_here
        return (action == "device" and (row is None or row.kind != "service")) or super().lacks(action)

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.rows.reload()

    def _again(self) -> None:
        self.rows.reload()
        self.count_again()

    # What is done

    def action_apply(self) -> None:
        from tui.screens.care.apply import ApplyScreen  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(ApplyScreen(self.frame))

    def action_code(self) -> None:
        from tui.screens.care.invitation_reply import TypeCode  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(TypeCode())

    @on(ListView.Opened)
    def _open(self, event: ListView.Opened) -> None:
        row: OverviewLine = event.row
        if row.grant_id is not None:
            from tui.screens.care.grant import GrantScreen  # deferred: a screen is loaded when it is first shown

            self.app.push_screen(GrantScreen(self.frame, row.grant_id, self.ROOM))
        elif row.kind == "application":
            self.app.push_screen(ApplicationScreen(self.frame, row.thing_id))

    async def _question(self) -> RequestRow | None:
        row: OverviewLine | None = self.row_here
        if row is None:
            return None
        asked = [*await self.see(access_request_list.to_answer), *await self.see(access_request_list.running)]
        return next((each for each in asked if each.id == row.thing_id), None)

    @deed
    async def action_allow(self) -> None:
        await self._answer(allow=True)

    @deed
    async def action_deny(self) -> None:
        await self._answer(allow=False)

    async def _answer(self, *, allow: bool) -> None:
        asked = await self._question()
        try:
            if asked is not None and await self.app.push_screen_wait(answer_question(asked, allow=allow)):
                await self.do(access_requests.answer, asked.id, allow=allow)
                self.notify(_("{who} has been told.").format(who=asked.asked_by), markup=False)
        finally:
            self._again()

    @deed
    async def action_stop(self) -> None:
        allowed = await self._question()
        try:
            if allowed is not None and await self.app.push_screen_wait(stop_question(allowed)):
                await self.do(access_requests.stop, allowed.id)
        finally:
            self._again()

    @deed
    async def action_level(self) -> None:
        row: OverviewLine | None = self.row_here
        if row is None:
            return
        options = [Option(int(choice.value), f"{choice.value}. {_(choice.label)}") for choice in LEVELS]
        picked = await self.app.push_screen_wait(Choose(_("Access level"), options, at=row.level))
        if picked is None:
            return
        use_case = grants.set_level if row.kind == "service" else applications.change_level
        try:
            await self.do(use_case, row.thing_id, picked, seen=row.version)
            self.notify(_told(row).format(level=formatting.level(picked)))
        finally:
            self._again()

    @deed
    async def action_withdraw(self) -> None:
        row: OverviewLine | None = self.row_here
        if row is None:
            return
        try:
            if await self.app.push_screen_wait(withdraw_question(row.company)):
                await self.do(applications.withdraw, row.thing_id)
        finally:
            self._again()

    @deed
    async def action_end(self) -> None:
        row: OverviewLine | None = self.row_here
        try:
            if row is not None and await self.app.push_screen_wait(end_question(row.company, row.device)):
                await self.do(grants.end, row.thing_id, seen=row.version)
        finally:
            self._again()

    def action_device(self) -> None:
        row: OverviewLine | None = self.row_here
        if row is not None and row.asset_id is not None:
            from tui.screens.devices.device import DeviceScreen  # deferred: a screen is loaded when it is first shown

            self.app.push_screen(DeviceScreen(self.frame, row.asset_id, self.ROOM))

    def action_levels(self) -> None:
        from tui.screens.care.levels import LevelTable  # deferred: a screen is loaded when it is first shown

        row: OverviewLine | None = self.row_here
        self.app.push_screen(LevelTable(row.level if row else 0))


def _told(row: OverviewLine) -> str:
    if row.kind == "service":
        return _("Access level: {level}. It counts at once.")
    return _("Access level asked for: {level}. The company decides about it.")


def _access(row: OverviewLine) -> str:
    """Questions and permissions are about a right, the rest has a level."""
    return formatting.right(row.right) if row.right else formatting.level(row.level)


def _state(row: OverviewLine) -> Content:
    if row.kind == "service":
        return badge("state", row.state)
    return formatting.application(row.state) if row.kind == "application" else formatting.request(row.state)

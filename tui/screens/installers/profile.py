"""An installer company's own page: what customers and the desk know of it, edited behind the management password."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from core.errors import Conflict, NotFound, Say, say
from core.field import Field
from core.forms import countries
from core.i18n.translation import N_, _
from core.installers import profile as installer_profile
from core.installers.profile import Locked, ManagementPassword, NewManagementPassword, Profile, ProfileForm
from core.models.accounts import Purpose
from tui.commands import Command, bindings
from tui.drafts import NOT_KEPT
from tui.screens.base import deed
from tui.screens.card_room import CardRoom
from tui.screens.devices.overtaken import catch_up
from tui.screens.form_prompt import FormPrompt
from tui.screens.installers.formatting import ADDRESSES, address
from tui.screens.room import RoomScreen
from tui.widgets.card import Card
from tui.widgets.choose import Choose
from tui.widgets.field_row import FieldRow
from tui.widgets.frame import Frame
from tui.widgets.menu import Option
from tui.widgets.prompt import FieldPrompt

_CODE = Field("code", N_("Code"), kind="code", max_length=40, help=N_("Capitals, spaces and dashes don't matter."))


class Unlocking(RoomScreen):
    """A room that does things behind the management password: it asks for it once, and again when it has run out."""

    async def unlocked(self, act: Any) -> bool:
        """``await act(ticket)``, with the password asked for before it where needed. False: the reader left."""
        ticket = self.app.management_ticket
        if ticket:
            try:
                await act(ticket)
                return True
            except Locked:
                self.app.management_ticket = ""
        prompt = FormPrompt(
            _("Management password"),
            ManagementPassword,
            kept_as=NOT_KEPT,
            submit=lambda form: self.do(installer_profile.unlock, form),
            save=N_("Go on"),
            text=_("The company's data is edited, and passwords are reset, behind the management password."),
        )
        sent = await self.app.push_screen_wait(prompt)
        if sent is None:
            return False
        self.app.management_ticket = sent.result
        await act(sent.result)
        return True


class Company(CardRoom, Unlocking):
    """Cards, and a key for each thing that can be changed."""

    ROOM = "company"
    DESK_COMMANDS = (
        Command("company.edit", "e", N_("Edit"), "edit", N_("The company's data and addresses"), footer=True),
        Command("company.members", "w", N_("Members"), "members", N_("The company's people"), footer=True),
        Command("company.code", "f6", N_("Type a code"), "code", N_("It confirms a new address"), footer=True),
        Command("company.resend", "S", N_("New code"), "again", N_("To an address that waits"), footer=True),
        Command(
            "company.password",
            "H",
            N_("Management password"),
            "password",
            N_("Choose a new management password"),
            footer=True,
        ),
        Command("company.reload", "f5", N_("Read again"), "reload"),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)
    NOTICE = "company-said"

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self._profile: Profile | None = None

    def compose_cards(self) -> ComposeResult:
        yield Card(N_("Company"), id="company-facts")
        yield Card(N_("Addresses"), id="company-addresses")
        yield Card(N_("Your part"), id="company-mine")

    async def fill(self) -> None:
        try:
            profile: Profile = await self.see(installer_profile.read)
        except NotFound:
            self._profile = None
            sentence = _("You belong to no company (any more). A company's owner can invite you at another address.")
            self.query_one("#company-facts", Card).show([], [sentence])
            self.query_one("#company-addresses").display = self.query_one("#company-mine").display = False
            return
        self._profile = profile
        self.query_one("#company-facts", Card).show(_facts(profile))
        self.query_one("#company-addresses", Card).show(_addresses(profile))
        role = _("owner: you invite colleagues and can remove them") if self.me.owner else _("company member")
        self.query_one("#company-mine", Card).show([(N_("You are"), role)])
        waiting = [each for each in (profile.new_email, profile.new_management_email) if each]
        if waiting:
            sentence = _("A code was mailed to {address}. Until it is typed here (F6), the old address stays.")
            self.notice.say(sentence.format(address=", ".join(waiting)), "warning")
        else:
            self.notice.hide()

    def lacks(self, action: str) -> bool:
        """Whoever belongs to no company has no keys of one."""
        nobodys = action in ("edit", "members", "password", "code", "again") and self._profile is None
        return nobodys or super().lacks(action)

    def why_not(self, action: str) -> Say | None:
        profile = self._profile
        waits = profile is not None and bool(profile.new_email or profile.new_management_email)
        if action in ("code", "again") and not waits:
            return say(N_("No address waits for a code."))
        return super().why_not(action)

    def action_members(self) -> None:
        from tui.screens.installers.members import Members  # deferred: a screen is loaded when it is first shown

        self.app.push_screen(Members(self.frame))

    @deed
    async def action_edit(self) -> None:
        if await self.unlocked(self._edit):
            await self.show()

    async def _edit(self, ticket: str) -> None:
        """The form opens once the ticket is known to be good; it may still run out while somebody types."""
        await self.see(installer_profile.ask_unlocked, ticket)
        seen: list[Profile] = [await self.see(installer_profile.read)]

        async def save(form: ProfileForm) -> None:
            async def keep(ticket: str) -> None:
                await self.do(installer_profile.edit, form, seen[-1].version, ticket)

            try:
                if not await self.unlocked(keep):
                    raise Locked()
            except Conflict:
                seen.append(await self.see(installer_profile.read))
                catch_up(prompt.query(FieldRow), seen[-2].typed(), seen[-1].typed())
                raise _overtaken() from None

        prompt = FormPrompt(
            _("Edit the company"),
            ProfileForm,
            kept_as="company",
            submit=save,
            values=seen[0].typed(),
            text=_("Another e-mail address counts once the code that is mailed to it has been typed here."),
            roomy=True,
            classes="-long",
        )
        if await self.app.push_screen_wait(prompt) is not None:
            self.notify(_("Saved."))

    @deed
    async def action_code(self) -> None:
        prompt = FieldPrompt(
            _("Confirm the new address"),
            (_CODE,),
            kept_as=NOT_KEPT,
            text=_("The mail to the new address holds a code. The address counts once you have typed it here."),
            submit=lambda values: self.do(installer_profile.confirm, str(values["code"])),
            save=N_("Confirm"),
        )
        if await self.app.push_screen_wait(prompt) is not None:
            self.notify(_("The address has been changed."))
            await self.show()

    @deed
    async def action_again(self) -> None:
        profile = self._profile
        if profile is None:
            return
        new = {Purpose.COMPANY: profile.new_email, Purpose.MANAGEMENT: profile.new_management_email}
        options = [Option(purpose, _(ADDRESSES[purpose]), email) for purpose, email in new.items() if email]
        which = options[0].value if len(options) == 1 else None
        which = which or await self.app.push_screen_wait(Choose(_("Send again to which address?"), options))
        if which is None:
            return

        async def send(ticket: str) -> None:
            email = await self.do(installer_profile.send_again, which, ticket)
            self.notify(_("Sent again to {address}. An older code is void.").format(address=email), markup=False)

        await self.unlocked(send)

    @deed
    async def action_password(self) -> None:
        prompt = FormPrompt(
            _("New management password"),
            NewManagementPassword,
            kept_as=NOT_KEPT,
            submit=lambda form: self.do(installer_profile.change_password, form),
        )
        if await self.app.push_screen_wait(prompt) is not None:
            self.notify(_("The management password has been changed. Both addresses are told by mail."))


def _overtaken() -> Conflict:
    """A colleague was faster. What was typed stays; sending again is knowing."""
    return Conflict(
        N_(
            "Somebody of your company has changed this meanwhile. What you have not touched shows their values now. "
            "Look once more and send again."
        )
    )


def _facts(profile: Profile) -> list[tuple[str, Any]]:
    return [
        (N_("Company name"), profile.company),
        (N_("Country"), countries.name(profile.country)),
        (N_("Time zone"), profile.zone),
        (N_("Phone"), profile.phone),
        (N_("Web address"), profile.url or "—"),
        (N_("Founded in"), str(profile.founded or "—")),
        (N_("Number of employees"), str(profile.employees or "—")),
        (N_("Language of mail"), {"pl": "polski", "en": "English"}[profile.language]),
    ]


def _addresses(profile: Profile) -> list[tuple[str, Any]]:
    facts: list[tuple[str, Any]] = [
        (ADDRESSES[Purpose.COMPANY], address(profile.email, True)),
        (ADDRESSES[Purpose.MANAGEMENT], address(profile.management_email, True)),
    ]
    if profile.new_email:
        facts.insert(1, (N_("New"), address(profile.new_email, False)))
    if profile.new_management_email:
        facts.append((N_("New"), address(profile.new_management_email, False)))
    return facts

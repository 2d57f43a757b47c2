"""My account: who I am to the desk, and what I can change about it."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import BindingType

from core.accounts import profile, second_factor, sessions, ssh_keys
from core.accounts.own_password import OwnPassword
from core.accounts.profile import Details, Me, NewAddress, NewPassword
from core.accounts.sessions import Remembered
from core.accounts.ssh_keys import NewKey, OwnKey
from core.errors import Say, say
from core.field import Field
from core.i18n import dates
from core.i18n.translation import N_, _
from core.models.names import ROLE_LABELS, full_name
from tui import appearance, session
from tui.commands import Command, bindings
from tui.drafts import NOT_KEPT
from tui.screens.accounts import own_keys
from tui.screens.base import deed
from tui.screens.card_room import CardRoom
from tui.screens.form_prompt import FormPrompt
from tui.text import plain
from tui.widgets.badge import badge
from tui.widgets.card import Card
from tui.widgets.choose import Choose
from tui.widgets.confirm import Confirm
from tui.widgets.frame import Frame
from tui.widgets.menu import Option
from tui.widgets.prompt import FieldPrompt

_CODE = (Field("code", N_("Code"), kind="code", max_length=40),)


class MyAccount(CardRoom):
    """Cards, and a key for each thing that can be changed."""

    ROOM = "account"
    DESK_COMMANDS = (
        Command("account.edit", "e", N_("Edit"), "details", N_("Name, phone, language, time zone"), footer=True),
        Command("account.password", "H", N_("Password"), "password", N_("Choose a new password"), footer=True),
        Command("account.address", "at", N_("E-mail"), "address", N_("Another e-mail address"), footer=True),
        Command("account.second", "A", N_("Authenticator"), "authenticator", N_("Add or change it"), footer=True),
        Command(
            "account.second_off",
            "O",
            N_("Authenticator off"),
            "authenticator_off",
            N_("Back to mailed codes"),
            danger=True,
        ),
        Command("account.forget", "F", N_("Forget a computer"), "forget", N_("End a remembered log-in"), footer=True),
        Command("account.new_key", "n", N_("New SSH key"), "new_key", N_("Log in by it over SSH"), footer=True),
        Command(
            "account.remove_key",
            "W",
            N_("Remove an SSH key"),
            "remove_key",
            N_("It logs nobody in any more"),
            footer=True,
            danger=True,
        ),
        Command("account.theme", "ctrl+t", N_("Theme"), "app.theme", N_("Other colours"), footer=True),
        Command(
            "account.notices", "ctrl+o", N_("Terms and notices"), "app.notices", N_("What you accepted"), footer=True
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(DESK_COMMANDS)

    me_card = getters.query_one("#me", Card)
    step_card = getters.query_one("#second-step", Card)
    devices_card = getters.query_one("#devices", Card)
    keys_card = getters.query_one("#ssh-keys", Card)

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self._me: Me | None = None
        self._devices: list[Remembered] = []
        self._keys: list[OwnKey] = []

    def compose_cards(self) -> ComposeResult:
        yield Card(N_("You"), id="me")
        yield Card(N_("Logging in"), id="second-step")
        yield Card(N_("Remembered computers"), id="devices")
        yield Card(N_("SSH keys"), id="ssh-keys")

    def on_mount(self) -> None:
        super().on_mount()
        self.watch(self.app, "theme", self._name_theme, init=False)

    def _name_theme(self) -> None:
        self.read_again()

    async def fill(self) -> None:
        me: Me = await self.see(profile.me)
        self._me = me
        self._devices = await self.see(sessions.remembered)
        self._keys = await self.see(ssh_keys.own)
        facts: list[tuple[str, Any]] = [
            (N_("Login"), me.login),
            (N_("Name"), full_name(me)),
            (N_("E-mail"), me.email),
            (N_("Phone"), me.phone or "—"),
            (N_("Role"), _(ROLE_LABELS[me.role])),
            (N_("Language"), {"pl": "polski", "en": "English"}[me.language]),
            (N_("Time zone"), me.zone),
            (N_("Theme"), appearance.said(self.app.theme)),
        ]
        if me.company:
            facts.insert(4, (N_("Company"), me.company))
        if me.standing == "pending":
            facts.insert(5, ("", _("A colleague or the desk has to let you in first.")))
        self.me_card.show(facts)
        self.step_card.show(self._step_facts(me))
        self.devices_card.show([(device.label or "—", _used(device)) for device in self._devices] or [("", _("none"))])
        if self._keys:
            self.keys_card.show([own_keys.row(key) for key in self._keys])
        else:
            self.keys_card.show([], [own_keys.empty(self.app.desk.settings.desk.address)])

    def _step_facts(self, me: Me) -> list[tuple[str, Any]]:
        if me.authenticator:
            return [(N_("After the password"), badge("state", "active") + _plain(_("authenticator app")))]
        return [(N_("After the password"), _("a code by mail"))]

    def why_not(self, action: str) -> Say | None:
        me = self._me
        if me is None:
            return None
        if action == "authenticator_off" and not me.authenticator:
            return say(N_("Codes come by mail already: there is no authenticator."))
        if action == "authenticator_off" and me.authenticator_required:
            return say(N_("This desk wants an authenticator for your role."))
        if action == "forget" and not self._devices:
            return say(N_("No computer is remembered."))
        if action == "remove_key" and not self._keys:
            return say(N_("You have no SSH key here."))
        return super().why_not(action)

    @deed
    async def action_details(self) -> None:
        if self._me is None:
            return
        now = {name: getattr(self._me, name) for name in Details.model_fields}

        async def change(form: Details) -> None:
            await self.do(profile.change_details, form)
            self.app.language = form.language

        prompt = FormPrompt(_("Your details"), Details, kept_as="account.details", submit=change, values=now)
        if await self.app.push_screen_wait(prompt) is not None:
            await self.show()
            self.notify(_("Saved."))
            await session.seat_again(self.app)
            await self.show()

    @deed
    async def action_password(self) -> None:
        prompt = FormPrompt(
            _("New password"), NewPassword, kept_as=NOT_KEPT, submit=lambda form: self.do(profile.change_password, form)
        )
        if await self.app.push_screen_wait(prompt) is not None:
            self.notify(_("The password has been changed. Your other sessions have ended."))
            await self.show()

    @deed
    async def action_address(self) -> None:
        ask = FormPrompt(
            _("New e-mail address"),
            NewAddress,
            kept_as=NOT_KEPT,
            submit=lambda form: self.do(profile.ask_new_address, form),
        )
        if await self.app.push_screen_wait(ask) is None:
            return

        prompt = FieldPrompt(
            _("Confirm the new address"),
            _CODE,
            kept_as=NOT_KEPT,
            text=_("A code was mailed to the new address. The address counts once you have typed it here."),
            submit=lambda values: self.do(profile.confirm_new_address, str(values["code"])),
            save=N_("Confirm"),
        )
        if await self.app.push_screen_wait(prompt) is not None:
            self.notify(_("The address has been changed."))
            await self.show()

    @deed
    async def action_authenticator(self) -> None:
        from tui.screens.accounts.second_factor import EnrolFromAccount  # deferred: loaded when first shown

        prompt = FormPrompt(
            _("Authenticator"),
            OwnPassword,
            kept_as=NOT_KEPT,
            submit=lambda form: self.do(profile.begin_authenticator, form),
        )
        sent = await self.app.push_screen_wait(prompt)
        if sent is not None:
            self.app.push_screen(EnrolFromAccount(self, sent.result))

    @deed
    async def action_authenticator_off(self) -> None:
        prompt = FieldPrompt(
            _("Authenticator off"),
            _CODE,
            kept_as=NOT_KEPT,
            text=_("Codes will be mailed to you again. Type a code of the authenticator to confirm."),
            submit=lambda values: self.do(second_factor.turn_off_own, str(values["code"])),
            save=N_("Turn off"),
        )
        if await self.app.push_screen_wait(prompt) is not None:
            await self.show()

    @deed
    async def action_forget(self) -> None:
        options = [Option(device.id, device.label or "—", _used(device)) for device in self._devices]
        picked = await self.app.push_screen_wait(Choose(_("Forget which computer?"), options))
        if picked is not None:
            await self.do(sessions.forget, picked)
            await self.show()

    @deed
    async def action_new_key(self) -> None:
        brought = await self.see(ssh_keys.came_with)
        line: str | None = ""
        if brought:
            options = [own_keys.offered(key) for key in brought]
            title = _("Which key? You came with one that is not among yours")
            line = await self.app.push_screen_wait(Choose(title, [*options, Option("", _("Another one: paste it"))]))
        if line is None:
            return
        prompt = FormPrompt(
            _("New SSH key"),
            NewKey,
            submit=lambda form: self.do(ssh_keys.add, form),
            values={"line": line},
            text=_(
                "A key waits until you come with it for the first time: "
                "then you are asked whether the account is yours."
            ),
            save=N_("Add"),
            roomy=True,
            kept_as=NOT_KEPT,
        )
        sent = await self.app.push_screen_wait(prompt)
        if sent is not None:
            sentence = (
                _("The key is added. It waits until you come with it.") if sent.result else _("The key is added.")
            )
            self.notify(sentence)
            await self.show()

    @deed
    async def action_remove_key(self) -> None:
        options = [
            Option(key.id, f"{own_keys.called(key)} {own_keys.short(key.fingerprint)}", own_keys.used(key))
            for key in self._keys
        ]
        picked = await self.app.push_screen_wait(Choose(_("Remove which key?"), options))
        if picked is None:
            return
        question = Confirm(
            _("Remove the SSH key?"),
            _("It logs nobody in any more, and who came in by it is logged out, but for you here."),
            yes=N_("Remove"),
        )
        if await self.app.push_screen_wait(question):
            await self.do(ssh_keys.remove, picked)
            await self.show()


def _used(device: Remembered) -> str:
    return _("last used {time}").format(time=dates.moment(device.used_at))


def _plain(text: str) -> Any:
    return plain(f" · {text}")

"""Plays a scenario's steps in a running application, and says what is not as it was told."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

from textual.events import Paste
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.screen import Screen

from core.demo import mailbox
from core.errors import DeskError
from core.i18n import translation
from core.mail.maildir import Post
from core.service.client_address import Peer
from tui import session
from tui.app import OkienkoApp
from tui.demo.tour.rest import settled
from tui.demo.tour.scenario import Scenario, Step
from tui.demo.tour.stage import Stage
from tui.draft_keeper import KeptDrafts
from tui.screens.accounts.welcome import Welcome
from tui.widgets.field_row import FieldRow
from tui.widgets.fields.base import Edited
from tui.widgets.fields.line import LineInput
from tui.widgets.fields.long import LongInput
from tui.widgets.fields.make import AnyInput
from tui.widgets.frame import Frame

PATIENCE = 15.0
"""Seconds to wait for what is expected, while everything that is under way goes on."""
LOOK = 0.01
"""Seconds between two looks for it."""
AT_REST = 5.0
"""Seconds that a step waits for those before it to come to rest."""
_CODE = re.compile(r"^\s*([0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}|\d{6}|\d{8})\s*$", re.MULTILINE)
_CODE_SHOWN = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}\b")
_PLACE = re.compile(r"\{[a-z_]+\}")
FIRST = 1
"""The terminal that a scenario begins at."""
_OF_A_TERMINAL = ("desk", "seat", "language", "frame", "drafts", "invitation", "management_ticket")
"""What the application keeps for whoever sits there."""
_SPANS = {"minute": "minutes", "hour": "hours", "day": "days", "week": "weeks"}


class Unexpected(AssertionError):
    """The scenario did not come out as told."""


class Player:
    """``pause`` is called before each step (a caption, reading time) and ``picture`` where a shot is wanted."""

    def __init__(
        self,
        app: OkienkoApp,
        pilot: Pilot[Any],
        stage: Stage,
        scenario: Scenario,
        *,
        pause: Callable[[Step], Awaitable[None]] | None = None,
        picture: Callable[[str], None] | None = None,
    ) -> None:
        self.app, self.pilot, self.stage, self.scenario = app, pilot, stage, scenario
        self._pause, self._picture = pause, picture
        self._who = ""
        self._copied: dict[str, str] = {}
        self._terminal_now = FIRST
        self._terminals: dict[int, dict[str, Any]] = {}

    async def play(self) -> None:
        """All steps; raises :class:`Unexpected` with the step's number at the first that fails."""
        await self.settle()
        for step in self.scenario.steps:
            if self._pause is not None:
                await self._pause(step)
            try:
                for act, details in step.acts.items():
                    await getattr(self, f"_{act}")(details)
            except (Unexpected, DeskError) as error:
                why = error.text() if isinstance(error, DeskError) else str(error)
                raise Unexpected(f"{self.scenario.id}, step {step.number}: {why}") from error

    # The acts

    async def _as(self, who: str) -> None:
        """Somebody else sits down at this terminal; the session of whoever sat there stays open."""
        self._who = who
        if self.app.seat is not None:
            session.stand_up(self.app)
            await self.settle()
        if who != "guest":
            self.app.run_worker(session.sit_down(self.app, self.stage.session_of(who)), group="tour")
        await self.settle()

    async def _terminal(self, number: int) -> None:
        """Turn to another terminal, as if it stood beside this one: the screens here stay open as they are. A new one
        shows the way in."""
        app: Any = self.app
        self._terminals[self._terminal_now] = {name: getattr(app, name) for name in _OF_A_TERMINAL}
        new = number not in self._terminals
        app._modes.setdefault(app.DEFAULT_MODE, Screen)  # so that one can come back to it
        mode = app.DEFAULT_MODE if number == FIRST else f"terminal {number}"
        if new:
            nobody = app.desk.acting(None), None, app.language, Frame(desk=app.frame.desk)
            fresh: tuple[Any, ...] = *nobody, KeptDrafts(app), "", ""
            self._terminals[number] = dict(zip(_OF_A_TERMINAL, fresh, strict=True))
            app.add_mode(mode, Screen)
        for name, value in self._terminals[number].items():
            setattr(app, name, value)
        self._terminal_now = number
        await app.switch_mode(mode)
        if new:
            app.push_screen(Welcome())
        await self.settle()

    async def _type(self, values: dict[str, Any]) -> None:
        for label, value in values.items():
            value = self._copied.get(value, value) if isinstance(value, str) else value
            field = await self._field(label)
            field.focus()
            await self.pilot.pause()
            if isinstance(field, LineInput | LongInput):
                await self._write(field, str(value))
            else:
                field.raw = tuple(value) if isinstance(value, list) else str(value)
                field.post_message(Edited(field))
            await self.settle()

    async def _write(self, field: LineInput | LongInput, text: str) -> None:
        """Key by key where somebody watches; pasted, as people do with long things, where nobody does."""
        field.raw = ""
        if self._pause is None:
            self.app.post_message(Paste(text))
            return
        for sign in text:
            await self.pilot.press(_character_to_key(sign))

    async def _press(self, keys: list[str]) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def _expect(self, msgids: list[str]) -> None:
        for msgid in msgids:
            with translation.speaking(self.app.language):
                await self._until(translation.gettext(msgid), pattern=True)

    async def _expect_text(self, texts: list[str]) -> None:
        for text in texts:
            await self._until(text)

    async def _expect_gone(self, msgids: list[str]) -> None:
        await self.settle()
        for msgid in msgids:
            with translation.speaking(self.app.language):
                text = translation.gettext(msgid)
            if _pattern(text).search(_squeezed(self.screen())):
                raise Unexpected(f"still on the screen: {text!r}\n{self.screen()}")

    async def _mail(self, expected: dict[str, Any] | list[dict[str, Any]]) -> None:
        for mail in expected if isinstance(expected, list) else [expected]:
            await self._one_mail(mail)

    async def _one_mail(self, expected: dict[str, Any]) -> None:
        """A letter has come; with ``count`` so many of them, none included."""
        posts = await asyncio.to_thread(self.stage.post)
        kinds = await asyncio.to_thread(self.stage.letters)
        mails = [post for post in posts if _fits(post, expected, kinds)]
        if len(mails) != expected.get("count", len(mails)) or not (mails or "count" in expected):
            there = [(post.to, kinds.get(post.message_id), post.subject) for post in posts]
            raise Unexpected(f"{len(mails)} such mails: {expected}; there is {there}")
        if "code_into" in expected:
            code = _CODE.search(mails[0].body)
            if code is None:
                raise Unexpected(f"no code in {mails[0].subject!r}")
            await self._type({expected["code_into"]: code[1]})

    async def _authenticator(self, act: dict[str, str]) -> None:
        """The code of the phone of whoever is named; ``scan`` takes the secret from the screen first."""
        who = act["of"]
        if act.get("scan"):
            self.stage.seeds[who] = await self._scanned()
        self.stage.clock.move(dt.timedelta(seconds=30))
        await self._type({act["into"]: self.stage.code_shown_by(who)})

    async def _scanned(self) -> str:
        """The key that F5 shows for apps without a camera."""
        await self._press(["f5"])
        match = re.search(r"((?:[A-Z2-7]{4}\s+){7}[A-Z2-7]{4})", re.sub(r"[^A-Z2-7 \n]", " ", self._side_text()))
        if match is None:
            raise Unexpected(f"no key to type on the screen\n{self.screen()}")
        return re.sub(r"\s", "", match[1])

    def _side_text(self) -> str:
        from textual.widgets import Static

        return str(self.app.screen.query_one("#enrol-steps", Static).content)

    async def _recovery(self, act: dict[str, str]) -> None:
        await self._type({act["into"]: self.stage.recovery[act["of"]].pop(0)})

    async def _clock(self, span: str) -> None:
        number, unit = span.split()
        by = dt.timedelta(**{_SPANS[unit.rstrip("s")]: int(number)})
        await asyncio.to_thread(mailbox.pass_time, self.stage.desk, self.stage.clock, by)
        await self.settle()

    async def _copy(self, place: str) -> None:
        """Note down the code that stands on the screen; ``type`` puts it where it says ``place``."""
        match = _CODE_SHOWN.search(self.screen())
        if match is None:
            raise Unexpected(f"no code on the screen\n{self.screen()}")
        self._copied[place] = match[0]

    async def _line(self, address: str) -> None:
        """This terminal stands at another address; only a demo's desk believes it."""
        desk = self.app.desk
        desk.peer = Peer(ipaddress.ip_address(address) if address else None, "demo", 50_000 if address else 0)

    async def _shot(self, name: str) -> None:
        await self.settle()
        if self._picture is not None:
            self._picture(name)

    # What is on the screen

    def screen(self) -> str:
        """Everything that is drawn now, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)

    async def _until(self, text: str, *, pattern: bool = False) -> None:
        """Wait for ``text``; as a pattern it may have ``{places}``."""
        wanted = _pattern(text) if pattern else re.compile(re.escape(_squeezed(text)))
        deadline = time.monotonic() + PATIENCE
        while not self._shows(wanted):
            if time.monotonic() >= deadline:
                raise Unexpected(f"not on the screen: {text!r}\n{self.screen()}")
            await self.settle(patience=0)
            await asyncio.sleep(LOOK)

    def _shows(self, wanted: re.Pattern[str]) -> bool:
        """Whether it stands somewhere: in a line, or wrapped within one widget's own place."""
        if wanted.search(_squeezed(self.screen())):
            return True
        lines = self.screen().split("\n")
        for widget in self.app.screen.query("Static, Card, FieldRow"):
            place = widget.region
            inside = [
                _cells(lines[y], place.x, place.right) for y in range(max(place.y, 0), min(place.bottom, len(lines)))
            ]
            if wanted.search(_squeezed("\n".join(inside))):
                return True
        return False

    async def _field(self, label: str) -> AnyInput:
        """The field with this English label, or this name."""
        deadline = time.monotonic() + PATIENCE
        while True:
            for row in self.app.screen.query(FieldRow):
                if label in (row.field.label, row.field.name):
                    return row.input
            for line in self.app.screen.query(LineInput):
                if line.asks == label:
                    return line
            if time.monotonic() >= deadline:
                raise Unexpected(f"no field {label!r} on the screen\n{self.screen()}")
            await self.settle(patience=0)

    async def settle(self, patience: float = AT_REST) -> None:
        """Wait until nothing is under way."""
        await settled(self.app, self.pilot, patience)


def _fits(post: Post, expected: dict[str, Any], kinds: dict[str, str]) -> bool:
    """Whether this is the mail that is told of; ``kinds`` are the letters by Message-ID."""
    if expected.get("letter") not in (None, kinds.get(post.message_id)):
        return False
    parts = expected.get("contains", ""), expected.get("subject", "")
    return expected["to"] in post.to and all(part in f"{post.subject}\n{post.body}" for part in parts)


def _cells(line: str, start: int, end: int) -> str:
    """The part of a line between two columns; everything we draw but names in other scripts is one cell wide."""
    return line[max(start, 0) : end]


def _pattern(text: str) -> re.Pattern[str]:
    """Words of the interface; anything may stand in their ``{places}``."""
    return re.compile(".{1,200}?".join(map(re.escape, _PLACE.split(_squeezed(text)))))


def _squeezed(text: str) -> str:
    """Without frames and runs of spaces: a sentence may be wrapped by the width of its box."""
    return " ".join(re.sub(r"[│╭╮╰╯─▌]", " ", text).split())

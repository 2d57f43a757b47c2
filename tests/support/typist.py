"""Somebody who fills forms on a terminal far away, with nothing but keys."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from core import forms
from core.forms import FormModel
from tests.support.chromium import Page
from tests.support.server import Visit

TAB, BACK_TAB, ENTER, SEND, ESCAPE, DOWN = "\t", "\x1b[Z", "\r", "\x13", "\x1b", "\x1b[B"
F5, F6, F7 = "\x1b[15~", "\x1b[17~", "\x1b[18~"
_CODE = re.compile(r"\b(?:[0-9A-Z]{4}-){2,}[0-9A-Z]{4}\b|^[ \t]+(\d{6,8})\s*$", re.M)


def filled(form: type[FormModel], values: Mapping[str, str]) -> str:
    """The keys that fill a form from its first field on: what is not named stays as it is."""
    keys = []
    for field in forms.describe(form):
        value = values.get(field.name, "")
        keys.append(" " if field.kind == "check" and value == "yes" else value)
    return TAB.join(keys)


class Postbox:
    """The letters that the desk has put into its folder, as whoever gets them reads them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: set[str] = set()

    def letter(self, address: str) -> str:
        """The next letter to this address that nobody has read; empty when there is none yet."""
        import email
        from email import policy

        for file in sorted((self._folder / "new").glob("*"), key=lambda each: each.stat().st_mtime_ns):
            if file.name in self._read:
                continue
            message = email.message_from_bytes(file.read_bytes(), policy=policy.default)
            if address in str(message["To"]):
                self._read.add(file.name)
                body = message.get_body(("plain",))
                return str(body.get_content()) if body is not None else ""
        return ""


def code_in(letter: str) -> str:
    """The code that a letter is about; empty for one without."""
    match = _CODE.search(letter)
    return match[0].strip() if match is not None else ""


async def chooses(visit: Visit, keys: str, *words: str) -> None:
    """Press these keys, and wait until that is seen."""
    visit.type(keys)
    await visit.sees(*words)


class BrowserVisit:
    """The same at a page in a browser: what stands on its terminal, and keys."""

    SHOWN = (
        "typeof live !== 'undefined' && live ? [...Array(terminal.rows).keys()].map(at =>"
        " terminal.buffer.active.getLine(at)?.translateToString(true) ?? '').join('\\n') : ''"
    )

    def __init__(self, page: Page) -> None:
        self.page = page

    async def text(self) -> str:
        """The terminal as lines; empty before it is there."""
        return str(await self.page.run(self.SHOWN))

    async def sees(self, *words: str) -> None:
        """Until all of these stand there."""
        for word in words:
            try:
                await self.page.wait(f"({self.SHOWN}).includes({json.dumps(word)})")
            except TimeoutError:
                raise AssertionError(f"{word}:\n{await self.text()}") from None

    async def chooses(self, keys: str, *words: str) -> None:
        """Press these keys, and wait until that is seen."""
        await self.page.run(f"terminal._core.coreService.triggerDataEvent({json.dumps(keys)}, true)")
        await self.sees(*words)

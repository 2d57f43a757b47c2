"""A real browser without a window, driven by its own protocol (DevTools) over a WebSocket."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

PATIENCE = 30.0
"""Seconds until a test that waits for the page says that it waited in vain."""
_NAMES = ("chromium", "chromium-browser", "google-chrome")


def program() -> str:
    """Where the browser is; skips the test where there is none."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    return found


class Left(Exception):
    """The page was left while it was asked."""


class Page:
    """One tab. What it logs, loads and refuses is kept."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.events: list[dict[str, Any]] = []
        self._reader = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        async for message in self._socket:
            said = message.json()
            if "id" in said:
                self._answers.pop(said["id"]).set_result(said)
            else:
                self.events.append(said)

    async def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol, and its result."""
        number = next(self._numbers)
        self._answers[number] = answer = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        said: dict[str, Any] = await asyncio.wait_for(answer, PATIENCE)
        if "navigated" in said.get("error", {}).get("message", ""):
            raise Left
        assert "error" not in said, f"{method}: {said['error']}"
        result: dict[str, Any] = said["result"]
        return result

    async def run(self, script: str) -> Any:
        """The value of an expression in the page; of a promise, once it is there."""
        result = await self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    async def wait(self, script: str) -> Any:
        """Until an expression is true, in this page or the one that it goes to."""
        async with asyncio.timeout(PATIENCE):
            while True:
                with contextlib.suppress(Left):
                    if value := await self.run(script):
                        return value
                await asyncio.sleep(0.03)  # it is another program, which tells nobody

    async def open(self, url: str) -> None:
        """Go there."""
        await self.ask("Page.navigate", url=url)

    async def show(self, width: int, height: int, *, phone: bool = False) -> None:
        """Have this size, and on a phone its fingers, too."""
        await self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=0,
            mobile=phone,
        )
        await self.ask("Emulation.setTouchEmulationEnabled", enabled=phone)

    async def type(self, text: str) -> None:
        """Letter by letter."""
        for letter in text:
            await self.press(letter, text=letter)

    async def press(
        self, key: str, *, code: int = 0, text: str = "", control: bool = False, shift: bool = False
    ) -> None:
        """A key, as the keyboard sends it. ``code`` is its number on Windows' keyboards, as the protocol wants it."""
        event = {
            "key": key,
            "windowsVirtualKeyCode": code or ord(key[0].upper()),
            "modifiers": 2 * control + 8 * shift,
        }
        await self.ask("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", text=text, **event)
        await self.ask("Input.dispatchKeyEvent", type="keyUp", **event)

    async def tap(self, selector: str) -> None:
        """A finger on an element's middle."""
        x, y = await self.run(
            f"(() => {{ const at = document.querySelector({selector!r}).getBoundingClientRect();"
            " return [at.x + at.width / 2, at.y + at.height / 2] })()"
        )
        await self.ask("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
        await self.ask("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    async def picture(self) -> bytes:
        """What is seen, as PNG."""
        return base64.b64decode((await self.ask("Page.captureScreenshot", format="png"))["data"])

    def asked_for(self) -> list[str]:
        """Every address that the page loaded or connected to."""
        loaded = [each["request"]["url"] for each in self.of_kind("Network.requestWillBeSent")]
        return loaded + [each["url"] for each in self.of_kind("Network.webSocketCreated")]

    def complaints(self) -> list[str]:
        """What the browser has refused or found wrong."""
        logged = [each["entry"]["text"] for each in self.of_kind("Log.entryAdded")]
        return logged + [str(each) for each in self.of_kind("Runtime.exceptionThrown")]

    def of_kind(self, method: str) -> list[dict[str, Any]]:
        """What the browser has told of under this name."""
        return [each["params"] for each in self.events if each["method"] == method]


class Chromium:
    """The running browser."""

    def __init__(self, client: aiohttp.ClientSession, address: str) -> None:
        self._client = client
        self._address = address
        self._pages: list[Page] = []

    async def page(self, *, language: str = "en") -> Page:
        """A new tab, at nothing."""
        async with self._client.put(f"{self._address}/json/new?about:blank") as answer:
            target = await answer.json(content_type=None)
        page = Page(await self._client.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0))
        for domain in ("Page", "Runtime", "Network", "Log"):
            await page.ask(f"{domain}.enable")
        agent = await page.run("navigator.userAgent")
        await page.ask("Network.setUserAgentOverride", userAgent=agent, acceptLanguage=language)
        return page

    async def save_downloads(self, folder: Path) -> None:
        """Let files be saved there."""
        async with self._client.get(f"{self._address}/json/version") as answer:
            url = (await answer.json())["webSocketDebuggerUrl"]
        browser = Page(await self._client.ws_connect(url))
        await browser.ask("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))


@contextlib.asynccontextmanager
async def chromium(*options: str) -> AsyncIterator[Chromium]:
    """A browser with a profile of its own, gone afterwards."""
    folder = tempfile.mkdtemp(prefix="chromium-")
    command = [
        program(),
        "--headless=new",
        "--remote-debugging-port=0",
        f"--user-data-dir={folder}",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-gpu",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
        *options,
        "about:blank",
    ]
    process = await asyncio.to_thread(_start, command)
    try:
        port = await asyncio.wait_for(asyncio.to_thread(_port, process), PATIENCE)
        async with aiohttp.ClientSession() as client:
            yield Chromium(client, f"http://127.0.0.1:{port}")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        process.wait()
        if process.stderr is not None:
            process.stderr.close()
        shutil.rmtree(folder, ignore_errors=True)


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)


def _port(process: subprocess.Popen[bytes]) -> int:
    assert process.stderr is not None
    for line in process.stderr:
        match = re.search(rb"DevTools listening on ws://[^:]+:(\d+)/", line)
        if match:
            return int(match[1])
    raise AssertionError(f"the browser ended: {process.wait()}")

"""The page in a real browser. The test is the program at the other end, and once the desk itself is."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.models.accounts import Role
from tests.factories.desks import make_desk, person
from tests.support.chromium import Chromium, Page, chromium
from tests.support.pty import ROOT
from tests.support.stand_in_parent import OpenDoor, Program, open_door, until

pytestmark = pytest.mark.thorough

PHONE = (390, 844)
LIVE = "typeof live !== 'undefined' && live"
SHOWN = (
    "[...Array(terminal.rows).keys()].map(at =>"
    " terminal.buffer.active.getLine(at)?.translateToString(true) ?? '').join('\\n')"
)
"""What stands on the terminal, as text."""


@pytest.fixture
async def browser() -> AsyncIterator[Chromium]:
    async with chromium() as running:
        yield running


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[OpenDoor]:
    async with open_door(tmp_path / "desk", web_address="http://desk.example") as opened:
        yield opened


async def at_the_desk(
    browser: Chromium, door: OpenDoor, path: str = "/", *, phone: bool = False
) -> tuple[Page, Program]:
    """A page that has a session, and the program at its other end."""
    page = await browser.page()
    await page.show(*(PHONE if phone else (1280, 800)), phone=phone)
    await page.open(door.url + path)
    program = await door.parent.program()
    await page.wait(LIVE)
    return page, program


async def test_everything_comes_from_the_door_and_nothing_is_refused(browser: Chromium, door: OpenDoor) -> None:
    page, program = await at_the_desk(browser, door, "/?ping=http://evil.example/&delay=1#confirm=k7qf-m2xd")
    assert program.visitor.words == ("confirm", "K7QF-M2XD")
    assert await page.run("location.href") == door.url + "/", "the code has left the address bar"
    assert await page.run("history.length") <= 2
    await page.wait("document.fonts.check('15px \"Okienko Mono\"')")
    own = door.url.removeprefix("http:")
    assert {re.sub("^(http|ws):", "", each)[: len(own)] for each in page.asked_for()} == {own}
    assert [each for each in page.complaints() if "WebGL" not in each] == []


async def test_what_is_typed_reaches_the_program_and_what_it_draws_is_seen(browser: Chromium, door: OpenDoor) -> None:
    page, program = await at_the_desk(browser, door)
    assert program.size == tuple(await page.run("[terminal.cols, terminal.rows]")) >= (100, 30)
    await page.type("abc")
    for key, code, control, wanted in (
        ("F5", 116, False, b"\x1b[15~"),
        ("F1", 112, False, b"\x1bOP"),
        ("F12", 123, False, b"\x1b[24~"),
        ("l", 0, True, b"\x0c"),
        ("r", 0, True, b"\x12"),
        ("c", 0, True, b"\x03"),
    ):
        await page.press(key, code=code, control=control)
        assert (await program.reads(3 if key == "F5" else 0)) == (b"abc" if key == "F5" else b"")
        assert await program.reads(len(wanted)) == wanted
    await page.run("terminal.paste('żółw\\n'.repeat(5000))")
    assert await program.reads(5000 * 8) == "żółw\r".encode() * 5000
    program.says("\x1b[2J\x1b[H\x1b[31mZażółć gęślą jaźń ┌─┐".encode())
    await page.wait(f"({SHOWN}).includes('Zażółć gęślą jaźń ┌─┐')")


async def test_keys_that_would_leave_the_page_come_to_the_program_wherever_the_focus_is(
    browser: Chromium, door: OpenDoor
) -> None:
    page, program = await at_the_desk(browser, door)
    await page.run("document.activeElement.blur()")
    await page.press("F5", code=116)
    await page.type("x")
    assert await program.reads(1) == b"x"
    assert len(page.of_kind("Page.frameNavigated")) == 1 and await page.run("live")


async def test_a_page_loaded_again_and_a_line_that_broke_keep_the_session(browser: Chromium, door: OpenDoor) -> None:
    page, program = await at_the_desk(browser, door)
    program.says(b"\x1b[?1049h\x1b[?2004h")
    await page.wait("terminal.modes.bracketedPasteMode")
    await page.run("window.old = true")
    await page.ask("Page.reload")
    await page.wait(f"!window.old && {LIVE}")
    await page.wait("terminal.modes.bracketedPasteMode && terminal.buffer.active.type === 'alternate'")
    await page.run("socket.close()")
    await page.wait("!live")
    assert "Trying again" in await page.run("notice.textContent")
    await page.wait("live && notice.hidden")
    await page.type("z")
    assert (await program.reads(1)) == b"z"
    assert len(door.door.sessions) == 1


async def test_another_tab_takes_over_and_the_first_can_have_it_back(browser: Chromium, door: OpenDoor) -> None:
    first, program = await at_the_desk(browser, door)
    token = await first.run("token")
    second = await browser.page()
    await second.open(door.url + "/page.css")
    await second.wait("document.readyState === 'complete'")
    await second.run(f"sessionStorage.setItem('session', {token!r})")
    await second.open(door.url + "/")
    await second.wait(LIVE)
    await first.wait("!live && !notice.hidden")
    assert "another tab" in await first.run("notice.textContent")
    await first.run("notice.querySelector('button').click()")
    await first.wait(LIVE)
    await second.wait("!live && !notice.hidden")
    await first.type("q")
    assert (await program.reads(1)) == b"q"


async def test_the_end_is_said_and_one_can_start_again(browser: Chromium, door: OpenDoor) -> None:
    page, program = await at_the_desk(browser, door)
    token = await page.run("token")
    program.ends()
    await page.wait("!live && !notice.hidden")
    assert "The session has ended.Start again" in await page.run("notice.textContent.replace(/\\s+/g, ' ')")
    await page.press("Enter", code=13, text="\r")
    again = await door.parent.program()
    await page.wait("live && notice.hidden")
    assert await page.run("token") not in ("", token)
    await page.type("n")
    assert await again.reads(1) == b"n"


async def test_on_a_phone_the_bar_has_the_keys_that_its_keyboard_lacks(browser: Chromium, door: OpenDoor) -> None:
    page, program = await at_the_desk(browser, door, phone=True)
    columns, rows = program.size
    assert 60 <= columns < 80 and rows >= 24
    for key, wanted in (("escape", b"\x1b"), ("tab", b"\t"), ("up", b"\x1b[A"), ("left", b"\x1b[D")):
        await page.tap(f"[data-key={key}]")
        assert await program.reads(len(wanted)) == wanted
    await page.tap("[data-key=more]")
    await page.tap("[data-key=f5]")
    assert await program.reads(5) == b"\x1b[15~"
    await until(lambda: program.size[1] < rows)
    await page.tap("[data-key=control]")
    await page.type("q")
    assert await program.reads(1) == b"\x11", "Ctrl on the bar is for the next letter"
    await page.type("q")
    assert await program.reads(1) == b"q", "and for no other"
    rows = program.size[1]
    await page.tap("[data-key=larger]")
    await until(lambda: program.size[1] < rows)
    assert await page.run("document.documentElement.scrollWidth") == PHONE[0]
    await page.show(PHONE[1], PHONE[0], phone=True)
    await until(lambda: program.size[0] >= 80)


async def test_a_file_arrives_under_its_name(browser: Chromium, door: OpenDoor, tmp_path: Path) -> None:
    (tmp_path / "saved").mkdir()
    await browser.save_downloads(tmp_path / "saved")
    page, program = await at_the_desk(browser, door)
    content = os.urandom(300_000)
    assert program.side.send_file("Faktura żółta 7.pdf", "application/pdf", content)
    saved = tmp_path / "saved" / "Faktura żółta 7.pdf"
    await page.wait("true")
    await until(lambda: saved.exists() and saved.stat().st_size == len(content))
    assert saved.read_bytes() == content
    assert await page.run("live && notice.hidden")


async def test_the_program_can_put_on_the_clipboard_and_not_look_at_it(browser: Chromium, door: OpenDoor) -> None:
    page, program = await at_the_desk(browser, door)
    await page.run("window.copied = []; copy = (text) => copied.push(text)")
    program.says(b"\x1b]52;c;?\x07\x1b]52;c;" + b"xbzDs8WCdw==" + b"\x07\x1b[6n")
    assert (await program.reads(6)).startswith(b"\x1b["), "only the cursor's place is answered"
    assert await page.run("copied.length") == 1 and await page.run("copied[0]") == "żółw"


async def test_without_webgl_the_page_works_as_well(door: OpenDoor) -> None:
    async with chromium("--disable-3d-apis") as browser:
        page, program = await at_the_desk(browser, door)
        await page.type("abc")
        assert await program.reads(3) == b"abc"


async def test_the_desk_itself_in_a_browser(browser: Chromium, tmp_path: Path) -> None:
    """``okienko serve`` as it is started; somebody looks at the way in, loads the page anew, and asks for help."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    desk = make_desk(tmp_path / "desk")
    person(desk, "ola", Role.ADMIN)
    desk.close()
    (tmp_path / "desk" / "okienko.toml").write_text(
        f'[serve]\nssh = ""\nweb = "127.0.0.1:{port}"\nmail = false\njobs = false\ndrain = 0\n'
    )
    environment = os.environ | {"OKIENKO_DATA_DIR": str(tmp_path / "desk")}
    command = [sys.executable, "-m", "tui", "serve", "--cold"]
    with (tmp_path / "log").open("wb") as log:
        process = await asyncio.to_thread(
            subprocess.Popen, command, cwd=ROOT, env=environment, stderr=log, stdout=log, start_new_session=True
        )
    try:
        async with asyncio.timeout(60):
            while b"\nopen\n" not in (tmp_path / "log").read_bytes():
                assert process.poll() is None, (tmp_path / "log").read_text()
                await asyncio.sleep(0.1)
        page = await browser.page()
        await page.show(1000, 700)
        await page.open(f"http://127.0.0.1:{port}/")
        await page.wait(f"{LIVE} && ({SHOWN}).includes('Login or e-mail')")
        await page.press("F1", code=112)
        await page.wait(f"({SHOWN}).includes('Keys that work here')")
        await page.run("window.old = true")
        await page.ask("Page.reload")
        await page.wait(f"!window.old && {LIVE} && ({SHOWN}).includes('Keys that work here')")
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(process.wait, 60)

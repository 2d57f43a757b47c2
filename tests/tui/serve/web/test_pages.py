"""What the door serves besides sessions: a page of ours, and nothing from anywhere else."""

from __future__ import annotations

import re
from pathlib import Path

import aiohttp
import pytest

from core import resources
from tests.support.stand_in_parent import open_door
from tui.serve.web import browser_session, pages

SCRIPT = (resources.folder("web") / "page.js").read_text(encoding="utf-8")


async def test_the_page_is_in_the_language_of_its_reader_and_kept_by_nobody(tmp_path: Path) -> None:
    async with open_door(tmp_path / "desk", language="pl") as door:
        for asked, language, word in (("en", "en", "Start again"), ("de", "pl", "Zacznij od nowa")):
            async with door.client.get("/", headers={"Accept-Language": asked}) as answer:
                text = await answer.text()
                assert f'lang="{language}"' in text and word in text
                assert answer.headers["Cache-Control"] == "no-store"


async def test_whatever_is_answered_says_that_scripts_come_from_here_alone(tmp_path: Path) -> None:
    async with open_door(tmp_path / "desk") as door:
        for path, status in (("/", 200), ("/page.js", 200), ("/nothing", 404), ("/download/x", 404), ("/session", 403)):
            async with door.client.get(path) as answer:
                assert answer.status == status
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy and "script-src 'self';" in policy
                assert "frame-ancestors 'none'" in policy
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Referrer-Policy"] == "no-referrer"
                assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
                assert answer.headers["Server"] == "okienko"
        async with door.client.post("/") as answer:
            assert answer.status == 405


async def test_https_is_asked_for_again_only_where_it_is_there(tmp_path: Path) -> None:
    for number, (address, wanted) in enumerate((("https://desk.example", True), ("", False))):
        async with open_door(tmp_path / str(number), web_address=address) as door, door.client.get("/") as answer:
            assert ("Strict-Transport-Security" in answer.headers) is wanted


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "desk.example:81"])
async def test_a_name_that_is_not_ours_gets_nothing(tmp_path: Path, host: str) -> None:
    async with open_door(tmp_path / "desk", web_address="https://desk.example") as door:
        async with door.client.get("/", headers={"Host": host}) as answer:
            assert answer.status == 403 if host else answer.status in (400, 403)
        async with door.client.get("/", headers={"Host": "desk.example"}) as answer:
            assert answer.status == 200


async def test_files_are_packed_and_loaded_once(tmp_path: Path) -> None:
    async with open_door(tmp_path / "desk") as door:
        for path in pages.contents():
            async with door.client.get(path) as answer:
                body, tag = await answer.read(), answer.headers["ETag"]
                assert answer.headers["Content-Encoding"] == "gzip" and body == pages.contents()[path].body
            async with door.client.get(path, headers={"If-None-Match": tag}) as answer:
                assert answer.status == 304


def test_nothing_of_ours_names_another_place() -> None:
    for file in resources.folder("web").iterdir():
        text = file.read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert re.findall(r"(?:https?:)?//[a-z]\S*", re.sub(r"^\s*//.*|\s//\s.*$", "", text, flags=re.MULTILINE)) == []


def test_the_page_has_every_word_that_its_script_says() -> None:
    said = set(re.findall(r"words\.([a-z]+)", SCRIPT))
    shown = set(re.findall(r"\$say_([a-z]+)", (resources.folder("web") / "page.html").read_text(encoding="utf-8")))
    assert said | shown == set(pages.WORDS)


def test_the_script_knows_the_numbers_that_connections_are_closed_with() -> None:
    for name in ("ENDED", "ELSEWHERE", "TURNED_AWAY"):
        assert f"{name} = {getattr(browser_session, name)}" in SCRIPT


def test_the_name_of_a_desk_is_text() -> None:
    made = pages.page("en", "<b>\"&'")
    assert "<title>&lt;b&gt;&quot;&amp;&#x27;</title>" in made and "<b>" not in made


def test_the_terminal_still_shows_itself_as_the_page_expects() -> None:
    """Its bundle keeps the terminal to itself; the page catches it by the name that is noted first."""
    bundle = pages.contents()["/terminal/textual.js"].body.decode()
    assert "this.websocket_url=" in bundle and bundle.count("this.fitAddon=new") == 1
    assert bundle.index("this.websocket_url=") < bundle.index("this.terminal=new")
    assert re.search(r"new w\(e,\{ping:r\}\);t\.fit\(\),s\|\|t\.connect\(\)", bundle)


async def test_a_question_mark_names_no_other_file(tmp_path: Path) -> None:
    async with open_door(tmp_path / "desk") as door:
        for path in ("/terminal/../server.py", "/terminal/%2e%2e/__init__.py", "/page.html", "/terminal/"):
            async with door.client.get(aiohttp.client.URL(door.url + path, encoded=True)) as answer:
                assert answer.status == 404

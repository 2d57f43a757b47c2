"""A browser and its session: begun, lost, gone on with, taken over, ended; and whoever is not let in."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from core.i18n.translation import gettext, speaking
from tests.support.stand_in_parent import OpenDoor, Screen, open_door, until
from tui.serve.line import PIECE, TYPED_AHEAD
from tui.serve.web import browser_session, server, waiting_files

MODES = b"\x1b[?1049h\x1b[?25l\x1b[?1003h\x1b[?2026h"


async def test_what_is_typed_reaches_the_program_and_what_it_says_the_page(tmp_path: Path) -> None:
    async with open_door(tmp_path / "desk") as door:
        screen, program = await door.session(hello={"size": [100, 30], "language": "pl"})
        assert program.size == (100, 30)
        visitor = program.visitor
        assert (visitor.source, visitor.address, visitor.language) == ("web", "127.0.0.1", "pl")
        assert visitor.port and visitor.terminal and visitor.colorterm == "truecolor" and not visitor.words
        await screen.types("zażółć\x1b[15~".encode())
        assert await program.reads(15) == "zażółć\x1b[15~".encode()
        program.says("gęś".encode())
        await screen.sees("gęś".encode())


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "https://127.0.0.1", "http://127.0.0.1:1"])
async def test_a_page_of_somebody_else_gets_no_session(tmp_path: Path, origin: str | None) -> None:
    async with open_door(tmp_path / "desk") as door:
        headers = {"Origin": origin} if origin else {}
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await door.client.ws_connect("/session", protocols=["okienko"], headers=headers)
        assert refused.value.status == 403 and not door.door.sessions


async def test_a_client_that_speaks_something_else_gets_no_session(tmp_path: Path) -> None:
    async with open_door(tmp_path / "desk") as door:
        for protocols in ((), ("mqtt", "token.x")):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await door.client.ws_connect("/session", protocols=protocols, headers={"Origin": door.url})
            assert refused.value.status == 400


@pytest.mark.parametrize(
    "hello",
    [
        [],
        {},
        {"size": "80x24"},
        {"size": [80]},
        {"size": [80.5, 24]},
        {"size": [True, True]},
        '{"size":[' + "9" * 5000 + ",24]}",
        "{",
        "[" * 30_000,
        b"\x00\xff",
    ],
)
async def test_whoever_begins_with_nonsense_gets_no_session(tmp_path: Path, hello: Any) -> None:
    async with open_door(tmp_path / "desk") as door:
        socket = await door.client.ws_connect("/session", protocols=["okienko"], headers={"Origin": door.url})
        if isinstance(hello, bytes):
            await socket.send_bytes(hello)
        elif isinstance(hello, str):
            await socket.send_str(hello)
        else:
            await socket.send_json(hello)
        assert await Screen(socket).end() == aiohttp.WSCloseCode.POLICY_VIOLATION
        assert not door.door.sessions


async def test_whoever_says_nothing_at_first_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "ANSWER_WITHIN", 0.01)
    async with open_door(tmp_path / "desk") as door:
        socket = await door.client.ws_connect("/session", protocols=["okienko"], headers={"Origin": door.url})
        assert await Screen(socket).end() == aiohttp.WSCloseCode.POLICY_VIOLATION


@pytest.mark.parametrize("nonsense", [{"size": [1]}, {"signal": 9}, {}])
async def test_nonsense_later_loses_the_line_and_not_the_session(tmp_path: Path, nonsense: dict[str, Any]) -> None:
    async with open_door(tmp_path / "desk") as door:
        screen, program = await door.session()
        await screen.says(**nonsense)
        assert await screen.end() == aiohttp.WSCloseCode.POLICY_VIOLATION
        again = await door.connect(screen.token)
        await again.hears("session")
        await again.types(b"on")
        assert await program.reads(2) == b"on"


async def test_a_frame_that_is_too_large_is_not_taken(tmp_path: Path) -> None:
    async with open_door(tmp_path / "desk") as door:
        screen, _program = await door.session()
        await screen.types(bytes(server.LARGEST_FRAME + 1))
        assert await screen.end() == aiohttp.WSCloseCode.MESSAGE_TOO_BIG


async def test_a_size_of_nothing_is_no_news_and_one_of_a_wall_is_held_to_what_can_be_drawn(tmp_path: Path) -> None:
    async with open_door(tmp_path / "desk") as door:
        screen, program = await door.session(hello={"size": [0, 0]})
        assert program.size == (80, 24)
        for size, wanted in (([0, 10], (80, 24)), ([-5, -5], (80, 24)), ([10**9, 10**9], (500, 200))):
            await screen.says(size=size)
            await screen.says(ping=True)
            screen.messages.clear()
            await screen.hears("pong")
            assert program.size == wanted


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["confirm", "k7qf-m2xd"], ("confirm", "K7QF-M2XD")),
        (["invoice", "FV/7"], ()),
        (["confirm", "; rm"], ()),
        (["confirm", "K7QF", "--xml"], ()),
        (["confirm", ["K7QF"]], ()),
        ("confirm K7QF", ()),
        (None, ()),
    ],
)
async def test_the_code_of_a_letter_opens_its_screen_and_nothing_else_is_a_command(
    tmp_path: Path, words: Any, wanted: tuple[str, ...]
) -> None:
    async with open_door(tmp_path / "desk") as door:
        _screen, program = await door.session(hello={"size": [80, 24], "words": words})
        assert program.visitor.words == wanted


async def test_the_address_is_the_proxys_word_only_where_the_operator_has_named_it(tmp_path: Path) -> None:
    forwarded = {"X-Forwarded-For": "198.51.100.9, 203.0.113.5"}
    for number, (proxies, address) in enumerate(((("127.0.0.0/8",), "203.0.113.5"), ((), "127.0.0.1"))):
        async with open_door(tmp_path / str(number), proxies=proxies) as door:
            _screen, program = await door.session(headers=forwarded)
            assert program.visitor.address == address
            assert bool(program.visitor.port) is (address == "127.0.0.1")


# A line that is lost


async def test_a_page_that_comes_back_goes_on_with_its_session(tmp_path: Path) -> None:
    async with open_door(tmp_path / "desk") as door:
        screen, program = await door.session()
        for half in (MODES[:11], MODES[11:]):  # a piece ends anywhere
            program.says(half)
            await screen.sees(half)
        await screen.socket.close()
        program.says(b"said while nobody looks")
        again = await door.connect(screen.token, hello={"size": [90, 30]})
        await again.sees(b"\x1b[?1049h\x1b[?25l\x1b[?1003h")
        assert again.token == screen.token and b"\x1b[?2026" not in again.shown
        assert program.size in ((90, 29), (90, 30))
        await again.types(b"here")
        assert await program.reads(4) == b"here"
        assert len(door.door.sessions) == 1


async def test_a_session_that_nobody_comes_back_to_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser_session, "KEPT", 0.01)
    async with open_door(tmp_path / "desk") as door:
        screen, program = await door.session()
        await screen.socket.close()
        await program.hung_up()
        late = await door.connect(screen.token)
        assert await late.hears("gone")
        assert await late.end() == aiohttp.WSCloseCode.OK and not door.door.sessions


async def test_a_token_that_is_nobodys_begins_nothing(tmp_path: Path) -> None:
    async with open_door(tmp_path / "desk") as door:
        screen, _program = await door.session()
        for token in ("x", screen.token[:-1], screen.token + "A", screen.token.swapcase()):
            wrong = await door.connect(token)
            assert await wrong.hears("gone")
        assert len(door.door.sessions) == 1


async def test_another_tab_takes_the_session_over_and_the_first_is_told(tmp_path: Path) -> None:
    async with open_door(tmp_path / "desk") as door:
        screen, program = await door.session()
        other = await door.connect(screen.token)
        await other.hears("session")
        assert await screen.end() == browser_session.ELSEWHERE
        await other.types(b"mine")
        assert await program.reads(4) == b"mine"
        program.says(b"yours")
        await other.sees(b"yours")


# The end


async def test_what_was_said_last_is_seen_and_then_the_end(tmp_path: Path) -> None:
    async with open_door(tmp_path / "desk") as door:
        screen, program = await door.session()
        program.says(b"\x1b[?1049hgoodbye")
        program.ends(3)
        assert await screen.hears("ended") == 3
        assert b"goodbye" in screen.shown and b"\x1b[?1049l" in screen.shown
        assert await screen.end() == browser_session.ENDED
        await door.sessions(0)


async def test_whoever_is_turned_away_by_the_parent_reads_why(tmp_path: Path) -> None:
    async with open_door(tmp_path / "desk") as door:
        screen = await door.connect()
        (await door.parent.program()).refuses("Come again.")
        await screen.hears("ended")
        assert screen.messages[-1] == {"ended": 75, "sentence": "Come again."}
        assert await screen.end() == browser_session.TURNED_AWAY


@pytest.mark.parametrize(
    ("limits", "why"), [({"sessions": 2}, server._NO_ROOM), ({"sessions_an_address": 2}, server._TOO_MANY)]
)
async def test_one_too_many_reads_why_in_their_language(tmp_path: Path, limits: dict[str, int], why: str) -> None:
    async with open_door(tmp_path / "desk", **limits) as door:
        _first, program = await door.session()
        await door.session()
        third = await door.connect(hello={"size": [80, 24], "language": "pl"})
        await third.hears("ended")
        with speaking("pl"):
            assert third.messages[-1]["sentence"] == gettext(why)
        program.ends()
        await door.sessions(1)
        await door.session()


async def test_households_behind_one_proxy_are_counted_apart(tmp_path: Path) -> None:
    async with open_door(tmp_path / "desk", sessions_an_address=1, proxies=("127.0.0.1/32",)) as door:
        for number in range(3):
            await door.session(headers={"X-Forwarded-For": f"203.0.113.{number}"})


async def test_without_a_parent_it_is_said_that_nobody_is_there(tmp_path: Path) -> None:
    async with open_door(tmp_path / "desk") as door:
        door.parent.path.unlink()
        screen = await door.connect()
        await screen.hears("ended")
        assert "can't be reached" in screen.messages[-1]["sentence"]
        assert await screen.end() == browser_session.TURNED_AWAY and not door.door.sessions


async def test_a_door_that_leaves_keeps_who_is_there_and_nobody_else(tmp_path: Path) -> None:
    async with open_door(tmp_path / "desk") as door:
        screen, program = await door.session()
        lost, forgotten = await door.session()
        await lost.socket.close()
        await until(lambda: not all(each.has_browser for each in door.door.sessions))
        door.door.leave()
        await forgotten.hung_up()
        program.says(b"still here")
        await screen.sees(b"still here")
        late = await door.connect()
        await late.hears("ended")
        await screen.socket.close()
        await asyncio.wait_for(door.door.empty(), 5)


# Who doesn't read


async def test_a_browser_that_does_not_read_makes_the_program_wait_and_nothing_is_lost(tmp_path: Path) -> None:
    async with open_door(tmp_path / "desk") as door:
        screen, program = await door.session()
        raw = screen.socket.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        protocol = screen.socket._conn.protocol  # type: ignore[union-attr]
        protocol.pause_reading()
        [session] = door.door.sessions
        said, written = os.urandom(4_000_000), 0
        while not session.waits:
            written += program.says(said[written : written + 4096])
            assert written < len(said), "nobody has ever stopped it"
            await asyncio.sleep(0)
            assert session.waiting < browser_session.BACKLOG + PIECE
        protocol.resume_reading()
        while len(screen.shown) < written:
            await screen.next()
        assert not session.waits
        assert bytes(screen.shown) == said[:written]


async def test_a_program_that_does_not_read_makes_the_browser_wait_and_nothing_is_lost(tmp_path: Path) -> None:
    async with open_door(tmp_path / "desk") as door:
        screen, program = await door.session()
        [session] = door.door.sessions
        typed = os.urandom(1_500_000)
        frames = [typed[at : at + 16384] for at in range(0, len(typed), 16384)]
        typing = asyncio.ensure_future(_type(screen, frames))
        await until(lambda: len(session.line._waiting) > TYPED_AHEAD)
        for _turn in range(500):
            await asyncio.sleep(0)
            assert len(session.line._waiting) < TYPED_AHEAD + 2 * server.LARGEST_FRAME
        assert await program.reads(len(typed)) == typed
        await typing


async def _type(screen: Screen, frames: list[bytes]) -> None:
    for frame in frames:
        await screen.types(frame)


# Files


async def test_a_file_is_fetched_once_by_whoever_it_is_for(tmp_path: Path) -> None:
    content = os.urandom(200_000)
    async with open_door(tmp_path / "desk") as door:
        screen, program = await door.session()
        stranger, _other = await door.session()
        assert program.side.send_file("../Zażółć/7.pdf", "application/pdf", content)
        address = await screen.hears("download")
        assert (await _fetched(door, address, "")).status == 404
        assert (await _fetched(door, address, stranger.token)).status == 404
        answer = await _fetched(door, address, screen.token)
        assert await answer.read() == content
        assert answer.headers["Content-Disposition"].endswith("filename*=UTF-8''Za%C5%BC%C3%B3%C5%82%C4%87-7.pdf")
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.content_type == "application/pdf" and answer.headers["Cache-Control"] == "no-store"
        assert (await _fetched(door, address, screen.token)).status == 404


async def _fetched(door: OpenDoor, address: str, token: str) -> aiohttp.ClientResponse:
    answer = await door.client.get(address, headers={server.SESSION_HEADER: token} if token else {})
    await answer.read()
    return answer


async def test_a_file_handed_over_while_the_line_was_lost_is_told_of_again(tmp_path: Path) -> None:
    async with open_door(tmp_path / "desk") as door:
        screen, program = await door.session()
        await screen.socket.close()
        program.side.send_file("7.pdf", "application/pdf", b"x")
        again = await door.connect(screen.token)
        address = await again.hears("download")
        assert await (await _fetched(door, address, screen.token)).read() == b"x"
        third = await door.connect(screen.token)
        await third.says(ping=True)
        await third.hears("pong")
        assert not any("download" in message for message in third.messages), "it was fetched"


async def test_a_file_that_nobody_fetches_is_gone_and_so_are_those_of_a_session_that_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_door(tmp_path / "desk") as door:
        screen, program = await door.session()
        program.side.send_file("7.pdf", "application/pdf", b"x")
        address = await screen.hears("download")
        program.ends()
        await screen.end()
        assert (await _fetched(door, address, screen.token)).status == 404
        monkeypatch.setattr(waiting_files, "LASTS", 0.0)
        screen, program = await door.session()
        program.side.send_file("7.pdf", "application/pdf", b"x")
        address = await screen.hears("download")
        assert (await _fetched(door, address, screen.token)).status == 404


async def test_more_files_than_two_do_not_wait(tmp_path: Path) -> None:
    async with open_door(tmp_path / "desk") as door:
        screen, program = await door.session()
        addresses = []
        for number in range(4):
            program.side.send_file(f"{number}.pdf", "application/pdf", b"x")
            screen.messages.clear()
            addresses.append(await screen.hears("download"))
        found = [(await _fetched(door, each, screen.token)).status for each in addresses]
        assert found == [404, 404, 200, 200]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("FV-7-2026.pdf", "FV-7-2026.pdf"),
        ("../../etc/passwd", "etc-passwd"),
        ("C:\\con", "C-con"),
        ("a\r\nSet-Cookie: x", "a Set-Cookie- x"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        (".bashrc", "bashrc"),
        ("faktura\u202efdp.exe", "fakturafdp.exe"),
        ("", "okienko"),
        ("..", "okienko"),
    ],
)
def test_a_files_name_can_be_saved_anywhere(name: str, safe: str) -> None:
    assert waiting_files.safe_name(name) == safe


@pytest.mark.parametrize(
    "kind", ["text/html", "image/svg+xml", "application/xml", "text/javascript", "x", "a/b\r\nX: y"]
)
def test_what_a_browser_could_run_is_only_bytes(kind: str) -> None:
    assert waiting_files.safe_kind(kind) == waiting_files.UNKNOWN_KIND


async def test_only_a_file_in_memory_is_handed_on(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(writer)
    assert waiting_files.WaitingFiles().add("x", "a", "b", reader) == ""
    large = os.memfd_create("large")
    os.truncate(large, waiting_files.LARGEST + 1)
    assert waiting_files.WaitingFiles().add("x", "a", "b", large) == ""
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(large)

"""The real application on a desk whose database is full of hostile text, put there behind the door's back.

Everything people type is cleaned on its way in; here it is not, as after an import by hand or from a mended backup.
What is drawn must still be harmless, and what is typed now must still be refused or cleaned.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.accounts import sessions
from core.clock import MovableClock
from core.models.accounts import Account, Role, Standing
from core.models.contracts import Asset
from core.models.tickets import Message, Ticket
from core.service.desk import Desk
from core.service.unit_of_work import UnitOfWork, table
from core.tickets import conversation, create, workflow
from tests.factories.desks import admin_values, contract, make_desk, person, seat, ticket_values
from tests.support.playing import LARGE, SMALL, Player, sitting
from tests.support.pty import Terminal

pytestmark = pytest.mark.thorough

OKIENKO = str(Path(sys.executable).with_name("okienko"))
COMPANY = "Tarnina sp. z o.o."
HOSTILE = (
    "[/]",
    "[@click=app.quit]x[/]",
    "[link=http://e.example]x[/link] [b]",
    "\x1b]52;c;UFdORUQ=\x07clip",
    "\x1b]0;PWNED\x1b\\title",
    "\x1b]8;;http://e.example\x1b\\here\x1b]8;;\x1b\\",
    "\x1b[35;46;5mblink\x1b[2J\x1b[?1049l",
    "\x9b35;46;5mc1 \x9d0;PWNED\x9c \x90q\x9c",
    "\u202egnp.exe\u202c \u2066x\u2069",
    "del\x7f\x08\x0e\x0f\x05 \U000e0041\u200b",
    "g\u0301" + "\u0301\u0335\u0489" * 400,
    "very long " * 900,
    "日本語👩\u200d🔧" * 40,
    "two\nlines\r\nand\ttabs\x0b\x0c\u2028",
    "$x %s {0} {name} \\[ \\",
)
LONGEST = 4_000

SEQUENCE = re.compile(
    rb"\x1b\[[0-9;:]*m|\x1b\[[0-9;]*[Hf]|\x1b\[\?[0-9;]+[hl]|\x1b\[\?[0-9]+\$p|\x1b\[[0-9;]*t|\x1b\[>[0-9]*u|\x1b\[<u"
    rb"|\x1b\[[0-9;]*J|\x1b\[[0-9;]*K|\x1b\]22;[a-z-]*\x07|\x1bP=[12]s\x1b\\|\x1b\[[0-9]* q|\x1b[78]"
)
"""What Textual's driver and compositor write themselves; nothing else may begin with an escape."""
PAYLOADS = {
    "C1": re.compile(rb"\xc2[\x80-\x9f]"),
    "bidi": re.compile(rb"\xe2\x80[\xa8-\xae]|\xe2\x81[\xa6-\xaf]"),
    "a tag or zero width": re.compile(rb"\xe2\x80\x8b|\xf3\xa0\x81\x81"),
    "a control": re.compile(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]"),
    "their colours": re.compile(rb"\x1b\[35;46[;m]|\x1b\[[0-9;]*;5m"),
}


def assert_harmless(raw: bytes) -> None:
    """Nothing but our own sequences and plain text was written; the end may be cut."""
    raw = re.sub(rb"\x1b[^\x1b]{0,64}\Z", b"", raw)
    rest = SEQUENCE.sub(b"", raw)
    for name, payload in {"an escape": re.compile(rb"\x1b"), **PAYLOADS}.items():
        searched = raw if name == "their colours" else rest
        found = payload.search(searched)
        assert not found, f"{name}: {searched[max(0, found.start() - 60) : found.end() + 60]!r}"


class World:
    """A customer, an agent and an administrator, and a ticket, an asset, a contract for each hostile text."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.desk = desk = make_desk(folder, MovableClock())
        self.root = person(desk, "root", Role.ADMIN)
        self.agent = person(desk, "adam", Role.AGENT)
        self.customer = person(desk, "ola", company=COMPANY, standing=Standing.OWNER)
        person(desk, "borys", company=COMPANY, standing=Standing.PENDING)
        self._fill()
        self._poison()

    def _fill(self) -> None:
        own, staff = seat(self.desk, self.customer), seat(self.desk, self.agent)
        since, until = dt.date(2020, 1, 1), dt.date(2120, 1, 1)
        for place in range(len(HOSTILE)):
            contract(
                self.desk,
                f"OK-{place}",
                company=COMPANY,
                identifiers=(f"FW-{place}",),
                valid_from=since,
                valid_until=until,
            )
        assets = self.desk.as_system().see(lambda look: [row.id for row in look.rows(sa.select(table(Asset).c.id))])
        for _text in HOSTILE:
            number = own.do(create.create, ticket_values(), tuple(assets[:3]))
            staff.do(workflow.assign, number, self.agent, seen=1)
            staff.do(conversation.note, number, conversation.Note(body="note"))
            staff.do(conversation.reply, number, conversation.StaffReply(body="reply", status="3"))
        own.do(create.create, admin_values("Last of all"))

    def _poison(self) -> None:
        """Raw SQL, as the door would never write it."""
        columns = {
            "ticket": ("subject",),
            "message": ("body",),
            "account": ("first_name", "last_name", "phone"),
            "company": ("name",),
            "contract": ("number", "support_level"),
            "asset": ("identifier",),
            "product": ("name", "vendor"),
            "outbox": ("address", "letter"),
        }
        choice = {"search": HOSTILE[3], "company": HOSTILE[1], "kind": HOSTILE[0], "since": HOSTILE[4]}
        with self.desk.store.writing() as connection:
            for name, fields in columns.items():
                for row in connection.exec_driver_sql(f"SELECT rowid FROM {name} ORDER BY rowid").fetchall():
                    if name == "ticket" and row[0] > len(HOSTILE):
                        continue  # the one that the walks look for
                    for at, field in enumerate(fields):
                        text = HOSTILE[(row[0] - 1 + at) % len(HOSTILE)][:LONGEST]
                        connection.exec_driver_sql(f"UPDATE {name} SET {field} = ? WHERE rowid = ?", (text, row[0]))
            connection.exec_driver_sql(
                "UPDATE account SET preferences = ? WHERE id = ?",
                (json.dumps({"screens": {"tickets.tickets": choice}, HOSTILE[1]: HOSTILE[2]}), self.customer),
            )

    def remembered(self) -> Path:
        """The customer's remembered login, as the application itself would have left it; the folder of its state."""

        def remember(work: UnitOfWork) -> str:
            account = work.unscoped(Account, table(Account).c.id == self.customer)
            assert account is not None
            return sessions.begin(work, account, remember=True, label="[/]\x1b]0;x\x07").token or ""

        state = self.folder / "state"
        state.mkdir(mode=0o700)
        (state / "remembered").write_text(self.desk.as_system().do(remember), encoding="ascii")
        return state


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World(tmp_path / "desk")
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(made.folder))
    yield made
    made.desk.close()


def okienko(world: World, size: tuple[int, int] = SMALL, **env: str) -> Terminal:
    """The real program, the customer let in by the file."""
    world.remembered()
    return Terminal([OKIENKO], env={"OKIENKO_DATA_DIR": str(world.folder), **env}, size=size)


def cleared(terminal: Terminal) -> None:
    """In the room of tickets, with no filter that was kept."""
    terminal.wait_for("Register contract")
    typed(terminal, b"\x1b")
    terminal.wait_for("Last of all")


def typed(terminal: Terminal, *keys: bytes) -> None:
    """Keys, each after what the one before it brought; Escape and a letter in one piece would be Alt and the letter."""
    for key in keys:
        terminal.send(key)
        terminal.wait_for_quiet()


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=str)
def test_a_customer_walks_through_a_poisoned_desk(world: World, size: tuple[int, int]) -> None:
    with okienko(world, size) as terminal:
        cleared(terminal)
        terminal.send(b"\x1b[F")
        terminal.wait_for("[/]")  # as it stands, on the screen
        walk: list[tuple[bytes, str]] = [
            (b"\r", "#1"),
            *([(b"d", "Contract"), (b"\x1b", "Reply")] if size == SMALL else []),
            (b"\x1b", "Last of all"),
            (b"n", "administrative ticket"),
            (b"\x1b[18~", "enter takes"),
            (b"\r", "technical ticket"),
            (b"\x1b", "Last of all"),
            (b"gc", "Until"),
            (b"\r", "Period"),
            (b"\x1b", "Until"),
            (b"ga", "SN/MAC"),
            (b"gu", "Remembered computers"),
            (b"gw", "Asked"),
            (b"\x10", "Find a ticket"),
            (b"\x1b", "Asked"),
            (b"?", "Keys that work here"),
            (b"\x1b", "Asked"),
            (b"gt", "Last of all"),
        ]
        for keys, seen in walk:
            typed(terminal, keys)
            terminal.wait_for(seen)
            assert terminal.process.poll() is None, terminal.text
        terminal.send(b"\x11")
        assert terminal.wait() == 0
        assert_harmless(bytes(terminal.raw))
        assert b"[@click=app.quit]x" in terminal.raw


def test_hostile_bytes_typed_into_the_search_and_a_reply(world: World) -> None:
    with okienko(world) as terminal:
        cleared(terminal)
        terminal.send(b"/")
        terminal.wait_for("Words, number")
        terminal.send(b"k\xb1t\xff\xc3")
        terminal.wait_for("k\N{REPLACEMENT CHARACTER}t")
        typed(terminal, b"\x1b", b"\x1b")
        terminal.wait_for("Last of all")
        typed(terminal, b"\r")
        terminal.wait_for("Reply")
        terminal.send(b"r")
        terminal.wait_for("Your reply")
        terminal.send(b"before \xb1 \xed\xa0\x80 after")
        terminal.wait_for("after")
        terminal.send(b"\x1b[200~\x1b]52;c;UFdORUQ=\x07pasted\x9b31m\x1b[201~")
        terminal.wait_for("pasted")
        terminal.send(b"\x13")
        terminal.wait_for("before \N{REPLACEMENT CHARACTER}")
        terminal.wait_for_quiet()
        terminal.send(b"\x11")
        assert terminal.wait() == 0
        assert_harmless(bytes(terminal.raw))
    messages = table(Message)
    said = world.desk.as_system().see(
        lambda look: look.value(sa.select(messages.c.body).order_by(messages.c.id.desc()).limit(1))
    )
    assert said.startswith("before \N{REPLACEMENT CHARACTER}")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", said)


def test_ten_megabytes_pasted_into_a_description_are_refused_and_nothing_is_lost(world: World) -> None:
    with okienko(world, LARGE) as terminal:
        cleared(terminal)
        terminal.send(b"n")
        terminal.wait_for("administrative ticket")
        terminal.send(b"My subject")
        terminal.wait_for("My subject")
        terminal.send(b"\t\ttyped before the paste ")  # past the priority
        terminal.wait_for(lambda one: bool(re.search("Description .*typed before the paste", one.text)))
        before = terminal.memory()
        terminal.send(b"\x1b[200~" + b"0123456789abcdef" * 655_360 + b"\x1b[201~")
        terminal.wait_for("too long, so nothing of it was taken")
        terminal.send(b"and after")
        terminal.wait_for("typed before the paste and after")
        assert "My subject" in terminal.text
        assert terminal.memory() - before < 60 * 1024 * 1024
        # Between what one paste may bring and what the field takes: refused beside the field.
        terminal.send(b"\x1b[200~" + b"x" * 30_000 + b"\x1b[201~")
        terminal.wait_for("characters fit here")
        terminal.wait_for("typed before the paste and after")
        terminal.send(b"\x13")
        terminal.wait_for("is open")
        assert_harmless(bytes(terminal.raw))
    tickets, messages = table(Ticket), table(Message)
    latest = sa.select(messages.c.body).order_by(messages.c.id.desc()).limit(1)
    assert world.desk.as_system().see(lambda look: look.value(latest)) == "typed before the paste and after"
    subject = sa.select(tickets.c.subject).order_by(tickets.c.id.desc()).limit(1)
    assert world.desk.as_system().see(lambda look: look.value(subject)) == "My subject"


# The desk's side, by Pilot


AGENTS_WALK = {
    "queue": ("g", "o", "down", "down", "end", "home", "f", "escape"),
    "mine": ("g", "m", "down", "enter", "d", "escape", "h", "end", "home", "escape"),
    "reply": ("g", "m", "enter", "r", "escape", "i", "escape", "s", "escape", "a", "escape", "p", "escape"),
    "people": ("g", "p", "down", "end", "slash", "escape", "u", "escape"),
    "contracts": ("g", "c", "down", "enter", "down", "escape"),
    "assets": ("g", "a", "down", "end"),
    "waiting": ("g", "w", "y", "escape", "D", "escape"),
    "palette": ("ctrl+p", "down", "escape", "question_mark", "escape", "f9", "escape"),
}


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=str)
@pytest.mark.parametrize("walk", AGENTS_WALK)
async def test_an_agent_walks_through_a_poisoned_desk(world: World, walk: str, size: tuple[int, int]) -> None:
    async with sitting(world.desk, seat(world.desk, world.agent), size=size) as player:
        for key in AGENTS_WALK[walk]:
            await player.press(key)
            assert_drawn_clean(player)
        assert not player.app.incident


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=str)
async def test_an_administrator_reads_a_poisoned_outbox(world: World, size: tuple[int, int]) -> None:
    async with sitting(world.desk, seat(world.desk, world.root), size=size) as player:
        for key in ("g", "b", "down", "end", "f", "f", "g", "p", "end", "O", "escape", "n", "escape"):
            await player.press(key)
            assert_drawn_clean(player)
        assert not player.app.incident


def assert_drawn_clean(player: Player) -> None:
    """Every line of the screen is as wide as the screen, and holds nothing a terminal obeys."""
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b]", player.screen)
    for strip in player.app.screen._compositor.render_strips():
        assert strip.cell_length == player.app.size.width


def test_the_poison_is_really_there(world: World) -> None:
    """Should a clean-up ever come to the door's reading side, the walks above would prove nothing."""

    def subjects(desk: Desk) -> list[str]:
        return desk.as_system().see(lambda look: [row[0] for row in look.rows(sa.select(table(Ticket).c.subject))])

    assert set(HOSTILE[:9]) <= set(subjects(world.desk))

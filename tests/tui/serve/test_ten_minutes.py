"""Ten minutes on a fresh machine: install, init, serve; then an installer, a subscriber and somebody with a browser.

Everything is the real program, started as an operator starts it. Addresses are those that a balancer on this machine
says (PROXY protocol), because a test has only loopback.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import ipaddress
import os
import re
import signal
import socket
import sqlite3
import subprocess
import venv
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncssh
import pyotp
import pytest

from core.installers.forms import ServiceSignUp
from core.sign_up.end_user import EndUser
from core.sign_up.subscriber import SubscriberSignUp
from tests.support.chromium import chromium
from tests.support.server import PATIENCE, Client, Server, Visit, visiting
from tests.support.typist import BACK_TAB, ENTER, F5, F7, SEND, TAB, BrowserVisit, Postbox, chooses, code_in, filled
from tui.serve.proxy_header import SIGNATURE

pytestmark = [pytest.mark.thorough, pytest.mark.xdist_group("server")]
ROOT = Path(__file__).parents[3]
SIZE = (110, 46)
HOME_LINE, CAFE = "203.0.113.7", "198.51.100.20"
SENTENCE = "Pani Sikora, the house behind the mill"
OWN, MANAGEMENT, SUBSCRIBER = "cztery żółte kaczki", "pięć mokrych kominów", "sześć białych owiec"
AT_HOME = "siedem cichych sów"
FILES = {
    "subscribers": """\
customer_number;name;pesel;street;postcode;town;email;phone;contract_number;valid_from;valid_until;monthly_fee
A-1001;Wanda Zielińska;44051401458;ul. Krzywa 3;34-442;Łapsze;wanda@example.com;;U/1001/2025;2025-11-20;;69,00
""",
    "lines": """\
customer_number;contract_number;line;product;addresses;activated_on
A-1001;U/1001/2025;PN-00001001;Światło 300;203.0.113.7;2025-11-20
""",
    "invoices": """\
invoice_number;customer_number;contract_number;issued_on;sold_on;due_on;name;quantity;unit;net_price;vat_rate;gross_price
FV/2026/09/1001;A-1001;U/1001/2025;2026-09-02;2026-09-30;2026-09-16;Światło 300;1;mies.;;23;69,00
""",
}
SETTINGS = """\
[desk]
name = "Okienko"
language = "en"
address = "desk@127.0.0.1"
[serve]
ssh = "127.0.0.1:0"
web = "127.0.0.1:{port}"
web_address = "http://127.0.0.1:{port}"
balancers = ["127.0.0.0/8"]
[seller]
name = "Sieć Testowa"
street = "ul. Prosta 1"
postcode = "34-442"
town = "Łapsze"
tax_id = "1234563218"
bank_account = "61109010140000071219812874"
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Okienko as ``pip install '.[serve]'`` puts it on a machine that has nothing of it."""
    folder = tmp_path_factory.mktemp("machine")
    venv.create(folder / "venv", with_pip=True)
    pip = [str(folder / "venv/bin/python"), "-m", "pip", "install", "-q", "--no-compile"]
    subprocess.run([*pip, f"{ROOT}[serve]"], check=True, capture_output=True, timeout=300)
    return folder / "venv/bin/okienko"


class Installed(Server):
    """The server of that program."""

    def __init__(self, program: Path, folder: Path, address: str) -> None:
        super().__init__(folder)
        self._program = program
        self.address = address

    def does(self, *words: str) -> str:
        """What a command of the operator's prints."""
        done = subprocess.run(
            [self._program, *words], env=self._environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def _environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), "OKIENKO_DATA_DIR": str(self.folder)}

    @contextlib.contextmanager
    def serving(self) -> Iterator[Installed]:
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [self._program, "serve"], env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._process = process
        try:
            self.until(lambda: "open" in self.lines)
            self.ports = [int(port) for port in re.findall(r"listening address=\S+ port=(\d+)", "\n".join(self.lines))]
            yield self
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


@pytest.fixture(scope="module")
def server(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """``okienko init``, three imports, ``okienko serve``."""
    folder = tmp_path_factory.mktemp("desk")
    folder.chmod(0o700)
    with socket.create_server(("127.0.0.1", 0)) as free:  # the page's own address stands in letters
        port = free.getsockname()[1]
    (folder / "okienko.toml").write_text(SETTINGS.format(port=port), encoding="utf-8")
    server = Installed(program, folder, f"http://127.0.0.1:{port}")
    made = server.does("init", "--admin-email", "ada@example.com", "--login", "ada")
    assert "okienko reset" in made
    for kind, text in FILES.items():
        file = folder / f"{kind}.csv"
        file.write_text(text, encoding="utf-8")
        server.does("import", kind, str(file))
    with server.serving():
        yield server


def _header(address: str) -> bytes:
    """What a balancer says of a client."""
    rest = ipaddress.ip_address(address).packed + b"\x7f\0\0\1" + (40_000).to_bytes(2, "big") + b"\0\x16"
    return SIGNATURE + b"\x21\x11" + len(rest).to_bytes(2, "big") + rest


@contextlib.asynccontextmanager
async def coming(server: Server, address: str, *keys: asyncssh.SSHKey) -> AsyncIterator[asyncssh.SSHClientConnection]:
    """A connection of a client at ``address``."""
    link = socket.create_connection(("127.0.0.1", server.port))
    link.sendall(_header(address))
    link.setblocking(False)
    options = {"client_factory": Client, "username": "desk", "agent_path": None, "config": [], "known_hosts": None}
    ways = "publickey,keyboard-interactive"
    async with asyncssh.connect(sock=link, client_keys=list(keys), preferred_auth=ways, **options) as connection:
        yield connection


async def code_for(box: Postbox, address: str) -> str:
    """The code of the next letter to somebody that has one, once it is there."""
    async with asyncio.timeout(PATIENCE):
        while not (code := code_in(box.letter(address))):  # noqa: ASYNC110 - another process delivers it
            await asyncio.sleep(0.05)
    return code


async def log_in(visit: Visit, password: str, login: str = "") -> None:
    """``login`` is left out where it is there already."""
    await visit.sees("Login or e-mail")
    visit.type((login + TAB if login else "") + password + ENTER)


async def an_installer(server: Server, box: Postbox) -> None:
    """Signs up with a new key, adds it, is cut off in mid-sentence, comes back with it twice."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    values = {
        "company": "Cieplownia Puchatek",
        "phone": "+48 12 555 04 00",
        "email": "serwis@puchatek.example",
        "login": "krzys",
        "first_name": "Krzysztof",
        "last_name": "Kominek",
        "password": OWN,
        "again": OWN,
        "management_email": "zarzad@puchatek.example",
        "management_password": MANAGEMENT,
        "management_again": MANAGEMENT,
        "terms": "yes",
    }
    async with coming(server, CAFE, key) as connection:
        visit = await visiting(connection, size=SIZE)
        await visit.sees("Login or e-mail")
        await chooses(visit, F7, "who are you?")
        await chooses(visit, "2", "Company name")
        visit.type(filled(ServiceSignUp, values))
        await chooses(visit, SEND, "Is this right?")
        await chooses(visit, SEND, "Check the mail of both addresses")
        visit.type(await code_for(box, "serwis@puchatek.example"))
        await chooses(visit, SEND, "is confirmed")
        code = await code_for(box, "zarzad@puchatek.example")
        async with coming(server, CAFE, key) as another:
            confirming = await visiting(another, "confirm", code, size=SIZE)
            await confirming.sees(code)
            visit.type(code)
            await chooses(visit, SEND, "The company is registered")
        await chooses(visit, ENTER, "Login or e-mail")
        await log_in(visit, OWN)
        await visit.sees("Code")
        visit.type(await code_for(box, "zarzad@puchatek.example") + ENTER)
        await visit.sees("Add an authenticator", "Show the key for typing")
        visit.type(F5)  # the key, for whoever can't scan
        await visit.until(lambda: bool(_secret(visit.text)))
        secret = _secret(visit.text)
        visit.type(pyotp.TOTP(secret).now())
        await chooses(visit, SEND, "recovery codes")
        await chooses(visit, ENTER, "Pending customers")
        await add_key(visit, OWN)
        await begin_to_invite(visit, server)
        connection.abort()
    async with coming(server, HOME_LINE, key) as connection:
        visit = await visiting(connection, size=SIZE)
        await visit.sees("Is this your account?", "laptop")
        visit.type(TAB + TAB + ENTER)
        await visit.sees("authenticator")
        await asyncio.sleep(_until_next_step())  # each code is good once
        visit.type(pyotp.TOTP(secret).now() + ENTER)
        await visit.sees("Pending customers")
        connection.abort()

    async with coming(server, HOME_LINE, key) as connection:
        visit = await visiting(connection, size=SIZE)
        await visit.sees("Pending customers")
        assert "Is this your account?" not in visit.text
        await chooses(visit, "n", SENTENCE, "Kept for you")


def _until_next_step() -> float:
    now = dt.datetime.now(dt.UTC).timestamp()
    return 30 - now % 30 + 0.5


def _secret(text: str) -> str:
    """The key beside the QR code, for whoever can't scan it."""
    found = re.search(r"\b(?:[A-Z2-7]{4} ){3,}[A-Z2-7]{4}\b|\b[A-Z2-7]{32}\b", text)
    return found[0].replace(" ", "") if found is not None else ""


def _is_kept(file: Path) -> bool:
    """Whether the desk has a form that somebody has left."""
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        return bool(database.execute("SELECT 1 FROM draft").fetchone())


async def begin_to_invite(visit: Visit, server: Server) -> None:
    """Somebody is being invited, by name, when the line is cut: five seconds are what that may cost."""
    await chooses(visit, "gp", "Pending customers")
    await chooses(visit, "n", "Customer's name", "Send the invitation")
    visit.type(SENTENCE)
    await visit.sees(SENTENCE)
    await server.comes(lambda: _is_kept(server.folder / "desk.db"))


async def a_subscriber(server: Server, box: Postbox, folder: Path) -> None:
    """Signs up from their own line, adds a key, and has their invoice come out of a pipe."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    values = {
        "login": "wanda",
        "email": "wanda@example.com",
        "password": SUBSCRIBER,
        "again": SUBSCRIBER,
        "identity": "44051401458",
        "contract": "U/1001/2025",
        "terms": "yes",
    }
    async with coming(server, HOME_LINE, key) as connection:
        visit = await visiting(connection, size=SIZE)
        await visit.sees("Login or e-mail")
        await chooses(visit, F7, "who are you?")
        await chooses(visit, "4", HOME_LINE)
        visit.type(filled(SubscriberSignUp, values))
        await chooses(visit, SEND, "Is this right?")
        await chooses(visit, SEND, "Check your mail")
        visit.type(await code_for(box, "wanda@example.com"))
        await chooses(visit, SEND, "You can log in as wanda now")
        visit.type(ENTER)
        await log_in(visit, SUBSCRIBER)
        await visit.sees("Code")
        visit.type(await code_for(box, "wanda@example.com") + ENTER)
        await visit.sees("Wanda Zielińska", "A-1001")
        await add_key(visit, SUBSCRIBER)
        visit.type("\x11")
        await visit.ends()
    async with coming(server, CAFE, key) as connection:
        visit = await visiting(connection, size=SIZE)
        await visit.sees("Is this your account?", "laptop")
        visit.type(TAB + TAB + ENTER)
        await visit.sees("Wanda Zielińska", "A-1001")
    file = folder / "n.pdf"
    async with coming(server, CAFE, key) as connection:
        done = await connection.run("invoice FV/2026/09/1001", encoding=None)
        assert done.exit_status == 0, done.stderr
        file.write_bytes(bytes(done.stdout or b""))
    assert file.read_bytes().startswith(b"%PDF-")
    async with coming(server, CAFE, key) as connection:
        done = await connection.run("invoice FV/2026/09/1001 --xml", encoding="utf-8")
        assert "FV/2026/09/1001" in str(done.stdout)


async def add_key(visit: Visit, password: str) -> None:
    """In *My account*: the key that one came with."""
    await chooses(visit, "gu", "SSH keys")
    await chooses(visit, "n", "Which key?")
    await chooses(visit, ENTER, "Public key")
    visit.type(BACK_TAB + "laptop" + TAB + password)  # it begins at what has to be filled in
    await chooses(visit, SEND, "The key is added")


async def somebody_with_a_browser(server: Installed, box: Postbox, folder: Path) -> None:
    """Signs up at a desk's page, follows the link of the letter on a phone, and comes back after the line was lost."""
    values = {
        "email": "zofia@example.com",
        "first_name": "Zofia",
        "last_name": "Rzepa",
        "password": AT_HOME,
        "again": AT_HOME,
        "terms": "yes",
    }
    async with chromium() as browser:
        page = await browser.page()
        await page.show(1280, 800)
        await page.open(server.address)
        visit = BrowserVisit(page)
        await visit.sees("Login or e-mail")
        await visit.chooses(F7, "who are you?")
        await visit.chooses("3", "First name")
        await visit.chooses(filled(EndUser, values), "Rzepa")
        await visit.chooses(SEND, "Is this right?")
        await visit.chooses(SEND, "Check your mail")
        link = await link_for(box, "zofia@example.com")
        assert link.startswith(f"{server.address}/#confirm=")
        phone = await browser.page()
        await phone.show(390, 844, phone=True)
        await phone.open(link)
        on_phone = BrowserVisit(phone)
        await on_phone.sees("I have a code", code_of(link))
        assert "confirm=" not in str(await phone.run("location.href"))
        (folder / "phone.png").write_bytes(await phone.picture())
        await on_phone.chooses(SEND, "Password")
        await on_phone.chooses("zofia@example.com" + TAB + AT_HOME)
        await on_phone.chooses(SEND, "You can log in")
        await page.run("sessionStorage.clear()")  # another tab
        await page.open(server.address)
        await visit.sees("Login or e-mail")
        await visit.chooses("zofia@example.com" + TAB + AT_HOME + ENTER, "Code")
        await visit.chooses(await code_for(box, "zofia@example.com") + ENTER, "Zofia Rzepa")
        await page.run("socket.close()")
        await page.wait("live && notice.hidden")
        await page.ask("Page.reload")
        await visit.sees("Zofia Rzepa")
        (folder / "desk.png").write_bytes(await page.picture())


async def an_invoice_on_paper(server: Installed, box: Postbox, folder: Path) -> None:
    """The subscriber has no SSH on this computer: the invoice comes out of the browser."""
    folder.mkdir()
    async with chromium() as browser:
        await browser.save_downloads(folder)
        page = await browser.page()
        await page.show(1280, 800)
        await page.open(server.address)
        visit = BrowserVisit(page)
        await visit.sees("Login or e-mail")
        await visit.chooses("wanda" + TAB + SUBSCRIBER + ENTER, "Code")
        await visit.chooses(await code_for(box, "wanda@example.com") + ENTER, "Wanda Zielińska", "A-1001")
        await visit.chooses("gp", "FV/2026/09/1001")
        await visit.chooses(ENTER, "Save PDF")
        await visit.chooses(SEND)
        await server.comes(lambda: any(file.suffix == ".pdf" for file in folder.iterdir()))
    (file,) = folder.glob("*.pdf")
    assert file.read_bytes().startswith(b"%PDF-")


async def link_for(box: Postbox, address: str) -> str:
    """The link in the next letter to somebody that has one."""
    async with asyncio.timeout(PATIENCE):
        while not (link := re.search(r"http://\S+#\w+=\S+", box.letter(address))):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return link[0]


def code_of(link: str) -> str:
    return link.rpartition("=")[2]


async def test_the_first_ten_minutes(server: Installed, tmp_path: Path) -> None:
    box = Postbox(server.folder / "mail")
    await asyncio.gather(a_subscriber(server, box, tmp_path), an_installer(server, box))
    await somebody_with_a_browser(server, box, tmp_path)
    await an_invoice_on_paper(server, box, tmp_path / "saved")

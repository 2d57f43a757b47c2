"""A PESEL goes in, and comes out nowhere: planted in every flow that takes one, then looked for everywhere."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import sqlite3
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.accounts import login
from core.db.pagination import PageRequest
from core.errors import Invalid
from core.forms import fill
from core.imports.csv.source import Source
from core.imports.subscribers import import_subscribers
from core.mail import delivery
from core.models.accounts import Role
from core.service.desk import Desk
from core.service.settings import SubscribersSection
from core.sign_up import subscriber as subscribing
from core.sign_up.subscriber import VouchedSignUp
from core.subscribers import detail, sign_up_codes
from core.subscribers.sign_up_codes import Vouch
from tests.factories.desks import PASSWORD, come_back, logged_in, mailed_code, make_desk, person
from tests.factories.subscribers import OTHER_PESEL, PESEL, coming_from, sign_up_form, subscriber
from tests.support.playing import LARGE, playing, sitting
from tui import crash

CANARIES = (PESEL, OTHER_PESEL, "79102525294", "82111396263")
"""Of a subscriber, of another one, and two that only an import brings (one of them in a row that is refused)."""
CUSTOMERS = """customer_number;name;pesel;street;postcode;town;contract_number;valid_from;valid_until;monthly_fee
A-7;Roch Tasiemka;79102525294;ul. Kocia 1;34-442;Łapsze;U/7;2025-01-01;;69,00
A-8;Zofia Uszatek;{last};ul. Kocia 2;34-442;Łapsze;U/8;2025-01-01;;69,00
"""


def shapes(pesel: str) -> Iterator[str]:
    """A number as it is, in groups, and backwards."""
    for one in (pesel, pesel[::-1]):
        yield one
        yield f"{one[:6]} {one[6:]}"
        yield f"{one[:6]}-{one[6:]}"


def found(places: dict[str, bytes]) -> list[str]:
    """In which of the places a canary sits; UTF-16 is looked for too."""
    caught = []
    for name, content in places.items():
        for canary in CANARIES:
            for shape in shapes(canary):
                if shape.encode() in content or shape.encode("utf-16-le") in content:
                    caught.append(f"{name}: {canary}")
    return caught


def kept(desk: Desk, folder: Path) -> dict[str, bytes]:
    """Every file of the desk (database, WAL, key, mail), a backup of the database, and every row as text."""
    backup = folder / "backup.db"
    with contextlib.closing(sqlite3.connect(desk.settings.database_file)) as source:
        with contextlib.closing(sqlite3.connect(backup)) as target:
            source.backup(target)
        dump = "\n".join(source.iterdump())
    files = [path for path in (*desk.settings.data_dir.rglob("*"), backup) if path.is_file()]
    return {str(path): path.read_bytes() for path in files} | {"dump": dump.encode()}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "seat"))
    made = make_desk(tmp_path / "desk", subscribers=SubscribersSection(line_rule="staff"))
    person(made, "root", Role.ADMIN)
    subscriber(made)
    subscriber(made, "A-1002", pesel_=OTHER_PESEL, contract="U/1002/2025", addresses=("203.0.113.8",))
    yield coming_from(made, "203.0.113.7")
    made.close()


def test_nothing_keeps_it(desk: Desk, tmp_path: Path) -> None:
    agent = logged_in(desk, "adam", Role.AGENT)
    said: list[str] = []
    for wrong in (OTHER_PESEL, PESEL):
        with pytest.raises(Invalid) as error:
            desk.do(subscribing.start, sign_up_form("staff", identity=wrong, contract="U/9", email=f"{wrong[:3]}@x.pl"))
        said += [error.value.text(), repr(error.value), "".join(traceback.format_exception(error.value))]
    agent.do(sign_up_codes.vouch, 1, fill(Vouch, {"reason": "showed an identity card"}))
    form = sign_up_form("staff")
    said += [repr(form), str(form), repr(form.model_dump())]
    come_back(desk, desk.do(subscribing.start, form))
    desk.do(login.password, "wanda", PASSWORD)
    card = agent.see(detail.card, 1)
    said += [repr(card), repr(agent.see(detail.subscribers, PageRequest()).rows)]
    for last in ("82111396264", "82111396263"):
        file = tmp_path / "customers.csv"
        file.write_text(CUSTOMERS.format(last=last), encoding="utf-8")
        report = desk.as_system().do(import_subscribers, Source(file))
        said.append(json.dumps(report.as_json(), default=str))
        assert report.refused == (last == "82111396264")
        file.unlink()
    delivery.deliver(desk)
    places = kept(desk, tmp_path) | {"said": "\n".join(said).encode()}
    assert len(places) > 4 and any(name.endswith("desk.db") for name in places)
    assert found(places) == []
    assert found({"control": f"… {PESEL} …".encode()}), "a canary would be seen"


async def test_no_screen_shows_it(desk: Desk, tmp_path: Path) -> None:
    pictures: dict[str, bytes] = {}
    async with playing(desk, size=LARGE) as player:

        def take(name: str) -> None:
            pictures[name] = (player.app.export_screenshot() + player.screen).encode()

        await player.press("f7", "4")
        await player.fill(
            login="wanda", email="wanda@example.com", password=PASSWORD, again=PASSWORD, contract="U/9", terms="yes"
        )
        player.form._rows["identity"].input.focus()
        await player.settle()
        await player.type(PESEL)
        await player.settle()
        take("typed")
        await player.press("ctrl+s")
        take("summary")
        await player.press("ctrl+s")
        take("refused")
        await player.press("escape", "4")
        assert player.form.values["identity"] == "", "it is not kept as a draft"
        take("again")
    async with sitting(desk, logged_in(desk, "adam", Role.AGENT), size=LARGE) as player:
        await player.press("g", "s", "enter")
        pictures["card"] = (player.app.export_screenshot() + player.screen).encode()
    assert len(pictures) == 5
    assert found(pictures) == []


def test_a_crash_writes_down_the_place_and_not_the_number(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even with the number in a local variable of the frame that fails."""

    def fails(_look: object, identity: str) -> None:
        digits = identity.replace(" ", "")
        raise RuntimeError(f"no use for {digits}")

    log, out = tmp_path / "incidents.log", io.StringIO()
    monkeypatch.setattr("sys.stderr", out)
    try:
        desk.see(fails, PESEL)
    except RuntimeError as error:
        crash.write_down(crash.incident_number(), error, log)
    assert "RuntimeError" in log.read_text(encoding="utf-8")
    assert found({"log": log.read_bytes(), "stderr": out.getvalue().encode()}) == []


def test_a_wrong_number_is_not_repeated_either(tmp_path: Path) -> None:
    wrong = PESEL[:-1] + "9"
    with pytest.raises(Invalid) as error:
        fill(VouchedSignUp, {"identity": wrong, "code": "x"})
    told = "".join(traceback.format_exception(error.value)) + repr(error.value)
    assert "identity" in error.value.fields
    assert wrong not in told


def test_the_other_secrets_of_a_subscriber_are_nowhere_plain(desk: Desk, tmp_path: Path) -> None:
    agent = logged_in(desk, "adam", Role.AGENT)
    code = agent.do(sign_up_codes.vouch, 1, fill(Vouch, {"reason": "showed an identity card"}))
    desk.do(subscribing.start, sign_up_form("staff"))
    mailed = mailed_code(desk, "confirm_address")
    content = b"\n".join(kept(desk, tmp_path).values())
    for secret in (code, code.replace("-", ""), mailed, mailed.replace("-", ""), "krzywa-jabłoń-7", PASSWORD):
        assert secret.encode() not in content
    desk.clock.move(dt.timedelta(days=1))  # type: ignore[attr-defined]

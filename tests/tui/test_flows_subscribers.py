"""A subscriber's way in and own data, and what an agent does for one, in the real interface."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from core.models.accounts import Account, Role
from core.service.desk import Desk
from core.service.settings import DeskSection, SubscribersSection
from core.service.unit_of_work import table
from core.subscribers import detail, edit, sign_up_codes
from core.subscribers.sign_up_codes import Vouch
from tests.factories.desks import PASSWORD, journal_of, logged_in, mail, mailed_code, make_desk, person, seat
from tests.factories.subscribers import OTHER_PESEL, PESEL, SELLER, billed, coming_from, subscriber
from tests.support.playing import LARGE, SMALL, Player, playing, sitting
from tui.screens.accounts.second_factor import MailedCode
from tui.screens.accounts.sign_up import Sent, Summary, Welcomed
from tui.screens.subscribers import formatting
from tui.screens.subscribers.card import SubscriberScreen as CardScreen
from tui.screens.subscribers.own_data import Panel
from tui.screens.subscribers.sign_up import SubscriberScreen
from tui.widgets.notice import Notice
from tui.widgets.prompt import Prompt

HOME, CAFE = "203.0.113.7", "198.51.100.20"
BOTH = pytest.mark.parametrize(("size", "language"), [(SMALL, "pl"), (LARGE, "en")], ids=str)
TYPED = {
    "login": "wanda",
    "email": "wanda@example.com",
    "password": PASSWORD,
    "again": PASSWORD,
    "identity": PESEL,
    "contract": "U/1001/2025",
    "terms": "yes",
}


def provider(folder: Path, rule: str = "require") -> Desk:
    """A desk with an administrator and a subscriber who has no account."""
    section = DeskSection(phone="+48 18 555 02 00")
    desk = make_desk(folder, subscribers=SubscribersSection(line_rule=rule), seller=SELLER, desk=section)
    person(desk, "root", Role.ADMIN)
    subscriber(desk)
    return desk


async def to_the_form(player: Player) -> None:
    await player.press("f7", "4")
    assert isinstance(player.app.screen, SubscriberScreen)


@BOTH
async def test_signing_up_from_the_own_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], language: str
) -> None:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "seat"))
    desk = coming_from(provider(tmp_path / "desk"), HOME)
    async with playing(desk, size=size, language=language) as player:
        await to_the_form(player)
        player.sees(HOME)
        await player.fill(**TYPED)
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, Summary)
        player.sees("wanda@example.com", "•••••••••58", "U/1001/2025")
        assert PESEL not in player.screen
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, Sent)
        await player.fill(code=mailed_code(desk, "confirm_address"))
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, Welcomed)
        player.sees("U/1001/2025", "wanda")
        await player.press("enter")
        await player.type(TYPED["password"])
        await player.press("enter")
        assert isinstance(player.app.screen, MailedCode), "the login stands there already; a new place costs a code"
    desk.close()


@BOTH
async def test_the_wrong_line_is_told_kindly_and_nothing_typed_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], language: str
) -> None:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "seat"))
    desk = coming_from(provider(tmp_path / "desk"), CAFE)
    async with playing(desk, size=size, language=language) as player:
        await to_the_form(player)
        for wrong in ({}, {"identity": OTHER_PESEL}, {"contract": "U/9"}):
            await player.fill(**{**TYPED, **wrong})
            await player.press("ctrl+s", "ctrl+s")
            assert isinstance(player.app.screen, SubscriberScreen)
            told = player.error("contract")
            assert CAFE in told
            player.sees(*told.split()[-4:])
            assert player.form.values["password"] == PASSWORD
            desk.clock.move(dt.timedelta(minutes=16))  # type: ignore[attr-defined]
        assert not mail(desk)
    desk.close()


async def test_the_check_digit_speaks_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "seat"))
    desk = coming_from(provider(tmp_path / "desk"), HOME)
    async with playing(desk, size=LARGE) as player:
        await to_the_form(player)
        player.form._rows["identity"].input.focus()
        await player.settle()
        await player.type("4405140145")
        await player.settle()
        assert player.error("identity") == "", "it may still be typed on"
        await player.type("9")
        await player.settle()
        assert "last digit" in player.error("identity")
        await player.press("backspace", "8")
        player.sees("✓ 11 digits, and they fit together.")
        assert player.error("identity") == ""
        assert PESEL not in player.screen
    desk.close()


@pytest.mark.parametrize(
    ("rule", "address", "says"),
    [
        ("require", HOME, "You come from 203.0.113.7. Sign up here if that is your own line. Questions: +48 18"),
        ("require", "", "please connect from home"),
        ("staff", CAFE, "sign up here; elsewhere you need a"),
        ("staff", "", "so you need a code from the office"),
        ("off", "", ""),
    ],
)
async def test_what_the_page_says_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rule: str, address: str, says: str
) -> None:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "seat"))
    desk = coming_from(provider(tmp_path / "desk", rule), address)
    async with playing(desk, size=LARGE) as player:
        await to_the_form(player)
        player.sees(*([says] if says else []))
        assert ("Code from the office" in player.screen) == (rule == "staff")
    desk.close()


class Browser:
    """What a browser's door is to a session."""

    takes_files = True

    def say(self, **_message: object) -> bool:
        return True

    def send_file(self, _name: str, _kind: str, _content: bytes) -> bool:
        return True

    def listen(self, _listener: object) -> None:
        return None


@pytest.mark.parametrize("side", [None, Browser()], ids=["terminal", "browser"])
@pytest.mark.parametrize("rule", ["require", "staff"])
async def test_the_page_names_what_somebody_sits_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rule: str, side: Browser | None
) -> None:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "seat"))
    desk = coming_from(provider(tmp_path / "desk", rule), "")
    async with playing(desk, size=LARGE) as player:
        player.app.side = side
        await to_the_form(player)
        player.sees(f"From this {'browser' if side else 'terminal'} no line can be seen")
    desk.close()


@pytest.mark.parametrize(("in_browser", "word"), [(True, "browser"), (False, "terminal")])
def test_so_does_the_card_of_ones_address(in_browser: bool, word: str) -> None:
    facts = formatting.here(detail.Here("", "", ""), (), in_browser=in_browser)
    assert str(facts[1][1]) == f"From this {word} no address can be seen."


@pytest.mark.thorough
async def test_an_agents_word_lets_somebody_in_from_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "seat"))
    desk = coming_from(provider(tmp_path / "desk", "staff"), CAFE)
    adam = logged_in(desk, "adam", Role.AGENT)
    async with sitting(desk, adam, size=SMALL) as player:
        await player.press("g", "s", "enter", "V")
        await player.press("ctrl+s")
        player.sees("This is needed.")
        await player.type("showed an identity card")
        await player.press("ctrl+s")
        player.sees("Tell it to them now")
        code = next(word for word in player.screen.split() if word.count("-") == 3)
        await player.press("escape")
        assert code not in player.screen
        player.sees("good until 27 Nov 2026")
    coming_from(desk, CAFE)
    async with playing(desk.acting(None), size=SMALL) as player:
        await to_the_form(player)
        await player.fill(**TYPED, code=code)
        await player.press("ctrl+s", "ctrl+s")
        assert isinstance(player.app.screen, Sent)
    assert "subscriber.vouch" in journal_of(desk)
    desk.close()


async def test_where_the_rule_is_strict_nobody_vouches_and_it_says_why(tmp_path: Path) -> None:
    desk = provider(tmp_path / "desk")
    async with sitting(desk, logged_in(desk, "adam", Role.AGENT), size=SMALL) as player:
        await player.press("g", "s", "enter")
        assert "Vouch" not in player.screen
        await player.press("V")
        player.sees("This desk's rule for sign-up leaves no room for a code")
        assert not isinstance(player.app.screen, Prompt)
        assert "subscriber.vouch" not in journal_of(desk)
    desk.close()


@pytest.fixture
def wanda(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Somebody with a line, an overdue invoice and one that is due; sitting at home."""
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "seat"))
    desk = make_desk(tmp_path / "desk", seller=SELLER)
    made = subscriber(desk, account_id=person(desk, "wanda"), addresses=(HOME, "2001:db8:77::/56"))
    billed(desk, made.id, "FV/10", dt.date(2026, 10, 2), unpaid=6900)
    billed(desk, made.id, "FV/11", dt.date(2026, 11, 15), unpaid=6900)
    return coming_from(seat(desk, 1), HOME)


def speak(desk: Desk, language: str) -> None:
    desk.as_system().do(lambda work: work.change(Account, table(Account).c.id == 1, language=language))


@BOTH
async def test_my_data_is_the_first_room_and_says_what_the_guide_promises(
    wanda: Desk, size: tuple[int, int], language: str
) -> None:
    speak(wanda, language)
    async with sitting(coming_from(wanda.acting(None), HOME), wanda, size=size) as player:
        assert isinstance(player.app.screen, Panel)
        player.sees("Wanda Zielińska", "ul. Krzywa 3, 34-442 Łapsze", "A-1001", "▲")
        await player.press("end")
        player.sees(HOME)
        await player.press("end")
        if size == LARGE:
            player.sees("U/1001/2025", "2001:db8:77::/56", "PN-00000001")


async def test_the_password_of_a_line_is_shown_hidden_again_and_made_anew(wanda: Desk) -> None:
    async with sitting(coming_from(wanda.acting(None), HOME), wanda, size=SMALL) as player:
        assert "krzywa-jabłoń-7" not in player.screen
        await player.press("U")
        player.sees("krzywa-jabłoń-7")
        await player.press("U")
        assert "krzywa-jabłoń-7" not in player.screen
        await player.press("U", "g", "u", "g", "h", "end")
        assert "krzywa-jabłoń-7" not in player.screen, "whoever turns away hides it"
        await player.press("N", "escape")
        assert journal_of(wanda).count("line.reset") == 0
        await player.press("N", "y")
        assert journal_of(wanda).count("line.reset") == 1
        assert journal_of(wanda).count("line.reveal") == 2
    assert [row.address for row in mail(wanda, "line_password_changed")] == ["wanda@example.com"]


async def test_rooms_are_those_of_a_subscriber(wanda: Desk) -> None:
    async with sitting(coming_from(wanda.acting(None), HOME), wanda, size=LARGE) as player:
        shown = [room.id for room in player.app.frame.open_rooms]
    assert shown[:6] == ["panel", "payments", "invoices", "usage", "order", "tickets"]
    assert not {"contracts", "my_assets", "colleagues"} & set(shown)
    other = logged_in(wanda, "nina")
    async with sitting(wanda.acting(None), other, size=LARGE) as player:
        assert not {"panel", "payments", "invoices", "usage", "order"} & {
            room.id for room in player.app.frame.open_rooms
        }


@BOTH
async def test_an_agent_finds_somebody_by_their_address_and_corrects_two_slips(
    tmp_path: Path, size: tuple[int, int], language: str
) -> None:
    desk = provider(tmp_path / "desk")
    subscriber(desk, "A-2", contract="U-2", name="Bruno Kłos", addresses=("203.0.113.9",))
    adam = logged_in(desk, "adam", Role.AGENT, language=language)
    async with sitting(desk, adam, size=size) as player:
        await player.press("g", "s", "slash")
        await player.type(HOME)
        await player.press("enter", "enter")
        assert isinstance(player.app.screen, CardScreen)
        player.sees("Wanda Zielińska", "•••••••••58")
        await player.press("e")
        await player.fill(street="ul. Prosta 4", email="wanda@")
        await player.press("ctrl+s")
        assert player.error("email")
        await player.fill(email="nowa@example.com")
        _overtake(desk, adam)
        await player.press("ctrl+s")
        assert player.form.values["street"] == "ul. Prosta 4", "nothing typed is lost"
        await player.press("ctrl+s")
        player.sees("ul. Prosta 4", "nowa@example.com")
    assert adam.see(detail.card, 1).street == "ul. Prosta 4"
    desk.close()


@BOTH
async def test_a_search_that_finds_nobody_leaves_nobody_beside_it(
    tmp_path: Path, size: tuple[int, int], language: str
) -> None:
    desk = provider(tmp_path / "desk")
    async with sitting(desk, logged_in(desk, "adam", Role.AGENT, language=language), size=size) as player:
        await player.press("g", "s", "slash")
        await player.type("Wanda")
        await player.settle()
        player.sees("Wanda Zielińska")
        await player.press(*["backspace"] * 5)
        await player.type("qqqq")
        await player.settle()
        assert "Wanda" not in player.screen and "U/1001" not in player.screen
    desk.close()


def _overtake(desk: Desk, adam: Desk) -> None:
    from core.forms import fill

    known, version = adam.see(edit.current, 1)
    adam.do(edit.correct, 1, fill(edit.Address, {**known, "phone": "+48 600 000 000"}), seen=version)


async def test_an_agent_makes_a_new_password_and_reads_it_out(wanda: Desk) -> None:
    adam = logged_in(wanda, "adam", Role.AGENT)
    async with sitting(wanda.acting(None), adam, size=SMALL) as player:
        await player.press("g", "s", "enter", "N", "y")
        player.sees("New password", "shown this once")
        await player.press("enter")
        assert isinstance(player.app.screen, CardScreen)
    assert journal_of(wanda).count("line.reset") == 1


async def test_why_a_key_does_nothing_stands_over_the_cards_until_they_are_read_again(tmp_path: Path) -> None:
    desk = provider(tmp_path / "desk")
    async with sitting(desk, logged_in(desk, "adam", Role.AGENT), size=SMALL) as player:
        await player.press("g", "s", "enter", "T")
        notice = player.app.screen.query_one("#subscriber-notice", Notice)
        player.sees("! Warning Nobody has signed up for this subscriber yet.")
        await player.press("f5")
        assert not notice.has_class("-shown")
    desk.close()


async def test_a_subscribers_tickets_are_a_key_away(wanda: Desk) -> None:
    from core.tickets import create
    from tests.factories.desks import admin_values

    wanda.do(create.create, admin_values("Where is my invoice?"))
    nina = logged_in(wanda, "nina")
    nina.do(create.create, admin_values("Something else"))
    adam = logged_in(wanda, "adam", Role.AGENT)
    async with sitting(wanda.acting(None), adam, size=SMALL) as player:
        await player.press("g", "s", "enter", "T")
        player.sees("Where is my invoice?")
        assert "Something else" not in player.screen


def test_the_reason_is_kept(tmp_path: Path) -> None:
    from core.forms import fill

    desk = provider(tmp_path / "desk", "staff")
    adam = logged_in(desk, "adam", Role.AGENT)
    adam.do(sign_up_codes.vouch, 1, fill(Vouch, {"reason": "showed an identity card"}))
    with desk.store.reading() as connection:
        facts: Any = connection.exec_driver_sql("SELECT facts FROM journal WHERE action = 'subscriber.vouch'").scalar()
    assert "showed an identity card" in facts
    desk.close()

"""Signing up as a subscriber: one answer for whatever doesn't fit, from which line, what the office's word is worth."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from core.accounts import login
from core.accounts.registration import Proof
from core.errors import Conflict, DeskError, Forbidden, Invalid, Throttled
from core.forms import fill
from core.models.accounts import Account, AccountState
from core.models.subscribers import Subscriber
from core.service.desk import Desk
from core.service.unit_of_work import table
from core.sign_up import confirmation
from core.sign_up import subscriber as subscribing
from core.sign_up.confirmed import Confirmed
from core.subscribers import detail, sign_up_codes, sign_up_rule
from core.subscribers.sign_up_codes import Vouch
from tests.factories.desks import PASSWORD, START, come_back, journal_of, logged_in, mail, mailed_code, person, seat
from tests.factories.subscribers import OTHER_PESEL, PESEL, coming_from, sign_up_form, subscriber, with_rule

HOME = "203.0.113.7"
CAFE = "198.51.100.20"
_subscriber, _account = table(Subscriber), table(Account)


def letters(desk: Desk) -> list[tuple[str, str]]:
    return [(row.letter, row.address) for row in mail(desk)]


def confirm(desk: Desk, code: str = "", login: str = "wanda") -> Confirmed:
    """A code (the latest), with login and password of the form."""
    code = code or mailed_code(desk, "confirm_address")
    return desk.do(confirmation.confirm, code, Proof(login=login, password=PASSWORD))


def refused(desk: Desk, **given: object) -> str:
    rule, before = desk.settings.subscribers.line_rule, len(mail(desk))
    with pytest.raises(Invalid) as error:
        desk.do(subscribing.start, sign_up_form(rule, **given))
    assert set(error.value.fields) == {"contract"}
    assert len(mail(desk)) == before
    return error.value.text()


def known(desk: Desk, subscriber_id: int) -> Subscriber:
    found = desk.as_system().see(lambda look: look.unscoped(Subscriber, _subscriber.c.id == subscriber_id))
    assert found is not None
    return found


def test_the_whole_way_in_from_the_own_line(any_desk: Desk) -> None:
    made = subscriber(any_desk)
    coming_from(any_desk, HOME)
    started = any_desk.do(subscribing.start, sign_up_form())
    assert started.address == "wanda@example.com"
    assert known(any_desk, made.id).account_id is None, "not before the address is confirmed"
    done = come_back(any_desk, started)
    assert (done.login, done.number, done.company) == ("wanda", "U/1001/2025", "")
    account_id = known(any_desk, made.id).account_id
    account = any_desk.as_system().see(lambda look: look.unscoped(Account, _account.c.id == account_id))
    assert (account.state, account.first_name, account.last_name) == (AccountState.ACTIVE, "Wanda", "Zielińska")
    assert any_desk.do(login.password, "wanda", PASSWORD).step == "code"
    assert letters(any_desk)[:2] == [
        ("confirm_address", "wanda@example.com"),
        ("welcome_subscriber", "wanda@example.com"),
    ]
    assert journal_of(any_desk)[:4] == [
        "account.sign_up_mailed",
        "subscriber.sign_up",
        "subscriber.claim",
        "account.confirm",
    ]
    card = seat(any_desk, account_id).see(detail.mine)
    assert (card.name, card.pesel, card.login) == ("Wanda Zielińska", "•••••••••58", "wanda")
    with pytest.raises(Invalid):
        come_back(any_desk, started)


def test_one_answer_for_whatever_does_not_fit(desk: Desk) -> None:
    subscriber(desk)
    subscriber(desk, "A-1002", pesel_=OTHER_PESEL, contract="U/1002/2025", addresses=("203.0.113.8",))
    coming_from(desk, HOME)
    answers = {
        refused(desk, identity=OTHER_PESEL, email="a@example.com"),
        refused(desk, contract="U/9999/2025", email="b@example.com"),
        refused(desk, contract="U/1002/2025", email="c@example.com"),
        refused(desk, contract="U/1002/2025", identity=OTHER_PESEL, email="d@example.com"),
    }
    assert len(answers) == 1
    assert HOME in answers.pop(), "it says which address was seen"
    assert CAFE in refused(coming_from(desk, CAFE), email="e@example.com")
    assert "from here no line can be seen" in refused(coming_from(desk, "", "local"), email="f@example.com")


def test_a_support_contract_is_nobodys_subscription(desk: Desk) -> None:
    from tests.factories.desks import contract

    contract(desk, "U/1001/2025", registered=False)
    refused(coming_from(desk, HOME))


def test_any_host_behind_a_prefix_is_the_own_line(desk: Desk) -> None:
    subscriber(desk, addresses=("203.0.113.7", "2001:db8:77::/56"))
    coming_from(desk, "2001:db8:77:0:1234::9")
    assert desk.do(subscribing.start, sign_up_form()).receipt
    assert "2001:db8:78::1" in refused(coming_from(desk, "2001:db8:78::1"), login="other")


def test_a_contract_that_ended_is_named_only_to_whoever_has_proved_it(desk: Desk) -> None:
    subscriber(desk, valid_until=START.date() - dt.timedelta(days=1))
    coming_from(desk, HOME)
    assert "ended on" in refused(desk)
    assert "ended" not in refused(desk, identity=OTHER_PESEL)


def test_a_company_types_its_nip(desk: Desk) -> None:
    subscriber(desk, pesel_="", kind="company", tax_id="5260250274", name="Piekarnia Pod Kotem")
    coming_from(desk, HOME)
    refused(desk, identity="8567346215")
    assert desk.do(subscribing.start, sign_up_form(identity="526-025-02-74")).receipt
    done = confirm(desk)
    assert done.number == "U/1001/2025"


def test_without_a_known_pesel_nobody_fits(desk: Desk) -> None:
    subscriber(desk, pesel_="")
    refused(coming_from(desk, HOME))


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("12345678901", "last digit"),
        ("44051401459", "last digit"),
        ("99999999994", "date of birth"),
        ("4405140145", "don't fit together"),
        ("440514014", "11 digits"),
        ("4405I401458", "digits only"),
        ("0000000000", "don't fit together"),
        ("", "needed"),
    ],
)
def test_a_pesel_that_cannot_be_one_is_refused_beside_its_field_and_not_repeated(typed: str, says: str) -> None:
    with pytest.raises(Invalid) as error:
        sign_up_form(identity=typed)
    told = error.value.fields["identity"].text()
    assert says in told
    assert not typed or typed not in told + repr(error.value) + repr(error.value.__cause__)


def test_the_rule_may_be_off(tmp_path: Path) -> None:
    desk = with_rule(tmp_path / "counter", "off")
    subscriber(desk)
    assert "PESEL and contract number" in refused(desk, identity=OTHER_PESEL)
    assert desk.do(subscribing.start, sign_up_form("off")).receipt
    desk.close()


def test_an_agents_word_is_good_once_and_for_one_subscriber(tmp_path: Path) -> None:
    desk = with_rule(tmp_path / "staff", "staff")
    made = subscriber(desk)
    other = subscriber(desk, "A-1002", pesel_=OTHER_PESEL, contract="U/1002/2025", addresses=("203.0.113.8",))
    agent = logged_in(desk, "adam", role=_agent())
    coming_from(desk, CAFE)
    code = agent.do(sign_up_codes.vouch, made.id, fill(Vouch, {"reason": "showed an identity card"}))
    elsewhere = agent.do(sign_up_codes.vouch, other.id, fill(Vouch, {"reason": "called back at home"}))
    assert "vouch" in " ".join(journal_of(desk))
    assert "code from the office" in refused(desk)
    refused(desk, code=elsewhere)
    assert desk.do(subscribing.start, sign_up_form("staff", code=code.lower())).receipt
    confirm(desk)
    assert known(desk, made.id).account_id is not None
    assert not desk.see(sign_up_rule.vouched_for, made.id, code), "it is used up"
    with pytest.raises(Conflict):
        agent.do(sign_up_codes.vouch, made.id, fill(Vouch, {"reason": "once more, please"}))
    desk.clock.move(dt.timedelta(days=8))
    assert not desk.see(sign_up_rule.vouched_for, other.id, elsewhere)
    desk.close()


def test_nobody_vouches_without_a_reason_nor_where_the_rule_is_strict(desk: Desk, tmp_path: Path) -> None:
    made = subscriber(desk)
    with pytest.raises(Invalid):
        fill(Vouch, {"reason": "ok"})
    with pytest.raises(Invalid, match="leave it out"):
        fill(Vouch, {"reason": f"identity card of {PESEL}"})
    form = fill(Vouch, {"reason": "showed an identity card"})
    with pytest.raises(DeskError):
        logged_in(desk, "adam", role=_agent()).do(sign_up_codes.vouch, made.id, form)
    staff = with_rule(tmp_path / "staff", "staff")
    made = subscriber(staff, account_id=person(staff, "wanda"))
    wanda = seat(staff, known(staff, made.id).account_id or 0)
    with pytest.raises(Forbidden):
        wanda.do(sign_up_codes.vouch, made.id, form)
    staff.close()


def _agent():  # type: ignore[no-untyped-def]
    from core.models.accounts import Role

    return Role.AGENT


def test_a_subscriber_with_an_account_hears_of_another_sign_up_by_mail_and_the_page_says_the_same(desk: Desk) -> None:
    subscriber(desk, account_id=person(desk, "wanda"))
    coming_from(desk, HOME)
    started = desk.do(subscribing.start, sign_up_form(login="janek"))
    assert started.receipt
    assert letters(desk) == [
        ("subscriber_known", "wanda@example.com"),
        ("subscriber_has_account", "janek@example.com"),
    ]


def test_of_two_that_sign_up_at_once_one_wins(desk: Desk) -> None:
    made = subscriber(desk)
    coming_from(desk, HOME)
    desk.do(subscribing.start, sign_up_form(login="wanda"))
    first = mailed_code(desk, "confirm_address")
    desk.do(subscribing.start, sign_up_form(login="janek"))
    second = mailed_code(desk, "confirm_address")
    confirm(desk, second, "janek")
    with pytest.raises(Invalid):
        confirm(desk, first)
    account = known(desk, made.id).account_id
    assert desk.as_system().see(lambda look: look.unscoped(Account, _account.c.id == account)).login == "janek"
    assert [row.letter for row in mail(desk)].count("welcome_subscriber") == 1


def test_guessing_is_throttled_by_contract_and_by_where_one_comes_from(desk: Desk) -> None:
    subscriber(desk)
    coming_from(desk, HOME)
    for at in range(5):
        refused(desk, identity=OTHER_PESEL, email=f"a{at}@example.com")
    with pytest.raises(Throttled):
        desk.do(subscribing.start, sign_up_form())
    desk.clock.move(dt.timedelta(minutes=20))
    assert desk.do(subscribing.start, sign_up_form()).receipt


def test_strangers_who_know_the_contract_keep_nobody_out_at_home(desk: Desk) -> None:
    subscriber(desk)
    subscriber(desk, "A-1002", pesel_=OTHER_PESEL, contract="U/1002/2025", addresses=("203.0.113.8",))
    for at, place in enumerate((CAFE, "203.0.113.8", CAFE, "203.0.113.8", CAFE)):
        refused(coming_from(desk, place), identity=OTHER_PESEL, email=f"a{at}@example.com")
    with pytest.raises(Throttled):
        coming_from(desk, "203.0.113.8").do(subscribing.start, sign_up_form())
    assert coming_from(desk, HOME).do(subscribing.start, sign_up_form()).receipt


def test_a_right_try_between_wrong_ones_opens_the_way_to_no_more_of_them(desk: Desk) -> None:
    subscriber(desk)
    for at in range(30):
        subscriber(desk, f"B-{at}", pesel_=OTHER_PESEL, contract=f"B/{at}", addresses=(f"192.0.2.{at}",), tax_id="")
    coming_from(desk, HOME)
    for at in range(subscribing.FROM_BURST):
        if at % 4 == 3:
            desk.do(subscribing.start, sign_up_form(email=f"own{at}@example.com"))
        else:
            refused(desk, contract=f"B/{at}", email=f"a{at}@example.com")
    with pytest.raises(Throttled):
        desk.do(subscribing.start, sign_up_form(contract="B/29"))


def test_addresses_of_one_ipv6_line_are_one_place(any_desk: Desk) -> None:
    """A line has a whole /64 of them: a new address for each try is no new place."""
    desk = any_desk
    for at in range(subscribing.FROM_BURST):
        refused(coming_from(desk, f"2001:db8:99:1::{at + 1:x}"), contract=f"B/{at}", email=f"a{at}@example.com")
    with pytest.raises(Throttled):
        coming_from(desk, "2001:db8:99:1:ffff::1").do(subscribing.start, sign_up_form(contract="B/29"))
    refused(coming_from(desk, "2001:db8:99:2::1"), contract="B/29", email="b@example.com")


def test_an_agents_new_word_ends_what_was_begun_with_the_one_before(tmp_path: Path) -> None:
    desk = with_rule(tmp_path / "staff", "staff")
    made = subscriber(desk)
    agent = logged_in(desk, "adam", role=_agent())
    coming_from(desk, CAFE)
    overheard = agent.do(sign_up_codes.vouch, made.id, fill(Vouch, {"reason": "called from a known number"}))
    desk.do(subscribing.start, sign_up_form("staff", login="mallory", code=overheard))
    begun = mailed_code(desk, "confirm_address")
    code = agent.do(sign_up_codes.vouch, made.id, fill(Vouch, {"reason": "came to the office with a card"}))
    with pytest.raises(Invalid):
        confirm(desk, begun, "mallory")
    desk.do(subscribing.start, sign_up_form("staff", code=code))
    confirm(desk)
    assert known(desk, made.id).account_id is not None
    desk.close()


def test_the_page_says_where_one_comes_from_before_anything_is_typed(desk: Desk) -> None:
    subscriber(desk)
    assert desk.see(sign_up_rule.whence) == sign_up_rule.Whence("require", "")
    assert not desk.see(sign_up_rule.whence).possible
    home, cafe = (coming_from(desk, one).see(sign_up_rule.whence) for one in (HOME, CAFE))
    assert home.possible and cafe.possible
    assert (home.rule, home.address, cafe.address) == ("require", HOME, CAFE)


def test_the_journal_says_from_where_but_not_who(desk: Desk) -> None:
    subscriber(desk)
    coming_from(desk, HOME)
    desk.do(subscribing.start, sign_up_form())
    with desk.store.reading() as connection:
        facts = connection.exec_driver_sql("SELECT facts FROM journal WHERE action = 'subscriber.sign_up'").scalar()
    assert HOME in facts and "50000" in facts
    assert PESEL not in facts and "wanda" not in facts

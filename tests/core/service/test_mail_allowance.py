"""How much mail a stranger can cause, to one address and altogether, and that no letter gets around the count."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import sqlalchemy as sa

from core import forms
from core.accounts import login, profile, recovery
from core.accounts.profile import NewAddress
from core.accounts.registration import Proof
from core.care import invitations
from core.errors import Invalid, Throttled
from core.installers import invitations as installer_invitations
from core.installers.invitations import Colleague
from core.models.accounts import Code, Standing
from core.service import mail_allowance
from core.service.desk import Desk
from core.service.letters import Cause
from core.service.mail_allowance import CAUSES
from core.service.unit_of_work import table
from core.sign_up import confirmation, customer, end_user
from core.sign_up import installer as installer_sign_up
from tests.core.care.acting import invite_form
from tests.core.installers.firms import form as company_form
from tests.core.sign_up.test_end_user import form as at_home
from tests.factories.cares import installer, service_company
from tests.factories.desks import (
    PASSWORD,
    START,
    contract,
    logged_in,
    mail,
    mailed_code,
    person,
    seat,
    sign_up_form,
    statements,
)
from tests.factories.subscribers import coming_from

HERS = "zofia@example.com"
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


def to_her(desk: Desk) -> list[Any]:
    """Letters that strangers cause, promised to her. What installers write to somebody with an account is none."""
    return [row for row in mail(desk) if row.address.casefold() == HERS and CAUSES[row.letter] == Cause.STRANGER]


def most_within(moments: list[dt.datetime], span: dt.timedelta) -> int:
    return max((sum(first <= one < first + span for one in moments) for first in moments), default=0)


def ways_to_bother(desk: Desk) -> list[Callable[[], object]]:
    """Everything that makes a letter to her address without being her."""
    contract(desk, registered=False)
    company = service_company(desk)
    owner = installer(desk, "iga", company, Standing.OWNER).actor().account_id or 0
    colleague = forms.fill(Colleague, {"email": HERS, "language": "en"})
    firm = {"login": "obca", "email": "a@obca.example", "management_email": HERS}
    return [
        lambda: desk.do(recovery.ask, "zofia"),
        lambda: desk.do(recovery.ask, HERS),
        lambda: desk.do(customer.start, sign_up_form(email=HERS)),
        lambda: desk.do(end_user.start, at_home(email=HERS)),
        lambda: desk.do(installer_sign_up.start, company_form(**firm)),
        lambda: desk.do(
            installer_sign_up.start, company_form(**{**firm, "email": HERS, "management_email": "b@o.example"})
        ),
        lambda: desk.do(login.password, HERS, "nie to"),
        lambda: desk.do(login.password, "zofia", "nie to"),
        lambda: seat(desk, owner).do(installer_invitations.invite, colleague),
        lambda: seat(desk, owner).do(invitations.send, invite_form(email=HERS)),
    ]


@pytest.mark.thorough
@pytest.mark.parametrize("known", [True, False], ids=["with an account", "without one"])
def test_a_day_of_constant_asking_fills_nobodys_mailbox(desk: Desk, known: bool) -> None:
    if known:
        person(desk, "zofia")
    ways = ways_to_bother(desk)
    for minute in range(0, 24 * 60, 40):
        desk.clock.move(START + minute * MINUTE - desk.now)
        for number, way in enumerate(ways):
            coming_from(desk, f"198.51.{minute // 40}.{number + 1}")
            with suppress(Throttled, Invalid):
                way()
    letters = to_her(desk) if known else [row for row in mail(desk) if row.address.casefold() == HERS]
    moments = [row.created_at for row in letters]
    assert most_within(moments, HOUR) <= mail_allowance.AN_HOUR
    assert most_within(moments, DAY) <= mail_allowance.A_DAY
    assert len(moments) >= 10, "the measure is of something"
    assert max(row.details.get("others", 0) for row in to_her(desk)) > 30, "the next one says how many there were"
    assert Counter(row.letter for row in mail(desk))["login_code"] == 0


def test_what_is_over_leaves_the_older_code_good(desk: Desk) -> None:
    person(desk, "zofia")
    for _time in range(mail_allowance.AN_HOUR):
        desk.do(recovery.ask, "zofia")
        desk.clock.move(dt.timedelta(minutes=2))
    with suppress(Throttled):
        desk.do(recovery.ask, HERS)
    desk.do(end_user.start, at_home(email=HERS))
    code = mailed_code(desk, "reset")
    assert desk.do(recovery.set_password, code, "nowe dobre hasło", "nowe dobre hasło") == "zofia"


def test_strangers_use_up_nothing_of_the_owners(desk: Desk) -> None:
    """Her log-in codes, and letters about what is hers."""
    zofia = person(desk, "zofia")
    desk.do(lambda work: [mail_allowance.book(work, HERS) for _time in range(40)])
    step = desk.do(login.password, "zofia", PASSWORD)
    assert step.step == "code"
    assert [row.letter for row in mail(desk)] == ["login_code"]
    inside = seat(desk, zofia)
    changed = {"now": PASSWORD, "password": "nowe dobre hasło", "again": "nowe dobre hasło"}
    inside.do(profile.change_password, forms.fill(profile.NewPassword, changed))
    assert mail(desk)[-1].letter == "password_changed"


def test_a_new_address_of_an_account_is_counted_too(desk: Desk) -> None:
    """Many accounts could write to one mailbox."""
    for number in range(8):
        one = logged_in(desk, f"ktos{number}")
        one.do(profile.ask_new_address, forms.fill(NewAddress, {"now": PASSWORD, "email": HERS}))
    assert len(mail(desk, "confirm_new_address")) == mail_allowance.AN_HOUR


def test_counting_costs_the_same_whoever_it_is(desk: Desk) -> None:
    person(desk, "zofia")
    costs = set()
    for key in (HERS, "nobody", "nobody@example.com"):
        with statements(desk) as sent:
            desk.do(lambda work, key=key: mail_allowance.book(work, key))
        costs.add(len(sent))
    assert len(costs) == 1


# Who makes the desk write to strangers


def letters_to_strangers(
    desk: Desk, source: str, tries: int, every: dt.timedelta = dt.timedelta(milliseconds=21)
) -> int:
    """A thousand addresses in as many tries; from one place, or from where none is known."""
    before = len(mail(desk))
    for number in range(tries):
        coming_from(desk, source, "sshd" if source else "local")
        with suppress(Throttled):
            desk.do(end_user.start, at_home(email=f"obcy{len(mail(desk))}-{number}@example.com"))
        desk.clock.move(every)
    return len(mail(desk)) - before


def test_one_guest_writes_to_few_strangers(desk: Desk) -> None:
    assert letters_to_strangers(desk, "203.0.113.7", 100) == mail_allowance.FROM_ONE
    assert letters_to_strangers(desk, "203.0.113.7", 60, MINUTE) <= mail_allowance.FROM_ONE
    assert letters_to_strangers(desk, "203.0.113.8", 20) == mail_allowance.FROM_ONE, "another place is another guest"


def test_nor_does_one_guest_bother_everybody_with_an_account(desk: Desk) -> None:
    for number in range(mail_allowance.FROM_ONE + 2):
        person(desk, f"ktos{number}")
    coming_from(desk, "203.0.113.7")
    for number in range(mail_allowance.FROM_ONE):
        desk.do(recovery.ask, f"ktos{number}")
    for name in (f"ktos{mail_allowance.FROM_ONE}", "nikt"):
        with pytest.raises(Throttled):
            desk.do(recovery.ask, name)
    coming_from(desk, "203.0.113.8")
    desk.do(recovery.ask, f"ktos{mail_allowance.FROM_ONE + 1}")
    assert len(mail(desk, "reset")) == mail_allowance.FROM_ONE + 1


def test_a_line_with_many_addresses_is_one_place(desk: Desk) -> None:
    assert letters_to_strangers(desk, "2001:db8:77::1", 20) == mail_allowance.FROM_ONE
    assert letters_to_strangers(desk, "2001:db8:77::2", 20) == 0


def test_all_of_them_together_have_a_limit(desk: Desk) -> None:
    """Where the place is not known, that is the only one."""
    limit = desk.settings.mail.strangers_an_hour
    at_once = letters_to_strangers(desk, "", limit)
    assert at_once == limit // 2
    assert at_once + letters_to_strangers(desk, "", 59, MINUTE) <= limit


def test_no_letter_to_a_stranger_repeats_what_a_stranger_typed(desk: Desk) -> None:
    spam = "Wygrałeś-nagrodę"
    contract(desk, registered=False)
    desk.do(customer.start, sign_up_form(login="wygrales", first_name=spam, last_name=spam, company=spam))
    desk.do(end_user.start, at_home(first_name=spam, last_name=spam))
    desk.do(installer_sign_up.start, company_form(company=spam, first_name=spam, last_name=spam))
    ola = logged_in(desk, spam.casefold())
    ola.do(profile.ask_new_address, forms.fill(NewAddress, {"now": PASSWORD, "email": "nowy@example.com"}))
    boss = installer(
        desk, "iga", service_company(desk, "Ciepło www.nagroda.example ola@nagroda.example"), Standing.OWNER
    )
    boss.do(invitations.send, invite_form(name=spam, address=spam, email="a@example.com"))
    boss.do(installer_invitations.invite, forms.fill(Colleague, {"email": "b@example.com", "language": "en"}))
    told = {row.letter: {**row.details} for row in mail(desk)}
    assert {"confirm_address", "confirm_company", "confirm_new_address", "care_invitation", "member_invited"} == set(
        told
    )
    assert "nagrod" not in str(told).casefold() and "wygra" not in str(told).casefold()
    assert told["care_invitation"]["company"] == told["member_invited"]["company"] == "Ciepło"


def test_a_code_that_was_never_mailed_confirms_nothing(desk: Desk) -> None:
    """Over the limit the form is kept, its code is not made, and the page looks the same."""
    desk.do(lambda work: [mail_allowance.book(work, HERS) for _time in range(40)])
    started = desk.do(end_user.start, at_home(email=HERS))
    assert started.receipt and mail(desk) == []
    assert desk.as_system().see(lambda look: look.rows(sa.select(table(Code).c.id))) == []
    desk.clock.move(DAY)
    again = desk.do(end_user.start, at_home(email=HERS), started.receipt)
    assert desk.do(confirmation.confirm, mailed_code(desk, "confirm_address"), Proof(receipt=again.receipt)).login
    assert mail(desk, "confirm_address")[0].details["others"] == 36


def test_many_unknown_names_cost_what_as_many_known_ones_do(desk: Desk) -> None:
    """Were the allowance of all stand-ins one, it would be used up, and time would tell which names are known."""
    statements: list[str] = []
    sa.event.listen(desk.store.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    for number in range(2 * mail_allowance.A_DAY):
        person(desk, f"known{number:02}")
        told = []
        for name in (f"known{number:02}", f"nobody{number:02}"):
            statements.clear()
            desk.do(recovery.ask, name)
            told.append([each.partition(" ")[0] for each in statements])
        assert told[0] == told[1], number

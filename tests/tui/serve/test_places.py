"""How many may be here, and for whom the last places are."""

from __future__ import annotations

import pytest

from core.service.settings import ServeSection
from tui.serve.hand_over import Visitor
from tui.serve.sessions.places import Places, for_guests

KEY = "SHA256:" + "K" * 43
GUEST, KNOWN, BY_SSHD = Visitor("web"), Visitor("ssh", key=KEY), Visitor("sshd", key=KEY)


def places(sessions: int, *here: Visitor) -> Places:
    made = Places(ServeSection(sessions=sessions, sessions_a_key=100))
    for visitor in here:
        assert made.why_not(visitor) == ""
        made.take(visitor)
    return made


@pytest.mark.parametrize(("sessions", "guests"), [(1, 1), (2, 1), (3, 2), (4, 3), (8, 6), (100, 75)])
def test_a_quarter_and_at_least_one_place_is_no_guests(sessions: int, guests: int) -> None:
    assert for_guests(sessions) == guests
    full = places(sessions, *[GUEST] * guests)
    assert full.why_not(GUEST) == "guests"
    assert full.why_not(KNOWN) == ("" if sessions > 1 else "sessions")


def test_a_key_that_sshd_has_proven_may_be_anybodys() -> None:
    assert places(2, GUEST).why_not(BY_SSHD) == "guests"


def test_a_guest_who_logs_in_leaves_the_place_to_another_guest() -> None:
    here = places(4, GUEST, GUEST, GUEST)
    here.log_in(GUEST, True)
    assert here.why_not(GUEST) == ""
    here.take(GUEST)
    assert here.why_not(GUEST) == here.why_not(KNOWN).replace("sessions", "guests") == "guests", "that is all of them"
    here.give_back(GUEST, logged_in=True)
    assert (here.why_not(GUEST), here.why_not(KNOWN)) == ("guests", "")
    here.give_back(GUEST, logged_in=False)
    assert here.why_not(GUEST) == ""


def test_logging_out_makes_a_guest_again_and_what_leaves_is_counted_once() -> None:
    here = places(4, GUEST, GUEST)
    for logged_in in (True, False, True):
        here.log_in(GUEST, logged_in)
    here.give_back(GUEST, logged_in=True)
    here.give_back(GUEST, logged_in=False)
    assert here._guests == here._taken == 0


def test_whoever_came_with_a_known_key_never_takes_a_guests_place() -> None:
    here = places(4, KNOWN)
    here.log_in(KNOWN, True)
    here.log_in(KNOWN, False)
    assert here._guests == 0
    here.give_back(KNOWN, logged_in=False)
    assert here._guests == here._taken == 0

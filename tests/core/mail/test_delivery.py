"""The outbox's promises, kept against a real server that refuses, hangs, cuts, lies about itself and comes back."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.clock import MovableClock
from core.db.pagination import PageRequest
from core.errors import DeskError, Forbidden
from core.mail import admin_list, delivery, leases, maildir
from core.mail.transport import Temporary
from core.models.accounts import Purpose, Role
from core.models.mail import Outbox
from core.service import one_time_codes
from core.service.desk import Desk
from core.service.settings import MailSection
from core.service.unit_of_work import UnitOfWork, table
from tests.core.mail import promised
from tests.core.mail.server import PASSWORD, USER, Server, Silent
from tests.factories.desks import START, journal_of, logged_in, mail, make_desk

_outbox = table(Outbox)
CODE = "K7QF-M2XD-9PLT-3HWC"


def promise(desk: Desk, *addresses: str, letter: str = "confirm_address", language: str = "en") -> None:
    """Promise a letter with a code to each address."""

    def write(work: UnitOfWork) -> None:
        for address in addresses:
            promised.write(work, letter, address, language=language, code=CODE, login=address.partition("@")[0])

    desk.as_system().do(write)


def states(desk: Desk) -> list[tuple[str, int]]:
    return [(row.state, row.tries) for row in mail(desk)]


def clock(desk: Desk) -> MovableClock:
    assert isinstance(desk.clock, MovableClock)
    return desk.clock


def smtp(port: int, **more: Any) -> MailSection:
    return MailSection(
        **{"backend": "smtp", "host": "127.0.0.1", "port": port, "security": "none", "timeout": 10, **more}
    )


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path) as running:
        yield running


@pytest.fixture
def posted(tmp_path: Path, server: Server) -> Iterator[Desk]:
    """A desk that sends by ``server``."""
    made = make_desk(tmp_path / "desk", mail=smtp(server.port))
    yield made
    made.close()


def test_a_letter_reaches_the_maildir_and_its_code_is_forgotten(desk: Desk) -> None:
    promise(desk, "ola@example.com", language="pl")
    assert CODE not in json.dumps([str(row) for row in mail(desk)])
    assert delivery.deliver(desk) == delivery.Delivered(sent=1)
    (post,) = maildir.newest(desk.settings.maildir)
    (row,) = mail(desk)
    assert (post.to, post.message_id, post.at) == ("ola@example.com", row.message_id, START)
    assert CODE in post.body
    assert (row.state, row.tries, row.secrets, row.claim, row.sent_at) == ("sent", 1, None, "", START)
    assert row.details == {"form": "K7QF"}
    assert delivery.deliver(desk) == delivery.Delivered()


def test_over_one_connection_in_the_order_they_were_promised(posted: Desk, server: Server) -> None:
    promise(posted, *(f"u{number}@example.com" for number in range(45)))
    assert delivery.deliver(posted).sent == 45
    assert [got["To"] for got in server.handler.messages()] == [f"u{number}@example.com" for number in range(45)]
    assert server.handler.connections == 1


@pytest.mark.parametrize("implicit", [False, True])
def test_tls_and_password(tmp_path: Path, implicit: bool) -> None:
    with Server(tmp_path, tls=True, implicit=implicit) as server:
        secret = tmp_path / "password"
        secret.write_text(PASSWORD + "\n")
        settings = smtp(
            server.port,
            security="tls" if implicit else "starttls",
            user=USER,
            password_file=secret,
            ca_file=server.ca_file,
        )
        desk = make_desk(tmp_path / "desk", mail=settings)
        promise(desk, "ola@example.com")
        assert delivery.deliver(desk) == delivery.Delivered(sent=1)
        assert server.handler.secured == [True]
        desk.close()


@pytest.mark.parametrize(
    ("more", "why", "tries"),
    [
        ({}, "certificate is not trusted", 0),
        ({"ca_file": True, "port": 1}, "doesn't answer", 1),
        ({"ca_file": Path("/nowhere.pem")}, "can't be read", 0),
        ({"ca_file": True, "password": "wrong"}, "user and password", 0),
        ({"ca_file": True, "password_file": Path("/nowhere")}, "can't be read", 0),
    ],
)
def test_what_is_wrong_before_the_first_mail_keeps_everything_queued(
    tmp_path: Path, more: dict[str, Any], why: str, tries: int
) -> None:
    """Settings cost no letter a try; a server that is away costs one."""
    with Server(tmp_path, tls=True) as server:
        ca_file = server.ca_file if more.get("ca_file") is True else more.get("ca_file")
        settings = {"security": "starttls", "user": USER, "password": PASSWORD, **more, "ca_file": ca_file}
        desk = make_desk(tmp_path / "desk", mail=smtp(**{"port": server.port, **settings}))
        promise(desk, "ola@example.com", "ela@example.com")
        done = delivery.deliver(desk)
        assert (done.sent, done.failed) == (0, 0)
        assert why in done.stopped
        assert states(desk) == [("queued", tries), ("queued", 0)]
        assert server.handler.taken == []
        assert all(PASSWORD not in str(row) and "wrong" not in row.error for row in mail(desk))
        desk.close()


def test_a_certificate_for_another_name_is_not_ours(tmp_path: Path) -> None:
    with Server(tmp_path, tls=True, name="mail.elsewhere.example") as server:
        settings = smtp(
            server.port, host="localhost", security="starttls", ca_file=server.ca_file, user=USER, password=PASSWORD
        )
        desk = make_desk(tmp_path / "desk", mail=settings)
        promise(desk, "ola@example.com")
        assert "not trusted" in delivery.deliver(desk).stopped
        assert server.handler.taken == []
        desk.close()


def test_a_server_without_encryption_gets_nothing(tmp_path: Path, server: Server) -> None:
    desk = make_desk(tmp_path / "desk", mail=smtp(server.port, security="starttls"))
    promise(desk, "ola@example.com")
    assert "no encryption" in delivery.deliver(desk).stopped
    assert server.handler.taken == []
    desk.close()


def test_a_password_never_goes_in_the_clear(tmp_path: Path) -> None:
    desk = make_desk(tmp_path / "desk", mail=smtp(1, host="mail.example.com", user=USER, password=PASSWORD))
    promise(desk, "ola@example.com")
    assert "without encryption" in delivery.deliver(desk).stopped
    desk.close()


def test_refused_for_good(posted: Desk, server: Server) -> None:
    server.handler.answers["nobody@example.com"] = "550 no such user"
    promise(posted, "nobody@example.com", "ola@example.com")
    assert delivery.deliver(posted) == delivery.Delivered(sent=1, failed=1)
    row = mail(posted)[0]
    assert (row.state, row.tries, row.error) == ("failed", 1, "The mail server refused the mail: 550 no such user")
    assert [got["To"] for got in server.handler.messages()] == ["ola@example.com"]


@pytest.mark.parametrize("answer", ["451 greylisted", "452 full"])
def test_told_to_try_later_again_and_again(posted: Desk, server: Server, answer: str) -> None:
    server.handler.after_data = answer
    promise(posted, "ola@example.com", letter="password_changed")
    due = [START]
    for _ in range(len(leases.PAUSES)):
        assert delivery.deliver(posted).postponed == 1
        assert delivery.deliver(posted) == delivery.Delivered(), "not before its time"
        due.append(mail(posted)[0].due_at)
        clock(posted).move(due[-1] - posted.now)
    pauses = [after - before for before, after in itertools.pairwise(due)]
    assert pauses == sorted(pauses)
    assert pauses[:4] == [dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]
    assert dt.timedelta(days=2, hours=18) < due[-1] - START < dt.timedelta(days=3, hours=6)
    assert delivery.deliver(posted) == delivery.Delivered(failed=1)
    assert states(posted) == [("failed", len(leases.PAUSES) + 1)]


def test_one_that_is_put_off_holds_up_nobody(posted: Desk, server: Server) -> None:
    server.handler.answers["full@example.com"] = "452 mailbox full"
    promise(posted, "full@example.com", "ola@example.com")
    assert delivery.deliver(posted) == delivery.Delivered(sent=1, postponed=1)


def test_a_server_that_hangs_costs_one_timeout_and_one_try(tmp_path: Path) -> None:
    with Silent() as silent:
        desk = make_desk(tmp_path / "desk", mail=smtp(silent.port, timeout=0.2))
        promise(desk, *(f"u{number}@example.com" for number in range(30)))
        assert "doesn't answer" in delivery.deliver(desk).stopped
        assert sorted(states(desk)) == [("queued", 0)] * 29 + [("queued", 1)]
        desk.close()


def test_cut_in_mid_message_is_tried_again_as_the_same_mail(posted: Desk, server: Server) -> None:
    server.handler.cut_after_data = True
    promise(posted, "ola@example.com")
    assert "doesn't answer" in delivery.deliver(posted).stopped
    assert states(posted) == [("queued", 1)]
    server.handler.cut_after_data = False
    clock(posted).move(dt.timedelta(minutes=1))
    assert delivery.deliver(posted) == delivery.Delivered(sent=1)
    first, second = server.handler.messages()
    assert first["Message-ID"] == second["Message-ID"]
    assert server.handler.taken[0] == server.handler.taken[1]


def test_a_server_that_goes_away_and_comes_back(posted: Desk, server: Server) -> None:
    server.stop()
    promise(posted, "ola@example.com")
    assert delivery.deliver(posted).stopped
    server.__enter__()
    clock(posted).move(dt.timedelta(minutes=1))
    assert delivery.deliver(posted) == delivery.Delivered(sent=1)


def test_a_kept_connection_that_was_closed_is_opened_again(posted: Desk, server: Server) -> None:
    transport = delivery.open_transport(posted.settings)
    promise(posted, "ola@example.com")
    delivery.rounds(posted.as_system(), transport, None)
    server.stop()
    server.__enter__()
    promise(posted, "ela@example.com")
    assert delivery.rounds(posted.as_system(), transport, None) == delivery.Delivered(sent=1)
    assert (server.handler.connections, states(posted)) == (2, [("sent", 1), ("sent", 1)])
    transport.close()


def test_two_workers_never_send_the_same_letter(tmp_path: Path) -> None:
    desks = [make_desk(tmp_path / "desk")]
    desks += [Desk.open(desks[0].settings, desks[0].clock) for _ in range(3)]
    promise(desks[0], *(f"u{number}@example.com" for number in range(100)))
    begin = threading.Barrier(len(desks))

    def work(desk: Desk) -> int:
        begin.wait()
        return delivery.deliver(desk).sent

    with ThreadPoolExecutor(len(desks)) as pool:
        sent = sum(pool.map(work, desks))
    assert sent == 100
    assert states(desks[0]) == [("sent", 1)] * 100
    assert len({post.message_id for post in maildir.newest(desks[0].settings.maildir, 200)}) == 100
    for desk in desks:
        desk.close()


def test_a_worker_that_dies_between_claim_and_sending_loses_nothing(desk: Desk) -> None:
    promise(desk, "ola@example.com", "ela@example.com")
    lost = desk.as_system().do(leases.claim, 20, dt.timedelta(minutes=5))
    assert delivery.deliver(desk) == delivery.Delivered(), "they are in somebody's hand"
    clock(desk).move(dt.timedelta(minutes=5))
    assert delivery.deliver(desk) == delivery.Delivered(sent=2)
    assert states(desk) == [("sent", 1)] * 2, "no try was burned by the claim"
    desk.as_system().do(leases.failed, lost[0], "too late")
    desk.as_system().do(leases.postponed, lost[1], "too late")
    assert states(desk) == [("sent", 1)] * 2, "a claim that lapsed books nothing"


def test_a_worker_that_dies_before_booking_delivers_the_same_file_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    promise(desk, "ola@example.com")
    with monkeypatch.context() as patched:
        patched.setattr(leases, "sent", die)
        with pytest.raises(KeyboardInterrupt):
            delivery.deliver(desk)
    clock(desk).move(dt.timedelta(hours=1))
    assert delivery.deliver(desk) == delivery.Delivered(sent=1)
    assert len(maildir.newest(desk.settings.maildir)) == 1


def test_a_worker_that_is_late_books_nothing_over_the_next_one(desk: Desk) -> None:
    promise(desk, "ola@example.com")
    system, lease = desk.as_system(), dt.timedelta(minutes=5)
    (late,) = system.do(leases.claim, 20, lease)
    clock(desk).move(lease)
    (taken,) = system.do(leases.claim, 20, lease)
    for book in (
        leases.sent,
        lambda work, one: leases.failed(work, one, "x"),
        lambda work, one: leases.given_back(work, [one]),
    ):
        system.do(book, late)
        assert states(desk) == [("sending", 0)]
    system.do(leases.sent, taken)
    assert states(desk) == [("sent", 1)]


KILLED_AT_THE_THIRD = """
import os, signal, sys
from pathlib import Path
from core.clock import MovableClock
from core.service.desk import Desk
from core.mail import delivery, maildir
from core.service.settings import Settings
from tests.factories.desks import START

real, sent = maildir.Maildir.send, []

def send(self, message):
    real(self, message)
    sent.append(message)
    if len(sent) == 3:
        os.kill(os.getpid(), signal.SIGKILL)

maildir.Maildir.send = send
delivery.deliver(Desk.open(Settings(data_dir=Path(sys.argv[1])), MovableClock(START)))
"""


def test_a_process_killed_in_mid_batch_loses_nothing_and_doubles_nothing(desk: Desk) -> None:
    promise(desk, *(f"u{number}@example.com" for number in range(6)))
    command = [sys.executable, "-c", KILLED_AT_THE_THIRD, str(desk.settings.data_dir)]
    assert subprocess.run(command, cwd=Path(__file__).parents[3], check=False).returncode == -signal.SIGKILL
    assert [state for state, _tries in states(desk)] == ["sent"] * 2 + ["sending"] * 4
    clock(desk).move(dt.timedelta(hours=1))
    assert delivery.deliver(desk) == delivery.Delivered(sent=4)
    assert states(desk) == [("sent", 1)] * 6
    assert sorted(post.to for post in maildir.newest(desk.settings.maildir)) == [
        f"u{number}@example.com" for number in range(6)
    ]


def test_a_poison_letter_fails_alone(desk: Desk) -> None:
    promise(desk, "ola@example.com", letter="invented")
    promise(desk, "not an address")
    promise(desk, "ela@example.com")
    tampered = {"secrets": "AAAA" * 10}
    promise(desk, "tampered@example.com")
    desk.as_system().do(lambda work: work.change(Outbox, _outbox.c.address == "tampered@example.com", **tampered))
    assert delivery.deliver(desk) == delivery.Delivered(sent=1, failed=3)
    assert [row.state for row in mail(desk)] == ["failed", "failed", "sent", "failed"]
    assert mail(desk)[0].error.startswith("This letter could not be made: TemplateNotFound loaders.py:")
    assert all(CODE not in row.error for row in mail(desk))


def test_a_full_batch_of_poison_does_not_stop_the_next_one(desk: Desk) -> None:
    promise(desk, *["x@example.com"] * (delivery.BATCH + 3), letter="invented")
    promise(desk, "ola@example.com")
    assert delivery.deliver(desk) == delivery.Delivered(sent=1, failed=delivery.BATCH + 3)


def test_a_sender_that_is_no_address_costs_no_letter(tmp_path: Path) -> None:
    desk = make_desk(tmp_path / "desk", mail=MailSection(sender="nobody"))
    promise(desk, "ola@example.com")
    with pytest.raises(DeskError):
        delivery.deliver(desk)
    assert states(desk) == [("queued", 0)]
    desk.close()


def test_a_batch_that_takes_too_long_gives_the_rest_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    promise(desk, *(f"u{number}@example.com" for number in range(6)))
    real = maildir.Maildir.send

    def slow(self: maildir.Maildir, message: Any) -> None:
        clock(desk).move(delivery.BEGIN_WITHIN / 2)
        real(self, message)

    monkeypatch.setattr(maildir.Maildir, "send", slow)
    assert delivery.deliver(desk).sent == 6
    assert states(desk) == [("sent", 1)] * 6


@pytest.mark.parametrize(("letter", "purpose"), leases.CODES.items())
def test_a_code_that_has_died_is_not_sent_any_more(desk: Desk, letter: str, purpose: Purpose) -> None:
    def write(work: UnitOfWork) -> None:
        promised.write(work, letter, "ola@example.com")

    life = one_time_codes.LIFETIME[purpose]
    desk.as_system().do(write)
    clock(desk).move(life / 2)
    desk.as_system().do(write)
    clock(desk).move(life / 2)
    promise(desk, "ela@example.com", letter="password_changed")
    assert delivery.deliver(desk) == delivery.Delivered(sent=2)
    assert [(row.state, row.secrets) for row in mail(desk)] == [("cancelled", None), ("sent", None), ("sent", None)]
    assert len(maildir.newest(desk.settings.maildir)) == 2


def test_many_that_have_died_hide_none_that_lives(desk: Desk) -> None:
    promise(desk, *["ola@example.com"] * (2 * delivery.BATCH + 3), letter="reset")
    clock(desk).move(one_time_codes.LIFETIME[Purpose.RESET])
    promise(desk, "ela@example.com")
    assert delivery.deliver(desk) == delivery.Delivered(sent=1)
    assert {row.state for row in mail(desk)[:-1]} == {"cancelled"}


def test_what_failed_forgets_its_code_when_that_dies(posted: Desk, server: Server) -> None:
    server.handler.answers["nobody@example.com"] = "550 no such user"
    promise(posted, "nobody@example.com", letter="reset")
    delivery.deliver(posted)
    assert mail(posted)[0].secrets is not None
    clock(posted).move(one_time_codes.LIFETIME[Purpose.RESET])
    assert posted.as_system().see(leases.anything_due), "also on a desk where nothing else happens"
    assert delivery.deliver(posted) == delivery.Delivered()
    assert [(row.state, row.secrets) for row in mail(posted)] == [("failed", None)]
    assert not posted.as_system().see(leases.anything_due)
    posted.as_system().do(admin_list.retry)
    assert delivery.deliver(posted) == delivery.Delivered()
    assert states(posted)[0][0] == "cancelled", "there is nothing to send"


def test_what_somebody_wrote_does_not_stay_in_the_outbox(desk: Desk) -> None:
    def write(work: UnitOfWork) -> None:
        promised.write(work, "ticket_replied", "ola@example.com", body="very private")

    desk.as_system().do(write)
    assert delivery.deliver(desk) == delivery.Delivered(sent=1)
    assert mail(desk)[0].details == {}
    assert "very private" in maildir.newest(desk.settings.maildir)[0].body


def test_retry_puts_failed_letters_back(desk: Desk) -> None:
    promise(desk, "a@example.com", "b@example.com", letter="invented")
    delivery.deliver(desk)
    desk.as_system().do(lambda work: work.change(Outbox, sa.true(), letter="reset"))
    first = mail(desk)[0].id
    assert desk.as_system().do(admin_list.retry, [first]) == 1
    assert delivery.deliver(desk).sent == 1
    assert desk.as_system().do(admin_list.retry) == 1
    assert delivery.deliver(desk).sent == 1
    assert desk.as_system().do(admin_list.retry) == 0
    assert desk.as_system().do(admin_list.retry, [first]) == 0, "what has left doesn't leave again"
    assert journal_of(desk) == ["mail.retry", "mail.retry"]


def test_the_list_shows_no_secret_and_is_for_administrators(desk: Desk) -> None:
    promise(desk, "a@example.com", letter="invented")
    delivery.deliver(desk)
    promise(desk, "b@example.com")
    admin = logged_in(desk, "szefowa", Role.ADMIN)
    page = admin.see(admin_list.outbox, PageRequest())
    assert [(row.address, row.state) for row in page.rows] == [("b@example.com", "queued"), ("a@example.com", "failed")]
    assert [row.address for row in admin.see(admin_list.outbox, PageRequest(), "failed").rows] == ["a@example.com"]
    assert not any(name in type(page.rows[0]).__slots__ for name in ("secrets", "details", "claim", "body"))
    assert admin.see(admin_list.counts) == {"queued": 1, "held": 0, "sending": 0, "failed": 1}
    for login, role in (("agnes", Role.AGENT), ("klient", Role.CUSTOMER)):
        other = logged_in(desk, login, role)
        for ask in (
            lambda d=other: d.see(admin_list.outbox, PageRequest()),
            lambda d=other: d.see(admin_list.counts),
            lambda d=other: d.do(admin_list.retry),
        ):
            with pytest.raises(Forbidden):
                ask()


def test_the_reason_is_read_in_the_readers_language() -> None:
    assert (
        str(Temporary("The mail server said to try later", "451 x\r\ny"))
        == "The mail server said to try later: 451 x y"
    )


def test_a_clock_that_was_ahead_for_a_moment_keeps_no_letter_back(desk: Desk) -> None:
    """Neither one that was promised then, nor one that a worker had in hand."""
    other = desk.as_system()
    other.clock = MovableClock(desk.now + dt.timedelta(days=30))
    promise(other, "ola@example.com", letter="password_changed")
    promise(desk, "ela@example.com", letter="password_changed")
    other.do(leases.claim, 2, dt.timedelta(minutes=1))
    assert desk.as_system().see(leases.anything_due)
    assert delivery.deliver(desk).sent == 2

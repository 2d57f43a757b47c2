"""A server that takes nothing from this desk: the whole queue waits and pays nothing, one letter asks, it goes on."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core import badges
from core.errors import Forbidden
from core.mail import admin_list, delivery, maildir, stops
from core.mail.smtp import Smtp
from core.models.accounts import Role
from core.models.mail import MailStop, Outbox
from core.service.desk import Desk
from core.service.settings import MailSection
from core.service.unit_of_work import table
from core.tickets import create
from tests.core.mail.server import Server
from tests.core.mail.test_delivery import clock, promise, smtp, states
from tests.factories.desks import START, admin_values, journal_of, logged_in, mail, make_desk, person

NO_LOGIN = "530 5.7.0 Authentication required"
THREE = ("u1@example.com", "u2@example.com", "u3@example.com")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path) as running:
        yield running


@pytest.fixture
def posted(tmp_path: Path, any_store: dict[str, str], server: Server) -> Iterator[Desk]:
    made = make_desk(tmp_path / "desk", mail=smtp(server.port), **any_store)
    yield made
    made.close()


def test_a_refused_sender_stops_the_round_and_costs_no_letter_a_try(posted: Desk, server: Server) -> None:
    server.handler.to_senders = NO_LOGIN
    promise(posted, *THREE)
    done = delivery.deliver(posted)
    assert (done.sent, done.failed, done.postponed) == (0, 0, 0)
    assert done.stopped == f"The mail server takes no mail from this desk: {NO_LOGIN}"
    assert states(posted) == [("queued", 0)] * 3
    assert server.handler.senders == 1, "the others were not tried against it"
    assert journal_of(posted) == ["mail.stopped"]


def test_one_letter_asks_after_each_growing_pause_and_then_all_leave(posted: Desk, server: Server) -> None:
    server.handler.to_senders = NO_LOGIN
    promise(posted, *THREE)
    for number, pause in enumerate((1, 5, 15, 60, 60), start=1):
        delivery.deliver(posted)
        assert server.handler.senders == number
        assert delivery.deliver(posted).stopped, "not before its time"
        assert server.handler.senders == number
        clock(posted).move(dt.timedelta(minutes=pause))
    assert states(posted) == [("queued", 0)] * 3
    server.handler.to_senders = "250 OK"
    assert delivery.deliver(posted) == delivery.Delivered(sent=3)
    assert delivery.deliver(posted) == delivery.Delivered()
    assert journal_of(posted) == ["mail.stopped", "mail.resumed"]


def test_a_letter_refused_for_its_own_sake_ends_the_stop_too(posted: Desk, server: Server) -> None:
    server.handler.to_senders = NO_LOGIN
    promise(posted, *THREE)
    delivery.deliver(posted)
    clock(posted).move(dt.timedelta(minutes=1))
    server.handler.to_senders = "250 OK"
    server.handler.answers["u1@example.com"] = "550 no such user"
    assert delivery.deliver(posted) == delivery.Delivered(sent=2, failed=1)


def test_a_letter_that_cannot_be_made_has_asked_nobody(posted: Desk, server: Server) -> None:
    server.handler.to_senders = NO_LOGIN
    promise(posted, "u1@example.com", letter="login_code")
    promise(posted, *THREE)
    posted.as_system().do(lambda work: work.change(Outbox, table(Outbox).c.id == 1, letter="invented", secrets=None))
    posted.as_system().do(stops.begin, "x")
    clock(posted).move(dt.timedelta(minutes=1))
    done = delivery.deliver(posted)
    assert (done.failed, server.handler.senders) == (1, 1)
    assert "takes no mail" in done.stopped
    assert journal_of(posted) == ["mail.stopped"]
    row = posted.as_system().see(lambda look: look.row(sa.select(table(MailStop))))
    assert row.tries == 2


@pytest.mark.parametrize("answer", ["552 too big", "550 5.3.4 message too big for system"])
def test_a_mail_that_is_too_large_fails_alone(posted: Desk, server: Server, answer: str) -> None:
    server.handler.to_senders = answer
    promise(posted, "u1@example.com")
    assert delivery.deliver(posted) == delivery.Delivered(failed=1)
    assert posted.as_system().see(stops.current) is None


def test_a_kept_connection_may_be_refused_later(posted: Desk, server: Server) -> None:
    transport = delivery.open_transport(posted.settings)
    promise(posted, "u1@example.com")
    delivery.rounds(posted.as_system(), transport, None)
    server.handler.to_senders = "550 5.7.1 you have sent enough"
    promise(posted, "u2@example.com")
    assert "sent enough" in delivery.rounds(posted.as_system(), transport, None).stopped
    assert states(posted) == [("sent", 1), ("queued", 0)]
    transport.close()


def test_trying_again_asks_at_once(posted: Desk, server: Server) -> None:
    server.handler.to_senders = NO_LOGIN
    promise(posted, *THREE)
    delivery.deliver(posted)
    server.handler.to_senders = "250 OK"
    posted.as_system().do(admin_list.retry)
    assert delivery.deliver(posted).sent == 3


def test_a_pause_that_a_wrong_clock_began_is_not_believed(posted: Desk, server: Server) -> None:
    server.handler.to_senders = NO_LOGIN
    promise(posted, "u1@example.com")
    delivery.deliver(posted)
    ahead = posted.now + dt.timedelta(days=30)
    posted.as_system().do(lambda work: work.change(MailStop, sa.true(), opens_at=ahead))
    server.handler.to_senders = "250 OK"
    assert delivery.deliver(posted).sent == 1


def test_two_workers_that_ask_at_once_lengthen_the_pause_once(posted: Desk) -> None:
    system = posted.as_system()
    system.do(stops.begin, "x")
    clock(posted).move(dt.timedelta(minutes=1))
    system.do(stops.begin, "x")
    system.do(stops.begin, "x")
    row = system.see(lambda look: look.row(sa.select(table(MailStop))))
    assert (row.tries, row.opens_at) == (2, posted.now + dt.timedelta(minutes=5))


def test_administrators_see_it_and_nobody_else(posted: Desk, server: Server) -> None:
    boss, agent = logged_in(posted, "root", Role.ADMIN), logged_in(posted, "ola", Role.AGENT)
    assert boss.see(stops.current) is None
    server.handler.to_senders = NO_LOGIN
    promise(posted, *THREE)
    delivery.deliver(posted)
    stop = boss.see(stops.current)
    assert stop is not None
    assert NO_LOGIN in stop.reason
    assert (stop.since, stop.opens_at, stop.waiting) == (START, START + dt.timedelta(minutes=1), 3)
    assert boss.see(badges.sidebar)["failed"] == 3
    assert "failed" not in agent.see(badges.sidebar)
    with pytest.raises(Forbidden):
        agent.see(stops.current)


# One letter that nothing was prepared for


@pytest.mark.parametrize("where", ["made", "sent"])
def test_whatever_is_raised_at_one_letter_fails_that_letter_alone(
    posted: Desk, server: Server, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    odd = EmailMessage.set_content if where == "made" else Smtp.send

    def raise_at_second(self: Any, *given: Any, **more: Any) -> Any:
        message = self if where == "made" else given[0]
        if "u2" in message["To"]:
            raise RecursionError("a library's own fault, with a code in it: 123456")
        return odd(self, *given, **more)

    monkeypatch.setattr(*((EmailMessage, "set_content") if where == "made" else (Smtp, "send")), raise_at_second)
    promise(posted, *THREE)
    assert delivery.deliver(posted) == delivery.Delivered(sent=2, failed=1)
    row = mail(posted)[1]
    assert row.state == "failed"
    assert row.error.startswith(f"This letter could not be {where}: RecursionError")
    assert "123456" not in row.error


# A domain with letters of its own


@pytest.fixture
def polish(tmp_path: Path) -> Iterator[Desk]:
    made = make_desk(tmp_path / "desk", mail=MailSection(sender="biuro@żółw.pl"))
    yield made
    made.close()


def test_a_sender_with_a_polish_domain_sends_with_plain_ids(polish: Desk) -> None:
    person(polish, "ela", Role.AGENT)
    logged_in(polish, "ola").do(create.create, admin_values())
    assert delivery.deliver(polish) == delivery.Delivered(sent=2)
    heads = [file.read_bytes().partition(b"\r\n\r\n")[0] for file in (polish.settings.maildir / "new").iterdir()]
    ids = [
        line for head in heads for line in head.splitlines() if re.match(rb"(Message-ID|In-Reply-To|References):", line)
    ]
    assert len(ids) == 6
    assert all(re.fullmatch(rb"[A-Za-z-]+: <okienko\.[!-~]+@xn--w-uga1v8h\.pl>", line) for line in ids), ids


def test_an_id_promised_with_the_letters_themselves_leaves_as_a_plain_one(polish: Desk) -> None:
    promise(polish, "ola@example.com", letter="password_changed")
    stored = f"<okienko.0.abc.{'0' * 16}@żółw.pl>"
    polish.as_system().do(lambda work: work.change(Outbox, sa.true(), message_id=stored, secrets=None))
    assert delivery.deliver(polish) == delivery.Delivered(sent=1)
    assert maildir.newest(polish.settings.maildir)[0].message_id == f"<okienko.0.abc.{'0' * 16}@xn--w-uga1v8h.pl>"

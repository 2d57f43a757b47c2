"""Headers that hold, whatever is put into them."""

from __future__ import annotations

import datetime as dt
import email
import re
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import DeskError
from core.i18n.sanitize import clean
from core.mail import mime, templates
from core.mail.templates import Letter
from core.security.crypto import Keys
from core.service.settings import DeskSection, MailSection, Settings

KEYS = Keys(b"k" * 32)
AT = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
LONG = "desk@" + "poczta." * 9 + "example.com"


def settings(sender: str = "desk@latarnia.example", name: str = "Latarnia; „Pomoc”, sp. z o.o. \\") -> Settings:
    return Settings(data_dir=Path("/nowhere"), desk=DeskSection(name=name), mail=MailSection(sender=sender))


def build(letter: Letter, **more: Any) -> EmailMessage:
    given: dict[str, Any] = {
        "settings": settings(),
        "keys": KEYS,
        "to": "ola@example.com",
        "message_id": "<okienko.7.0123456789abcdef.fedcba9876543210@latarnia.example>",
        "at": AT,
        **more,
    }
    return mime.build(letter, **given)


def received(message: EmailMessage) -> Any:
    return email.message_from_bytes(message.as_bytes(), policy=policy.default)


def test_what_a_mail_carries() -> None:
    got = received(build(Letter("Zażółć", "Gęślą\n"), ticket_id=7))
    assert got["From"].addresses[0].display_name == "Latarnia; „Pomoc”, sp. z o.o. \\"
    assert [one.addr_spec for one in got["From"].addresses] == ["desk@latarnia.example"]
    assert [one.addr_spec for one in got["To"].addresses] == ["ola@example.com"]
    assert got["Reply-To"] == "desk@latarnia.example"
    assert (got["Auto-Submitted"], got["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert got["X-Okienko-Loop"] == "desk@latarnia.example"
    assert got["Date"].datetime == AT
    assert got["Subject"] == "Zażółć"
    assert got.get_content() == "Gęślą\r\n"


def test_mails_of_a_ticket_share_a_root_and_others_have_none() -> None:
    one, two = (build(Letter("x", "y\n"), ticket_id=7, message_id=f"<{name}@latarnia.example>") for name in "ab")
    assert (
        one["References"]
        == one["In-Reply-To"]
        == two["References"]
        != build(Letter("x", "y\n"), ticket_id=8)["References"]
    )
    assert "References" not in build(Letter("x", "y\n"))
    assert "Reply-To" not in build(Letter("x", "y\n"))


def test_long_ids_stay_whole_and_other_lines_short() -> None:
    long_id = f"<okienko.1234567.0123456789abcdef.fedcba9876543210@{LONG.partition('@')[2]}>"
    message = build(Letter("ó" * 160, "x\n"), settings=settings(LONG), message_id=long_id, ticket_id=1234567)
    lines = message.as_bytes().split(b"\r\n")
    ids = [line for line in lines if line.lower().startswith((b"message-id:", b"references:", b"in-reply-to:"))]
    assert len(ids) == 3
    assert all(b"=?" not in line and line.endswith(b">") for line in ids)
    encoded = re.findall(rb"=\?[^?]+\?.\?[^?]*\?=", message.as_bytes())
    assert len(encoded) > 4
    assert [word for word in encoded if len(word) > 75] == []
    assert not [line for line in lines if b"\n" in line]


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\u2028", "\x85", "\x0b"])
@pytest.mark.parametrize("header", ["subject", "to", "message_id"])
def test_a_line_break_in_a_header_is_refused(header: str, end: str) -> None:
    bad = f"a{end}Bcc: x@example.com"
    with pytest.raises(ValueError):  # noqa: PT011 - the standard library says no more
        build(Letter(bad, "x\n")) if header == "subject" else build(Letter("s", "x\n"), **{header: bad})


def test_the_names_of_desks_are_cleaned_first() -> None:
    message = build(Letter("s", "x\n"), settings=settings(name="La\r\nBcc: x@example.com"))
    assert received(message)["From"].addresses[0].display_name == "La Bcc: x@example.com"
    assert "Bcc" not in received(message)


@pytest.mark.parametrize(
    "to", ["", "ola", "a@b@c.pl, d@e.pl", "ola@example.com, ela@example.com", "Ola <ola@example.com>"]
)
def test_one_recipient_and_an_address_at_that(to: str) -> None:
    with pytest.raises(ValueError, match="not an e-mail address"):
        build(Letter("s", "x\n"), to=to)


def test_a_domain_with_accents_travels_as_punycode() -> None:
    assert build(Letter("s", "x\n"), to="Ola@zażółć.pl")["To"] == "Ola@xn--za-6ja4f8n1l.pl"


def test_a_sender_that_is_no_address_is_told() -> None:
    with pytest.raises(DeskError):
        mime.sender(settings("nobody"))


@given(subject=st.text(), body=st.text())
@example(subject="=?utf-8?q?a=0D=0ABcc:_x@example.com?=", body="")
@example(
    subject="Nie działa [VPN] po aktualizacji do 7.2 – błąd  „timeout” 408 przy każdej próbie z oddziału w Łodzi",
    body="",
)
def test_no_subject_and_no_text_is_poison(subject: str, body: str) -> None:
    letter = templates.render(
        "ticket_replied", "en", {"number": 1, "subject": subject, "by": "A", "body": body}, {}, settings()
    )
    got = received(build(letter, ticket_id=1))
    assert set(got.keys()) >= {"From", "To", "Subject", "Message-ID"}
    assert len(got.get_all("To")) == len(got.get_all("Subject")) == 1
    assert "Bcc" not in got
    assert got["Subject"].split() == f"[#1] {templates._short(clean(subject))}".split()
    assert str(build(letter, ticket_id=1)["Subject"]).split() == got["Subject"].split()

"""Addresses: what is taken, what is refused with which words, and when two are one."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.forms import email_address


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("an address was looked up in the network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Jan.Kowalski@Example.COM", "jan.kowalski@example.com"),
        (" jan@example.com ", "jan@example.com"),
        ("jan@żółw.pl", "jan@xn--w-uga1v8h.pl"),
        ("JAN@ŻÓŁW.PL", "jan@xn--w-uga1v8h.pl"),
        ("jan@xn--w-uga1v8h.pl", "jan@xn--w-uga1v8h.pl"),
        ("jan+desk@example.com", "jan+desk@example.com"),
    ],
)
def test_one_key_for_every_way_to_write_an_address(typed: str, key: str) -> None:
    assert email_address.normal(typed) == key
    assert email_address.problem(typed.strip()) is None


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("jan", "has an @"),
        ("@example.com", "has an @"),
        ("jan@", "has an @"),
        ("", "has an @"),
        ("łukasz@example.com", "without accents"),
        ("аdmin@example.com", "without accents"),
        ("jan@localhost", "not an e-mail address"),
        ("jan@192.168.0.1", "not an e-mail address"),
        ("jan..k@example.com", "not an e-mail address"),
        ('"jan k"@example.com', "not an e-mail address"),
        ("Jan <jan@example.com>", "not an e-mail address"),
        ("jan@example.com\r\nBcc: x@example.org", "not an e-mail address"),
        ("jan@example.com\n", "not an e-mail address"),
        ("j" * 60 + "@" + "a" * 60 + "." + "b" * 60 + "." + "c" * 60 + "." + "d" * 60 + ".com", "at most 254"),
    ],
)
def test_what_is_refused_says_why_and_has_no_key(typed: str, words: str) -> None:
    said = email_address.problem(typed)
    assert said is not None
    assert words in said.text()


def test_text_that_is_no_address_has_no_key_at_all() -> None:
    assert email_address.normal("ßales") == ""
    assert email_address.normal("ßales@example.com") == ""


def test_a_dotless_i_is_not_the_address_of_somebody_else() -> None:
    assert email_address.normal("mıke@example.com") != email_address.normal("mike@example.com")


@settings(deadline=None)
@given(st.text(max_size=300))
def test_never_raises_and_a_key_is_its_own_key(text: str) -> None:
    key = email_address.normal(text)
    assert key == "" or email_address.normal(key) == key

"""Headers are anybody's: what is believed of them, and what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.service.settings import ServeSection, Settings
from tui.serve.web import addresses

PROXIES = ("10.0.0.0/8", "2001:db8:1::/48")


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.7", [], "203.0.113.7"),
        ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["192.0.2.1, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["192.0.2.1", "198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("::ffff:10.0.0.1", ["::ffff:198.51.100.1"], "198.51.100.1"),
        ("2001:db8:1::5", ["2001:db8:9::1"], "2001:db8:9::1"),
        ("10.0.0.1", [], ""),
        ("10.0.0.1", ["10.0.0.2"], ""),
        ("10.0.0.1", ["198.51.100.1, unknown"], ""),
        ("10.0.0.1", ["198.51.100.1:4711"], ""),
        ("10.0.0.1", ["198.51.100.1,"], ""),
        ("", ["198.51.100.1"], ""),
    ],
)
def test_only_a_proxy_of_the_operators_says_whose_address_it_is(peer: str, forwarded: list[str], address: str) -> None:
    assert addresses.client_address(peer, forwarded, PROXIES) == address


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("pl-PL,pl;q=0.9,en-US;q=0.8,en;q=0.7", "pl"),
        ("en-US,en;q=0.5", "en"),
        ("de,pl;q=0.5,en;q=0.7", "en"),
        ("pl;q=0.5, en;q=0.5", "pl"),
        ("pl;q=0, de", ""),
        ("de", ""),
        ("", ""),
        ("pl;q=9", ""),
        (",".join(["x" * 50] * 1000), ""),
    ],
)
def test_the_language_wanted_most(header: str, language: str) -> None:
    assert addresses.language_asked(header) == language


def sites(tmp_path: Path, **serve: object) -> addresses.Sites:
    return addresses.own_sites(Settings(data_dir=tmp_path, serve=ServeSection.model_validate(serve)), 8080)


def test_a_door_for_everybody_is_known_by_the_name_that_the_operator_gave_it(tmp_path: Path) -> None:
    ours = sites(tmp_path, web="0.0.0.0:8080", web_address="https://Desk.example")
    assert {"desk.example", "desk.example:443", "127.0.0.1:8080", "localhost:8080", "[::1]:8080"} == ours.hosts
    assert "https://desk.example" in ours.origins and "http://localhost:8080" in ours.origins
    assert "http://desk.example" not in ours.origins and "https://localhost:8080" not in ours.origins


def test_a_door_at_one_address_is_known_by_it(tmp_path: Path) -> None:
    assert "192.0.2.1:8080" in sites(tmp_path, web="192.0.2.1:8080").hosts


def test_sessions_of_one_household_are_counted_together() -> None:
    assert addresses.place("2001:db8::1") == addresses.place("2001:db8::ffff:1") != addresses.place("2001:db8:0:1::1")
    assert addresses.place("192.0.2.1") != addresses.place("192.0.2.2")
    assert addresses.place("") == ""

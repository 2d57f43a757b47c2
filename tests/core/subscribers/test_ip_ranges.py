"""Networks as text that compares as addresses do."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.subscribers.ip_ranges import place, read

addresses = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))


@given(addresses, addresses)
def test_places_stand_as_the_addresses_do(one: ipaddress.IPv4Address, other: ipaddress.IPv4Address) -> None:
    if one.version == other.version:
        assert (place(one) < place(other)) == (one < other)
        assert (place(one) == place(other)) == (one == other)


@given(addresses, st.integers(8, 128))
def test_a_network_holds_exactly_what_lies_between_its_ends(address: ipaddress.IPv4Address, prefix: int) -> None:
    prefix = min(prefix, address.max_prefixlen)
    network = ipaddress.ip_network((address, prefix), strict=False)
    try:
        found = read(str(network))
    except ValueError:
        return
    assert found.low <= place(address) <= found.high
    assert ipaddress.ip_network(found.text) == network
    before = int(network.network_address) - 1
    if before >= 0:
        assert place(type(address)(before)) < found.low


@pytest.mark.parametrize(
    "typed",
    [
        *("", "10.0.0", "x", "10.0.0.5/24", "0.0.0.0/0", "::/0", "0.0.0.7", "::", "127.0.0.1", "::1"),
        *("224.0.0.1", "ff02::1", "255.255.255.255", "fe80::1", "fe80::/64", "fe80::/9", "169.254.7.1", "168.0.0.0/7"),
        *("::ffff:127.0.0.1", "::ffff:169.254.0.1", "fe80::1%eth0"),
    ],
)
def test_what_cannot_be_a_line(typed: str) -> None:
    with pytest.raises(ValueError, match=r"line's address|does not appear|has host bits"):
        read(typed)


def test_ipv4_has_a_place_among_ipv6() -> None:
    assert read("203.0.113.7").low == place(ipaddress.ip_address("::ffff:203.0.113.7"))
    assert read("203.0.113.7/32").text == "203.0.113.7"
    assert read("::ffff:203.0.113.7").low == read("203.0.113.7").low

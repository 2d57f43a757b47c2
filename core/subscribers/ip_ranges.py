"""IP networks as the desk keeps them: text for people, and both ends as 32 hex digits, which compare as addresses do.

IPv4 is mapped into IPv6 (RFC 4291 §2.5.5.2), so one column and one index hold both.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from core.service.client_address import Address

_MAPPED = 0xFFFF << 32
_NOBODYS = {
    4: ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32"),
    6: ("::/127", "fe80::/10", "ff00::/8"),
}
"""Unspecified, loopback, link-local, multicast and broadcast: the same on every cable, so they tell nobody's line."""
_TAKEN = {version: tuple(map(ipaddress.ip_network, networks)) for version, networks in _NOBODYS.items()}
_IN_IPV6 = ipaddress.IPv6Network("::ffff:0:0/96")


@dataclass(frozen=True, slots=True)
class Network:
    """``text`` as it is written (``203.0.113.7``, ``2001:db8:1::/56``); ``low`` and ``high`` are its ends."""

    text: str
    low: str
    high: str


def read(typed: str) -> Network:
    """The network of an address or CIDR notation. Raises ValueError for anything else, also for host bits beside a
    prefix (``10.0.0.5/24``), and for what can't be anybody's line (everything, loopback, link-local, multicast)."""
    network = ipaddress.ip_network(typed.strip())
    meant = _unmapped(network)
    if meant.prefixlen == 0 or any(meant.overlaps(taken) for taken in _TAKEN[meant.version]):
        raise ValueError("not a line's address")
    text = str(network.network_address) if network.num_addresses == 1 else str(network)
    return Network(text, place(network.network_address), place(network.broadcast_address))


def _unmapped(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """An IPv4 network that is written as IPv6 (``::ffff:127.0.0.1``) as the one it is."""
    if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(_IN_IPV6):
        inner = int(network.network_address) & 0xFFFF_FFFF
        return ipaddress.IPv4Network((inner, network.prefixlen - _IN_IPV6.prefixlen))
    return network


def place(address: Address) -> str:
    """Where an address stands among all: 32 hex digits."""
    number = int(address)
    if isinstance(address, ipaddress.IPv4Address):
        number |= _MAPPED
    return f"{number:032x}"

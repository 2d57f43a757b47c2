"""IP networks as the desk keeps them: text for people, and both ends as 32 hex digits, which compare as addresses do.

IPv4 is mapped into IPv6 (RFC 4291 §2.5.5.2), so one column and one index hold both.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from core.peer import Address

_MAPPED = 0xFFFF << 32


@dataclass(frozen=True, slots=True)
class Network:
    """``text`` as it is written (``203.0.113.7``, ``2001:db8:1::/56``); ``low`` and ``high`` are its ends."""

    text: str
    low: str
    high: str


def read(typed: str) -> Network:
    """The network of an address or CIDR notation. Raises ValueError for anything else, also for host bits beside a
    prefix (``10.0.0.5/24``), and for what can't be anybody's line (everything, loopback, multicast)."""
    found = ipaddress.ip_network(typed.strip())
    if found.prefixlen == 0 or found.is_loopback or found.is_multicast or found.is_unspecified:
        raise ValueError("not a line's address")
    text = str(found.network_address) if found.num_addresses == 1 else str(found)
    return Network(text, place(found.network_address), place(found.broadcast_address))


def place(address: Address) -> str:
    """Where an address stands among all: 32 hex digits."""
    number = int(address)
    if isinstance(address, ipaddress.IPv4Address):
        number |= _MAPPED
    return f"{number:032x}"

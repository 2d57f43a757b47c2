"""The PROXY protocol, version 2: how a balancer says whom it brings. Only from those the settings name."""

from __future__ import annotations

import asyncio
import ipaddress
import socket

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
LONGEST = 536
"""Bytes of the addresses and what may follow them that are still read."""
_TCP4, _TCP6 = 0x11, 0x21
_LOCAL, _PROXY = 0x20, 0x21


class BadHeader(Exception):
    """What came is no header: the balancer isn't set up for it, or it is none."""


def length(start: bytes) -> int:
    """How many bytes follow the sixteen of ``start``.

    Raises:
        BadHeader: It begins otherwise, or is too long.
    """
    if len(start) != 16 or not start.startswith(SIGNATURE) or start[12] not in (_LOCAL, _PROXY):
        raise BadHeader
    size = int.from_bytes(start[14:16], "big")
    if size > LONGEST:
        raise BadHeader
    return size


def source(start: bytes, rest: bytes) -> tuple[str, int] | None:
    """The client's address and port; None for the balancer's own look whether this is alive.

    Raises:
        BadHeader: It doesn't hold what it says.
    """
    if start[12] == _LOCAL:
        return None
    size = {_TCP4: 4, _TCP6: 16}.get(start[13])
    if size is None or len(rest) < 2 * size + 4:
        raise BadHeader
    address = ipaddress.ip_address(rest[:size])
    return str(address), int.from_bytes(rest[2 * size : 2 * size + 2], "big")


async def read(client: socket.socket) -> tuple[str, int] | None:
    """Read the header off a connection and leave what follows. Raises :class:`BadHeader`."""
    start = await _exactly(client, 16)
    return source(start, await _exactly(client, length(start)))


async def _exactly(client: socket.socket, count: int) -> bytes:
    loop = asyncio.get_running_loop()
    data = b""
    while len(data) < count:
        piece = await loop.sock_recv(client, count - len(data))
        if not piece:
            raise BadHeader
        data += piece
    return data

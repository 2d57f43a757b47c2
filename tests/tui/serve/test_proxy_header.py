"""How a balancer says whom it brings (PROXY protocol, version 2)."""

from __future__ import annotations

import asyncio
import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.serve import proxy_header
from tui.serve.proxy_header import SIGNATURE, BadHeader


def header(address: str, port: int, *, command: int = 0x21, more: bytes = b"") -> bytes:
    client, here = ipaddress.ip_address(address), ipaddress.ip_address("::1" if ":" in address else "127.0.0.1")
    family = 0x21 if client.version == 6 else 0x11
    rest = client.packed + here.packed + port.to_bytes(2, "big") + (22).to_bytes(2, "big") + more
    return SIGNATURE + bytes([command, family]) + len(rest).to_bytes(2, "big") + rest


async def read(data: bytes) -> tuple[tuple[str, int] | None, bytes]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.setblocking(False)
        ours.sendall(data)
        ours.shutdown(socket.SHUT_WR)
        return await proxy_header.read(theirs), theirs.recv(100)


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::7"])
async def test_the_client_is_whom_the_balancer_brings_and_what_follows_is_left(address: str) -> None:
    found = await read(header(address, 40_000, more=b"\x04\x00\x01x") + b"SSH-2.0-x\r\n")
    assert found == ((address, 40_000), b"SSH-2.0-x\r\n")


async def test_a_balancer_that_only_looks_brings_nobody() -> None:
    assert (await read(header("192.0.2.7", 1, command=0x20)))[0] is None


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"PROXY TCP4 192.0.2.7 127.0.0.1 1 2\r\n",
        b"",
        SIGNATURE,
        header("192.0.2.7", 1)[:-1],
        header("192.0.2.7", 1, command=0x11),
        SIGNATURE + b"\x21\x31\x00\x0c" + b"\0" * 12,
        SIGNATURE + b"\x21\x11\xff\xff" + b"\0" * 600,
        SIGNATURE + b"\x21\x21\x00\x0c" + b"\0" * 12,
    ],
    ids=["ssh", "version 1", "nothing", "cut", "cut later", "version 1 in 2", "unix", "too long", "short for IPv6"],
)
async def test_anything_else_is_no_header(data: bytes) -> None:
    with pytest.raises(BadHeader):
        await read(data)


@given(st.binary(min_size=16, max_size=16), st.binary(max_size=60))
def test_no_bytes_break_it(start: bytes, rest: bytes) -> None:
    try:
        proxy_header.length(start)
        proxy_header.source(start, rest)
    except BadHeader:
        return


async def test_nothing_is_waited_for_that_does_not_come() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.setblocking(False)
        ours.send(SIGNATURE[:5])
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(proxy_header.read(theirs), 0.01)

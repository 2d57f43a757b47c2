"""Connections that say nothing, or half of something, or are too many; and TLS by the operator's certificate."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.stand_in_parent import OpenDoor, open_door, until
from tui.serve.web import listener

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def connected(door: OpenDoor, said: bytes = b"") -> Ends:
    """A bare connection that has said this much."""
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    writer.write(said)
    return reader, writer


async def closed(ends: Ends) -> bytes:
    """What came until the other end closed."""
    said = b""
    try:
        said = await asyncio.wait_for(ends[0].read(), 5)
    except ConnectionError:
        pass
    finally:
        ends[1].close()
    return said


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: b\r\n", b"\x16\x03\x01\x02\x00\x01"])
async def test_who_does_not_come_to_the_point_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    monkeypatch.setattr(listener, "SILENCE", 0.05)
    async with open_door(tmp_path / "desk") as door:
        answer = await closed(await connected(door, said))
        assert answer == b"" or answer.startswith(b"HTTP/1.0 400 ")
        await until(lambda: door.listener.strangers == 0)


async def test_one_connection_has_its_time_whatever_it_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "WHOLE", 0.05)
    async with open_door(tmp_path / "desk") as door:
        ends = await connected(door, f"GET /page.css HTTP/1.1\r\nHost: 127.0.0.1:{door.port}\r\n\r\n".encode())
        assert (await closed(ends)).startswith(b"HTTP/1.1 200 OK")


async def test_a_session_has_no_such_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "WHOLE", 0.01)
    async with open_door(tmp_path / "desk") as door:
        screen, program = await door.session()
        for _turn in range(3):
            await asyncio.sleep(0.01)  # what is waited for is that nothing happens
            await screen.types(b"x")
            assert await program.reads(1) == b"x"


async def test_strangers_are_few_and_one_place_has_half_of_them(tmp_path: Path) -> None:
    async with open_door(tmp_path / "desk", strangers=6) as door:
        silent = [await connected(door) for _ in range(3)]
        await until(lambda: door.listener.strangers == 3)
        assert await closed(await connected(door)) == b"", "the fourth from here is not let in"
        silent[0][1].close()
        await until(lambda: door.listener.strangers == 2)
        async with door.client.get("/") as answer:
            assert answer.status == 200
        assert door.listener.strangers == 2, "whoever has asked for something is no stranger"
        for _reader, writer in silent[1:]:
            writer.close()
        await until(lambda: door.listener.strangers == 0)


async def test_behind_a_proxy_all_places_are_taken_before_anybody_is_refused(tmp_path: Path) -> None:
    async with open_door(tmp_path / "desk", strangers=4, proxies=("127.0.0.1/32",)) as door:
        silent = [await connected(door) for _ in range(4)]
        await until(lambda: door.listener.strangers == 4)
        assert await closed(await connected(door)) == b""
        for _reader, writer in silent:
            writer.close()


async def test_a_flood_is_one_line_of_the_log(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    async with open_door(tmp_path / "desk", strangers=1) as door:
        first = await connected(door)
        await until(lambda: door.listener.strangers == 1)
        for _ in range(20):
            await closed(await connected(door))
        first[1].close()
    assert capfd.readouterr().err.splitlines() == ["web_connections_refused count=1 last=127.0.0.1"]


def certificate(name: str) -> bytes:
    """One that this desk has signed itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return made.public_bytes(serialization.Encoding.PEM) + secret


async def name_shown(door: OpenDoor) -> str:
    """The name in the certificate that the door shows now."""
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    _reader, writer = await asyncio.open_connection("127.0.0.1", door.port, ssl=trusting)
    shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    return x509.load_der_x509_certificate(shown).subject.rfc4514_string()


async def test_a_renewed_certificate_is_shown_without_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "both.pem"
    file.write_bytes(certificate("first"))
    async with open_door(tmp_path / "desk", certificate=file) as door:
        assert await name_shown(door) == "CN=first"
        screen, program = await door.session()
        await screen.types(b"sealed")
        assert await program.reads(6) == b"sealed"
        file.write_bytes(certificate("second"))
        assert await name_shown(door) == "CN=second"
        file.write_bytes(b"half of")
        assert await name_shown(door) == "CN=second", "one that can't be read changes nothing"


async def test_who_speaks_plainly_to_a_sealed_door_gets_nothing(tmp_path: Path) -> None:
    file = tmp_path / "both.pem"
    file.write_bytes(certificate("desk"))
    async with open_door(tmp_path / "desk", certificate=file) as door:
        answer = await closed(await connected(door, b"GET / HTTP/1.1\r\n\r\n"))
        assert b"HTTP" not in answer
        await until(lambda: door.listener.strangers == 0)

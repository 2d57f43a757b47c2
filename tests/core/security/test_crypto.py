"""The desk's key: made once, by one of many, for its owner alone; and what is derived from it."""

from __future__ import annotations

import base64
import os
import stat
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DeskError
from core.security import crypto
from core.security.crypto import KeyMissing, Keys

MASTER = bytes(range(32))


def made(path: Path) -> Keys:
    """A key that is in its place, as the making of a new desk leaves it."""
    new = crypto.for_new_desk(path)
    crypto.settle(path)
    return new


def test_it_is_made_for_its_owner_alone_and_takes_its_place_last(tmp_path: Path) -> None:
    path = tmp_path / "new" / "desk.key"
    first = crypto.for_new_desk(path)
    assert [one.name for one in path.parent.iterdir()] == ["desk.key.new"]
    crypto.settle(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert len(base64.b64decode(path.read_bytes())) == crypto.KEY_BYTES
    assert crypto.load(path).derive("x") == first.derive("x")
    assert [one.name for one in path.parent.iterdir()] == ["desk.key"]


def test_reading_makes_none(tmp_path: Path) -> None:
    with pytest.raises(KeyMissing) as missing:
        crypto.load(tmp_path / "desk.key")
    assert "backup" in missing.value.text()
    assert not list(tmp_path.iterdir())


def test_one_that_lies_there_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "desk.key"
    first = made(path)
    crypto.draft_of(path).write_bytes(b"another")
    crypto.settle(path)
    assert crypto.load(path).derive("x") == crypto.for_new_desk(path).derive("x") == first.derive("x")
    assert [one.name for one in tmp_path.iterdir()] == ["desk.key"]


def test_a_draft_that_was_left_behind_is_used_unless_it_is_half_written(tmp_path: Path) -> None:
    path = tmp_path / "desk.key"
    first = crypto.for_new_desk(path)
    assert crypto.for_new_desk(path).derive("x") == first.derive("x")
    crypto.draft_of(path).write_bytes(b"half")
    assert crypto.for_new_desk(path).derive("x") != first.derive("x")


def test_a_folder_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    """``security.key_file = "/etc/okienko.key"`` must not lock everybody out of /etc."""
    tmp_path.chmod(0o755)
    made(tmp_path / "okienko.key")
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o610])
def test_a_key_that_others_reach_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "desk.key"
    made(path)
    path.chmod(mode)
    with pytest.raises(DeskError) as refused:
        crypto.load(path)
    assert "chmod 600" in refused.value.text()


@pytest.mark.parametrize(
    "content", [b"", b"abc", b"\xff\x00", b"A" * 41, b"=" * 44, base64.b64encode(bytes(31)), b"!" * 44]
)
def test_a_damaged_key_is_told_of(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "desk.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(DeskError) as refused:
        crypto.load(path)
    assert "damaged" in refused.value.text()
    assert path.read_bytes() == content  # never replaced: what it sealed would be lost


@pytest.mark.parametrize("purpose", ["journal", "seal:totp", ""])
def test_derived_as_the_standard_says(purpose: str) -> None:
    """RFC 5869, against another implementation."""
    reference = HKDF(SHA256(), 32, salt=b"okienko", info=purpose.encode()).derive(MASTER)
    assert Keys(MASTER).derive(purpose) == reference


@given(st.lists(st.text(max_size=6), max_size=4), st.lists(st.text(max_size=6), max_size=4))
def test_parts_never_run_together(one: list[str], other: list[str]) -> None:
    own = Keys(MASTER)
    assert (own.mac("p", *one) == own.mac("p", *other)) == (one == other)


def test_what_is_sealed_opens_only_where_it_belongs() -> None:
    own = Keys(MASTER)
    sealed = own.seal("totp", "tajne ż", "7")
    assert own.unseal("totp", sealed, "7") == "tajne ż"
    assert "tajne" not in sealed
    assert own.seal("totp", "tajne ż", "7") != sealed
    raw = bytearray(base64.b64decode(sealed))
    raw[20] ^= 1
    changed = base64.b64encode(bytes(raw)).decode()
    for purpose, box, about, owner in (
        ("outbox", sealed, "7", own),
        ("totp", sealed, "8", own),
        ("totp", changed, "7", own),
        ("totp", sealed, "7", Keys(os.urandom(32))),
    ):
        with pytest.raises(InvalidTag):
            owner.unseal(purpose, box, about)


def test_it_does_not_show_itself() -> None:
    own = Keys(MASTER)
    own.derive("x")
    assert repr(own) == str(own) == "Keys(…)"

"""Passwords: policy, hashing, upgrading, and the places for hashing on one machine."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from passlib.context import CryptContext
from passlib.hash import argon2, pbkdf2_sha256, sha512_crypt

from core.errors import Invalid, Unavailable
from core.security import passwords


@pytest.fixture(autouse=True)
def cheap() -> Iterator[None]:
    before = passwords.use_profile("test")
    yield
    passwords.use_profile(before)
    passwords.use_slots(None)


def test_the_desk_hashes_with_argon2id_at_owasp_cost() -> None:
    passwords.use_profile("desk")
    hashed = passwords.hash("correct horse battery")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.verify("correct horse battery", hashed) == passwords.PasswordVerdict(ok=True)


@pytest.mark.parametrize("right", ["zażółć gęślą jaźń", "  spaces stay  ", "x" * 128, "nul\0inside", "🔑" * 8])
def test_a_password_is_taken_exactly(right: str) -> None:
    hashed = passwords.hash(right)
    assert passwords.verify(right, hashed).ok
    assert passwords.verify(unicodedata.normalize("NFD", right), hashed).ok
    for wrong in (right.upper() + "X", right[:-1], right + " ", right.replace("\0", ""), ""):
        if wrong != right:
            assert not passwords.verify(wrong, hashed).ok


@pytest.mark.parametrize(
    "old",
    [
        pbkdf2_sha256.using(rounds=10).hash("open sesame now"),
        sha512_crypt.using(rounds=1000).hash("open sesame now"),
        argon2.using(type="I", memory_cost=64, rounds=9).hash("open sesame now"),
    ],
    ids=["pbkdf2", "sha512_crypt", "argon2i"],
)
def test_an_outdated_hash_is_renewed_at_the_right_password_only(old: str) -> None:
    verdict = passwords.verify("open sesame now", old)
    assert verdict.ok
    assert verdict.new_hash is not None
    assert verdict.new_hash.startswith("$argon2id$")
    assert passwords.verify("open sesame now", verdict.new_hash) == passwords.PasswordVerdict(ok=True)
    assert passwords.verify("something else", old) == passwords.PasswordVerdict(ok=False)


@pytest.mark.parametrize(
    ("memory", "passes", "renewed"),
    [(19456, 2, False), (19456, 3, False), (47104, 1, False), (19456, 1, True), (8192, 9, True)],
)
def test_less_memory_or_work_is_renewed_and_more_is_never_weakened(memory: int, passes: int, renewed: bool) -> None:
    passwords.use_profile("desk")
    hashed = argon2.using(type="ID", memory_cost=memory, rounds=passes, parallelism=1).hash("open sesame now")
    assert (passwords.verify("open sesame now", hashed).new_hash is not None) is renewed


@pytest.mark.parametrize(
    "broken",
    [
        None,
        "",
        "!",
        "plain",
        "$argon2id$v=19$m=8,t=1,p=1$xx$yy",
        "$6$x",
        "$argon2id$v=19$m=999999999999,t=1,p=1$YWFhYWFhYWE$YQ",
    ],
)
def test_no_account_and_a_broken_hash_cost_one_hash_and_are_a_no(
    broken: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    passwords.verify("warm", None)
    calls: list[str] = []
    real = CryptContext.verify

    def counted(self: CryptContext, secret: str, hashed: str) -> bool:
        result = bool(real(self, secret, hashed))
        calls.append(hashed)
        return result

    monkeypatch.setattr(CryptContext, "verify", counted)
    assert passwords.verify("open sesame now", broken) == passwords.PasswordVerdict(ok=False)
    assert len(calls) == 1


def test_half_a_character_is_refused_and_never_right() -> None:
    assert passwords.verify("\ud800" * 8, passwords.hash("something")) == passwords.PasswordVerdict(ok=False)
    with pytest.raises(Invalid):
        passwords.hash("\ud800" * 8)
    said = passwords.problem("\ud800" * 20, alone=False)
    assert said is not None
    assert "type it again" in said.text()


CONTEXT = ("jan.kowalski", "jan.kowalski@example.com", "Barwa Instalacje Sp. z o.o.", "Okienko Serwis", "B123456789")


@pytest.mark.parametrize(
    ("password", "alone", "words"),
    [
        ("seven77", False, "At least 8"),
        ("fourteen signs", True, "At least 15"),
        ("x" * 129, False, "At most 128"),
        ("password1234", False, "tried first"),
        ("PassWord1234", False, "tried first"),
        ("qwertyuiop", False, "tried first"),
        ("warszawa2026", False, "tried first"),
        ("aaaaaaaaaaaaaaa", True, "tried first"),
        ("Jan.Kowalski", False, "can't be the password"),
        ("JAN.KOWALSKI@EXAMPLE.COM", True, "can't be the password"),
        ("barwa instalacje sp z oo", True, "can't be the password"),
        ("okienkoserwis", False, "can't be the password"),
        ("b123456789", False, "can't be the password"),
        ("zielony rower", False, None),
        ("łódka na Wiśle", False, None),
        ("fifteen letters", True, None),
        (" " * 3 + "trawa rośnie" + " " * 3, True, None),
        ("x9" + "long sentence " * 9, True, None),
    ],
)
def test_the_policy(password: str, alone: bool, words: str | None) -> None:
    said = passwords.problem(password, alone=alone, context=CONTEXT)
    if words is None:
        assert said is None
    else:
        assert said is not None
        assert words in said.text()
        assert password not in said.text()


def test_an_empty_context_word_forbids_nothing() -> None:
    assert passwords.problem("--------!", alone=False, context=("", "...")) is None


def test_the_common_list_is_large_sorted_and_of_policy_length() -> None:
    path = passwords.resources.folder("words") / "common-passwords.txt"
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert len(lines) >= 3000
    assert lines == sorted(set(lines))
    assert all(8 <= len(line) <= 64 and line == line.casefold() for line in lines)
    assert passwords.common() == set(lines)


def test_two_places_and_the_third_waits_in_vain(tmp_path: Path) -> None:
    with passwords.slots(tmp_path), passwords.slots(tmp_path):
        with pytest.raises(Unavailable), passwords.slots(tmp_path, wait=0):
            pass
        program = (
            "import sys, pathlib; from core.security import passwords\n"
            "passwords.slots(pathlib.Path(sys.argv[1]), wait=0).__enter__()"
        )
        other = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=False)
        assert "Unavailable" in other.stderr
    with passwords.slots(tmp_path, wait=0):
        pass


def test_hashing_takes_a_place_when_told_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "slots"
    passwords.use_slots(folder)
    hashed = passwords.hash("open sesame now")
    assert passwords.verify("open sesame now", hashed).ok
    assert sorted(file.name for file in folder.iterdir()) == ["hash-0.lock", "hash-1.lock"]
    assert folder.stat().st_mode & 0o777 == 0o700


def test_passlib_waits_until_the_first_hash() -> None:
    program = "import sys, core.security.passwords; raise SystemExit('passlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@settings(deadline=None)
@given(st.text(max_size=200))
def test_what_the_policy_takes_can_be_stored_and_verified(password: str) -> None:
    if passwords.problem(password, alone=False) is None:
        assert passwords.verify(password, passwords.hash(password)).ok


@settings(deadline=None)
@given(st.text(max_size=80))
def test_no_stored_text_raises(hashed: str) -> None:
    assert passwords.verify("open sesame now", hashed) == passwords.PasswordVerdict(ok=False)

"""Passwords: the only module that knows passlib.

What is typed is NFKC-normalised once and otherwise taken as it is: never trimmed, cut or case-folded. Hashed
with Argon2id at OWASP's parameters (19 MiB, two passes, one lane: 14 ms here; docs/facts.md, *Passwords and codes*);
hashes of older schemes verify and come back renewed, those stronger than ours are left alone, which passlib's own
``verify_and_update`` would not do. passlib is imported at the first hash (42 ms).
"""

from __future__ import annotations

import os
import time
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from core import resources
from core.errors import Invalid, Say, Unavailable, say
from core.i18n.translation import N_

if TYPE_CHECKING:
    from passlib.context import CryptContext

SHORTEST = 8
SHORTEST_ALONE = 15
LONGEST = 128
AT_ONCE = 2
"""How many hashes run at the same time on one machine: each takes 19 MiB and a core."""

Profile = Literal["desk", "test"]


@dataclass(frozen=True, slots=True)
class _Cost:
    memory: int
    """KiB."""
    passes: int


_COSTS: dict[Profile, _Cost] = {"desk": _Cost(memory=19456, passes=2), "test": _Cost(memory=8, passes=1)}


@dataclass(frozen=True, slots=True)
class PasswordVerdict:
    """``ok``: the password is right. ``new_hash``: what to store instead of the old hash, when it is outdated."""

    ok: bool
    new_hash: str | None = None


class _Hasher:
    """A ``CryptContext`` for one cost, with the hash that stands in for accounts that do not exist."""

    def __init__(self, cost: _Cost) -> None:
        from passlib.context import CryptContext

        self.cost = cost
        self.context: CryptContext = CryptContext(
            ["argon2", "pbkdf2_sha256", "sha512_crypt"],
            deprecated="auto",
            argon2__type="ID",
            argon2__memory_cost=cost.memory,
            argon2__time_cost=cost.passes,
            argon2__parallelism=1,
        )
        # Made here, so that the first login of all costs the same for known and unknown accounts.
        self.nobody: str = self.context.hash("nobody has this password")

    def matches(self, password: str, hashed: str) -> bool | None:
        """None when ``hashed`` is no hash that can be checked (empty, cut, of an unknown scheme)."""
        try:
            return bool(self.context.verify(password, hashed))
        except ValueError:
            return None

    def outdated(self, hashed: str) -> bool:
        """Weaker than today's: another scheme, another kind of Argon2, less memory, or less work in all."""
        if self.context.identify(hashed) != "argon2":
            return True
        parsed = self.context.handler("argon2").from_string(hashed)
        work = parsed.memory_cost * parsed.rounds
        return bool(
            parsed.type.upper() != "ID"
            or parsed.version < 0x13
            or parsed.memory_cost < self.cost.memory
            or work < self.cost.memory * self.cost.passes
        )


@lru_cache(maxsize=len(_COSTS))
def _hasher_of(profile: Profile) -> _Hasher:
    return _Hasher(_COSTS[profile])


@dataclass(slots=True)
class _Use:
    profile: Profile = "desk"
    slots: Path | None = None


_use = _Use()


def use_profile(profile: Profile) -> Profile:
    """``test`` makes a hash take 0.1 ms and be worth as little; only a test's set-up calls this.

    Returns the profile that was in use before.
    """
    before, _use.profile = _use.profile, profile
    return before


def use_slots(folder: Path | None) -> None:
    """Where the slot files of this machine are (see :func:`slots`); None, the start, means no limit."""
    _use.slots = folder


@contextmanager
def slots(folder: Path, *, wait: float = 5.0) -> Iterator[None]:
    """Hold one of the machine's :data:`AT_ONCE` places for hashing.

    Every session is its own process, so the limit is an exclusive ``flock`` on one of as many files in ``folder``;
    a process that dies gives its place back. Raises :class:`Unavailable` when none is free within ``wait`` seconds.
    """
    import fcntl

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = [os.open(folder / f"hash-{number}.lock", os.O_RDWR | os.O_CREAT, 0o600) for number in range(AT_ONCE)]
    deadline = time.monotonic() + wait
    try:
        while not any(_taken(file) for file in files):
            if time.monotonic() >= deadline:
                raise Unavailable(N_("Too many people are logging in at this moment. Please try again shortly."))
            time.sleep(0.02)
        yield
    finally:
        for file in files:
            fcntl.flock(file, fcntl.LOCK_UN)
            os.close(file)


def _taken(file: int) -> bool:
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _hashing() -> Iterator[_Hasher]:
    with slots(_use.slots) if _use.slots else nullcontext():
        yield _hasher_of(_use.profile)


def normalised(password: str) -> str:
    """NFKC: the same password typed with a composed or a decomposed ``ą`` is the same (RFC 8265 §4.2 takes NFC)."""
    return unicodedata.normalize("NFKC", password)


def _unusable(password: str) -> bool:
    """Beyond any password we would have taken, or not text at all (half of a surrogate pair)."""
    return len(password) > 4 * LONGEST or any("\ud800" <= sign <= "\udfff" for sign in password)


def hash(password: str) -> str:  # noqa: A001 - read as passwords.hash
    """What to store for ``password``. Raises :class:`Invalid` for what cannot be encoded; :func:`problem` says more."""
    if _unusable(password):
        raise Invalid({"password": say(_UNREADABLE)})
    with _hashing() as hasher:
        return str(hasher.context.hash(normalised(password)))


def verify(password: str, hashed: str | None) -> PasswordVerdict:
    """Whether ``password`` is the one behind ``hashed``.

    Costs one hash in any case: for an account that does not exist (``hashed`` is None) and for a broken hash, the
    stand-in is computed and the answer is no (ASVS 6.3.8). A right password behind an outdated hash costs two.
    """
    if _unusable(password):
        return PasswordVerdict(ok=False)
    typed = normalised(password)
    with _hashing() as hasher:
        right = hasher.matches(typed, hashed) if hashed else None
        if right is None or hashed is None:
            hasher.matches(typed, hasher.nobody)
            return PasswordVerdict(ok=False)
        renewed = str(hasher.context.hash(typed)) if right and hasher.outdated(hashed) else None
        return PasswordVerdict(ok=right, new_hash=renewed)


_UNREADABLE = N_("This password holds a character that can't be stored. Please type it again.")


def problem(password: str, *, alone: bool, context: Iterable[str] = ()) -> Say | None:
    """Why ``password`` cannot be taken, or None.

    ``alone``: no second step guards the account, so 15 characters are needed instead of 8 (NIST SP 800-63B-4,
    ASVS 6.2.1). ``context``: what an attacker tries first - login, e-mail, company, the desk's name, a device ID;
    compared without regard to case, spaces and punctuation. There are no rules of composition (ASVS 6.2.5).
    """
    if any("\ud800" <= sign <= "\udfff" for sign in password):
        return say(_UNREADABLE)
    typed = normalised(password)
    least = SHORTEST_ALONE if alone else SHORTEST
    if len(typed) < least:
        return say(N_("At least {limit} characters: a few words in a row are easy to remember."), limit=least)
    if len(typed) > LONGEST:
        return say(N_("At most {limit} characters."), limit=LONGEST)
    if typed.casefold() in common():
        return say(N_("This password is on the list of those that are tried first. Please choose another one."))
    if any(_bare(typed) == _bare(normalised(known)) for known in context if known):
        return say(N_("Your login, e-mail, company, device or this desk's name can't be the password."))
    return None


def _bare(text: str) -> str:
    folded = text.casefold()
    return "".join(sign for sign in folded if sign.isalnum()) or folded


@lru_cache(maxsize=1)
def common() -> frozenset[str]:
    """The shipped list, lower case: ``data/words/common-passwords.txt`` (how it is made stands at its top)."""
    text = (resources.folder("words") / "common-passwords.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))

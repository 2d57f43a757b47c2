"""What is told to others while one program brings the desk's tables up to date: that they wait, and how far it is.

Beside an SQLite file it is written in a small file, which its writer keeps locked: a notice that nobody holds is left
over from a program that was killed, and means nothing. On a server it is the name of the connection that does it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from pathlib import Path

from core.errors import Say, say
from core.i18n.translation import N_

NAME = "okienko-upgrade"
"""How the connection of whoever upgrades a server begins its name; the step and their number follow."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is. ``step`` of ``of`` migrations is under way; before the first (0) the file is copied, and
    ``percent`` of it is there."""

    step: int
    of: int
    percent: int = 0

    def say(self) -> Say:
        """One sentence for whoever waits."""
        if self.step == 0:
            return say(
                N_("The desk is being brought up to date: first it is copied ({percent} %). Please wait."),
                percent=self.percent,
            )
        return say(
            N_("The desk is being brought up to date: step {step} of {of}. Please wait."), step=self.step, of=self.of
        )

    def name(self) -> str:
        """As a connection is called meanwhile."""
        return f"{NAME} {self.step}/{self.of}"


Teller = Callable[[Say], None]
_listener: ContextVar[Teller | None] = ContextVar("who hears that the desk must be waited for", default=None)


@contextlib.contextmanager
def heard_by(teller: Teller) -> Iterator[None]:
    """Whoever opens a desk inside the block waits for an upgrade as long as it takes, and ``teller`` hears how far it
    is: also of the one that the block makes itself."""
    token = _listener.set(teller)
    try:
        yield
    finally:
        _listener.reset(token)


def listener() -> Teller | None:
    """Who hears of it here; None where nobody can be told, and so nobody waits for long."""
    return _listener.get()


def tell(progress: Progress) -> None:
    """Tell whoever listens here."""
    teller = _listener.get()
    if teller is not None:
        teller(progress.say())


class Posted:
    """The notice beside a file, for as long as it is open."""

    def __init__(self, lock: Path, file: Path, copy: Path) -> None:
        self._path = _beside(lock)
        self._where = {"file": str(file), "copy": str(copy)}
        self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._handle, fcntl.LOCK_EX)

    def write(self, progress: Progress) -> None:
        content = json.dumps({**asdict(progress), **self._where}).encode()
        os.pwrite(self._handle, content.ljust(_LONGEST), 0)

    def take_down(self) -> None:
        self._path.unlink(missing_ok=True)
        os.close(self._handle)


_LONGEST = 4096


def read(lock: Path) -> Progress | None:
    """What is posted beside the ``lock`` of a file; None when nobody brings it up to date."""
    try:
        handle = os.open(_beside(lock), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return _read(handle)
    finally:
        os.close(handle)


def _read(handle: int) -> Progress | None:
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        pass
    else:
        return None
    try:
        content = json.loads(os.pread(handle, _LONGEST, 0))
        progress = Progress(int(content["step"]), int(content["of"]))
    except (ValueError, TypeError, KeyError):
        return None  # not written yet
    if progress.step:
        return progress
    return Progress(0, progress.of, _percent(Path(content["copy"]), Path(content["file"])))


def _percent(part: Path, whole: Path) -> int:
    with contextlib.suppress(OSError, ZeroDivisionError):
        return min(99, part.stat().st_size * 100 // whole.stat().st_size)
    return 0


def named(name: str) -> Progress | None:
    """What the name of a server's connection tells."""
    begins, _space, rest = name.partition(" ")
    step, _slash, of = rest.partition("/")
    return Progress(int(step), int(of)) if begins == NAME and step.isdecimal() and of.isdecimal() else None


def _beside(lock: Path) -> Path:
    return lock.with_suffix(".upgrade")

"""What somebody with an SSH client could try besides the desk, each tried with the system's own client."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SECONDS = 8.0
"""After which a probe that goes on has found something open."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a door is, and by which key to knock."""

    host: str
    port: int
    user: str
    key: Path


@dataclass
class Canary:
    """A port of this machine that nobody outside can reach: whoever gets to it came through the door."""

    port: int
    visits: int = 0
    _listener: socket.socket = field(repr=False, default_factory=socket.socket)

    def watch(self) -> None:
        """Count whoever comes, until the listener is closed."""
        with contextlib.suppress(OSError):
            while True:
                client, _address = self._listener.accept()
                self.visits += 1
                client.sendall(b"canary\n")
                client.close()


@contextlib.contextmanager
def canary() -> Iterator[Canary]:
    """One that is alive within the block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        bird = Canary(listener.getsockname()[1], _listener=listener)
        thread = threading.Thread(target=bird.watch, daemon=True)
        thread.start()
        yield bird
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(SECONDS)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try ended. ``status`` is None when it went on until it was stopped."""

    status: int | None
    output: str
    visits: int


Words = Callable[[Place, Canary, Path], Sequence[str]]


def _ssh(*more: str, end: Sequence[str] = ()) -> Words:
    def words(place: Place, bird: Canary, folder: Path) -> list[str]:
        filled = [each.format(canary=bird.port, folder=folder) for each in more]
        return ["ssh", *_options(place, "-p"), *filled, f"{place.user}@{place.host}", *end]

    return words


def _copy(program: str, *more: str) -> Words:
    def words(place: Place, _bird: Canary, folder: Path) -> list[str]:
        there = f"{place.user}@{place.host}:/etc/passwd" if program == "scp" else f"{place.user}@{place.host}"
        ends = [there, str(folder / "stolen")] if program == "scp" else [there]
        return [program, *_options(place, "-P"), *more, *ends]

    return words


def _options(place: Place, port: str) -> list[str]:
    set_ = ["UserKnownHostsFile=/dev/null", "StrictHostKeyChecking=no", "LogLevel=ERROR", "IdentitiesOnly=yes"]
    set_ += ["ConnectTimeout=5", "KbdInteractiveAuthentication=yes", "PasswordAuthentication=no"]
    options = [word for each in set_ for word in ("-o", each)]
    return ["-F", "/dev/null", *options, port, str(place.port), "-i", str(place.key)]


def _is_refused(outcome: Outcome) -> bool:
    return outcome.status not in (0, None) and not outcome.visits


def _is_harmless(outcome: Outcome) -> bool:
    """The door answers, and nothing of what was brought is there."""
    marks = ("uid=", "canary", "preload", "SSH_AUTH_SOCK=/", "DISPLAY=")
    return outcome.status is not None and not outcome.visits and not any(mark in outcome.output for mark in marks)


@dataclass(frozen=True, slots=True)
class Probe:
    """One try: what it is called, what is run, and how it must end."""

    name: str
    words: Words
    holds: Callable[[Outcome], bool] = _is_refused
    variables: tuple[tuple[str, str], ...] = ()


_FAILS = ("-o", "ExitOnForwardFailure=yes", "-N")
PROBES: tuple[Probe, ...] = (
    Probe("forward to a port (-W)", _ssh("-W", "127.0.0.1:{canary}")),
    Probe("forward to the door itself (-W)", _ssh("-W", "localhost:22")),
    Probe("listen there (-R)", _ssh(*_FAILS, "-R", "0:127.0.0.1:{canary}")),
    Probe("listen there as a proxy (-R)", _ssh(*_FAILS, "-R", "0")),
    Probe("listen at a socket there (-R)", _ssh(*_FAILS, "-R", "{folder}/there:127.0.0.1:{canary}")),
    Probe("a network of one's own (-w)", _ssh(*_FAILS, "-w", "any:any")),
    Probe("a subsystem (-s)", _ssh("-s", end=["bogus"])),
    Probe("sftp", _copy("sftp", "-b", "/dev/null")),
    Probe("scp", _copy("scp")),
    Probe("scp, the old way (-O)", _copy("scp", "-O")),
    Probe("a command", _ssh(end=["id"]), _is_harmless),
    Probe("a command in another's clothes", _ssh(end=["invoice 1; id"]), _is_harmless),
    Probe("a shell", _ssh(end=["/bin/sh", "-i"]), _is_harmless),
    Probe("no terminal (-T)", _ssh("-T"), _is_harmless),
    Probe("one's own agent (-A)", _ssh("-A", end=["env"]), _is_harmless),
    Probe("one's own display (-X)", _ssh("-X", end=["env"]), _is_harmless, (("DISPLAY", ":0"),)),
    Probe(
        "variables that load code",
        _ssh("-o", "SendEnv=LD_PRELOAD PYTHONINSPECT PYTHONPATH BASH_ENV", end=["env"]),
        _is_harmless,
        (("PYTHONINSPECT", "1"), ("BASH_ENV", "/nowhere/canary")),
    ),
    Probe("old ciphers", _ssh("-c", "aes128-cbc", end=["x"])),
    Probe("old checksums", _ssh("-c", "aes128-ctr", "-m", "hmac-sha1", end=["x"])),
    Probe("old key exchange", _ssh("-o", "KexAlgorithms=diffie-hellman-group14-sha1", end=["x"])),
    Probe("a password", _ssh("-o", "PreferredAuthentications=password", "-o", "PubkeyAuthentication=no", end=["x"])),
)


def run(place: Place) -> Iterator[tuple[Probe, Outcome, bool]]:
    """Try everything; each with how it ended, and whether the door has held."""
    with canary() as bird, tempfile.TemporaryDirectory(prefix="okienko-probes-") as made:
        folder = Path(made)
        for probe in PROBES:
            outcome = _try(probe, place, bird, folder)
            yield probe, outcome, probe.holds(outcome) and not (folder / "stolen").exists()


def _try(probe: Probe, place: Place, bird: Canary, folder: Path) -> Outcome:
    program, *words = probe.words(place, bird, folder)
    before = bird.visits
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), **dict(probe.variables)}
    try:
        done = subprocess.run(  # noqa: S603 - the system's own client, with nothing that anybody typed
            [shutil.which(program) or program, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
            env=environment,
        )
    except subprocess.TimeoutExpired as late:
        text = "".join(str(part or "") for part in (late.stdout, late.stderr))
        return Outcome(None, text, bird.visits - before)
    return Outcome(done.returncode, done.stdout + done.stderr, bird.visits - before)

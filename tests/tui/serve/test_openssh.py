"""The operator's own sshd as a door: real programs, an account that only sshd starts, and all that a client could try
besides the desk. And the same tries at our own door."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.service.settings import Settings
from tests.support.pty import Terminal
from tests.support.server import Server, set_up
from tui.serve.openssh import check, probes, setup
from tui.serve.openssh.probes import PROBES, Place

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
pytestmark = [
    pytest.mark.thorough,
    pytest.mark.xdist_group("openssh"),
    pytest.mark.skipif(SSHD is None or shutil.which("ssh") is None, reason="no OpenSSH on this machine"),
]
USER = "okienko-test"


@pytest.fixture(scope="module")
def own_folder() -> Iterator[Path]:
    """Where only root can write: sshd runs no command from anywhere else, and nothing below /tmp is such a place."""
    if os.geteuid() != 0:
        pytest.skip("only root can start sshd for another account")
    folder = Path(tempfile.mkdtemp(prefix="okienko-test-", dir="/usr/local/lib"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def account(own_folder: Path) -> Iterator[pwd.struct_passwd]:
    """The unix account that only sshd starts; it goes with the module."""
    shell = str(own_folder / "kiosk")
    words = ["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", shell, USER]
    subprocess.run(words, check=True, capture_output=True)
    try:
        yield pwd.getpwnam(USER)
    finally:
        subprocess.run(["userdel", USER], check=True, capture_output=True)


@pytest.fixture(scope="module")
def server(own_folder: Path, account: pwd.struct_passwd) -> Iterator[Server]:
    """The desk's server, which takes visitors from that account as well."""
    folder = set_up(own_folder / "desk")
    config = own_folder / "okienko.toml"
    config.write_text(
        f"[ssh]\nkiosk_uid = {account.pw_uid}\n[serve]\nkiosk = '{own_folder / 'door'}'\n", encoding="ascii"
    )
    with Server(folder, OKIENKO_CONFIG=str(config)).running() as running:
        yield running


@pytest.fixture(scope="module")
def settings(own_folder: Path, server: Server, account: pwd.struct_passwd) -> Iterator[Settings]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OKIENKO_CONFIG", str(own_folder / "okienko.toml"))
        patch.setenv("OKIENKO_DATA_DIR", str(server.folder))
        yield Settings.load()


@pytest.fixture(scope="module")
def sshd(own_folder: Path, settings: Settings) -> Iterator[Place]:
    """sshd as ``okienko ssh setup`` writes it."""
    setup.write(settings, own_folder, user=USER, address="127.0.0.1", port=1)
    assert SSHD is not None
    with check._started(SSHD, own_folder, USER) as place:
        assert place is not None
        yield place


@contextlib.contextmanager
def client(place: Place, *more: str) -> Iterator[Terminal]:
    words = ["ssh", "-t", *probes._options(place, "-p"), f"{place.user}@{place.host}", *more]
    with Terminal(
        words, env={"PATH": os.environ["PATH"], "TERM": "xterm-256color", "HOME": "/nonexistent"}
    ) as terminal:
        yield terminal


def test_whoever_comes_gets_the_desk_and_leaves_in_order(sshd: Place, server: Server) -> None:
    with client(sshd) as terminal:
        terminal.wait_for("Login or e-mail")
        begun = [line for line in server.lines if line.startswith("session_begin")][-1]
        assert "source=sshd" in begun
        assert "key=SHA256:" in begun, "sshd has proven the key, and says so"
        before = len(terminal.raw)
        terminal.resize(60, 20)
        terminal.wait_for(lambda it: len(it.raw) > before + 500)
        terminal.send(b"\x11")
        assert terminal.wait() == 0


def test_a_letters_command_opens_its_form(sshd: Place) -> None:
    with client(sshd, "confirm", "K7QF-M2XD-9PLT-3HWC") as terminal:
        terminal.wait_for("K7QF-M2XD-9PLT-3HWC")


def test_when_the_client_is_gone_its_session_ends(sshd: Place, server: Server) -> None:
    with client(sshd) as terminal:
        terminal.wait_for("Login or e-mail")
        pid = server.sessions()[-1]
        terminal.signal(signal.SIGKILL)
        server.until(lambda: not server.alive(pid))


def test_everything_is_in_order(own_folder: Path, settings: Settings, sshd: Place) -> None:
    wrong = [finding for finding in check.check(settings, own_folder, USER) if not finding.ok]
    assert wrong == []


def test_what_others_could_change_is_found(own_folder: Path, settings: Settings, sshd: Place) -> None:
    (own_folder / "anykey").chmod(0o777)
    try:
        findings = {finding.name: finding for finding in check._files(own_folder)}
        assert not findings[str(own_folder / "anykey")].ok
        assert findings[str(own_folder / "kiosk")].ok
    finally:
        (own_folder / "anykey").chmod(0o755)


def test_at_our_own_door_nothing_is_open_either(server: Server, tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    place = Place("127.0.0.1", server.port, "desk", key)
    tried = {probe.name: (holds, outcome) for probe, outcome, holds in probes.run(place)}
    assert len(tried) == len(PROBES)
    assert {name: outcome for name, (holds, outcome) in tried.items() if not holds} == {}


def test_a_door_that_forwards_is_found(own_folder: Path, settings: Settings, sshd: Place, tmp_path: Path) -> None:
    closing = ("DisableForwarding", "AllowTcp", "AllowStream", "PermitOpen", "PermitListen", "AcceptEnv")
    lines = (own_folder / "sshd_config").read_text(encoding="ascii").splitlines()
    open_ = own_folder / "open"
    open_.mkdir()
    kept = [line for line in lines if not line.startswith(closing)]
    (open_ / "sshd_config").write_text("\n".join([*kept, "AcceptEnv LD_PRELOAD"]), encoding="ascii")
    assert SSHD is not None
    with check._started(SSHD, open_, USER) as place:
        assert place is not None
        found = {probe.name for probe, _outcome, holds in probes.run(place) if not holds}
    assert {"forward to a port (-W)", "listen there (-R)", "listen there as a proxy (-R)"} <= found

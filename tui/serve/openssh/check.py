"""``okienko ssh check FOLDER``: whether what ``setup`` wrote is still as it was, and whether anything comes through."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from core.i18n.translation import _
from core.service.settings import Settings
from tui.machine.finding import Finding
from tui.serve.openssh import probes
from tui.serve.openssh.probes import Place

SECONDS = 10.0
FILES = ("anykey", "kiosk", "forward.py", "sshd_config")


def check(settings: Settings, folder: Path, user: str) -> Iterator[Finding]:
    """Everything that is wrong or in order: the files, the account, the settings, then sshd itself at loopback."""
    yield from _files(folder)
    account = _account(user)
    yield from _about_account(settings, folder, user, account)
    sshd = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if sshd is None:
        yield Finding("sshd", False, _("There is no sshd on this machine."), _("Install openssh-server."))
        return
    complaint = _run([sshd, "-t", "-f", str(folder / "sshd_config")])
    if complaint:
        yield Finding("sshd", False, complaint, _("Run “okienko ssh setup” again."))
        return
    if os.geteuid() != 0 or account is None:
        yield Finding("probes", True, _("Only root can try them, with the account there."), warning=True)
        return
    with _started(sshd, folder, user) as place:
        if place is None:
            yield Finding("sshd", False, _("sshd did not start with this configuration."))
            return
        for probe, outcome, holds in probes.run(place):
            verdict = (
                _("closed")
                if holds
                else _("OPEN ({status}): {text}").format(status=outcome.status, text=outcome.output.strip()[-120:])
            )
            yield Finding(probe.name, holds, verdict)


def _files(folder: Path) -> Iterator[Finding]:
    """sshd refuses a command that others could have changed; so does this."""
    for name in FILES:
        path = folder / name
        if not path.is_file():
            yield Finding(str(path), False, _("It isn't there."), _("Run “okienko ssh setup” again."))
            continue
        loose = [each for each in (path, *path.parents) if each.stat().st_mode & 0o022 or each.stat().st_uid != 0]
        if loose:
            text = _("Somebody else than root can change {path}.").format(path=loose[0])
            yield Finding(str(path), False, text, _("Put the folder where only root can write, and own it as root."))
        else:
            yield Finding(str(path), True, _("only root can change it"))


def _account(user: str) -> pwd.struct_passwd | None:
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(user)
    return None


def _about_account(settings: Settings, folder: Path, user: str, account: pwd.struct_passwd | None) -> Iterator[Finding]:
    if account is None:
        do = _("useradd --system --no-create-home --home-dir /nonexistent --shell {shell} {user}").format(
            shell=folder / "kiosk", user=user
        )
        yield Finding("account", False, _("There is no unix account {user}.").format(user=user), do)
        return
    if account.pw_shell != str(folder / "kiosk"):
        do = f"usermod --shell {folder / 'kiosk'} {user}"
        yield Finding(
            "account", False, _("Its shell is {shell}: a way past the desk.").format(shell=account.pw_shell), do
        )
    home = Path(account.pw_dir)
    if home.exists() and (home.stat().st_uid != 0 or home.stat().st_mode & 0o022):
        text = _("Its home {path} can be written by others: what lies there is loaded by a session.")
        yield Finding("account", False, text.format(path=home), f"chown root: {home}; chmod 755 {home}")
    if settings.ssh.kiosk_uid != account.pw_uid or not settings.beyond_doubt:
        do = _("ssh.kiosk_uid = {uid}, in an okienko.toml that only root can write").format(uid=account.pw_uid)
        yield Finding("settings", False, _("The server does not take visitors from this account."), do)
    else:
        yield Finding("account", True, _("{user} is nobody's but sshd's").format(user=user))


@contextlib.contextmanager
def _started(sshd: str, folder: Path, user: str) -> Iterator[Place | None]:
    """sshd with the configuration, at a free port of loopback, and a key that nobody knows."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # Debian's sshd wants it even for a moment
    with tempfile.TemporaryDirectory(prefix="okienko-check-") as made:
        key = Path(made) / "key"
        _run([shutil.which("ssh-keygen") or "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)])
        with (Path(made) / "log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - the system's own
                [sshd, "-D", "-e", "-f", str(folder / "sshd_config"), "-p", str(port), "-o", "ListenAddress=127.0.0.1"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            yield Place("127.0.0.1", port, user, key) if _answers(process, port) else None
        finally:
            process.terminate()
            process.wait(SECONDS)


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    deadline = time.monotonic() + SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        time.sleep(0.05)
    return False


def _run(words: list[str]) -> str:
    """What a program says when it fails; empty when it doesn't."""
    done = subprocess.run(words, capture_output=True, text=True, errors="replace", timeout=SECONDS)  # noqa: S603
    return "" if done.returncode == 0 else (done.stderr or done.stdout).strip()

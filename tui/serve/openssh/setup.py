"""``okienko ssh setup FOLDER``: write what an sshd needs to be the desk's door, and try whether it holds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from core import paths
from core.errors import DeskError
from core.i18n.translation import N_
from core.service.settings import Settings
from tui.serve.openssh import texts

FORWARD = Path(__file__).with_name("forward.py")
KEYGEN_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Written:
    """What was written, for the account ``user``."""

    folder: Path
    user: str
    config: Path
    match: Path


def write(settings: Settings, folder: Path, *, user: str, address: str, port: int) -> Written:
    """Write the files; what is there from an earlier time is replaced, but for the host key.

    Args:
        user: The unix account that sshd starts the desk as, and nobody else uses.
        address: What the instance of its own listens on.

    Raises:
        DeskError: The folder can't be written, or a place in a name would be taken for an end by the shell.
    """
    if settings.serve.kiosk is None:
        raise DeskError(
            N_("Say in {file} where the server takes visitors from sshd: serve.kiosk, such as /run/okienko/kiosk"),
            file="okienko.toml",
        )
    folder = folder.absolute()
    program = Path(sys.executable).with_name("okienko")
    python = _python()
    for path in (folder, settings.serve.kiosk, program, python, paths.settings_file(), settings.data_dir):
        if set(str(path)) & set(" \t\n'\"$`\\;&|<>*?()"):
            raise DeskError(N_("{path}: such a place can't be named in a shell script safely."), path=str(path))
    try:
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        kiosk = texts.KIOSK.format(
            config=paths.settings_file(),
            data=settings.data_dir,
            python=python,
            forward=folder / "forward.py",
            socket=settings.serve.kiosk,
            program=program,
        )
        _file(folder / "forward.py", FORWARD.read_text(encoding="ascii"), 0o644)
        _file(folder / "anykey", texts.ANY_KEY, 0o755)
        _file(folder / "kiosk", kiosk, 0o755)
        config = _file(
            folder / "sshd_config",
            texts.instance(folder, user=user, address=address, port=port, pam=os.geteuid() == 0),
            0o644,
        )
        match = _file(folder / "match.conf", texts.match_block(folder, user=user), 0o644)
        _host_key(folder / "ssh_host_ed25519_key")
    except OSError as error:
        raise DeskError(
            N_("{path} can't be written: {why}"), path=str(error.filename or folder), why=error.strerror or "?"
        ) from error
    return Written(folder, user, config, match)


def _python() -> Path:
    """An interpreter that any account can run: the desk's own may be in a folder of its owner's. What it is to run
    needs nothing but what is built in."""
    own = Path(sys.executable).resolve()
    open_to_all = all(each.stat().st_mode & 0o001 for each in (own, *own.parents))
    others = Path(shutil.which("python3", path="/usr/bin:/usr/local/bin") or own)
    return own if open_to_all else others


def _file(path: Path, text: str, mode: int) -> Path:
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(text, encoding="ascii")
    draft.chmod(mode)
    return draft.replace(path)


def _host_key(path: Path) -> None:
    if path.exists():
        return
    keygen = shutil.which("ssh-keygen") or "/usr/bin/ssh-keygen"
    subprocess.run(  # noqa: S603 - the system's own, with nothing that anybody typed
        [keygen, "-q", "-t", "ed25519", "-N", "", "-C", "okienko", "-f", str(path)], check=True, timeout=KEYGEN_SECONDS
    )

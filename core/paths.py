"""Where a desk lives on disk. Light on purpose: the first frame asks it for the desk's name."""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from core.errors import DeskError, Say, say
from core.i18n import translation
from core.i18n.translation import N_

APPLICATION = "okienko"


def data_folder() -> Path:
    """The folder of this machine's desk: OKIENKO_DATA_DIR, or the user's data folder."""
    folder = os.environ.get("OKIENKO_DATA_DIR", "")
    if folder:
        return Path(folder).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir(APPLICATION))


def state_folder() -> Path:
    """What belongs to this user rather than to the desk: remembered logins, the log of incidents."""
    if os.environ.get("OKIENKO_DATA_DIR", ""):
        return data_folder() / "state"
    import platformdirs

    return Path(platformdirs.user_state_dir(APPLICATION))


def settings_file() -> Path:
    """``okienko.toml``: OKIENKO_CONFIG, or beside the desk."""
    file = os.environ.get("OKIENKO_CONFIG", "")
    return Path(file).expanduser().absolute() if file else data_folder() / "okienko.toml"


def keys_file() -> Path:
    """``keys.toml``: the reader's own choice of keys, beside the settings."""
    return settings_file().with_name("keys.toml")


def desk_name() -> str:
    """The desk's name for the first frame."""
    return desk_setting("name") or "Okienko"


def desk_setting(name: str) -> str:
    """A text of ``[desk]`` for the first frame, without loading the settings; empty where none is given. Broken ones
    are told later, in full."""
    variable = os.environ.get(f"OKIENKO_DESK__{name.upper()}", "")
    if variable:
        return variable
    try:
        text = settings_file().read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""
    import tomllib

    try:
        section = tomllib.loads(text).get("desk", {})
    except tomllib.TOMLDecodeError:
        return ""
    value = section.get(name, "") if isinstance(section, dict) else ""
    return value if isinstance(value, str) else ""


translation.ask_desk(lambda: desk_setting("language"))


@contextlib.contextmanager
def alone(folder: Path, name: str) -> Iterator[bool]:
    """Whether this is the only process (and thread) that holds the lock ``name`` in ``folder``; never waits."""
    import fcntl

    private_folder(folder)
    file = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(file)


def private_folder(folder: Path) -> Path:
    """Make ``folder``, and what leads to it, for their owner only (0700). One that is there already is somebody's
    choice and is never changed; what is made in it belongs to its owner only all the same.

    Raises:
        DeskError: It is no folder, belongs to somebody else, or others can write in it: they could put files of their
            own in the place of the desk's.
    """
    missing = [each for each in (folder, *folder.parents) if not os.path.lexists(each)]
    for each in reversed(missing):
        with contextlib.suppress(FileExistsError):  # another process was faster
            each.mkdir(mode=0o700)
    wrong = unsafe(folder)
    if wrong is not None:
        raise DeskError(wrong.msgid, **wrong.params)
    return folder


def unsafe(folder: Path) -> Say | None:
    """Why nothing secret can be kept in ``folder``; None when it can."""
    status = folder.stat()
    if not stat.S_ISDIR(status.st_mode):
        return say(N_("{path} is a file, and a folder is needed there."), path=str(folder))
    if status.st_uid != os.geteuid():
        return say(
            N_("The folder {path} belongs to somebody else. Run Okienko as its owner, or name another folder."),
            path=str(folder),
        )
    if status.st_mode & 0o022:
        return say(
            N_("Others can write in the folder {path}. Make it yours alone (chmod 700), or name another folder."),
            path=str(folder),
        )
    return None


def keep_names(folder: Path) -> None:
    """Have the disk keep what was renamed in ``folder``, as ``fsync`` has it keep what is in a file."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

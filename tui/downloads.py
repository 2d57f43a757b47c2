"""Files that a reader keeps: into their own folder, readable by them alone, and nothing of theirs is overwritten."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from core.errors import DeskError, say
from core.i18n.translation import N_

_MOST = 1000


def folder() -> Path:
    """Where downloads go on this computer, or else where one is."""
    import platformdirs

    path = Path(os.environ.get("XDG_DOWNLOAD_DIR") or platformdirs.user_downloads_dir())
    return path if path.is_dir() else Path.cwd()


def keep(name: str, content: bytes, into: Path) -> Path:
    """Write ``content`` as ``name`` (or ``name-2``, ``name-3``…) in one step, so that there is the whole file or none;
    returns where it is. Raises :class:`DeskError` when the folder can't be written."""
    try:
        return _keep(name, content, into)
    except OSError as error:
        raise DeskError(
            say(
                N_("The file can't be written in {folder}: {why}"),
                folder=str(into),
                why=error.strerror or type(error).__name__,
            )
        ) from error


def _keep(name: str, content: bytes, into: Path) -> Path:
    number, draft = tempfile.mkstemp(dir=into, prefix=".okienko-")  # 0600
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return _named(Path(draft), name, into)
    finally:
        with contextlib.suppress(FileNotFoundError):
            Path(draft).unlink()


def _named(draft: Path, name: str, into: Path) -> Path:
    """Give ``draft`` the first free name. A link fails where the name is taken; some file systems know no links."""
    stem, dot, ending = name.rpartition(".")
    for at in range(1, _MOST):
        target = into / (name if at == 1 else f"{stem}-{at}{dot}{ending}")
        try:
            os.link(draft, target)
        except FileExistsError:
            continue
        except OSError:
            if target.exists():
                continue
            draft.rename(target)
        return target
    raise FileExistsError

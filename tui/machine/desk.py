"""The desk of this machine, opened for whoever sits at its command line."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from core.i18n.translation import _
from tui.machine.terminal import complain

if TYPE_CHECKING:
    from core.service.desk import Desk
    from core.service.opening import May
    from core.service.settings import Settings


def load_settings() -> Settings:
    """The settings in force; a :class:`DeskError` names what is wrong, never a value."""
    from tui.machine import settings  # deferred: start-up, a command loads what it runs

    return settings.load()


def need_desk(settings: Settings) -> None:
    """A mistyped folder must not become a second desk: only some commands make one."""
    from core.service import opening  # deferred: start-up, a command loads what it runs

    if settings.database_url is None and not opening.is_there(settings):
        raise opening.NoDesk(opening.no_desk(settings))


def allowed(settings: Settings, *, make: bool = False) -> May:
    """What a command may do to the tables it opens. A file's are everybody's own business; a server's may be used by
    other machines with another program, so only ``okienko init`` and ``okienko upgrade`` touch them."""
    from core.service.opening import May  # deferred: start-up, a command loads what it runs

    if settings.database_url is not None:
        return May.OPEN
    return May.UPGRADE | (May.MAKE if make else May.OPEN)


@contextmanager
def open_desk(*, make: bool = False, trial: bool = False) -> Iterator[Desk]:
    """The desk of this machine, for the operator at its command line; with ``make`` a new one, which is said. A
    ``trial`` where there is none is held against an empty one that goes again."""
    from core.service import opening  # deferred: start-up, a command loads what it runs

    settings = load_settings()
    if trial and settings.database_url is None and not opening.is_there(settings):
        with tempfile.TemporaryDirectory() as folder:
            # Its key goes as well, also where another place than the desk's folder was named for it.
            security = settings.security.model_copy(update={"key_file": None})
            empty = settings.model_copy(update={"data_dir": Path(folder), "security": security})
            yield from _opened(empty, make=True, announce=False)
    else:
        yield from _opened(settings, make=make, announce=True)


def _opened(settings: Settings, *, make: bool, announce: bool) -> Iterator[Desk]:
    from core.service import opening  # deferred: start-up, a command loads what it runs
    from core.service.desk import Desk

    new = make and not opening.is_there(settings)
    desk = Desk.open(settings, may=allowed(settings, make=make))
    if new and announce:
        complain(_("A new desk was made in {folder}.").format(folder=settings.data_dir))
    try:
        yield desk.as_system()
    finally:
        desk.close()

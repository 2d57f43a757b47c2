"""``okienko serve``: the desk made reachable, until it is told to end."""

from __future__ import annotations

import argparse
from importlib.util import find_spec

from core import paths
from core.errors import DeskError
from core.i18n.translation import N_
from tui.machine.desk import load_settings, need_desk


def run(args: argparse.Namespace) -> int:
    """Open the doors that the settings name; one server a desk."""
    if any(find_spec(name) is None for name in ("asyncssh", "aiohttp", "textual_serve")):
        raise DeskError(N_("This needs what a server is made of: install Okienko with its extra “serve”."))
    from tui.serve import supervisor  # deferred: start-up, a command loads what it runs

    settings = load_settings()
    need_desk(settings)
    with paths.alone(settings.data_dir, "serve.lock") as alone:
        if not alone:
            raise DeskError(N_("A server of this desk is running already."))
        return supervisor.serve(settings, cold=args.cold)

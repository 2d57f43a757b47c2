"""Somebody who sits at a real terminal, logged in: ``python -m tests.faults.typist FOLDER SESSION``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from textual.screen import Screen

from core.accounts.sessions import Entered
from core.service.desk import Desk
from core.service.settings import Settings
from tui import session
from tui.app import OkienkoApp, run_okienko


class Seated(OkienkoApp):
    """Sits down by a session that is there already."""

    def _desk_opened(self, desk: Desk) -> None:
        super()._desk_opened(desk)
        self.run_worker(self._sit())

    async def _sit(self) -> None:
        actor = self.desk.acting(int(sys.argv[2])).actor()
        assert actor.account_id is not None and actor.session_id is not None
        await session.sit_down(self, Entered(actor.session_id, actor.account_id, actor.role))


if __name__ == "__main__":
    settings = Settings(data_dir=Path(sys.argv[1]))
    first: Any = Screen
    raise SystemExit(run_okienko(Seated(lambda: Desk.open(settings), first=first, language="en")))

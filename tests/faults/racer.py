"""A process that decides about applications as somebody: ``racer FOLDER URL SESSION MOMENT``.

Each line on its input is a deed and an application's id; each line of its output says ``won`` or ``lost: why``.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any

from core.care import applications, approval
from core.care.approval import Approval, Rejection
from core.clock import MovableClock
from core.errors import DeskError
from core.service.desk import Desk
from core.service.settings import Settings


def act(desk: Desk, deed: str, application_id: int) -> None:
    """One try at one application."""
    if deed == "approve":
        desk.do(approval.approve, application_id, Approval(message="Witamy"), seen=1)
    elif deed == "reject":
        desk.do(approval.reject, application_id, Rejection(reason="Za daleko"), seen=1)
    elif deed == "withdraw":
        desk.do(applications.withdraw, application_id)
    else:
        desk.do(applications.change_level, application_id, 1, seen=1)


def say(what: str) -> None:
    """One line, at once."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def main(folder: str, url: str, session: str, moment: str) -> None:
    named: dict[str, Any] = {"database_url": url} if url else {}
    clock = MovableClock(dt.datetime.fromisoformat(moment))
    desk = Desk.open(Settings(data_dir=Path(folder), **named), clock).acting(int(session))
    say("ready")
    for line in sys.stdin:
        deed, number = line.split()
        try:
            act(desk, deed, int(number))
        except DeskError as error:
            say(f"lost: {type(error).__name__}")
        else:
            say("won")
    desk.close()


if __name__ == "__main__":
    main(*sys.argv[1:])

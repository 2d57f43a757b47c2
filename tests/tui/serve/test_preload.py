"""What sessions are forked from: everything is there, and nothing that a fork must not inherit."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.pty import ROOT
from tui.serve.sessions import preload

PLAYED = """
import os, signal, sys, threading
from tui.rooms import ROOMS
from tui.serve.sessions import preload
went = []
visit = preload._visit
async def noted(desk, account, seen):
    await visit(desk, account, seen)
    went.append(set(seen))
preload._visit = noted
from core.service import unit_of_work
wrote, insert = set(), unit_of_work._insert
def inserted(model, *more):
    wrote.add(model.__name__)
    return insert(model, *more)
unit_of_work._insert = inserted
with preload.made_up_desk() as folder:
    preload.load(postgresql=False)
    preload.play_visits(folder)
preload.settle_memory()
assert went[-1] == {row.path for row in ROOMS}, {row.path for row in ROOMS} - went[-1]
assert wrote >= {"Ticket", "Message", "Event"}, wrote
assert threading.active_count() == 1
open_files = [os.path.realpath(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd") if int(number) > 2]
assert not [name for name in open_files if os.path.exists(name)], open_files
assert not folder.exists()
assert {signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)} == {signal.SIG_DFL}
print("as it should be")
"""


@pytest.mark.thorough
def test_visits_see_every_room_and_leave_nothing_open() -> None:
    command = [sys.executable, "-X", "utf8", "-c", PLAYED]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.strip() == "as it should be", done.stderr


def test_what_is_made_after_the_gaps_are_filled_lies_together() -> None:
    scattered = [bytes(100) for _number in range(20_000)]
    del scattered[::3]
    preload._fill_gaps()
    try:
        pools = {id(each) // preload.POOL for each in [bytes(100) for _number in range(200)]}
        assert len(pools) <= 3
    finally:
        preload._filling.clear()

"""``okienko jobs run``."""

from __future__ import annotations

import argparse
import signal
import threading
from typing import TYPE_CHECKING

from core.i18n.translation import _
from tui.machine.desk import open_desk
from tui.machine.terminal import complain, tell, tell_json

if TYPE_CHECKING:
    from core.errors import Unavailable
    from core.jobs import Runner


def run(args: argparse.Namespace) -> int:
    """Do everything that is due, once or until stopped, and say how much it was."""
    from core import jobs  # deferred: start-up, a command loads what it runs

    with open_desk() as desk:
        if args.follow:
            return _follow(jobs.Runner(desk, _tell))
        refusals: list[Unavailable] = []
        done = jobs.run(desk, heard=refusals.append)
    if args.json:
        tell_json(done)
    else:
        _tell(done)
    for refusal in refusals[:1]:  # the others met the same
        complain(refusal.text())
    return int(jobs.FAILED in done.values())


def _follow(runner: Runner) -> int:
    """The signals are waited for instead of handled, so that the job in hand is finished first."""
    ends = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    stop = threading.Event()
    thread = threading.Thread(target=runner.run_until, args=(stop,), name="jobs")
    try:
        thread.start()
        tell(_("Doing what comes due. Ctrl+C ends it."))
        signal.sigwait(ends)
        stop.set()
        thread.join()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return 0


def _tell(done: dict[str, int]) -> None:
    from core.jobs import FAILED, jobs  # deferred: start-up, a command loads what it runs

    for job in jobs():
        if done[job.id] == FAILED:
            complain(_("{job}: met a fault; the next run tries again.").format(job=_(job.label)))
        else:
            tell(f"{done[job.id]:>7}  {_(job.label)}")

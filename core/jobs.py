"""What the desk does by itself when its time has come: ``okienko jobs run``, or an application that is alone.

Each job is a use case that takes a batch and says how many it took; it is safe to run at any time, twice, and by two
processes at once. Nothing that people may or may not do depends on a job having run.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core import paths
from core.errors import Unavailable
from core.i18n.translation import N_

if TYPE_CHECKING:
    from core.service.desk import Desk
    from core.service.unit_of_work import UnitOfWork

EVERY = 60.0
"""Seconds between two rounds of an application or a command that keeps running."""


@dataclass(frozen=True, slots=True)
class Job:
    """``label`` is a msgid; ``step`` does one batch and returns how much it did, 0 when there is nothing left."""

    id: str
    label: str
    step: Callable[[UnitOfWork], int]


def jobs() -> tuple[Job, ...]:
    """All of them, in the order they run in: what has run out is not reminded of any more."""
    from core.accounts import drafts, login_attempts, registration, sessions  # deferred: start-up
    from core.billing import reminders as billing
    from core.care import expiry, reminders  # deferred: start-up, jobs are loaded when they run
    from core.knowledge import outages
    from core.service import throttle  # deferred: start-up, jobs are loaded when they run

    return (
        Job("applications-run-out", N_("applications that ran out"), expiry.run_out_applications),
        Job("invitations-run-out", N_("invitations that ran out"), expiry.run_out_invitations),
        Job("application-reminders", N_("reminders to installers"), reminders.remind_companies),
        Job("invitation-reminders", N_("reminders to customers"), reminders.remind_customers),
        Job("invoices", N_("invoices by mail"), billing.mail_invoices),
        Job("payments-due", N_("reminders of payments"), billing.remind_of_due),
        Job("payments-overdue", N_("letters about overdue payments"), billing.tell_of_overdue),
        Job("outages-over", N_("outages that are over"), outages.end_planned),
        Job("outage-letters", N_("letters about outages"), outages.tell),
        Job("contracts-ending", N_("contracts about to end"), billing.tell_of_ending),
        Job("registrations-run-out", N_("sign-ups that nobody confirmed"), registration.forget),
        Job("tries-forgotten", N_("old tries forgotten"), throttle.forget_old),
        Job("sources-forgotten", N_("old sources forgotten"), login_attempts.forget_sources),
        Job("tokens-forgotten", N_("spent tokens forgotten"), sessions.forget_spent),
        Job("log-ins-forgotten", N_("old log-ins forgotten"), sessions.forget_over),
        Job("drafts-forgotten", N_("old drafts forgotten"), drafts.forget_old),
    )


FAILED = -1
"""What stands for a job that met a fault: the others are done all the same, and the next round tries it again."""


def run(
    desk: Desk, stop: threading.Event | None = None, heard: Callable[[Unavailable], None] = lambda _error: None
) -> dict[str, int]:
    """Do everything that is due, batch after batch; how much each job did, by its id, or :data:`FAILED`. ``heard`` is
    told when it is the store that can't be used."""
    done: dict[str, int] = {}
    for job in jobs():
        try:
            done[job.id] = _all_of(job, desk.as_system(), stop)
        except Unavailable as error:
            heard(error)
            done[job.id] = FAILED
        except Exception:  # one row that nobody foresaw must not keep everybody else's letters back
            done[job.id] = FAILED
    return done


def _all_of(job: Job, system: Desk, stop: threading.Event | None) -> int:
    done = 0
    while not (stop is not None and stop.is_set()):
        took = system.do(job.step)
        done += took
        if took == 0:
            break
    return done


class Runner:
    """Runs the jobs every :data:`EVERY` seconds, as the only one beside this desk's files; :meth:`start` in a thread
    of an application that is alone, :meth:`run_until` for ``okienko jobs run --follow``."""

    def __init__(self, desk: Desk, report: Callable[[dict[str, int]], None] | None = None) -> None:
        self._desk = desk.as_system()
        self._report = report

    def start(self) -> None:
        threading.Thread(target=self.run_until, args=(threading.Event(),), name="jobs", daemon=True).start()

    def run_until(self, stop: threading.Event) -> None:
        while not stop.is_set():
            with paths.alone(self._desk.settings.data_dir, "jobs.lock") as alone:
                while alone and not stop.is_set():
                    self._round(stop)
                    stop.wait(EVERY)
            stop.wait(EVERY)

    def _round(self, stop: threading.Event) -> None:
        done = run(self._desk, stop)
        if self._report is not None and any(done.values()):
            self._report(done)

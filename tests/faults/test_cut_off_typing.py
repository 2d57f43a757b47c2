"""Sessions that are killed, or whose line is cut, at random moments of typing: real processes, terminals and SQLite."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.accounts import drafts
from core.clock import SystemClock
from core.service.desk import Desk
from core.service.settings import Settings
from core.tickets import create
from tests.factories.desks import admin_values, lay_template, person, seat
from tests.support import amounts
from tests.support.pty import Terminal

AT_MOST = 5.0
"""Seconds of typing that may be lost."""
IN_ORDER = 0.5
"""Seconds of typing that may be lost where the session hears of its end: what was on its way to the field."""
AT_ONCE = 4
HOW = ("killed", "cut", "told")


@dataclass
class Typist:
    """One account at one terminal, with the letters typed and when."""

    desk: Desk
    name: str
    chance: random.Random
    typed: str = ""
    letters: list[tuple[float, int]] = field(default_factory=list)
    ended_at: float = 0.0

    def __post_init__(self) -> None:
        self.account = person(self.desk, self.name)
        owner = seat(self.desk, self.account)
        number = owner.do(create.create, admin_values(f"Of {self.name}"))
        self.form = f"ticket.reply:{number}"
        self.how = self.chance.choice(HOW)
        self.typing_time = self.chance.uniform(0.5, 14)
        self.pace = self.chance.uniform(0.03, 0.3)
        session = str(seat(self.desk, self.account)._seat)
        program = [sys.executable, "-m", "tests.faults.typist", str(self.desk.settings.data_dir), session]
        self.terminal = Terminal(program, env={"OKIENKO_DATA_DIR": str(self.desk.settings.data_dir)})

    def begin(self) -> None:
        self.terminal.wait_for(f"Of {self.name}")
        self.terminal.send(b"\r")
        self.terminal.wait_for("nobody has it yet")
        self.terminal.send(b"r")
        self.terminal.wait_for("everybody on the ticket reads it")
        self.next_letter = time.monotonic()
        self.end_after = self.next_letter + self.typing_time

    def go_on(self) -> bool:
        """One letter if it is time for it; False once the session was cut off."""
        now = time.monotonic()
        if now >= self.end_after:
            self.cut_off()
            return False
        if now >= self.next_letter:
            letter = self.chance.choice("abcdefgh ")
            self.terminal.send(letter.encode())
            self.typed += letter
            self.letters.append((time.monotonic(), len(self.typed)))
            rests = self.chance.random() < 0.03
            self.next_letter = now + (self.chance.uniform(1, 5) if rests else self.chance.expovariate(1 / self.pace))
        else:
            self.terminal._read(0)
        return True

    def cut_off(self) -> None:
        self.ended_at = time.monotonic()
        if self.how == "killed":
            self.terminal.signal(signal.SIGKILL)
        elif self.how == "cut":
            self.terminal.hang_up()
        else:
            self.terminal.signal(signal.SIGTERM)

    def lost(self) -> tuple[int, int]:
        """Letters lost, and how many may be: those of the last seconds, and any of a text that is too short."""
        self.terminal.wait()
        kept = {each.form: str(each.values["body"]) for each in seat(self.desk, self.account).see(drafts.own)}
        text = kept.get(self.form, "")
        assert self.typed.startswith(text), "what is there was typed in this order"
        seconds = AT_MOST if self.how == "killed" else IN_ORDER
        old_enough = max((count for at, count in self.letters if at <= self.ended_at - seconds), default=0)
        most = len(self.typed) if old_enough < 10 else len(self.typed) - old_enough
        return len(self.typed) - len(text), most


@pytest.mark.thorough
def test_who_is_cut_off_while_typing_loses_five_seconds_at_most(tmp_path: Path) -> None:
    """Four at a time; ``CUTS=200`` plays so many."""
    wanted = int(os.environ.get("CUTS", amounts.times(4, 12)))
    folder = tmp_path / "desk"
    lay_template(folder)
    desk = Desk.open(Settings(data_dir=folder), SystemClock())
    person(desk, "root")
    most = 0
    for first in range(0, wanted, AT_ONCE):
        typists = [Typist(desk, f"typist{n}", random.Random(n)) for n in range(first, min(first + AT_ONCE, wanted))]
        try:
            for each in typists:
                each.begin()
            going = typists
            while going:
                going = [each for each in going if each.go_on()]
                time.sleep(0.005)
            for each in typists:
                lost, allowed = each.lost()
                assert lost <= allowed, f"{each.name}, {each.how}: lost {lost} of {len(each.typed)}, may lose {allowed}"
                most = max(most, lost)
        finally:
            for each in typists:
                each.terminal.__exit__(None, None, None)
    sys.stdout.write(f"{wanted} cuts: at most {most} letters lost\n")
    desk.close()

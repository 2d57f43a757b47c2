"""When drafts are written: nobody loses more than five seconds of typing, whenever the session is cut off."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field

from tui.drafts import AGAIN, AT_THE_LATEST, LEAST, QUIET, Draft, Drafts

REPLY = "ticket.reply:1042"
EPOCH = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)


@dataclass
class Clock:
    at: float = 100.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Stage:
    """Drafts by a clock that is moved by hand, and a desk that takes some time to keep one."""

    clock: Clock = field(default_factory=Clock)
    kept: dict[str, str] = field(default_factory=dict)
    writes: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.drafts = Drafts()
        self.drafts.clock, self.drafts.kept = self.clock, True
        self.drafts.now = lambda: EPOCH

    def type(self, text: str, name: str = REPLY) -> None:
        self.drafts.note(name, {"body": text}, longest=len(text))

    def write(self) -> list[str]:
        """What is due, at once; the names."""
        taken = self.drafts.to_write()
        for name, draft in taken.items():
            self.keep(name, str(draft.values["body"]))
        return list(taken)

    def keep(self, name: str, text: str) -> None:
        self.kept[name] = text
        self.writes.append(self.clock.at)
        self.drafts.written(name, EPOCH + dt.timedelta(seconds=self.clock.at))


def test_it_is_written_when_typing_rests_and_meanwhile_too() -> None:
    stage = Stage()
    stage.type("x" * LEAST)
    assert stage.drafts.due == 100 + QUIET
    stage.clock.at = 101.5
    stage.type("x" * 12)
    assert stage.drafts.due == 101.5 + QUIET
    stage.clock.at = 103
    stage.type("x" * 15)
    assert stage.drafts.due == 100 + AT_THE_LATEST, "not later, however long somebody goes on"
    assert stage.write() == []
    stage.clock.at = 104
    assert stage.write() == [REPLY]
    assert stage.drafts.due is None and stage.drafts.is_kept(REPLY), "and then nothing wakes anybody"


def test_nothing_is_written_twice() -> None:
    stage = Stage()
    stage.type("written once")
    stage.clock.at += QUIET
    stage.write()
    stage.type("written once")
    assert stage.drafts.due is None


def test_what_is_short_stays_here_until_the_desk_has_more_of_it() -> None:
    stage = Stage()
    stage.type("x" * (LEAST - 1))
    assert stage.drafts.due is None and stage.drafts.get(REPLY) is not None
    stage.type("x" * LEAST)
    stage.clock.at += QUIET
    stage.write()
    stage.type("short")
    stage.clock.at += QUIET
    assert stage.write() == [REPLY] and stage.kept[REPLY] == "short", "the desk has what is there now"


def test_before_somebody_is_logged_in_there_is_only_this_memory() -> None:
    stage = Stage()
    stage.drafts.kept = False
    stage.type("a whole sentence")
    assert stage.drafts.due is None and stage.drafts.get(REPLY) is not None


def test_what_was_emptied_or_sent_is_forgotten_as_far_as_this_session_knows() -> None:
    stage = Stage()
    stage.type("a whole sentence")
    stage.clock.at += QUIET
    stage.write()
    known = EPOCH + dt.timedelta(seconds=stage.clock.at)
    stage.type("")
    assert stage.drafts.get(REPLY) is None and stage.drafts.to_forget() == {REPLY: known}
    stage.drafts.forgotten(REPLY, done=False)
    assert stage.drafts.due == stage.clock.at + AGAIN, "the desk could not be told"
    stage.drafts.forgotten(REPLY)
    assert stage.drafts.due is None
    stage.drafts.note(REPLY, {"body": ""})
    assert stage.drafts.to_forget() == {}, "an empty form knows of no draft and takes none away"


def test_what_is_sent_while_it_is_being_written_is_forgotten_after_that() -> None:
    stage = Stage()
    stage.type("a whole sentence")
    stage.clock.at += QUIET
    stage.drafts.to_write()
    stage.drafts.forget(REPLY)
    assert stage.drafts.due is None
    stage.drafts.written(REPLY, EPOCH)
    assert stage.drafts.to_forget() == {REPLY: EPOCH}


def test_what_the_desk_was_asked_before_something_was_written_takes_nothing_away() -> None:
    stage = Stage()
    asked_at = EPOCH + dt.timedelta(seconds=stage.clock.at)
    stage.type("a whole sentence")
    stage.clock.at += QUIET
    stage.write()
    stage.drafts.leave_only((), asked_at)
    stage.drafts.take(REPLY, Draft({"body": "older"}, {}, EPOCH, EPOCH))
    draft = stage.drafts.get(REPLY)
    assert draft is not None and draft.values == {"body": "a whole sentence"}
    stage.drafts.leave_only((), asked_at + dt.timedelta(minutes=1))
    assert stage.drafts.get(REPLY) is None, "sent elsewhere"


def test_what_could_not_be_written_is_tried_again_and_later() -> None:
    stage = Stage()
    stage.type("a whole sentence")
    stage.clock.at += QUIET
    stage.drafts.to_write()
    stage.drafts.failed(REPLY)
    assert stage.drafts.due == stage.clock.at + AGAIN and not stage.drafts.is_kept(REPLY)
    stage.type("a whole sentence and more")
    assert stage.drafts.due == stage.clock.at + AGAIN
    stage.clock.at += AGAIN
    assert stage.write() == [REPLY] and stage.kept[REPLY] == "a whole sentence and more"


def test_a_session_that_is_cut_off_at_any_moment_loses_five_seconds_at_most() -> None:
    for seed in range(200):
        cut_off(seed)


def cut_off(seed: int) -> None:
    """Two forms, typed into now and then by somebody slow or quick; the desk takes up to 0.8 s to keep one. The same
    seed plays the same."""
    chance = random.Random(seed)
    stage, cut = Stage(), 100 + chance.uniform(0.5, 90)
    typed: dict[str, list[tuple[float, str]]] = {REPLY: [], "ticket.note:7": []}
    next_letter, arrives, in_hand = 100.0, float("inf"), {}
    pace, form = chance.uniform(0.05, 0.6), REPLY
    while True:
        due = stage.drafts.due if not in_hand else None
        moment = min(next_letter, arrives, max(due, stage.clock.at) if due is not None else float("inf"))
        if moment >= cut:
            break
        stage.clock.at = moment
        if moment == arrives:
            for name, text in in_hand.items():
                stage.keep(name, text)
            in_hand, arrives = {}, float("inf")
        elif moment == next_letter:
            text = (typed[form][-1][1] if typed[form] else "x" * (LEAST - 1)) + chance.choice("abc d")
            typed[form].append((moment, text))
            stage.type(text, form)
            rests = chance.random() < 0.05
            next_letter += chance.uniform(1, 12) if rests else chance.expovariate(1 / pace)
            form = chance.choice(list(typed)) if rests else form
        else:
            in_hand = {name: str(draft.values["body"]) for name, draft in stage.drafts.to_write().items()}
            arrives = moment + chance.uniform(0.001, 0.8) if in_hand else float("inf")
    for name, texts in typed.items():
        old_enough = [text for at, text in texts if at <= cut - 5]
        assert len(stage.kept.get(name, "")) >= len(old_enough[-1] if old_enough else ""), (seed, name, cut)
    for earlier, later in zip(stage.writes, stage.writes[2:], strict=False):
        assert later - earlier > 1, f"{seed}: and the desk is not asked at each letter"

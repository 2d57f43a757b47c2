"""Who is served at the SSH door, who waits, and who makes room."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from tui.serve.ssh import strangers
from tui.serve.ssh.strangers import Strangers


@dataclass(eq=False)
class Somebody:
    address: str
    aborted: bool = False

    def abort(self) -> None:
        self.aborted = True


def people(*addresses: str) -> list[Somebody]:
    return [Somebody(address) for address in addresses]


async def test_one_too_many_waits_until_another_is_known() -> None:
    door = Strangers(1)
    first, second = people("a", "b")
    assert await door.come(first)
    turn = asyncio.ensure_future(door.come(second))
    await asyncio.sleep(0)
    assert not turn.done()
    door.go(first)
    assert await turn
    assert not first.aborted


async def test_who_takes_long_makes_room_when_others_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strangers, "SLOW", 0.0)
    door = Strangers(2)
    silent = people("a", "a")
    for each in silent:
        assert await door.come(each)
    assert not any(each.aborted for each in silent), "nobody waits"
    assert await door.come(Somebody("b"))
    assert [each.aborted for each in silent] == [True, False]


async def test_of_one_address_only_so_many_are_served_or_in_line() -> None:
    door = Strangers(2)
    same = people(*"a" * (strangers.AN_ADDRESS + 1))
    turns = [asyncio.ensure_future(door.come(each)) for each in same]
    await asyncio.sleep(0)
    assert [turn.result() for turn in turns if turn.done()] == [True, True, False]
    for each in same:  # whoever is served leaves, so that the next one is
        door.go(each)
        await asyncio.sleep(0)
    assert [await turn for turn in turns].count(True) == strangers.AN_ADDRESS
    assert await door.come(Somebody("a"))


async def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strangers, "LONGEST", 0.01)
    door = Strangers(1)
    first, second, third = people("a", "b", "c")
    assert await door.come(first)
    assert not await door.come(second)
    door.go(first)
    assert await door.come(third), "the one who has left is not served in place of others"


async def test_the_line_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strangers, "IN_LINE", 1)
    door = Strangers(1)
    assert await door.come(Somebody("a"))
    waiting = asyncio.ensure_future(door.come(Somebody("b")))
    await asyncio.sleep(0)
    assert not await door.come(Somebody("c"))
    waiting.cancel()

"""What a scenario file says: a flow as a person would tell it, checked when it is read.

``data/scenarios/NAME.toml`` has an ``id``, the ``seed`` guide and ``page`` it follows (none for the desk's own), a
``title`` in both languages, a ``stage`` (what is there before it begins: people, service companies, grants,
applications, files, ``line_rule``, ``catalogue``, or ``demo`` for the demo's whole world) and ``step`` tables, each
one thing:

``as = "adam"``                      somebody else sits down (``guest``: the way in)
``terminal = 2``                     what follows is done at another terminal; what is open at this one stays open
``type = {"Login" = "ola"}``         fill fields, named by their English label or their name
``press = ["f7", "enter"]``          keys, in Textual's notation
``expect = ["Check your mail"]``     words of the interface (English; looked for in the language that is played; at
                                     their ``{places}`` anything may stand)
``expect_text = ["VPN is down"]``    words that are data, looked for as they stand
``expect_gone = [...]``              must not be on the screen (English words, or data)
``mail = {to, letter, contains, code_into, count}``  a letter has arrived (or each of a list of them); its code goes
                                     into a field. ``count`` says how many there are by now, 0 included
``authenticator = {into = "Code"}``  the code a phone would show now goes into a field
``recovery = {into = "Code"}``       the next recovery code that was shown goes into a field
``clock = "10 minutes"``             the desk's clock moves ahead
``copy = "{office}"``                the code that stands on the screen is noted down; ``type`` puts it in at that name
``line = "203.0.113.7"``             from now on this terminal stands at that address (``""``: at none that is seen)
``shot = "name"``                    a picture, when pictures are being made

and may carry ``say`` = the caption in both languages.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core import resources
from core.errors import DeskError
from core.i18n.translation import N_

ACTS = frozenset(
    {
        "as",
        "terminal",
        "type",
        "press",
        "expect",
        "expect_text",
        "expect_gone",
        "mail",
        "authenticator",
        "recovery",
        "clock",
        "copy",
        "line",
        "shot",
    }
)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens. ``captions`` are by language, or empty."""

    number: int
    acts: dict[str, Any]
    captions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One flow. ``stage`` is laid out by :mod:`tui.demo.tour.stage`."""

    id: str
    seed: str
    page: int
    title: dict[str, str]
    stage: dict[str, Any]
    steps: tuple[Step, ...]


def folder() -> Path:
    """Where the scenarios are."""
    return resources.folder("scenarios")


def read(path: Path) -> Scenario:
    """The scenario in ``path``; :class:`DeskError` names the file and what is wrong with it."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        steps = tuple(_step(number, dict(step), path) for number, step in enumerate(content["step"], 1))
        return Scenario(
            id=str(content["id"]),
            seed=str(content.get("seed", "")),
            page=int(content.get("page", 0)),
            title={language: str(content["title"][language]) for language in ("en", "pl")},
            stage=dict(content.get("stage", {})),
            steps=steps,
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise DeskError(N_("The scenario {file} can't be read: {why}"), file=path.name, why=repr(error)) from error


def _step(number: int, acts: dict[str, Any], path: Path) -> Step:
    captions = acts.pop("say", {})
    unknown = set(acts) - ACTS
    if unknown:
        raise DeskError(
            N_("In the scenario {file}, step {number} says {words}, which nothing can play."),
            file=path.name,
            number=number,
            words=", ".join(sorted(unknown)),
        )
    return Step(number, acts, dict(captions))


def all_of_them() -> list[Scenario]:
    """Every scenario, by its file's name, which begins with a number."""
    return [read(path) for path in sorted(folder().glob("*.toml"))]


def find(name: str) -> Scenario:
    """The scenario called ``name``."""
    for scenario in all_of_them():
        if scenario.id == name:
            return scenario
    raise DeskError(N_("There is no scenario {name}. “okienko tour --list” shows them all."), name=name)

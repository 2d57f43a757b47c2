"""The demo's data (``data/demo``): what is told, apart from how the world is put together from it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from core import resources

SPEAKERS = ("customer", "staff", "working", "vendor", "note", "resolved")
"""Who says a line, and how the ticket stands afterwards: a customer; staff (the customer's turn, still at work, the
vendor's turn); staff among themselves; staff who are done."""

_GENDERED = re.compile(r"\{([^{}|]*)\|([^{}|]*)\}")
_PLACE = re.compile(r"\{([A-Za-z_]+)\}")


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One message of a story, by language."""

    by: str
    text: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Story:
    """A ticket as it could happen anywhere: ``answers`` fixes some of what its category asks, the rest is drawn.
    ``where`` is ``office`` or ``home`` for one that happens only there."""

    id: str
    category: str
    where: str
    relation: str
    priority: int
    answers: Mapping[str, Any]
    subject: Mapping[str, str]
    talk: tuple[StoryLine, ...]


@lru_cache(maxsize=1)
def world() -> dict[str, Any]:
    """``world.toml``: the operator, companies, names, manners."""
    return tomllib.loads((resources.folder("demo") / "world.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def stories() -> tuple[Story, ...]:
    """Every story of ``stories/*.toml``, by file and in the file's order."""
    all_stories: list[Story] = []
    for file in sorted((resources.folder("demo") / "stories").glob("*.toml")):
        read = tomllib.loads(file.read_text(encoding="utf-8"))
        all_stories += [_story(facts, read["category"], read.get("where", "")) for facts in read["stories"]]
    return tuple(all_stories)


def _story(facts: Mapping[str, Any], category: str, where: str) -> Story:
    return Story(
        id=facts["id"],
        category=category,
        where=facts.get("where", where),
        relation=facts.get("relation", "fault" if category else "question"),
        priority=facts["priority"],
        answers=facts.get("answers", {}),
        subject=facts["subject"],
        talk=tuple(StoryLine(line["by"], {"pl": line["pl"], "en": line["en"]}) for line in facts["talk"]),
    )


def filled(text: str, places: Mapping[str, str], *, feminine: bool) -> str:
    """``text`` with its ``{places}`` filled (``{Room}`` with a capital) and its ``{he|she}`` forms chosen.

    Raises KeyError for a place nobody knows: a story that would show its seams fails here.
    """

    def put(match: re.Match[str]) -> str:
        name = match[1]
        return capital(places[name.lower()]) if name[0].isupper() else places[name]

    return _PLACE.sub(put, _GENDERED.sub(lambda match: match[2 if feminine else 1], text))


def capital(text: str) -> str:
    """``text`` with its first letter as a capital, the rest as it is."""
    return text[:1].upper() + text[1:]


def either(rng: Any, things: Sequence[Any], weights: Sequence[float] | None = None) -> Any:
    """One of ``things``."""
    return rng.choices(things, weights)[0]

"""Answers to a category's questions that fit what the ticket is about and when it happened."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from typing import Any

from core.demo import data
from core.field import Raw
from core.forms.field_types import raw
from core.products.definitions import Definition
from core.products.questions import LARGEST, Question

GIVEN = 0.55
"""How many of the questions that may stay open are answered."""
YES = 0.3


def drawn(
    rng: random.Random, asked: Definition, by_story: Mapping[str, Any], language: str, at: dt.datetime
) -> dict[str, Any]:
    """What is kept of the answers: those ``by_story``, the rest by chance, in the questions' order."""
    answers: dict[str, Any] = {}
    for question in asked.fields:
        if question.when is not None and not question.condition().holds(_raw(answers, question.when.field)):  # type: ignore[union-attr]
            continue
        if question.key in by_story:
            answers[question.key] = by_story[question.key]
        elif question.required or rng.random() < GIVEN:
            answers[question.key] = _answer(rng, question, language, at)
    return answers


def _raw(answers: Mapping[str, Any], key: str) -> Raw:
    return raw(answers.get(key))


def _answer(rng: random.Random, question: Question, language: str, at: dt.datetime) -> Any:
    texts = data.world()["answers"][language].get(question.key)
    match question.type:
        case "date":
            return (at - dt.timedelta(days=rng.randrange(3))).date().isoformat()
        case "datetime":
            return (at - dt.timedelta(minutes=rng.randrange(20, 2000))).isoformat(timespec="minutes")
        case "yes_no":
            return rng.random() < YES
        case "choice":
            return rng.choice(question.values())
        case "multi_choice":
            return [value for value in question.values() if rng.random() < 0.4] or [question.values()[0]]
        case "number":
            return _number(rng, question)
        case "ip":
            return f"198.51.100.{rng.randrange(1, 255)}"
        case "mac":
            return ":".join(f"{rng.randrange(256):02X}" for _ in range(6))
        case "version":
            return version(rng)
        case "serial":
            return f"SN{rng.randrange(10**7, 10**8)}"
        case "text" | "long_text":
            return rng.choice(texts)


def _number(rng: random.Random, question: Question) -> int | float:
    low, high = data.world()["numbers"].get(question.key, (question.min or 0, question.max or LARGEST))
    value = rng.uniform(low, high)
    return round(value, question.decimals) if question.decimals else round(value)


def version(rng: random.Random) -> str:
    """A version of some software."""
    return f"{rng.randrange(7, 12)}.{rng.randrange(4)}.{rng.randrange(9)}"

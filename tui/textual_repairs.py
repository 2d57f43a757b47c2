"""Two faults of Textual 8.2.8 that cost memory and time, mended from outside (docs/facts.md, *Textual*).

Private names are used; the version is pinned and tests/tui/test_textual_repairs.py tells when they move.
"""

from __future__ import annotations

import weakref
from functools import lru_cache
from typing import Any

from textual._styles_cache import StylesCache
from textual.color import Color
from textual.css.stylesheet import Stylesheet
from textual.style import Style


def let_go_of_dead_lines() -> None:
    """A cache on a method has the widget's own cache in its keys, so the drawn lines of a thousand widgets that are
    gone stay in memory: 24 MB after an hour's work. What it works out needs two colours alone."""
    plain: Any = StylesCache.get_inner_outer.__wrapped__

    @lru_cache(1024)
    def computed(base_background: Color, background: Color) -> tuple[Style, Style]:
        both: tuple[Style, Style] = plain(None, base_background, background)
        return both

    def get_inner_outer(_cache: StylesCache, base_background: Color, background: Color) -> tuple[Style, Style]:
        return computed(base_background, background)

    StylesCache.get_inner_outer = get_inner_outer  # type: ignore[method-assign,assignment]


def read_styles_once() -> None:
    """Keep parsed style sheets for the whole process, by the theme's colours: Textual's own cache is one application's,
    and thrown away whenever a screen with styles of its own is opened, and once before the first frame. Called a second
    time, this changes nothing."""
    original = Stylesheet._parse_rules
    if getattr(original, "reads_once", False):
        return
    read: dict[tuple[Any, ...], list[Any]] = {}
    numbers: dict[frozenset[tuple[str, str]], int] = {}
    numbered: weakref.WeakKeyDictionary[Stylesheet, tuple[dict[str, str], int]] = weakref.WeakKeyDictionary()

    def parse_rules(sheet: Stylesheet, css: str, *where: Any, **more: Any) -> list[Any]:
        variables = sheet._variables
        known, number = numbered.get(sheet, ({}, -1))
        if known is not variables:
            number = numbers.setdefault(frozenset(variables.items()), len(numbers))
            numbered[sheet] = variables, number
        key = (number, css, where, *sorted(more.items()))
        if key not in read:
            read[key] = original(sheet, css, *where, **more)
        return read[key]

    parse_rules.reads_once = True  # type: ignore[attr-defined]
    Stylesheet._parse_rules = parse_rules  # type: ignore[method-assign,assignment]

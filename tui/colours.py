"""How many colours a terminal has, and the nearest of them where they are few.

What a terminal can do is told by ``COLORTERM``, which sshd doesn't pass on, and by ``TERM``, which it does. So the
terminals known for all colours are known by their ``TERM`` here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from rich.color import Color as RichColor
from rich.color import ColorSystem, ColorType
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

_ALL: Final = re.compile(
    r"(xterm-)?(kitty|ghostty)|foot(-extra)?|wezterm|alacritty|contour(-latest)?|rio|mintty|iterm2?|st-256color|.+-direct"
)
"""TERM of terminals that have all 16 million colours, whole."""
_MANY: Final = re.compile(r".+-256color")


def depth(environment: Mapping[str, str]) -> ColorSystem:
    """What the terminal can show: all colours, 256 of them, or 16."""
    if environment.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return ColorSystem.TRUECOLOR
    term = environment.get("TERM", "").strip().lower()
    if _ALL.fullmatch(term):
        return ColorSystem.TRUECOLOR
    return ColorSystem.EIGHT_BIT if _MANY.fullmatch(term) else ColorSystem.STANDARD


class Nearest(LineFilter):
    """Draws with 256 colours what was meant in all of them, each as the one that looks most like it.

    Rich rounds red, green and blue each for itself, which makes a blue night teal and paper pink.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [Segment(text, _near(style) if style else style, control) for text, style, control in segments]


@lru_cache(4096)
def _near(style: Style) -> Style:
    ink, ground = style.color, style.bgcolor
    return style + Style.from_color(_nearest_of(ink), _nearest_of(ground))


def _nearest_of(colour: RichColor | None) -> RichColor | None:
    if colour is None or colour.type is not ColorType.TRUECOLOR or colour.triplet is None:
        return colour
    return RichColor.from_ansi(nearest(colour.triplet))


@lru_cache(4096)
def nearest(wanted: ColorTriplet) -> int:
    """The number of the one of 240 colours that looks most like ``wanted``; the first 16 are each terminal's own."""
    aim = _seen(wanted)

    def distance(number: int) -> float:
        return sum((part - other) ** 2 for part, other in zip(aim, _palette()[number], strict=True))

    return min(range(16, 256), key=distance)


@lru_cache(1)
def _palette() -> dict[int, tuple[float, float, float]]:
    return {number: _seen(RichColor.from_ansi(number).get_truecolor()) for number in range(16, 256)}


def _seen(colour: ColorTriplet) -> tuple[float, float, float]:
    """Lightness and the two ways of hue, in which equal distances look alike (Oklab, Ottosson 2020)."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized
    )
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )

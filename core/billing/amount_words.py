"""An amount in words, as Polish invoices carry it: *sto dwadzieścia trzy złote 45/100*.

Own tables: the library that is around for this (num2words 0.5) fails below zero in Polish, drops the *jeden* of a
thousand, which a forger could put a word before, and brings an unmaintained command-line parser along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final


def _said(text: str) -> tuple[str, ...]:
    """The words of a table, by the number they say; ``-`` where another table says it."""
    return tuple(text.split())


_ONES_PL: Final = _said(
    "zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć dziesięć jedenaście dwanaście trzynaście czternaście "
    "piętnaście szesnaście siedemnaście osiemnaście dziewiętnaście"
)
_TENS_PL: Final = _said(
    "- - dwadzieścia trzydzieści czterdzieści pięćdziesiąt sześćdziesiąt siedemdziesiąt osiemdziesiąt dziewięćdziesiąt"
)
_HUNDREDS_PL: Final = _said("- sto dwieście trzysta czterysta pięćset sześćset siedemset osiemset dziewięćset")
_SCALES_PL: Final = (
    (1_000_000, ("milion", "miliony", "milionów")),
    (1_000, ("tysiąc", "tysiące", "tysięcy")),
)
_ZLOTY: Final = ("złoty", "złote", "złotych")

_ONES_EN: Final = _said(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS_EN: Final = _said("- - twenty thirty forty fifty sixty seventy eighty ninety")
_SCALES_EN: Final = ((1_000_000, "million"), (1_000, "thousand"))


def in_words(grosze: int, language: str) -> str:
    """The amount in ``language`` (``pl``, anything else is English), grosze as hundredths; up to 999 999 999,99."""
    zlotys, part = divmod(abs(grosze), 100)
    if zlotys > 999_999_999:
        raise ValueError("an amount in words ends below a thousand million")
    minus = "minus " if grosze < 0 else ""
    if language == "pl":
        return f"{minus}{_number_pl(zlotys)} {plural_pl(zlotys, _ZLOTY)} {part:02}/100"
    return f"{minus}{_number_en(zlotys)} złoty {part:02}/100"


def plural_pl(count: int, forms: tuple[str, str, str]) -> str:
    """*1 złoty, 2 złote, 5 złotych, 12 złotych, 22 złote, 21 złotych*: one alone, 2–4 but not 12–14, and the rest."""
    if count == 1:
        return forms[0]
    return forms[1] if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14) else forms[2]


def _number_pl(number: int) -> str:
    words: list[str] = []
    for size, forms in _SCALES_PL:
        count, number = divmod(number, size)
        if count:
            words += [*_below_thousand_pl(count), plural_pl(count, forms)]
    return " ".join([*words, *_below_thousand_pl(number)] or _ONES_PL[:1])


def _below_thousand_pl(number: int) -> Iterator[str]:
    hundreds, rest = divmod(number, 100)
    if hundreds:
        yield _HUNDREDS_PL[hundreds]
    yield from _below_hundred(rest, _ONES_PL, _TENS_PL, " ".join)


def _number_en(number: int) -> str:
    words: list[str] = []
    for size, name in _SCALES_EN:
        count, number = divmod(number, size)
        if count:
            words += [*_below_thousand_en(count), name]
    if words and 0 < number < 100:
        words.append("and")
    return " ".join([*words, *_below_thousand_en(number)] or _ONES_EN[:1])


def _below_thousand_en(number: int) -> Iterator[str]:
    hundreds, rest = divmod(number, 100)
    if hundreds:
        yield f"{_ONES_EN[hundreds]} hundred"
        if rest:
            yield "and"
    yield from _below_hundred(rest, _ONES_EN, _TENS_EN, "-".join)


def _below_hundred(
    rest: int, ones: tuple[str, ...], tens: tuple[str, ...], join: Callable[[list[str]], str]
) -> Iterator[str]:
    if rest >= 20:
        yield join([tens[rest // 10], *(ones[rest % 10 : rest % 10 + 1] if rest % 10 else [])])
    elif rest:
        yield ones[rest]

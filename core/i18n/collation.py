"""The order of the Polish alphabet, the same on every database and in Python.

A key of plain ASCII for Latin letters, made to be compared byte by byte: a letter with a mark stands behind all words
that go on after the letter itself (*Czyż* before *Ćwik*), and ź before ż. So neither the locale of a server nor its
version decides where somebody is found in a list.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

from core.i18n.sanitize import clean, fold, one_kind

_STROKE: Final = "\u0335"
_SPREAD: Final = str.maketrans({letter: base + _STROKE for letter, base in zip("łđøħŧɨ", "ldohti", strict=True)})
"""Letters whose stroke Unicode does not take off."""
_BEHIND: Final = "~"
"""After every letter and digit of ASCII."""
_MARKS: Final = 0x300
_FIRST: Final = 0x21


@lru_cache(maxsize=4_096)
def sort_key(*texts: str) -> str:
    """What ``texts`` sort by, the first one first; letter case, spaces and kinds of apostrophes make no difference."""
    return "\t".join(map(_key, texts))


def _key(text: str) -> str:
    if text.isascii():
        return fold(text)
    spread = unicodedata.normalize("NFKD", one_kind(clean(text))).casefold().translate(_SPREAD)
    signs, marked = [], False
    for sign in unicodedata.normalize("NFKD", spread.casefold()):
        mark = unicodedata.category(sign).startswith("M")
        if mark and not marked:
            signs.append(_BEHIND)
        signs.append(_rank(sign) if mark else sign)
        marked = mark
    return " ".join("".join(signs).split())


def _rank(mark: str) -> str:
    """The acute of ź before the dot of ż, and the marks of other languages before the ogonek of ą."""
    return chr(min(ord(mark) - _MARKS + _FIRST, ord(_BEHIND)))

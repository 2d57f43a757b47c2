"""Streets as people write them: with *ul.* before the name, or without."""

import re

from core.i18n.sanitize import fold

_STREET = frozenset({"ul", "ulica", "ulicy"})
"""Says that a street follows, and nothing else: *al.*, *pl.* and *os.* tell one place from another."""
_WORD = re.compile(r"[^\W_]+")


def words(street: str) -> list[str]:
    """The folded words of a street and its number, without the one that only says that it is a street."""
    return without_prefix(_WORD.findall(fold(street)))


def without_prefix(words_: list[str]) -> list[str]:
    """``words_`` without each *ul.* that another word follows."""
    last = len(words_) - 1
    return [word for at, word in enumerate(words_) if at == last or word.rstrip(".") not in _STREET]

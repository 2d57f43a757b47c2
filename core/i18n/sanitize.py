"""Text that came from somewhere else, made fit to keep, to compare and to show.

Measured: 43 of 44 widget uses pass escape sequences from data to the terminal, and markers nobody can see turn
``admin`` into something else (docs/facts.md, *Textual*). So everything typed, imported or received goes through
:func:`clean` on its way in, and the application filters once more with :func:`visible` on the way out.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_UNSHOWABLE: Final = (
    "\x00-\x1f\x7f-\x9f"  # C0, DEL and C1: what terminals obey
    "\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f"  # reading order, line separators, invisible operators
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u3164\ufeff\uffa0\ufff0-\ufffb"  # nothing to see
    "\ud800-\udfff\U000e0000-\U000e0fff"  # lone surrogates, and the tag characters that hide whole sentences
)
"""All but U+115F (two cells, a filler) are 0 cells wide, so leaving them out moves nothing that stands beside them."""

_BAD: Final = re.compile(f"[{_UNSHOWABLE}]")
_BAD_BUT_SPACING: Final = re.compile(f"(?![\t\n])[{_UNSHOWABLE}\u00ad\ufdd0-\ufdef\ufffe\uffff]")
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_FLOOD: Final = re.compile(f"({_MARK}{{4}}){_MARK}+")
"""More marks on one letter than any language writes: a thousand of them paint over the lines above and below."""
_JOINERS: Final = re.compile("[\u200c\u200d\ufe00-\ufe0f]")
_LINE_END: Final = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_GAP: Final = re.compile("[\t\n]+")
_KINDS: Final = {
    "'": "`\u00b4\u2018\u2019\u201a\u201b\u02b9\u02bb\u02bc\u02bd\u2032\u2035\u2039\u203a\u275b\u275c"
    "\ua78c\uff07\uff40",
    '"': "\u201c\u201d\u201e\u201f\u00ab\u00bb\u02ba\u2033\u2036\u275d\u275e\u300c\u300d\u301d\u301e\u301f\uff02",
    "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2796\u2e3a\u2e3b\ufe58\ufe63\uff0d",
}
"""What keyboards, word processors and books write for one and the same sign."""
_ONE_KIND: Final = str.maketrans({sign: plain for plain, signs in _KINDS.items() for sign in signs})
DASHES: Final = r"\-" + _KINDS["-"]
"""All of them that are dashes, for the inside of a character class."""
_UNDECOMPOSED: Final = str.maketrans("łŁđĐøØħĦŧŦıƗɨ", "llddoohhttiii")
"""Letters whose stroke is no combining mark, so that Unicode's decomposition leaves it on."""


def visible(text: str) -> str:
    """``text`` without anything a terminal would obey or a reader could not see; line ends and tabs go too.

    For one line on its way to a screen. Costs one scan when there is nothing to remove.
    """
    if _BAD.search(text):
        text = _BAD.sub("", text)
    return _FLOOD.sub(r"\1", text) if _FLOOD.search(text) else text


def printable(text: str) -> str:
    """``text`` with every kind of line end as ``\\n``, tabs kept and the rest of the invisible removed."""
    return _FLOOD.sub(r"\1", _BAD_BUT_SPACING.sub("", _LINE_END.sub("\n", text)))


def clean(text: str, *, multiline: bool = False, limit: int | None = None) -> str:
    """``text`` as the desk keeps it: NFC, nothing invisible, no outer whitespace, at most ``limit`` characters.

    With ``multiline`` line ends become ``\\n`` and each tab four spaces; otherwise both become one space. Never
    raises, and cleaning twice is cleaning once. NFC because keyboards differ: ``a`` + U+0328 is ``ą``.
    """
    if text.isascii() and text.isprintable():  # as most cells of a file are: nothing to find, a tenth of the time
        return text.strip()[:limit].rstrip()
    cleaned = printable(text)
    cleaned = cleaned.replace("\t", "    ") if multiline else _GAP.sub(" ", cleaned)
    return unicodedata.normalize("NFC", cleaned).strip()[:limit].rstrip()


def clean_id(text: str, *, limit: int | None = None) -> str:
    """A login, code or serial as it is kept: NFKC, so that full-width ``Ａ`` is ``A``, and no joiners either.

    Letter case stays; whoever compares folds it.
    """
    cleaned = unicodedata.normalize("NFKC", _JOINERS.sub("", clean(text)))
    return clean(_JOINERS.sub("", cleaned), limit=limit)


def identity(text: str) -> str:
    """What makes two names or numbers one: neither letter case nor spaces nor the width of letters, but every accent.

    *Łoś* and *Los* are two companies. For searching there is :func:`fold`, which must never decide whose something is.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.casefold().split())
    cleaned = unicodedata.normalize("NFKC", clean_id(text).casefold())
    return " ".join(unicodedata.normalize("NFKC", cleaned.casefold()).split())


def one_kind(text: str) -> str:
    """``text`` with one kind of apostrophe, of quotation mark and of dash: the one that keyboards have."""
    return text.translate(_ONE_KIND)


def fold(*texts: str) -> str:
    """``texts`` for searching, one after the other: no case, no accents, single spaces, and one kind of apostrophe, of
    quotation mark and of dash.

    ``Łódź`` and ``LODZ`` are the same, and so are ``O’Brien`` and ``o'brien``. Whatever belongs to somebody by its name
    is compared by :func:`identity` instead.
    """
    text = " ".join(texts)
    if text.isascii() and text.isprintable():
        return " ".join(one_kind(text).casefold().split())
    bare = _bare(_bare(one_kind(clean(text))).casefold())
    return " ".join(_bare(bare.casefold()).split())


def _bare(text: str) -> str:
    if text.isascii():
        return text
    spread = unicodedata.normalize("NFKD", text.translate(_UNDECOMPOSED))
    letters = "".join(sign for sign in spread if not unicodedata.category(sign).startswith("M"))
    return letters.translate(_UNDECOMPOSED)

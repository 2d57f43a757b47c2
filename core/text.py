"""Text that came from somewhere else, made fit to keep, to compare and to show.

Measured: 43 of 44 widget uses pass escape sequences from data to the terminal, and markers nobody can see turn
``admin`` into something else (facts/security.md §3.1). So everything typed, imported or received goes through
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
    raises, and cleaning twice is cleaning once. NFC because keyboards differ: ``a`` + U+0328 is ``ą``
    (facts/textual.md C.6).
    """
    if text.isascii() and text.isprintable():  # as most cells of a file are: nothing to find, a tenth of the time
        return text.strip()[:limit].rstrip()
    kept = printable(text)
    kept = kept.replace("\t", "    ") if multiline else _GAP.sub(" ", kept)
    return unicodedata.normalize("NFC", kept).strip()[:limit].rstrip()


def clean_id(text: str, *, limit: int | None = None) -> str:
    """A login, code or serial as it is kept: NFKC, so that full-width ``Ａ`` is ``A``, and no joiners either.

    Letter case stays; whoever compares folds it.
    """
    kept = unicodedata.normalize("NFKC", _JOINERS.sub("", clean(text)))
    return clean(_JOINERS.sub("", kept), limit=limit)


def fold(text: str) -> str:
    """``text`` for comparing and searching: no case, no accents, single spaces. ``Łódź`` and ``LODZ`` are the same."""
    bare = _bare(_bare(clean(text)).casefold())
    return " ".join(_bare(bare.casefold()).split())


def _bare(text: str) -> str:
    if text.isascii():
        return text
    spread = unicodedata.normalize("NFKD", text.translate(_UNDECOMPOSED))
    letters = "".join(sign for sign in spread if not unicodedata.category(sign).startswith("M"))
    return letters.translate(_UNDECOMPOSED)

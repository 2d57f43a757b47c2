"""The name of a company as it may stand in a letter to somebody who has not asked for one.

Whoever registers a company chooses its name, so a letter with it would carry an advertisement, with a link to follow,
to any address. The name stays; addresses and links do not.
"""

import re

LONGEST = 60
_OTHER_DOTS = str.maketrans("。．｡", "...")
_ADDRESS = re.compile(r"\S*(?:@|://|www\.)\S*", re.IGNORECASE)
_HOST = re.compile(r"(?<![\w.-])(?:[\w-]+\.)*[\w-]{2,}\.[^\W\d_]{2,}(?![\w])(?:[:/]\S*)?")
_DOT = re.compile(r"(?<=\w)\.(?=\w{2,})")


def plain_name(name: str) -> str:
    """``name`` without e-mail addresses, web addresses and hosts; a dot that is left between letters (``P.H.U.Kowal``)
    gets a space, so that no mail reader makes a link of it. Empty when nothing else stood in it."""
    bare = _HOST.sub(" ", _ADDRESS.sub(" ", name.translate(_OTHER_DOTS)))
    tidy = " ".join(_DOT.sub(". ", bare).split()).strip(" ,;:-–—|/")
    return tidy if len(tidy) <= LONGEST else tidy[: LONGEST - 1].rstrip() + "…"

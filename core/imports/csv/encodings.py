"""Which encoding a file of an office is in: UTF-8 (with or without its mark) or Windows-1250; anything else is told.

Windows-1250 takes nearly all bytes, so it is tried second, and what is really something else has to be recognised by
what it turns into: a name that is stored broken is worse than a file that is refused.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from core.errors import Say, say
from core.i18n.translation import N_

_SIGNS = "[\u00b1\u00b6\u02c7\u00a6\u00ac]"
LATIN2 = re.compile(rf"(?<=[^\W\d_]){_SIGNS}|{_SIGNS}(?=[^\W\d_])|(?<=[a-z\u00f3\u0142])\u013d")
"""What ą, ś, ź, Ą, Ś and Ź of ISO 8859-2 become when they are read as Windows-1250: signs within words."""
_OF_1250 = bytes(range(0x80, 0x100)).decode("cp1250", "ignore")
_CAPITALS = "A-Z" + "".join(sign for sign in _OF_1250 if sign.isupper())
_SMALL = "a-z" + "".join(sign for sign in _OF_1250 if sign.islower())
_LETTER = r"[^\W\d_]"
_END = r"[\s;,\"]"
CP852 = re.compile(
    "|".join(
        (
            # ó, ę, ć, ź, Ą, Ę; ó at the end of a word, Ą and Ę at the end of one in capitals; ą after a small letter
            rf"(?<={_LETTER})[˘©†«¤¨](?={_LETTER})",
            rf"(?<={_LETTER})˘",
            rf"(?<=[{_CAPITALS}])[¤¨](?={_END})",
            rf"(?<=[{_SMALL}])Ą",
            # Ż, but behind a digit it means inches
            rf"(?<=[{_CAPITALS}{_SMALL}¤¨])˝",
            rf"(?<!\d)˝(?={_LETTER})",
            # Ś; between small letters and digits it is a dash
            rf"(?<![{_SMALL}\d—])—(?={_LETTER})",
            rf"(?<=[{_CAPITALS}]{{2}})—(?={_END})",
            # Ł, Ó and Ń before a capital or in a word of capitals; Slovak has none of these, only «Ať», «Vŕba», «ťava»
            rf"[ťŕă](?=[{_CAPITALS}])",
            rf"(?<!\w)(?=[{_CAPITALS}]*[ťŕă])[{_CAPITALS}ťŕă]{{3,}}(?!\w)",
            r"(?<!\w)[ťŕă]{2,}(?!\w)",
            rf"(?<!\w)(?:ŕ(?=[{_SMALL}])|ť(?=[eiyo]))",
            # Ź, ż and ń; «ŠŤASTNÝ» stays
            rf"(?<=[{_CAPITALS}])(?<![SŠ])Ť|Ť(?=[{_CAPITALS}])(?<![SŠ]Ť)",
            rf"(?<=[{_CAPITALS}])[ľä](?=[{_CAPITALS}])",
        )
    )
)
"""What the Polish letters of CP852 become, where no text in Windows-1250 has such a sign."""
_WORD, _BESIDE = 40, 64
"""Signs of the block before that are judged again, now that it is known what follows, and that are kept for it."""
_CP852_ALONE = b"\x88\x98"
"""ł and ś of CP852; in Windows-1250 these bytes are nothing."""

UTF16 = N_("The file is UTF-16. Please save it as UTF-8 (in Excel: CSV UTF-8).")
NUL = N_(
    "There is a NUL byte on this line: the file is UTF-16, or no text at all. Please save it as UTF-8 (in Excel: CSV "
    "UTF-8)."
)
IN_LATIN2 = N_("The file is ISO 8859-2. Please save it as UTF-8 (in Excel: CSV UTF-8).")
IN_CP852 = N_("The file is CP852, as old DOS programs write. Please save it as UTF-8 (in Excel: CSV UTF-8).")
NEITHER = N_("This line is neither UTF-8 nor Windows-1250 text.")


@dataclass(frozen=True, slots=True)
class Encoding:
    """What was found: the codec's name, or the line that is wrong and what to say of it."""

    name: str
    wrong_line: int = 0
    problem: Say | None = None


class Detector:
    """Is given a file block by block, in order, and says at the end what it is."""

    def __init__(self) -> None:
        self._begun = False
        self._decoders: dict[str, codecs.IncrementalDecoder] = {}
        self._wrong: dict[str, int] = {}
        self._lines = 1
        self._problem: tuple[int, str] | None = None
        self._last = ""
        """The end of the block before, as Windows-1250: a sign is judged by what stands beside it."""
        self._other: tuple[int, str] | None = None
        """What a text that is Windows-1250 by its bytes really is."""

    def feed(self, block: bytes) -> bool:
        """Take the next block. False when nothing that follows can make the file right."""
        if not self._begun:
            self._begin(block)
        if self._problem is None and b"\0" in block:
            self._problem = self._line(block, block.index(b"\0")), NUL
        if self._problem is not None:
            return False
        self._decode(block, final=False)
        self._lines += _line_ends(block)
        return True

    def _begin(self, block: bytes) -> None:
        self._begun = True
        names = ("utf-8",) if block.startswith(codecs.BOM_UTF8) else ("utf-8", "cp1250")
        self._decoders = {name: codecs.getincrementaldecoder(name)() for name in names}
        if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            self._problem = 1, UTF16

    def _decode(self, block: bytes, *, final: bool) -> None:
        for name in list(self._decoders):
            try:
                text = self._decoders[name].decode(block, final)
            except UnicodeDecodeError as error:
                self._wrong[name] = self._line(block, error.start)
                del self._decoders[name]
                if name == "cp1250" and error.object[error.start : error.start + 1] in _CP852_ALONE:
                    self._other = self._other or (self._wrong[name], IN_CP852)
                continue
            if name == "cp1250" and "utf-8" not in self._decoders and self._other is None:
                self._other = self._foreign(text, block)
            if name == "cp1250":
                self._last = (self._last + text)[-_BESIDE:]

    def _foreign(self, text: str, block: bytes) -> tuple[int, str] | None:
        """Signs within words that no text in Windows-1250 has there. One byte is one letter, so places agree."""
        known = len(self._last)
        for pattern, problem in ((LATIN2, IN_LATIN2), (CP852, IN_CP852)):
            sign = pattern.search(self._last + text, max(known - _WORD, 0))
            if sign is not None:
                return self._line(block, sign.start() - known), problem
        return None

    def _line(self, block: bytes, place: int) -> int:
        return self._lines + _line_ends(block[: max(place, 0)])

    def encoding(self) -> Encoding:
        """What the whole file is."""
        if self._problem is not None:
            return Encoding("", self._problem[0], say(self._problem[1]))
        self._decode(b"", final=True)
        if "utf-8" in self._decoders or not self._begun:
            return Encoding("utf-8-sig")
        if self._other is not None:
            return Encoding("", self._other[0], say(self._other[1]))
        if self._decoders:
            return Encoding("cp1250")
        return Encoding("", max(self._wrong.values()), say(NEITHER))


def _line_ends(block: bytes) -> int:
    return block.count(b"\n") or block.count(b"\r")

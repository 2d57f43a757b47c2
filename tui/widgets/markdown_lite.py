"""The little Markdown that people write in tickets, as lines of Content.

Bold, italics, lists, quotes, code; nothing else means anything, and nothing a person wrote is ever parsed as markup:
the library only says where things begin and end, and every piece of text goes through ``Content(text)``. Links show
their address, because nobody should follow one that is hidden.

Codes, paths and patterns stay as they were typed (``*101*2#``, ``\\\\server\\share``, ``C:\\*.*``, ``2*3*4``): a
backslash is a backslash, and stars mark only what they stand around, never the inside of a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from textual.content import Content

from tui.text import plain

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

    Rule = Callable[[StateInline, bool], bool]

_INLINE = {"strong_open": "bold", "em_open": "italic", "s_open": "strike"}
_CODE = "$text-accent"


def markdown_lines(text: str, width: int) -> list[Content]:
    """``text`` laid out at ``width`` cells, one Content a line. About 0.5 ms for a message of 500 characters."""
    out: list[Content] = []
    for block in _blocks(_parser().parse(text)):
        out.extend(block.lines(max(8, width)))
    while out and not out[-1].plain.strip():
        out.pop()
    return out


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import emphasis, strikethrough

    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("strikethrough")
    parser.inline.ruler.at("emphasis", _around_words("*", emphasis.tokenize))
    parser.inline.ruler.at("strikethrough", _around_words("~", strikethrough.tokenize))
    return parser.disable(["html_block", "html_inline", "image", "lheading", "reference", "escape", "entity"])


_BEFORE_WORD = frozenset("\"'„“”‚‘(«[*~`")
_AFTER_WORD = frozenset("\"'”’)»]*~`.,:;!?…%")


def _around_words(mark: str, rule: Rule) -> Rule:
    """``rule`` for ``mark`` where it hugs a word from outside; within one, or alone among signs, it is only a sign."""

    def marked(state: StateInline, silent: bool) -> bool:
        if state.src[state.pos] != mark:
            return False
        end = state.pos
        while end < state.posMax and state.src[end] == mark:
            end += 1
        before, after = state.src[state.pos - 1 : state.pos] if state.pos else "", state.src[end : end + 1]
        opens = _stands_free(before, _BEFORE_WORD) and (after.isalnum() or after in _BEFORE_WORD)
        closes = _stands_free(after, _AFTER_WORD) and (before.isalnum() or before in _AFTER_WORD)
        if opens or closes:
            return rule(state, silent)
        if not silent:
            state.pending += state.src[state.pos : end]
        state.pos = end
        return True

    return marked


def _stands_free(neighbour: str, signs: frozenset[str]) -> bool:
    """Whether a mark may have this on its outer side: nothing, a space, or another sign around words."""
    return not neighbour.strip() or neighbour in signs


class _Block:
    """One paragraph or piece of code with what stands before its first and its other lines."""

    def __init__(self, content: Content, first: Content, rest: Content, code: bool, gap: bool) -> None:
        self.content, self.first, self.rest, self.code, self.gap = content, first, rest, code, gap

    def lines(self, width: int) -> Iterable[Content]:
        room = max(4, width - self.rest.cell_length)
        pieces = self.content.split("\n") if self.code else self.content.wrap(room)
        if self.code:
            pieces = [part for piece in pieces for part in (piece.fold(room) if piece else [piece])]
        lead = self.first
        for piece in pieces:
            yield lead + piece
            lead = self.rest
        if self.gap:
            yield Content()


def _blocks(tokens: list[Token]) -> Iterable[_Block]:
    """Walk the tokens with a stack of what they stand in: quotes and list items."""
    leads: list[Content] = []
    marker: Content | None = None
    lists = 0
    tight = False
    bold = False
    for token in tokens:
        kind = token.type
        if kind in ("bullet_list_open", "ordered_list_open"):
            lists += 1
        elif kind in ("bullet_list_close", "ordered_list_close"):
            lists -= 1
            if not lists and tight:
                yield _Block(Content(), Content(), Content(), False, False)
        elif kind == "list_item_open":
            marker = _marker(token)
            leads.append(Content(" " * marker.cell_length))
        elif kind == "blockquote_open":
            leads.append(Content("▏ ").stylize("$text-muted"))
        elif kind in ("list_item_close", "blockquote_close"):
            leads.pop()
            if kind == "list_item_close" and marker is not None:  # a number or star with nothing behind it
                yield _Block(Content(), Content("").join([*leads, marker]), Content(), False, False)
                marker = None
        elif kind == "paragraph_open":
            tight = token.hidden
        elif kind == "heading_open":
            bold, tight = True, False
        elif kind == "heading_close":
            bold = False
        elif kind in ("inline", "fence", "code_block", "hr"):
            rest = Content("").join(leads)
            first = rest if marker is None else Content("").join([*leads[:-1], marker])
            marker = None
            code = kind in ("fence", "code_block")
            yield _Block(_said(token, bold), first, rest, code, not (tight and kind == "inline"))


def _marker(item: Token) -> Content:
    """A dot, or the number as it was typed."""
    return Content(f"{item.info}{item.markup} " if item.info else "• ").stylize("$text-primary")


def _said(token: Token, bold: bool) -> Content:
    if token.type == "inline":
        content = _inline(token.children or [])
        return content.stylize("bold") if bold else content
    if token.type == "hr":
        return Content("─" * 24).stylize("$text-muted")
    return plain(token.content.rstrip("\n").expandtabs(4)).stylize(_CODE)


def _inline(tokens: list[Token]) -> Content:
    styles: list[str] = []
    address = ""
    out: list[Content] = []
    for token in tokens:
        if token.type in _INLINE:
            styles.append(_INLINE[token.type])
        elif token.type in ("strong_close", "em_close", "s_close"):
            styles.pop()
        elif token.type == "link_open":
            address = str(token.attrs.get("href", ""))
        elif token.type == "link_close":
            if address and address not in "".join(piece.plain for piece in out):
                out.append(plain(f" ({address})").stylize("$text-muted"))
        elif token.type in ("softbreak", "hardbreak"):
            out.append(Content("\n"))
        elif token.content:
            content = plain(token.content)
            out.append(content.stylize(" ".join([*styles, _CODE] if token.type == "code_inline" else styles)))
    return Content("").join(out)

"""How articles are said and shown: their state, an outage's time, a whole article at a width."""

from __future__ import annotations

import datetime as dt

from textual.content import Content

from core.i18n import dates
from core.i18n.translation import N_, _, ngettext
from core.knowledge.articles import ArticleRow, ArticleShown, Headline
from tui.text import plain
from tui.widgets.badge import Look, drawn
from tui.widgets.markdown_lite import markdown_lines

STATES = {
    "draft": Look("○", N_("draft"), "$text-warning"),
    "published": Look("●", N_("published"), "$text-success"),
    "withdrawn": Look("■", N_("withdrawn"), "$text-muted"),
}
PERIODS = {
    "announced": Look("○", N_("announced"), "$text-warning"),
    "running": Look("!", N_("outage"), "$text-error"),
    "late": Look("!", N_("outage, longer than expected"), "$text-error"),
    "over": Look("✓", N_("ended"), "$text-success"),
    "called_off": Look("×", N_("called off"), "$text-muted"),
}
_WORKS = Look("!", N_("works now"), "$text-warning")
"""Works that were planned, while they last: no outage."""
_LASTING = frozenset({"running", "late"})
_SHORT_PERIODS = {**PERIODS, "late": Look("!", N_("outage"), "$text-error")}
_ONLY = {"en": N_("Only in English so far."), "pl": N_("Only in Polish so far.")}
WIDEST = 92
"""Cells: a longer line is hard to read back from."""


def state(value: str) -> Content:
    """Draft, published, withdrawn."""
    return drawn(STATES[value])


def mark(row: ArticleRow) -> Content:
    """What a line of the list says of an article beside its title: that it is not there for everybody, how an outage
    stands, or that it is kept on top."""
    if row.state != "published":
        return state(row.state)
    if row.period:
        return period(row, short=True)
    return Content(f"↑ {_('pinned')}").stylize("$text-accent") if row.pinned else Content()


def period(row: ArticleRow, *, short: bool = False) -> Content:
    """How an outage, or works, stand; ``short`` for a column of a list."""
    if row.planned and row.period in _LASTING:
        return drawn(_WORKS)
    return drawn((_SHORT_PERIODS if short else PERIODS)[row.period])


def headline(headline: Headline | None, hint: str) -> tuple[Content, str, str]:
    """The one line of the first screen, as :meth:`tui.widgets.banner.Headline.say` takes it."""
    if headline is None:
        return Content(), "", ""
    if headline.what == "pinned":
        return Content(f"↑ {_('News')}").stylize("$text-accent"), headline.title, hint
    look = PERIODS[headline.period]
    if headline.planned and headline.period in _LASTING:
        look = _WORKS
    elif headline.what == "mine" and headline.period != "announced":
        look = Look(look.glyph, N_("outage on your line"), look.colour)
    return drawn(look), headline.title, hint


def span(begins: dt.datetime | None, ends: dt.datetime | None, now: dt.datetime) -> str:
    """``since 10:30, until 14:00 (expected)``, as far as it is known."""
    parts = []
    if begins is not None:
        text = _("since {when}") if begins <= now else _("from {when}")
        parts.append(text.format(when=_soon(begins, now)))
    if ends is not None:
        parts.append(_("until {when} (expected)").format(when=_soon(ends, now)))
    return ", ".join(parts)


def when(row: ArticleRow, now: dt.datetime) -> str:
    """From when until when it was, when works that were called off were to be, else how long it lasts."""
    if row.over_at is None:
        return span(row.begins_at, row.ends_at, now)
    if row.period != "called_off" or row.begins_at is None:
        ended = _("until {when}").format(when=_soon(row.over_at, now))
        return f"{_('from {when}').format(when=_soon(row.begins_at, now))} {ended}" if row.begins_at else ended
    begins = dates.moment(row.begins_at)
    if row.ends_at is None:
        return _("planned from {begins}").format(begins=begins)
    return _("planned from {begins} until {ends}").format(begins=begins, ends=dates.moment(row.ends_at))


def _soon(moment: dt.datetime, now: dt.datetime) -> str:
    """The hour alone today, day and hour otherwise."""
    same = moment.astimezone(dates.zone()).date() == now.astimezone(dates.zone()).date()
    return dates.brief(moment, now) if same else dates.moment(moment)


def head(article: ArticleShown, language: str, now: dt.datetime) -> list[Content]:
    """What stands between the title and the text, a fact a line."""
    row = article.row
    facts = [] if row.kind == "faq" and not article.writes else [dates.day(row.at.astimezone(dates.zone()).date())]
    if row.pinned:
        facts.append(_("pinned"))
    if row.until is not None:
        facts.append(_("shown until {when}").format(when=dates.moment(row.until)))
    if article.author:
        facts.append(article.author)
    lines = [plain(" · ".join(facts)).stylize("$text-muted")] if facts else []
    if article.writes:
        lines.insert(0, state(row.state))
    if row.period:
        lines.append(period(row) + plain(f"  {when(row, now)}"))
    if article.mine and row.over_at is None:
        named = ngettext("Your line {lines} is affected.", "Your lines {lines} are affected.", len(article.mine))
        lines.append(plain(named.format(lines=", ".join(article.mine))).stylize("bold $text-warning"))
    if article.writes and row.outage and row.state != "draft":
        lines.append(plain(reached(article)).stylize("$text-muted"))
    if row.language != language:
        lines.append(plain(_(_ONLY[row.language])).stylize("italic $text-muted"))
    return lines


def reached(article: ArticleShown) -> str:
    """For staff: how many lines, and how far the letters have come."""
    lines = ngettext("reaches {n} line", "reaches {n} lines", article.reached).format(n=article.reached)
    left = article.reached - article.told_count
    if left and article.row.over_at is None:
        return lines + ", " + _("letters about {n} of them are on their way").format(n=left)
    return lines


def article(article: ArticleShown, language: str, now: dt.datetime, width: int) -> Content:
    """A whole article at ``width`` cells."""
    room = max(8, min(width, WIDEST))
    lines: list[Content] = plain(article.row.title).stylize("bold $text-primary").wrap(room)
    lines += [piece for fact in head(article, language, now) for piece in fact.wrap(room)]
    return Content("\n").join([*lines, Content(), *markdown_lines(article.body, room)])

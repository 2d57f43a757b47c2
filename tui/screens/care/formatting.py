"""How care is said and shown: levels, rights, states, the lines of a grant's history."""

from __future__ import annotations

from textual.content import Content

from core.care.history import GrantHistoryLine
from core.devices import settings_diff
from core.i18n import dates
from core.i18n.translation import N_, _, ngettext
from core.models.levels import ALWAYS_FROM, LEVELS, RIGHTS, Right
from tui.text import plain
from tui.widgets.badge import badge

_LEVELS = {int(choice.value): choice.label for choice in LEVELS}
_RIGHTS = {choice.value: choice.label for choice in RIGHTS}
_APPLICATION = {
    "pending": "pending",
    "approved": "approved",
    "rejected": "rejected",
    "withdrawn": "withdrawn",
    "expired": "ran_out",
}
_INVITATION = {
    "sent": "waits",
    "accepted": "accepted",
    "declined": "declined",
    "withdrawn": "withdrawn",
    "expired": "ran_out",
}
_REQUEST = {
    "asked": "question",
    "allowed": "allowed",
    "denied": "denied",
    "withdrawn": "withdrawn",
    "ended": "ended",
    "over": "ran_out",
}
ALWAYS, ON_DEMAND = N_("always"), N_("on demand")


def level(value: int) -> str:
    """An access level by its name."""
    return _(_LEVELS[value])


def right(value: str) -> str:
    """A right by its name."""
    return _(_RIGHTS.get(value, value))


def application(state: str) -> Content:
    return badge("state", _APPLICATION[state])


def invitation(state: str) -> Content:
    return badge("state", _INVITATION[state])


def request(state: str, *, mine: bool = True) -> Content:
    """How a question stands; ``mine`` says whether it is the reader who has to answer."""
    return badge("state", _REQUEST[state] if mine or state != "asked" else "waits")


def days(count: int) -> str:
    """``3 days``; what is over has none."""
    return ngettext("{n} day", "{n} days", count).format(n=count) if count else _("over")


def opens(value: int) -> list[tuple[str, str]]:
    """What a level opens: the name of each right, and whether always or on demand."""
    return [(_(_RIGHTS[each.value]), _(ALWAYS if value >= ALWAYS_FROM[each] else ON_DEMAND)) for each in Right]


def happened(event: GrantHistoryLine) -> Content:
    """One line of a grant's history: when, who, what."""
    who = event.actor or _("the desk")
    text = f"{dates.moment(event.at)}  {who}: {_sentence(event)}"
    return plain(text)


def _sentence(event: GrantHistoryLine) -> str:
    detail, what = event.detail, right(event.right)
    match event.what:
        case "granted":
            return _("service begins, level “{level}”").format(level=level(int(detail)))
        case "level":
            before, after = (level(int(each)) for each in detail.split())
            return _("level changed from “{before}” to “{after}”").format(before=before, after=after)
        case "asked":
            return _("asks for {right} ({detail})").format(right=what, detail=detail)
        case "allowed":
            return _("allows {right} for {detail}").format(right=what, detail=detail)
        case "denied":
            return _("does not allow {right}").format(right=what)
        case "withdrawn":
            return _("takes back the question for {right}").format(right=what)
        case "stopped":
            return _("ends {right} early").format(right=what)
        case "ended":
            return _("service ended")
    if detail:
        detail = settings_diff.translate(detail)
        return _("uses {right}: {detail}").format(right=what, detail=detail)
    return _("uses {right}").format(right=what)

"""The filters of the list of tickets: what can be chosen, how it is kept, how it is said."""

from __future__ import annotations

import datetime as dt
from typing import Any

from core.field import Choice, Field
from core.forms import Date, FormError
from core.forms.field_types import raw
from core.i18n import dates
from core.i18n.translation import N_, _
from core.models.tickets import Priority, Status
from core.tickets.listing import View
from tui.screens.tickets import formatting
from tui.widgets.badge import PRIORITY, STATUS

_ANY = Choice("", N_("any"))
FIELDS = (
    Field(
        "status",
        N_("Status"),
        kind="choice",
        required=False,
        choices=(_ANY, *(Choice(str(status.value), STATUS[status.name.lower()].word) for status in Status)),
    ),
    Field(
        "priority",
        N_("Priority"),
        kind="choice",
        required=False,
        choices=(_ANY, *(Choice(str(each.value), PRIORITY[each.name.lower()].word) for each in Priority)),
    ),
    Field(
        "kind",
        N_("Kind"),
        kind="choice",
        required=False,
        choices=(_ANY, *(Choice(key, label) for key, label in formatting.KINDS.items())),
    ),
    Field("company", N_("Company"), required=False, max_length=80),
    Field("asset", N_("Asset (serial or MAC)"), required=False, max_length=64),
    Field(
        "since", N_("Changed since"), kind="date", required=False, max_length=10, help=N_("2026-11-20, or 20.11.2026")
    ),
    Field("until", N_("Changed until"), kind="date", required=False, max_length=10),
)


def check(values: dict[str, Any], only: str | None) -> dict[str, Any]:
    wrong = {}
    for name in ("since", "until"):
        if values.get(name) and only in (None, name):
            try:
                Date().read(str(values[name]))
            except FormError as error:
                wrong[name] = error.say
    return wrong


def to_values(view: View) -> dict[str, str]:
    """A view's filters as raw values; the search is not among them."""
    return {
        "status": str(view.status or ""),
        "priority": str(view.priority or ""),
        "kind": view.kind or "",
        "company": view.company,
        "asset": view.asset,
        "since": str(raw(view.since)),
        "until": str(raw(view.until)),
    }


def from_values(values: dict[str, Any]) -> dict[str, Any]:
    def day(text: str) -> dt.date | None:
        return Date().read(text) if text else None

    return {
        "status": int(values["status"]) if values.get("status") else None,
        "priority": int(values["priority"]) if values.get("priority") else None,
        "kind": values.get("kind") or None,
        "company": str(values.get("company", "")).strip(),
        "asset": str(values.get("asset", "")).strip(),
        "since": day(str(values.get("since", ""))),
        "until": day(str(values.get("until", ""))),
    }


def from_kept(choices: dict[str, Any]) -> dict[str, Any]:
    """Filters as they were kept; what can't be read any more is left out."""
    try:
        return from_values(choices)
    except (FormError, ValueError):
        return {}


def said(view: View, *, staff: bool) -> list[str]:
    """What narrows the list, in the reader's words."""
    parts: list[str] = []
    if view.search:
        parts.append(_("search: {words}").format(words=view.search))
    if view.status:
        parts.append(_(STATUS[formatting.STATUSES[view.status]].word))
    if view.priority:
        parts.append(_(PRIORITY[formatting.PRIORITIES[view.priority]].word))
    if view.kind:
        parts.append(_(formatting.KINDS[view.kind]))
    parts += [text for text in (view.company, view.asset) if text]
    if view.since:
        parts.append(_("since {day}").format(day=dates.day(view.since)))
    if view.until:
        parts.append(_("until {day}").format(day=dates.day(view.until)))
    if view.name == "all" and not staff:
        parts.append(_("closed ones too"))
    return parts

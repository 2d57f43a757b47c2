"""Whom to call and when: the operator's departments with *open now*.

They come from the settings, not from a table: who runs the desk says them once, and they are the same for everybody,
before logging in too.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from core.errors import DeskError
from core.i18n import dates, translation
from core.knowledge import opening_hours
from core.knowledge.opening_hours import Open, Week
from core.service.settings import Department, Settings
from core.service.unit_of_work import ReadContext


@dataclass(frozen=True, slots=True)
class Contact:
    """One department as it is shown, in one language.

    ``week`` is None where no hours are given or they can't be read; ``hours`` is then what stands in the settings.
    ``open`` is None without a week; ``holiday`` names the day if it is why nobody is there. ``note`` holds at any
    hour. ``desk`` marks the stand-in made of what the desk says of itself; ``ssh`` is how that is reached.
    """

    name: str
    phones: tuple[str, ...] = ()
    email: str = ""
    address: str = ""
    hours: str = ""
    week: Week | None = None
    note: str = ""
    open: Open | None = None
    holiday: str = ""
    ssh: str = ""
    desk: bool = False


def departments(look: ReadContext, language: str) -> tuple[Contact, ...]:
    """Every department of the settings in their order. Where there is none, the desk with what it says of itself,
    however little that is."""
    sections = look.settings.contact
    if not sections:
        return (_desk_alone(look.settings),)
    zone = zoneinfo.ZoneInfo(look.settings.desk.zone)
    return tuple(_contact(department, look.now, zone, language) for department in sections)


def departments_now(look: ReadContext, language: str) -> tuple[Sequence[Contact], str, dt.datetime]:
    """The departments, whose clocks they keep, and the moment for which it is said whether they are open."""
    return departments(look, language), look.settings.desk.zone, look.now


def _desk_alone(settings: Settings) -> Contact:
    """Its telephone and address, and where whoever issues the invoices has their office."""
    desk, seller = settings.desk, settings.seller
    town = f"{seller.postcode} {seller.town}".strip()
    office = "\n".join(filter(None, (seller.name, seller.street, town))) if seller.street or town else ""
    phones = (desk.phone,) if desk.phone else ()
    return Contact(desk.name, phones, desk.email, office, ssh=desk.address, desk=True)


def _contact(department: Department, now: dt.datetime, zone: dt.tzinfo, language: str) -> Contact:
    week = _week(department.hours)
    closing = opening_hours.holiday if department.holidays == "closed" else None
    open_ = opening_hours.open_now(week, now, zone, closing) if week is not None else None
    today = now.astimezone(zone).date()
    because = closing is not None and open_ is not None and week is not None and bool(week[today.weekday()])
    return Contact(
        name=department.name.text(language),
        phones=department.phones,
        email=department.email,
        address=department.address,
        hours=department.hours,
        week=week,
        note=department.around_the_clock.text(language),
        open=open_,
        holiday=opening_hours.holiday_name(today, language) if because else "",
    )


def _week(text: str) -> Week | None:
    """None for no hours, and for some that can't be read: ``okienko check`` says why, the reader sees them as they
    are."""
    try:
        return opening_hours.read(text) if text.strip() else None
    except DeskError:
        return None


def lines(week: Week) -> list[str]:
    """The hours as a reader writes them, days that are alike together: ``Mon–Fri 9:00–17:00``; empty when it is always
    closed."""
    from babel.dates import get_day_names

    names = get_day_names("abbreviated", "stand-alone", locale="pl" if translation.language() == "pl" else "en_GB")
    out = []
    for spans, group in groupby(range(7), key=lambda day: week[day]):
        days = list(group)
        if spans:
            run = names[days[0]] if len(days) == 1 else f"{names[days[0]]}–{names[days[-1]]}"
            out.append(f"{run}  {', '.join(f'{_clock(span.start)}–{_clock(span.end)}' for span in spans)}")
    return out


def _clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"


def when(moment: dt.datetime, now: dt.datetime, zone: dt.tzinfo) -> str:
    """A moment soon: ``17:00`` today, ``Mon 9:00`` within a week, else day and time. By the desk's clocks, which are
    those on the department's wall."""
    here, today = moment.astimezone(zone), now.astimezone(zone).date()
    clock = f"{here.hour}:{here.minute:02}"
    if here.date() == today:
        return clock
    if here.date() - today < dt.timedelta(days=7):
        return f"{_weekday(here.date())} {clock}"
    return dates.moment(here.replace(tzinfo=None))


def _weekday(day: dt.date) -> str:
    from babel.dates import format_date

    return str(format_date(day, "EEEE", locale="pl" if translation.language() == "pl" else "en_GB"))


def problems(settings: Settings) -> Sequence[tuple[str, DeskError]]:
    """Hours that can't be read, by the department's name."""
    errors = []
    for department in settings.contact:
        try:
            opening_hours.read(department.hours)
        except DeskError as error:
            errors.append((department.name.en, error))
    return errors

"""How a device's values are said and shown, wherever they are."""

from __future__ import annotations

import datetime as dt
from typing import Final

from textual.content import Content

from core.care.access import AccessVerdict, By
from core.devices.gateway import Reading
from core.devices.settings import DeviceSettings
from core.devices.simulator import faults
from core.devices.simulator.thermal import Operation
from core.devices.summary import Face
from core.i18n import dates
from core.i18n.translation import N_, _, language
from core.models.levels import RIGHTS
from tui.screens.care import formatting
from tui.text import plain
from tui.widgets.badge import Look, drawn

OPERATIONS: Final = {
    Operation.HEATING: Look("▲", N_("heating"), "$text-accent"),
    Operation.COOLING: Look("▼", N_("cooling"), "$text-primary"),
    Operation.HOT_WATER: Look("■", N_("making hot water"), "$text-success"),
    Operation.IDLE: Look("○", N_("at rest"), "$text-muted"),
    Operation.OFF: Look("×", N_("off"), "$text-muted"),
    Operation.HOLIDAY: Look("◇", N_("holiday"), "$text-primary"),
}
"""What a device does."""
_NAMES = {choice.value: choice.label for choice in RIGHTS}


def level(value: int | None) -> str:
    """An access level by its name; a dash without a service."""
    return formatting.level(value) if value else "—"


def operation(reading: Reading) -> Content:
    """What it does, or the error that keeps it from doing anything."""
    return error(reading.error) if reading.error else drawn(OPERATIONS[reading.operation])


def error(code: str) -> Content:
    """A running fault as glyph and word."""
    text = _("error {code}").format(code=code)
    return Content(f"! {text}").stylize("bold $text-error")


def error_in_words(reading: Reading, now: dt.datetime) -> str:
    """What the running fault means, and since when it lasts."""
    since = reading.error_since or now
    text = _(
        "Error {code} since {time}: {meaning}. The compressor stands until the error is reset or its cause passes."
    )
    return text.format(code=reading.error, time=dates.brief(since, now), meaning=faults.meaning(reading.error).text())


def degrees(value: float) -> str:
    """``20.8 °C`` / ``20,8 °C``."""
    return f"{number(value, 1)} °C"


def number(value: float, decimals: int = 0) -> str:
    """A number with the reader's decimal sign."""
    text = f"{value:.{decimals}f}".replace("-", "\N{MINUS SIGN}")
    return text.replace(".", ",") if language() == "pl" else text


def watts(value: int) -> str:
    """``740 W``, ``2.10 kW``."""
    return f"{value} W" if value < 1000 else f"{number(value / 1000, 2)} kW"


def tiles(reading: Reading, settings: DeviceSettings, now: dt.datetime) -> list[tuple[str, Content | str]]:
    """The values of now: msgid and value, in the order in which they are asked for."""
    last = reading.last_error
    return [
        (N_("Room"), degrees(reading.room)),
        (N_("Room target"), _target(reading, now)),
        (N_("Hot water"), f"{degrees(reading.tank)} → {settings.tank:g}"),
        (N_("Flow"), degrees(reading.water)),
        (N_("Outside"), degrees(reading.outdoor)),
        (N_("Compressor"), f"{reading.frequency} Hz" if reading.frequency else _("stands")),
        (N_("Power"), watts(reading.power)),
        (N_("Last error"), f"{last} · {dates.brief(reading.last_error_at or now, now)}" if last else _("none")),
    ]


def _target(reading: Reading, now: dt.datetime) -> str:
    if reading.next_change is None or reading.target != reading.wanted:
        return degrees(reading.target)
    till = reading.next_change.astimezone(dates.zone())
    time = dates.hour(till) if till - now < dt.timedelta(hours=24) else dates.brief(till, now)
    return _("{target} till {time}").format(target=degrees(reading.target), time=time)


def settings_facts(settings: DeviceSettings, reading: Reading) -> list[tuple[str, Content | str]]:
    """What it was told."""
    by = _("by hand") if reading.by_hand else _("by the programme")
    holiday = settings.holiday
    return [
        (N_("Switched on"), _("yes") if settings.on else _("no")),
        (N_("Room target"), f"{degrees(reading.wanted)} · {by}"),
        (N_("Hot water target"), degrees(settings.tank)),
        (N_("Holiday mode"), " – ".join(dates.day(day) for day in holiday) if holiday else _("no")),
        (N_("Quiet mode"), str(settings.quiet) if settings.quiet else _("off")),
    ]


def name(vendor: str, product: str) -> str:
    """The product, with its vendor unless that begins its name."""
    return product if product.casefold().startswith(vendor.casefold()) else f"{vendor} {product}"


def device_facts(face: Face) -> list[tuple[str, Content | str]]:
    """Which device it is, and for the company whose."""
    facts: list[tuple[str, Content | str]] = [
        (N_("Device"), name(face.vendor, face.product)),
        (N_("Device ID"), face.identifier),
    ]
    if not face.owner:
        facts += [(N_("Customer"), face.customer), (N_("Address"), face.address), (N_("Phone"), face.phone)]
    elif face.company:
        facts.append((N_("Company"), face.company))
    if face.since is not None:
        facts += [(N_("Access level"), level(face.level)), (N_("Since"), dates.day(face.since))]
    return [(label, value) for label, value in facts if value]


def access_facts(face: Face) -> list[tuple[str, Content | str]]:
    """What is open to the company, and on what that rests: both sides read the same."""
    return [(_NAMES[right.value], verdict(access_verdict)) for right, access_verdict in face.company_may.items()]


def verdict(access_verdict: AccessVerdict) -> Content:
    """How a right stands, as glyph and words."""
    if access_verdict.by is By.PERMISSION and access_verdict.until is not None:
        text = _("allowed until {time}").format(time=dates.moment(access_verdict.until))
        return plain(f"◐ {text}").stylize("$text-warning")
    if access_verdict.allowed:
        return Content(f"● {_('always')}").stylize("$text-success")
    return Content(f"○ {_('on demand')}").stylize("$text-muted")

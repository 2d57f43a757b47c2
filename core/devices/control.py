"""Control: on and off, targets, holiday, quiet mode, and taking an error back."""

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

from core.care import access, history
from core.devices import settings_diff
from core.devices.connection import gateway
from core.devices.gateway import Reading, SettingsInForce
from core.devices.settings import DeviceSettings
from core.devices.summary import Face, face
from core.errors import Conflict, Invalid, say
from core.field import Raw
from core.forms import Choice, Date, FormError, FormModel, Label, Number, OneOf, When, YesNo
from core.i18n.translation import N_
from core.models.levels import Right
from core.service.unit_of_work import UnitOfWork

QUIETNESS = (
    Choice("0", N_("off")),
    Choice("1", N_("1 – a little quieter")),
    Choice("2", N_("2 – quiet")),
    Choice("3", N_("3 – quietest, heats slowly")),
)

NO_ERROR = say(N_("This device shows no error (any more)."))


def _halves(value: Decimal) -> Decimal:
    if value % Decimal("0.5"):
        raise FormError("", say(N_("In steps of half a degree, such as 20.5.")))
    return value


def _not_before_the_first(value: dt.date | None, info: ValidationInfo) -> dt.date | None:
    first = info.data.get("holiday_from")
    if value is not None and first is not None and value < first:
        raise FormError("", say(N_("The last day can't come before the first one.")))
    return value


_holiday = When("holiday", ("yes",))


class Control(FormModel):
    """Everything that the right to control opens, at once."""

    on: Annotated[bool, YesNo(), Label(N_("Switched on"), help=N_("Off, it only keeps the house from freezing."))]
    room: Annotated[
        Decimal,
        Number(low=5, high=30, decimals=1),
        AfterValidator(_halves),
        Label(N_("Room target"), unit="°C", help=N_("Changed, it holds until the weekly programme's next step.")),
    ]
    tank: Annotated[int, Number(low=35, high=65), Label(N_("Hot water target"), unit="°C")]
    holiday: Annotated[
        bool, YesNo(), Label(N_("Holiday mode"), help=N_("15 °C and no hot water while nobody is at home."))
    ]
    holiday_from: Annotated[dt.date | None, Date(), Label(N_("First day"), when=_holiday)] = None
    holiday_until: Annotated[
        dt.date | None, Date(), AfterValidator(_not_before_the_first), Label(N_("Last day"), when=_holiday)
    ] = None
    quiet: Annotated[int, OneOf(offered=QUIETNESS, of=int), Label(N_("Quiet mode"))]


@dataclass(frozen=True, slots=True)
class Steering:
    """What the form begins with, and the order it was made from."""

    face: Face
    seen: int
    values: dict[str, Raw]


def steering(work: UnitOfWork, asset_id: int) -> Steering:
    """The form's values as they hold now. Who opens the form reads them: the service company's look is written into the
    grant's history, once a :data:`core.care.history.VISIT`, whether or not anything is sent then."""
    verdict = access.require(work, Right.CONTROL, asset_id)
    if verdict.grant_id is not None:
        history.used(work, verdict.grant_id, Right.CONTROL)
    device_face = face(work, asset_id)
    current = gateway(work).settings(work, device_face.device)
    reading = gateway(work).read(work, device_face.device)
    return Steering(device_face, current.seen, _values(current.settings, reading))


def _values(settings: DeviceSettings, reading: Reading) -> dict[str, Raw]:
    holiday = settings.holiday
    return {
        "on": "yes" if settings.on else "no",
        "room": f"{reading.wanted:g}",
        "tank": f"{settings.tank:g}",
        "holiday": "yes" if holiday else "no",
        "holiday_from": holiday[0].isoformat() if holiday else "",
        "holiday_until": holiday[1].isoformat() if holiday else "",
        "quiet": str(settings.quiet),
    }


def steer(work: UnitOfWork, asset_id: int, form: Control, *, seen: int) -> None:
    """Tell the device. ``seen`` is :attr:`Steering.seen`: what somebody else has told it since is not undone
    unseen. Nothing is told, and nothing written, when nothing differs."""
    verdict = access.require(work, Right.CONTROL, asset_id)
    device = face(work, asset_id).device
    current = gateway(work).settings(work, device)
    _same(current, seen)
    _check_holiday(work, current.settings, form)
    room_now = gateway(work).read(work, device).wanted
    new = replace(
        current.settings,
        on=form.on,
        tank=float(form.tank),
        holiday=(form.holiday_from, form.holiday_until) if form.holiday_from and form.holiday_until else None,
        quiet=form.quiet,
    )
    if float(form.room) != room_now:
        new = replace(new, room=float(form.room), room_at=work.now)
    changes = list(settings_diff.between(current.settings, new, room_now, float(form.room)))
    if not changes:
        return
    gateway(work).command(work, device, new, seen)
    if verdict.grant_id is not None:
        history.used(work, verdict.grant_id, Right.CONTROL, detail="; ".join(changes))
    work.record("device.steer", "asset", asset_id, changed=[change.partition(" ")[0] for change in changes])


def _same(current: SettingsInForce, seen: int) -> None:
    if current.seen != seen:
        raise Conflict(N_("Somebody changed this device's settings while you were looking at them."))


def _check_holiday(work: UnitOfWork, current: DeviceSettings, form: Control) -> None:
    """One that runs already may have begun in the past; a new one begins today or later."""
    if form.holiday_from is None or form.holiday_until is None:
        return
    past = say(N_("This day is over. Choose today or a later one."))
    if form.holiday_until < work.today:
        raise Invalid({"holiday_until": past})
    if form.holiday_from < work.today and (current.holiday is None or current.holiday[0] != form.holiday_from):
        raise Invalid({"holiday_from": past})


def reset_fault(work: UnitOfWork, asset_id: int) -> None:
    """Take the running fault back: the compressor may start again. Raises :class:`Conflict` when there is none (any
    more)."""
    verdict = access.require(work, Right.CONTROL, asset_id)
    device = face(work, asset_id).device
    through = gateway(work)
    code = through.read(work, device).error
    if not code:
        raise Conflict(NO_ERROR)
    current = through.settings(work, device)
    through.command(work, device, replace(current.settings, broken="", broken_at=None, reset_at=work.now), current.seen)
    if verdict.grant_id is not None:
        history.used(work, verdict.grant_id, Right.CONTROL, detail=f"reset {code}")
    work.record("device.reset", "asset", asset_id, code=code)

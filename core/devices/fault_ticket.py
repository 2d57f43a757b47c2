"""A fault becomes a ticket: what the device knows is filled in."""

import zoneinfo

from core.care import access
from core.care.access import DeviceStanding
from core.devices import control
from core.devices.connection import gateway
from core.devices.gateway import Reading
from core.devices.simulator import faults
from core.devices.summary import face
from core.errors import Conflict, Forbidden
from core.field import Raw
from core.i18n.translation import N_, gettext, speaking
from core.models.levels import Right
from core.models.tickets import AssetRelation, Priority
from core.service.unit_of_work import ReadContext


def fault_ticket(look: ReadContext, asset_id: int) -> dict[str, Raw]:
    """The raw values that a new ticket about this device begins with (the questions of
    ``data/products/heat_pump.toml``), in the actor's language. The owner's to send."""
    access.require(look, Right.MONITORING, asset_id)
    if access.facts(look, asset_id).standing is not DeviceStanding.OWNER:
        raise Forbidden(N_("Only the owner reports a fault of this device."))
    device_face = face(look, asset_id)
    reading = gateway(look).read(look, device_face.device)
    if not reading.error or reading.error_since is None:
        raise Conflict(control.NO_ERROR)
    began = reading.error_since.astimezone(zoneinfo.ZoneInfo(look.actor.zone))
    with speaking(look.actor.language):
        subject = gettext("Error {code}: {meaning}").format(
            code=reading.error, meaning=faults.meaning(reading.error).text()
        )
        description = _description(device_face.product, device_face.identifier, reading)
    return {
        "subject": subject,
        "description": description,
        "relation": AssetRelation.FAULT.value,
        "priority": str(Priority.HIGH.value),
        "occurred": began.strftime("%Y-%m-%d %H:%M"),
        "symptoms": ("error",),
        "error_code": reading.error,
        "running": "yes" if reading.frequency else "no",
        "outdoor_temperature": f"{reading.outdoor:.1f}",
        "room_temperature": f"{reading.room:.1f}",
        "hot_water": "tank",
        "hot_water_temperature": f"{reading.tank:.1f}",
    }


def _description(product: str, identifier: str, reading: Reading) -> str:
    text = gettext(
        "The device {product}, {identifier}, shows the error {code} ({meaning}). "
        "Room {room} °C, flow {water} °C, hot water {tank} °C, outside {outdoor} °C, compressor {frequency} Hz."
    )
    return text.format(
        product=product,
        identifier=identifier,
        code=reading.error,
        meaning=faults.meaning(reading.error).text(),
        room=reading.room,
        water=reading.water,
        tank=reading.tank,
        outdoor=reading.outdoor,
        frequency=reading.frequency,
    )

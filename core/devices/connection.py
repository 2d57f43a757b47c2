"""Which gateway a desk's devices are reached by."""

from core.devices.gateway import DeviceGateway
from core.devices.simulator.gateway import SimulatedHeatPump
from core.service.unit_of_work import ReadContext


def gateway(_look: ReadContext) -> DeviceGateway:
    """The gateway of this desk: so far there is the simulated one alone."""
    return SimulatedHeatPump()

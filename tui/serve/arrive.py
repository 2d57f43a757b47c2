"""A visitor as the desk sees them: where they come from, and the desk opened for them."""

from __future__ import annotations

import contextlib
import ipaddress
from typing import TYPE_CHECKING

from core.service.client_address import Peer
from core.service.settings import Settings
from tui.serve.hand_over import Visitor

if TYPE_CHECKING:
    from core.service.desk import Desk


def peer_of(visitor: Visitor, settings: Settings) -> Peer:
    """Where a visitor comes from, as use cases ask for it. This machine itself and relays in front of it say nothing
    about who is behind them."""
    address = None
    with contextlib.suppress(ValueError):
        address = ipaddress.ip_address(visitor.address.partition("%")[0])
        address = getattr(address, "ipv4_mapped", None) or address
    source: str = visitor.source if address is not None else "unknown"
    ours = (ipaddress.ip_network(each) for each in (*settings.ssh.own_addresses, *settings.ssh.proxies))
    if address is not None and (address.is_loopback or any(address in network for network in ours)):
        address, source = None, "relay"
    return Peer(
        address,
        source,
        visitor.port,
        afar=True,
        shared=True,
        key=visitor.key,
        offered=visitor.offered,
    )


def open_desk(settings: Settings, peer: Peer) -> Desk:
    """The desk for a visitor: one that is there and set up. Whoever comes from afar makes none."""
    from core.errors import Forbidden  # deferred: behind the first frame
    from core.people import staff
    from core.security import passwords  # deferred: behind the first frame
    from core.service.desk import Desk
    from core.service.opening import NoDesk  # deferred: behind the first frame
    from tui.machine.desk import allowed

    try:
        desk = Desk.open(settings, may=allowed(settings), peer=peer)
    except NoDesk as error:
        raise Forbidden(staff.NOT_SET_UP) from error
    if desk.see(staff.is_new):
        desk.close()
        raise Forbidden(staff.NOT_SET_UP)
    passwords.use_slots(settings.data_dir)
    return desk

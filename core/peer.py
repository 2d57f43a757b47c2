"""Where a session comes from: the address of the SSH client, trusted by the unix account it runs under.

``SSH_CONNECTION`` is an environment variable: whoever starts a program here can set it at will. It is believed only
when this process runs as the account that sshd alone can start, named in a settings file that only root can write;
and never when it names this machine itself or a relay in front of it (facts/security.md §3.7).
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.settings import Settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Peer:
    """``address`` is None where none can be trusted. ``source`` is ``local`` (somebody at this machine), ``unknown``,
    ``relay`` (this machine or a proxy), ``sshd``, or ``demo`` (made up, in a demo)."""

    address: Address | None
    source: str
    port: int = 0

    @property
    def own_computer(self) -> bool:
        """Whether this computer, with its folders, is whoever's who sits here: not over SSH, where all share one
        account."""
        return self.source in ("local", "demo")

    @property
    def told(self) -> str:
        """The address as people read it; empty without one."""
        return str(self.address) if self.address is not None else ""


LOCAL = Peer(None, "local")


def of_this_process(settings: Settings, environment: Mapping[str, str] | None = None) -> Peer:
    """The peer of this process by the rule above."""
    ssh = settings.ssh
    if ssh.kiosk_uid is None or os.geteuid() != ssh.kiosk_uid:
        return LOCAL
    if not settings.beyond_doubt:
        return Peer(None, "unknown")  # said to be the account of strangers: nothing is theirs, whoever wrote that
    parts = (os.environ if environment is None else environment).get("SSH_CONNECTION", "").split()
    if len(parts) != 4 or not parts[1].isdecimal():
        return Peer(None, "unknown")
    try:
        found = ipaddress.ip_address(parts[0].partition("%")[0])
    except ValueError:
        return Peer(None, "unknown")
    address = getattr(found, "ipv4_mapped", None) or found
    ours = (ipaddress.ip_network(one) for one in (*ssh.own_addresses, *ssh.proxies))
    if address.is_loopback or any(address in network for network in ours):
        return Peer(None, "relay")
    return Peer(address, "sshd", int(parts[1]))

"""Where a session comes from: the address of the SSH client, trusted by the unix account it runs under.

``SSH_CONNECTION`` is an environment variable: whoever starts a program here can set it at will. It is believed only
when this process runs as the account that sshd alone can start, named in a settings file that only root can write;
and never when it names this machine itself or a relay in front of it (docs/facts.md, *SSH*).
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.service.settings import Settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Peer:
    """``address`` is None where none can be trusted. ``source`` is ``local`` (somebody at this machine), ``unknown``,
    ``relay`` (this machine or a proxy), ``sshd``, ``ssh`` and ``web`` (the doors of ``okienko serve``), or ``demo``
    (made up, in a demo)."""

    address: Address | None
    source: str
    port: int = 0
    afar: bool = field(default=False, compare=False)
    """Whether they came in over a network, whatever their address (:func:`came_from_afar`)."""
    shared: bool = False
    """Came in from another machine to a unix account that others may have, too."""
    key: str = ""
    """The fingerprint (``SHA256:…``) of the SSH key that was proven on this connection; never one only offered."""
    offered: tuple[str, ...] = field(default=(), compare=False)
    """Public keys that the client has offered and not proven: they say nothing about who it is."""

    @property
    def at_the_machine(self) -> bool:
        """Whether whoever sits here sits at the machine itself."""
        return self.source == "local" and not self.afar

    @property
    def own_computer(self) -> bool:
        """Whether this computer, with its folders, is whoever's who sits here: not over SSH, where all may share one
        account (:func:`has_own_account`)."""
        return self.source in ("local", "demo") and not self.shared

    @property
    def network(self) -> str:
        """What tries are counted by: the address, of IPv6 the /64 that one household has; empty where none can be
        trusted, so that nobody is slowed for what others do there."""
        return household(str(self.address)) if self.address is not None else ""

    @property
    def address_text(self) -> str:
        """The address as people read it; empty without one."""
        return str(self.address) if self.address is not None else ""


def household(address: str) -> str:
    """What one household or office has of an address, so that nobody counts as many: all of an IPv4 address, the /64 of
    an IPv6 one. Empty for what is none."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    plain = getattr(parsed, "ipv4_mapped", None) or parsed
    return str(ipaddress.ip_network((plain, 64 if plain.version == 6 else 32), strict=False))


LOCAL = Peer(None, "local")

REMOTE_VARIABLES = ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")
REMOTE_PROGRAMS = ("sshd", "mosh-server", "dropbear", "telnetd")
"""What lets people in from elsewhere, as the kernel names its processes (15 signs): also ``sshd-session``,
``sshd-auth``, ``in.telnetd``, ``utelnetd``."""
FORCED = "SSH_ORIGINAL_COMMAND"
PROCESSES = Path("/proc")


def came_from_afar(environment: Mapping[str, str] | None = None, ancestors: Iterable[str] | None = None) -> bool:
    """Whether whoever runs this process sits at another machine.

    The variables alone don't tell: sudo drops them, and tmux keeps those of whoever began it. So the processes above
    this one are asked, too.

    Args:
        environment: This process's own unless given.
        ancestors: Names of the processes above this one; read from the kernel unless given.
    """
    around = os.environ if environment is None else environment
    if any(around.get(name) for name in REMOTE_VARIABLES):
        return True
    return any(_lets_in(name) for name in (ancestor_names() if ancestors is None else ancestors))


def ancestor_names(process: int | None = None) -> Iterator[str]:
    """The names of the processes above ``process`` (the one this runs in), nearest first; nothing where the system
    doesn't tell."""
    for each in _above(os.getppid() if process is None else _status(process)[1]):
        name, _parent = _status(each)
        if name:
            yield name


def _above(process: int) -> Iterator[int]:
    """``process``, its parent, and so on."""
    seen: set[int] = set()
    while process > 0 and process not in seen:  # a number that is given anew while this reads could lead in a circle
        seen.add(process)
        yield process
        process = _status(process)[1]


def _status(process: int) -> tuple[str, int]:
    """A process's name and its parent; nothing for one that has ended meanwhile."""
    try:
        lines = (PROCESSES / str(process) / "status").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return "", 0
    fields = dict(line.split(":", 1) for line in lines if ":" in line)
    return fields.get("Name", "").strip(), int(fields.get("PPid", "0").strip() or 0)


def _lets_in(name: str) -> bool:
    """``sshd: user@pts/0`` and ``/usr/sbin/sshd`` are what ``ps`` shows of the same program."""
    program = name.strip().partition(":")[0].split(" ")[0].rpartition("/")[2]
    return program.startswith(REMOTE_PROGRAMS) or program.endswith("telnetd")


def under_command(
    environment: Mapping[str, str] | None = None, above: Iterable[Mapping[str, str]] | None = None
) -> bool:
    """Whether sshd runs this in place of what its client asked for (a forced command): whoever comes that way has no
    shell here. A wrapper may have dropped the variable, so the processes above are asked, too."""
    around = os.environ if environment is None else environment
    return any(FORCED in each for each in (around, *(_environments_above() if above is None else above)))


def _environments_above() -> Iterator[Mapping[str, str]]:
    """What the processes above were started with, as far as it may be read."""
    for process in _above(os.getppid()):
        try:
            content = (PROCESSES / str(process) / "environ").read_bytes()
        except OSError:
            continue
        variables = (each.partition("=") for each in content.decode(errors="replace").split("\0"))
        yield {name: value for name, _sign, value in variables}


def has_own_account(
    settings: Settings, environment: Mapping[str, str] | None = None, ancestors: Iterable[str] | None = None
) -> bool:
    """Whether the unix account somebody came in to is theirs alone: root's settings say that all are, and nothing
    shows that sshd itself chose the command (as for an account that many keys open)."""
    if not (settings.ssh.own_accounts and settings.beyond_doubt):
        return False
    around = os.environ if environment is None else environment
    nearest = next(iter(ancestor_names() if ancestors is None else ancestors), "")
    return not around.get(FORCED) and not _lets_in(nearest)


def of_this_process(
    settings: Settings, environment: Mapping[str, str] | None = None, ancestors: Iterable[str] | None = None
) -> Peer:
    """The peer of this process by the rule above."""
    above = tuple(ancestor_names() if ancestors is None else ancestors)
    afar = came_from_afar(environment, above)
    shared = afar and not has_own_account(settings, environment, above)
    return replace(_by_account(settings, environment, shared=shared), afar=afar)


def _by_account(settings: Settings, environment: Mapping[str, str] | None, *, shared: bool) -> Peer:
    ssh = settings.ssh
    if ssh.kiosk_uid is None or os.geteuid() != ssh.kiosk_uid:
        return replace(LOCAL, shared=shared)
    if not settings.beyond_doubt:
        return Peer(None, "unknown")  # said to be the account of strangers: nothing is theirs, whoever wrote that
    parts = (os.environ if environment is None else environment).get("SSH_CONNECTION", "").split()
    if len(parts) != 4 or not parts[1].isdecimal():
        return Peer(None, "unknown")
    try:
        source = ipaddress.ip_address(parts[0].partition("%")[0])
    except ValueError:
        return Peer(None, "unknown")
    address = getattr(source, "ipv4_mapped", None) or source
    ours = (ipaddress.ip_network(each) for each in (*ssh.own_addresses, *ssh.proxies))
    if address.is_loopback or any(address in network for network in ours):
        return Peer(None, "relay")
    return Peer(address, "sshd", int(parts[1]))

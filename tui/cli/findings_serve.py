"""What ``okienko check`` says of ``okienko serve``: whether its doors can open, and what browsers and letters name.

Nothing is said where nothing is served. Nothing is made, and an address is only tried while no server of this desk
runs, which would be found in its own way.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import fcntl
import ipaddress
import os
import shlex
import socket
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from core.i18n.translation import N_, _
from tui.machine.finding import Finding

if TYPE_CHECKING:
    from core.service.settings import Settings

NAME: Final = "serve"
LIBRARIES: Final = ("asyncssh", "aiohttp", "textual_serve")
_SOON: Final = dt.timedelta(days=14)
"""So long before its certificate runs out an operator wants to know."""
_WHY: Final = {
    errno.EADDRINUSE: (
        N_("{place} is taken by another program."),
        N_("End that program, or name another port in {setting}."),
    ),
    errno.EACCES: (
        N_("{place} can't be opened by this account."),
        N_("A port below 1024 wants root, CAP_NET_BIND_SERVICE, or a socket that systemd passes in."),
    ),
    errno.EADDRNOTAVAIL: (
        N_("This machine has no such address: {place}"),
        N_("Name one of its own in {setting}; 0.0.0.0 is all of them."),
    ),
}


def is_running(settings: Settings) -> bool:
    """Whether a server of this desk holds its lock."""
    try:
        file = os.open(settings.data_dir / "serve.lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def libraries(_settings: Settings) -> Iterator[Finding]:
    """What a server is made of and a desk is not."""
    missing = [name for name in LIBRARIES if find_spec(name) is None]
    if missing:
        text = _("A server needs what is not installed here: {names}").format(names=", ".join(missing))
        yield Finding(NAME, False, text, _("Install Okienko with its extra “serve”."))


def doors(settings: Settings) -> Iterator[Finding]:
    """Whether every door that is named could be opened now."""
    serve = settings.serve
    places = {"serve.ssh": serve.ssh, "serve.web": serve.web}
    if not any(places.values()) and serve.kiosk is None:
        yield Finding(NAME, False, _("The server has no door."), _("Name one: serve.ssh, serve.web or serve.kiosk."))
        return
    if serve.ssh and serve.ssh == serve.web and not serve.ssh.endswith(":0"):
        text = _("SSH and the browser's door have one address: {place}").format(place=serve.ssh)
        yield Finding(NAME, False, text, _("Name another port in {setting}.").format(setting="serve.web"))
        return
    running = is_running(settings)
    for setting, place in places.items():
        if not place:
            continue
        text = _("{setting}: {place}, open").format(setting=setting, place=place)
        yield Finding(NAME, True, text) if running else _could_open(setting, place)


def _could_open(setting: str, place: str) -> Finding:
    host, _colon, port = place.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind((host, int(port)))
    except socket.gaierror:
        what, do = _WHY[errno.EADDRNOTAVAIL]
    except OSError as error:
        if error.errno not in _WHY:
            return Finding(NAME, False, f"{setting}: {place}: {error.strerror}")
        what, do = _WHY[error.errno]
        if error.errno == errno.EACCES:  # who checks need not be who serves
            return Finding(NAME, True, _(what).format(place=place), _(do), warning=True)
    else:
        return Finding(NAME, True, _("{setting}: {place}, free").format(setting=setting, place=place))
    return Finding(NAME, False, _(what).format(place=place), _(do).format(setting=setting))


def key_files(settings: Settings) -> Iterator[Finding]:
    """The host key and the certificate: there, readable, and nobody else's to read."""
    key = settings.data_dir / "ssh_host_ed25519_key"
    if settings.serve.ssh and not key.exists():
        yield Finding(NAME, True, _("The host key is made at the first start: {path}").format(path=key))
    elif settings.serve.ssh:
        yield from _private(key)
        if _is_no_key(key):
            text = _("{path} is no private key of SSH.").format(path=key)
            yield Finding(NAME, False, text, _("Bring it back from a copy; without it clients warn of another server."))
    certificate = settings.serve.certificate
    if certificate is None:
        return
    if not certificate.is_file():
        text = _("There is no file {path}.").format(path=certificate)
        yield Finding(NAME, False, text, _("Correct serve.certificate."))
        return
    yield from _private(certificate)
    if os.access(certificate, os.R_OK):
        yield from _certificate(certificate)
    else:
        text = _("{path} can't be read by this account.").format(path=certificate)
        yield Finding(NAME, False, text, _("Give it to the account that runs “okienko serve”: chown, chmod 600."))


def _private(path: Path) -> Iterator[Finding]:
    if path.stat().st_mode & 0o077:
        do = f"chmod 600 {shlex.quote(str(path))}"
        yield Finding(NAME, False, _("{path} can be read by others.").format(path=path), do)


def _is_no_key(path: Path) -> bool:
    from cryptography.exceptions import UnsupportedAlgorithm  # deferred: start-up, a command loads what it runs
    from cryptography.hazmat.primitives import serialization  # deferred: start-up, a command loads what it runs

    with contextlib.suppress(OSError):  # somebody else's is said elsewhere
        content = path.read_bytes()
        try:
            serialization.load_ssh_private_key(content, None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            return True
    return False


def _certificate(path: Path) -> Iterator[Finding]:
    import ssl  # deferred: start-up, a command loads what it runs

    from cryptography import x509  # deferred: start-up, a command loads what it runs

    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(path, password=lambda: "")
        ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    except (OSError, ValueError):
        text = _("{path} is no certificate with its key.").format(path=path)
        yield Finding(NAME, False, text, _("Put both into one file, as PEM; the key without a passphrase."))
        return
    left = ends - dt.datetime.now(dt.UTC)
    text = _("The certificate is good until {day}.").format(day=ends.date().isoformat())
    if left < dt.timedelta(0):
        yield Finding(NAME, False, text, _("Renew it; the door reads it anew by itself."))
    else:
        soon = left < _SOON
        yield Finding(NAME, True, text, _("Renew it; the door reads it anew by itself.") if soon else "", warning=soon)


def browsers(settings: Settings) -> Iterator[Finding]:
    """How browsers reach the door: by a name, and never readable on the way."""
    serve = settings.serve
    if not serve.web:
        if serve.web_address or serve.certificate or serve.proxies:
            text = _("There are settings of the browser's door, and it is not open.")
            yield Finding(NAME, True, text, _("Name its address and port in serve.web, or remove them."), warning=True)
        return
    here_alone = _is_loopback(serve.web.rpartition(":")[0])
    site = urlsplit(serve.web_address)
    if not serve.web_address and (serve.proxies or serve.certificate or not here_alone):
        text = _("Browsers on other machines are refused: nothing says by which address they come.")
        yield Finding(NAME, False, text, _("Set serve.web_address, such as https://support.example.com."))
    if site.scheme == "http" and not _is_loopback(site.hostname or ""):
        text = _("{address} is not encrypted: passwords could be read on the way.").format(address=serve.web_address)
        do = _("Have browsers come by https: with serve.certificate, or by a proxy that has one.")
        yield Finding(NAME, False, text, do)
    elif serve.certificate is None and not serve.proxies and site.scheme == "https":
        text = _("Browsers come by https, and neither a certificate nor a proxy is named: all seem to come from one.")
        do = _("Name the proxy in serve.proxies, or the certificate in serve.certificate.")
        yield Finding(NAME, False, text, do)
    elif serve.certificate is None and not here_alone:
        text = _("The browser's door is open at {place} without a certificate.").format(place=serve.web)
        do = _("Let only the proxy reach it (127.0.0.1), or name a certificate in serve.certificate.")
        yield Finding(NAME, True, text, do, warning=True)


def believed(settings: Settings) -> Iterator[Finding]:
    """Whose word on a client's address counts."""
    serve = settings.serve
    for setting, networks in (("serve.proxies", serve.proxies), ("serve.balancers", serve.balancers)):
        everybody = [each for each in networks if ipaddress.ip_network(each).prefixlen == 0]
        if everybody:
            text = _("{setting} names {network}: whoever comes can say that they come from anywhere.")
            do = _("Name only the machines that stand before the desk.")
            yield Finding(NAME, False, text.format(setting=setting, network=everybody[0]), do)


def address_in_letters(settings: Settings) -> Iterator[Finding]:
    """What letters name, so that their readers find the desk."""
    serve = settings.serve
    by_ssh = bool(serve.ssh) and not _is_loopback(serve.ssh.rpartition(":")[0])
    if by_ssh and not settings.desk.address:
        text = _("Letters don't say how the desk is reached over SSH.")
        do = _("Set desk.address, such as desk@support.example.com.")
        yield Finding(NAME, True, text, do, warning=True)


def kiosk(settings: Settings) -> Iterator[Finding]:
    """An sshd of the operator's that hands terminals over."""
    place = settings.serve.kiosk
    if place is None:
        return
    if settings.ssh.kiosk_uid is None:
        text = _("sshd is to hand over at {path}, and nothing says as which account.").format(path=place)
        yield Finding(NAME, False, text, _("Set ssh.kiosk_uid to that account's number; “okienko ssh check” looks."))
    if not place.parent.is_dir():
        text = _("There is no folder {path}.").format(path=place.parent)
        yield Finding(NAME, False, text, _("Make it: 0750, with the group of the account that sshd uses."))
    elif place.parent.stat().st_mode & 0o007:
        do = f"chmod 750 {shlex.quote(str(place.parent))}"
        yield Finding(NAME, False, _("Others can look into {path}.").format(path=place.parent), do)


def _is_loopback(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    return host.casefold() == "localhost"


LOOKS: Final = (libraries, doors, key_files, browsers, believed, address_in_letters, kiosk)


def serving(settings: Settings) -> Iterator[Finding]:
    """All of it, where a server is set up or runs."""
    if settings.is_served or is_running(settings):
        for look in LOOKS:
            yield from look(settings)


CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (serving,)

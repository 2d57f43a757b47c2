"""Whose address a request comes from, which site it was made from, and in which language it asks.

All of it stands in headers that anybody can write, so each is believed only as far as this says.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.service.settings import Settings

_OWN = ("127.0.0.1", "localhost", "[::1]")
_USUAL_PORTS = {"http": 80, "https": 443}
_LANGUAGE = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]*)?\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?")


@dataclass(frozen=True, slots=True)
class Sites:
    """Where browsers reach this door: ``hosts`` as a ``Host`` header names it, ``origins`` as a page's own."""

    hosts: frozenset[str]
    origins: frozenset[str]


def own_sites(settings: Settings, port: int) -> Sites:
    """The sites that are ours: ``web_address``, the address listened at (where it is one), and this machine itself."""
    serve = settings.serve
    scheme = "https" if serve.certificate else "http"
    listens_at = serve.web.rpartition(":")[0]
    hosts = {*_OWN, *([listens_at.casefold()] if not _is_any(listens_at) else [])}
    urls = [f"{scheme}://{host}:{port}" for host in hosts]
    if serve.web_address:
        urls.append(serve.web_address)
    return Sites(
        frozenset(name for url in urls for name in _host_names(url)),
        frozenset(name for url in urls for name in _origin_names(url)),
    )


def _is_any(host: str) -> bool:
    return host.strip("[]") in ("", "0.0.0.0", "::")  # noqa: S104 - compared, not listened at


def _host_names(url: str) -> Iterable[str]:
    """``Host`` leaves the usual port out, and some clients write it all the same."""
    parts = urlsplit(url.casefold())
    host = parts.netloc.rpartition("@")[2]
    usual = _USUAL_PORTS.get(parts.scheme)
    if parts.port is None:
        return (host, f"{host}:{usual}")
    return (host, host.rpartition(":")[0]) if parts.port == usual else (host,)


def _origin_names(url: str) -> Iterable[str]:
    return (f"{urlsplit(url.casefold()).scheme}://{host}" for host in _host_names(url))


def client_address(peer: str, forwarded: Sequence[str], proxies: Sequence[str]) -> str:
    """The address that a request comes from; empty when it isn't known.

    ``X-Forwarded-For`` counts only when whoever is connected is a proxy of the operator's. Each proxy adds the address
    it saw at the right, so the first from there that is no proxy is the client, and all before it is the client's word.

    Args:
        peer: Who is connected.
        forwarded: Every ``X-Forwarded-For`` of the request.
        proxies: Networks of the operator's own proxies.
    """
    networks = [ipaddress.ip_network(each) for each in proxies]

    def is_proxy(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
        return any(address in network for network in networks)

    connected = _address(peer)
    if connected is None:
        return ""
    if not is_proxy(connected):
        return str(connected)
    for text in reversed(",".join(forwarded).split(",")):
        address = _address(text.strip())
        if address is None:
            return ""
        if not is_proxy(address):
            return str(address)
    return ""


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def place(address: str) -> str:
    """What sessions are counted by: the address, of IPv6 the /64 that one household has."""
    parsed = _address(address)
    if parsed is None:
        return ""
    return str(ipaddress.ip_network((parsed, 64 if parsed.version == 6 else 32), strict=False))


def language_asked(header: str) -> str:
    """``pl``, ``en``, or empty when ``Accept-Language`` asks for neither; the one wanted more, else the first."""
    best, weight = "", 0.0
    for part in header[:400].split(","):
        match = _LANGUAGE.fullmatch(part)
        if match and match[1].casefold() in ("pl", "en") and (wanted := float(match[2] or 1)) > weight:
            best, weight = match[1].casefold(), wanted
    return best

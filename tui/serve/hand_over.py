"""What a door says of a visitor when it hands their terminal over, and what is said back.

A message is one JSON object on a socket that keeps messages apart. The first has a terminal with it (or three pipes,
for a command without one) and, from a door of ours, the *side channel* on which session and door talk later on.
Nothing of it is taken from an environment: only a door knows who is there, and only it writes to this socket.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shlex
import socket
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args

Source = Literal["ssh", "web", "sshd"]

LONGEST = 32 * 1024
"""Bytes of a message; a visitor's offered keys and words are bounded so that theirs fits."""
MOST_FILES = 4
MOST_WORDS = 8
LONGEST_WORD = 128
MOST_OFFERED = 6
USUAL_TERMINAL = "xterm-256color"

_NAME = re.compile(r"[A-Za-z0-9._+-]{1,64}")
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
_PUBLIC_KEY = re.compile(r"[A-Za-z0-9@.-]{1,64} [A-Za-z0-9+/=]{1,1400}")


class BadHandOver(Exception):
    """What came is no visitor: a fault of a door, or somebody who is none."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who comes, as far as a door knows. ``words`` are a command (``invoice``, ``FV/7``); without any it is the whole
    program on ``terminal``."""

    source: Source
    address: str = ""
    port: int = 0
    key: str = ""
    """The fingerprint of the key that was proven on this connection."""
    offered: tuple[str, ...] = ()
    """Public keys that were offered and not proven."""
    term: str = USUAL_TERMINAL
    colorterm: str = ""
    language: str = ""
    """``en``, ``pl``, or empty for the desk's own."""
    words: tuple[str, ...] = ()
    terminal: bool = True
    """Whether there is a terminal; otherwise the program gets three pipes."""

    def message(self) -> bytes:
        """As it is sent."""
        return json.dumps({"visitor": asdict(self)}).encode()


def visitor(message: dict[str, Any]) -> Visitor:
    """The visitor of a message, with what a client chose held to what is sensible.

    Raises:
        BadHandOver: It has another shape, or names a key that is none.
    """
    fields_given = message.get("visitor")
    if not isinstance(fields_given, dict):
        raise BadHandOver("no visitor")
    try:
        made = Visitor(**{name: _typed(name, fields_given[name]) for name in _NAMES if name in fields_given})
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise BadHandOver("no visitor of ours") from error
    if made.source == "sshd":
        made = _from_sshd(made, message)
    if made.source not in get_args(Source) or (made.key and not _FINGERPRINT.fullmatch(made.key)):
        raise BadHandOver("no source or key of ours")
    return made


def _from_sshd(made: Visitor, message: dict[str, Any]) -> Visitor:
    """sshd's forced command passes on the words as they were typed and the whole key: it can't take either apart."""
    command, proven = message.get("command"), message.get("proven")
    words = words_of(command) if isinstance(command, str) else ()
    key = fingerprint(proven) if isinstance(proven, str) else ""
    offered = (proven,) if isinstance(proven, str) and key else ()
    return replace(made, key=key, words=words, offered=offered)


def words_of(command: str) -> tuple[str, ...]:
    """What somebody typed after ``ssh desk@…``, as a shell takes it apart; nothing of it goes to one."""
    try:
        words = shlex.split(command)
    except ValueError:  # a quote that is never closed
        words = command.split()
    return tuple(word[:LONGEST_WORD] for word in words[:MOST_WORDS])


def fingerprint(line: str) -> str:
    """``SHA256:…`` of a public key line (kind and base64), as OpenSSH writes it; empty for what is none."""
    if not _PUBLIC_KEY.fullmatch(line):
        return ""
    try:
        blob = base64.b64decode(line.split(" ")[1], validate=True)
    except ValueError:
        return ""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


_NAMES = tuple(field.name for field in fields(Visitor))


def _typed(name: str, value: Any) -> Any:
    if name == "terminal":
        return bool(value)
    if name == "port":
        return min(max(int(value), 0), 65535)
    if name == "words":
        return tuple(str(each)[:LONGEST_WORD] for each in value)[:MOST_WORDS]
    if name == "offered":
        return tuple(each for each in map(str, value) if _PUBLIC_KEY.fullmatch(each))[:MOST_OFFERED]
    if name == "language":
        return value if value in ("en", "pl") else ""
    if name == "term":
        return terminal_name(str(value))
    if name == "colorterm":
        return value if value in ("truecolor", "24bit") else ""
    return str(value)[:128]


def terminal_name(name: str) -> str:
    """A terminal's name as the client said it, if it can be one."""
    return name if _NAME.fullmatch(name) and name != "dumb" else USUAL_TERMINAL


def language_of(text: str) -> str:
    """``pl_PL.UTF-8`` and ``pl,en;q=0.8`` are Polish, ``C.UTF-8`` says nothing."""
    begins = text.strip()[:2].casefold()
    return begins if begins in ("pl", "en") else ""


def open_socket() -> socket.socket:
    """One end of a talk; messages stay apart, and a closed end is noticed at once."""
    return socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC)


def pair() -> tuple[socket.socket, socket.socket]:
    """Two ends of a side channel."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def send(link: socket.socket, message: bytes | dict[str, Any], files: Sequence[int] = ()) -> bool:
    """Send one message; False when nobody is there any more."""
    data = message if isinstance(message, bytes) else json.dumps(message).encode()
    try:
        if files:
            socket.send_fds(link, [data], list(files))
        else:
            link.send(data)
    except OSError:
        return False
    return True


def receive(link: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """The next message and the files that came with it; None when the other end is gone.

    Raises:
        BlockingIOError: There is none yet.
        BadHandOver: It is no message; its files are closed.
    """
    try:
        data, files, flags, _address = socket.recv_fds(link, LONGEST, MOST_FILES)
    except BlockingIOError:
        raise
    except OSError:
        return None
    if not data and not files:
        return None
    try:
        if flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
            raise BadHandOver("too much in one message")
        message = json.loads(data)
        if not isinstance(message, dict):
            raise BadHandOver("no object")
    except (ValueError, RecursionError, BadHandOver) as error:
        close_all(files)
        raise BadHandOver(str(error)) from error
    for number in files:
        os.set_inheritable(number, False)
    return message, files


def close_all(files: Sequence[int]) -> None:
    """Close what came with a message that is not wanted."""
    for number in files:
        os.close(number)

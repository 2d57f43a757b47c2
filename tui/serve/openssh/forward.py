"""What sshd runs for whoever comes (its forced command): hands this terminal to the server and waits for the end.

Run as ``python -I -S forward.py SOCKET PROGRAM…``, where PROGRAM is executed when no server listens. It imports nothing
but what is built in, so that it starts in the time of the bare interpreter (8 ms). What it says of the visitor is
believed because of the unix account it runs as, which the kernel tells the server.
"""

import _signal  # type: ignore[import-not-found]
import _socket
import posix
import sys

LONGEST = 1024
NO_SERVER = 75


def variable(name: str) -> str:
    """A variable of the environment, of which nothing is believed beyond what sshd itself sets."""
    return posix.environ.get(name.encode(), b"").decode("utf-8", "replace")[:LONGEST]


def quoted(text: str) -> str:
    """As JSON."""
    return '"' + "".join(map(_sign, text)) + '"'


def _sign(sign: str) -> str:
    plain = " " <= sign <= "~" and sign not in '"\\'
    return sign if plain else f"\\u{min(ord(sign), 0xFFFD):04x}"


def proven_key() -> str:
    """The key that sshd has checked: its kind and itself in base64 (``ExposeAuthInfo``)."""
    path = variable("SSH_USER_AUTH")
    if not path.startswith("/"):
        return ""
    try:
        number = posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC)
        text = posix.read(number, 4096).decode("ascii", "replace")
        posix.close(number)
    except OSError:
        return ""
    for line in text.split("\n"):
        words = line.split(" ")
        if words[0] == "publickey" and len(words) >= 3:
            return " ".join(words[1:3])
    return ""


def header(*, terminal: bool) -> str:
    """What the server is told, see ``tui.serve.hand_over``."""
    address, port, *_rest = [*variable("SSH_CONNECTION").split(" "), "", ""]
    fields = (
        ("source", '"sshd"'),
        ("address", quoted(address)),
        ("port", port if port.isdigit() else "0"),
        ("term", quoted(variable("TERM"))),
        ("colorterm", quoted(variable("COLORTERM"))),
        ("language", quoted(variable("LANG")[:2])),
        ("terminal", "true" if terminal else "false"),
    )
    visitor = ", ".join(f'"{name}": {value}' for name, value in fields)
    command, key = quoted(variable("SSH_ORIGINAL_COMMAND")), quoted(proven_key())
    return f'{{"visitor": {{{visitor}}}, "command": {command}, "proven": {key}}}'


def main(place: str, program: list[str]) -> int:
    """Hand over, pass on what the kernel tells the terminal's own session, and leave as the session has left."""
    for number in (_signal.SIGINT, _signal.SIGQUIT, _signal.SIGTSTP):
        _signal.signal(number, _signal.SIG_IGN)
    terminal = posix.isatty(0) and posix.isatty(1)
    if not terminal and not variable("SSH_ORIGINAL_COMMAND"):
        posix.write(2, b"A terminal is needed here: ssh -t\n")
        return 1
    link = _socket.socket(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
    try:
        link.connect(place)
    except OSError:
        if program and terminal:
            try:  # noqa: SIM105 - nothing is imported that is not built in
                posix.execv(program[0], program)
            except OSError:
                pass
        posix.write(2, b"The desk is not open at the moment. Please come again later.\n")
        return NO_SERVER

    def pass_on(number: int, _frame: object) -> None:
        link.send(b'{"signal": %d}' % number)

    def hung_up(_number: int, _frame: object) -> None:
        link.send(b'{"signal": 1}')
        posix._exit(129)

    _signal.signal(_signal.SIGWINCH, pass_on)
    _signal.signal(_signal.SIGHUP, hung_up)
    _signal.signal(_signal.SIGTERM, hung_up)
    files = b"".join(number.to_bytes(4, sys.byteorder) for number in ((0,) if terminal else (0, 1, 2)))
    link.sendmsg([header(terminal=terminal).encode()], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, files)])
    if not terminal:
        for number in (0, 1):  # whoever reads them sees the end when the session has ended
            posix.close(number)
    return wait(link)


def wait(link: "_socket.socket") -> int:
    """Until the session is over; its status."""
    while True:
        message = link.recv(4096)
        if not message:
            return 255
        if message.startswith(b'{"exit": '):
            return int(message[9:-1]) & 0xFF
        if message.startswith(b'{"refused": "'):
            posix.write(2, message[13:-2].decode("unicode_escape").encode() + b"\r\n")
            return NO_SERVER


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))

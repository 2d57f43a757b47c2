"""The files that make an sshd the desk's door: its configuration, what accepts keys, and what it runs.

Each line of the configuration closes something that was found open without it (docs/facts.md, *SSH*).
"""

from __future__ import annotations

from pathlib import Path

OF_THE_ACCOUNT = """\
    AuthenticationMethods publickey
    PubkeyAuthentication yes
    PasswordAuthentication no
    AuthorizedKeysFile none
    AuthorizedKeysCommand {folder}/anykey %t %k
    AuthorizedKeysCommandUser nobody
    ExposeAuthInfo yes
    AcceptEnv none
    PermitUserRC no
    DisableForwarding yes
    AllowTcpForwarding no
    AllowStreamLocalForwarding no
    AllowAgentForwarding no
    X11Forwarding no
    PermitTunnel no
    PermitOpen none
    PermitListen none
    GatewayPorts no
    MaxSessions 1
    MaxAuthTries 6
    ClientAliveInterval 30
    ClientAliveCountMax 4
    UnusedConnectionTimeout 30s
    PermitTTY yes
    ForceCommand exec {folder}/kiosk
"""
"""What holds for the desk's account, in an instance of its own and in a Match block alike."""

OF_THE_INSTANCE = """\
Port {port}
ListenAddress {address}
HostKey {folder}/ssh_host_ed25519_key
AllowUsers {user}
UsePAM {pam}
StrictModes yes
PermitRootLogin no
KbdInteractiveAuthentication no
HostbasedAuthentication no
GSSAPIAuthentication no
PermitEmptyPasswords no
RequiredRSASize 3072
PermitUserEnvironment no
LoginGraceTime 20
MaxStartups 20:50:60
PerSourceMaxStartups 5
PerSourceNetBlockSize 32:64
TCPKeepAlive no
Compression no
UseDNS no
LogLevel VERBOSE
PrintMotd no
PrintLastLog no
Banner none
VersionAddendum none
PidFile none
"""

ANY_KEY = """\
#!/bin/sh
# Any key of a good kind may knock: whose it is, the desk knows. Nothing else can be reached by it.
case "$1" in
ssh-ed25519|ecdsa-sha2-nistp256|ssh-rsa|sk-ssh-ed25519@openssh.com|sk-ecdsa-sha2-nistp256@openssh.com)
    printf '%s %s\\n' "$1" "$2" ;;
esac
"""

KIOSK = """\
#!/bin/sh
# The forced command, and the login shell of the account: there is no other way on from here.
trap '' INT QUIT TSTP
set -eu
umask 077
ulimit -c 0
ulimit -n 256
case "${{TERM:-}}" in ''|*[!a-zA-Z0-9._+-]*) TERM=xterm ;; esac
case "${{LANG:-}}" in pl*) LANG=pl ;; en*) LANG=en ;; *) LANG= ;; esac
cd /
exec /usr/bin/env -i PATH=/usr/bin:/bin HOME=/nonexistent LANG="$LANG" TERM="$TERM" \\
    SSH_CONNECTION="${{SSH_CONNECTION:-}}" SSH_USER_AUTH="${{SSH_USER_AUTH:-}}" \\
    SSH_ORIGINAL_COMMAND="${{SSH_ORIGINAL_COMMAND:-}}" \\
    OKIENKO_CONFIG={config} OKIENKO_DATA_DIR={data} \\
    {python} -I -S -X utf8 {forward} {socket} {program}
"""


def instance(folder: Path, *, user: str, address: str, port: int, pam: bool) -> str:
    """The configuration of an sshd of the desk's own."""
    begins = OF_THE_INSTANCE.format(folder=folder, user=user, address=address, port=port, pam="yes" if pam else "no")
    lines = (line.strip() for line in OF_THE_ACCOUNT.format(folder=folder).splitlines())
    return begins + "\n".join(lines) + "\n"


def match_block(folder: Path, *, user: str) -> str:
    """What is added at the end of an sshd_config that is there already."""
    return f"Match User {user}\n" + OF_THE_ACCOUNT.format(folder=folder)

"""Whether somebody sits at this machine, or came in from another one."""

import ipaddress
from pathlib import Path

import pytest

from core.service import client_address
from core.service.settings import Settings, SshSection

REAL_NAMES = client_address.ancestor_names
"""The fixture for all tests puts nobody in its place."""


@pytest.mark.parametrize("name", ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"])
def test_a_variable_of_sshd_tells_that_somebody_sits_elsewhere(name: str) -> None:
    assert client_address.came_from_afar({name: "/dev/pts/3"}, ())
    assert not client_address.came_from_afar({name: ""}, ())


@pytest.mark.parametrize(
    "program",
    ["sshd", "sshd-session", "sshd: ola@pts/0", "/usr/sbin/sshd", "mosh-server", "dropbear", "in.telnetd", "telnetd"],
)
def test_so_does_what_let_them_in_where_sudo_or_tmux_lost_the_variables(program: str) -> None:
    assert client_address.came_from_afar({}, ("bash", "sudo", "bash", program, "systemd"))


def test_nobody_else_above_is_taken_for_it() -> None:
    assert not client_address.came_from_afar({}, ("bash", "ssh", "ssh-agent", "tmux: server", "login", "systemd"))


def test_the_processes_above_are_read_from_the_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for process, name, above in ((70, "okienko", 60), (60, "bash", 50), (50, "sshd-session", 1), (1, "systemd", 0)):
        (tmp_path / str(process)).mkdir()
        (tmp_path / str(process) / "status").write_text(f"Name:\t{name}\nUmask:\t0022\nPPid:\t{above}\n")
    monkeypatch.setattr(client_address, "PROCESSES", tmp_path)

    assert list(REAL_NAMES(70)) == ["bash", "sshd-session", "systemd"]


def test_a_circle_above_ends_and_a_process_that_is_gone_counts_as_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for process, above in ((7, 8), (8, 9), (9, 8)):
        (tmp_path / str(process)).mkdir()
        (tmp_path / str(process) / "status").write_text(f"Name:\tp{process}\nPPid:\t{above}\n")
    monkeypatch.setattr(client_address, "PROCESSES", tmp_path)

    assert list(REAL_NAMES(7)) == ["p8", "p9"]
    assert list(REAL_NAMES(6)) == []


def test_whoever_came_from_afar_is_not_at_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Settings(data_dir=tmp_path)
    assert client_address.of_this_process(place, {}).at_the_machine
    assert not client_address.of_this_process(place, {"SSH_TTY": "/dev/pts/3"}).at_the_machine
    monkeypatch.setattr(client_address, "ancestor_names", lambda: iter(("sudo", "sshd-session")))
    assert not client_address.of_this_process(place, {}).at_the_machine


def test_a_forced_command_is_seen_whatever_was_asked_for() -> None:
    assert client_address.under_command({client_address.FORCED: ""}, ())
    assert not client_address.under_command({"SSH_CONNECTION": "1 2 3 4"}, ({"HOME": "/"},))


def test_and_where_a_wrapper_has_dropped_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for process, above, content in ((70, 60, b""), (60, 1, b"HOME=/home/desk\0SSH_ORIGINAL_COMMAND=init\0")):
        (tmp_path / str(process)).mkdir()
        (tmp_path / str(process) / "status").write_text(f"Name:\tx\nPPid:\t{above}\n")
        (tmp_path / str(process) / "environ").write_bytes(content)
    monkeypatch.setattr(client_address, "PROCESSES", tmp_path)
    monkeypatch.setattr("os.getppid", lambda: 70)
    assert client_address.under_command({})
    (tmp_path / "60" / "environ").write_bytes(b"HOME=/home/desk\0")
    assert not client_address.under_command({})


# Whose computer this is

AFAR = {"SSH_CONNECTION": "203.0.113.7 50000 192.0.2.1 22"}


def own(tmp_path: Path, around: dict[str, str], above: tuple[str, ...], **ssh: object) -> bool:
    settings = Settings(data_dir=tmp_path, ssh=SshSection(**ssh))
    return client_address.of_this_process(settings, around, above).own_computer


@pytest.fixture
def roots(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that only root could have written."""
    monkeypatch.setattr(Settings, "beyond_doubt", True)


def test_at_the_machine_itself_it_is_ones_own(tmp_path: Path) -> None:
    assert own(tmp_path, {}, ("bash", "tmux: server", "systemd"))


@pytest.mark.parametrize(
    ("around", "above"),
    [(AFAR, ("bash", "sshd")), ({}, ("bash", "sudo", "bash", "sshd-session", "sshd")), ({}, ("bash", "mosh-server"))],
    ids=["by its variables", "under sudo", "by mosh"],
)
def test_over_ssh_it_is_nobodys_own(tmp_path: Path, around: dict[str, str], above: tuple[str, ...]) -> None:
    assert not own(tmp_path, around, above)
    assert not own(tmp_path, around, above, own_accounts=True), "anybody could have written that"


@pytest.mark.usefixtures("roots")
def test_root_can_say_that_each_account_is_one_persons(tmp_path: Path) -> None:
    above = ("bash", "sshd-session", "sshd")
    assert own(tmp_path, AFAR, above, own_accounts=True)
    assert not own(tmp_path, AFAR, above)
    forced = {**AFAR, "SSH_ORIGINAL_COMMAND": "confirm K7QF"}
    assert not own(tmp_path, forced, above, own_accounts=True), "sshd chose the command"
    assert not own(tmp_path, AFAR, ("sshd-session", "sshd"), own_accounts=True), "started by sshd, by no shell"


def test_what_tries_are_counted_by() -> None:
    def network(address: str) -> str:
        return client_address.Peer(ipaddress.ip_address(address), "sshd").network

    assert network("203.0.113.7") == "203.0.113.7/32"
    assert network("2001:db8:1:2::5") == network("2001:db8:1:2:ffff::1") == "2001:db8:1:2::/64"
    assert client_address.LOCAL.network == ""

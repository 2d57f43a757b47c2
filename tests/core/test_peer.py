"""Whether somebody sits at this machine, or came in from another one."""

from pathlib import Path

import pytest

from core import peer


@pytest.mark.parametrize("name", ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"])
def test_a_variable_of_sshd_tells_that_somebody_sits_elsewhere(name: str) -> None:
    assert peer.came_from_afar({name: "/dev/pts/3"}, ())
    assert not peer.came_from_afar({name: ""}, ())


@pytest.mark.parametrize(
    "program",
    ["sshd", "sshd-session", "sshd: ola@pts/0", "/usr/sbin/sshd", "mosh-server", "dropbear", "in.telnetd", "telnetd"],
)
def test_so_does_what_let_them_in_where_sudo_or_tmux_lost_the_variables(program: str) -> None:
    assert peer.came_from_afar({}, ("bash", "sudo", "bash", program, "systemd"))


def test_nobody_else_above_is_taken_for_it() -> None:
    assert not peer.came_from_afar({}, ("bash", "ssh", "ssh-agent", "tmux: server", "login", "systemd"))


def test_the_processes_above_are_read_from_the_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for process, name, above in ((70, "okienko", 60), (60, "bash", 50), (50, "sshd-session", 1), (1, "systemd", 0)):
        (tmp_path / str(process)).mkdir()
        (tmp_path / str(process) / "status").write_text(f"Name:\t{name}\nUmask:\t0022\nPPid:\t{above}\n")
    monkeypatch.setattr(peer, "PROCESSES", tmp_path)

    assert list(peer.ancestor_names(70)) == ["bash", "sshd-session", "systemd"]


def test_a_circle_above_ends_and_a_process_that_is_gone_counts_as_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for process, above in ((7, 8), (8, 9), (9, 8)):
        (tmp_path / str(process)).mkdir()
        (tmp_path / str(process) / "status").write_text(f"Name:\tp{process}\nPPid:\t{above}\n")
    monkeypatch.setattr(peer, "PROCESSES", tmp_path)

    assert list(peer.ancestor_names(7)) == ["p8", "p9"]
    assert list(peer.ancestor_names(6)) == []

"""Where a session comes from is believed only where sshd alone can have said it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.service import client_address
from core.service.client_address import LOCAL, of_this_process
from core.service.settings import Settings, SshSection

SAID = {"SSH_CONNECTION": "203.0.113.7 50000 192.0.2.1 22"}


def settings(tmp_path: Path, **ssh: object) -> Settings:
    return Settings(data_dir=tmp_path, ssh=SshSection(**ssh))


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Settings, "beyond_doubt", True)
    monkeypatch.setattr(client_address.os, "geteuid", lambda: 4711)


def test_anybody_can_set_the_variable_so_it_is_not_believed(tmp_path: Path) -> None:
    told = of_this_process(settings(tmp_path), SAID, ())
    assert (told.address, told.source, told.own_computer) == (None, LOCAL.source, False)


def test_a_settings_file_of_anybodys_makes_this_nobodys_own_computer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_address.os, "geteuid", lambda: 4711)
    unbelieved = of_this_process(settings(tmp_path, kiosk_uid=4711), SAID)
    assert (unbelieved.address_text, unbelieved.source, unbelieved.own_computer) == ("", "unknown", False)


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(
    ("said", "address", "source"),
    [
        ("203.0.113.7 50000 192.0.2.1 22", "203.0.113.7", "sshd"),
        ("2001:db8::9%eth0 50000 2001:db8::1 22", "2001:db8::9", "sshd"),
        ("::ffff:203.0.113.7 50000 192.0.2.1 22", "203.0.113.7", "sshd"),
        ("127.0.0.1 50000 127.0.0.1 22", "", "relay"),
        ("192.0.2.1 50000 192.0.2.1 22", "", "relay"),
        ("198.51.100.77 50000 192.0.2.1 22", "", "relay"),
        ("UNKNOWN 65535 UNKNOWN 65535", "", "unknown"),
        ("203.0.113.7 x 192.0.2.1 22", "", "unknown"),
        ("203.0.113.7", "", "unknown"),
        ("", "", "unknown"),
    ],
)
def test_the_rule(tmp_path: Path, said: str, address: str, source: str) -> None:
    ours = settings(tmp_path, kiosk_uid=4711, own_addresses=("192.0.2.1",), proxies=("198.51.100.64/26",))
    found = of_this_process(ours, {"SSH_CONNECTION": said})
    assert (found.address_text, found.source) == (address, source)
    other = settings(tmp_path, kiosk_uid=4712)
    told = of_this_process(other, {"SSH_CONNECTION": said}, ())
    assert (told.address, told.source) == (None, LOCAL.source), "another unix account"


def test_only_a_file_of_roots_is_beyond_doubt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make a file of root's")
    file = tmp_path / "okienko.toml"
    monkeypatch.setenv("OKIENKO_CONFIG", str(file))
    assert not Settings().beyond_doubt, "there is none"
    file.write_text("")
    tmp_path.chmod(0o755)
    file.chmod(0o644)
    assert Settings().beyond_doubt
    file.chmod(0o664)
    assert not Settings().beyond_doubt
    file.chmod(0o644)
    os.chown(file, 1000, 1000)
    assert not Settings().beyond_doubt
    os.chown(file, 0, 0)
    monkeypatch.setenv("OKIENKO_SSH__KIOSK_UID", "4711")
    assert not Settings().beyond_doubt

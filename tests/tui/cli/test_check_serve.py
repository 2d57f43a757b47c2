"""What ``okienko check`` says of a server: nothing where none is set up, else what would be in its way."""

from __future__ import annotations

import datetime as dt
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID

from core import paths
from core.service.settings import DeskSection, ServeSection, Settings, SshSection
from tui.cli import findings_provider, findings_serve, findings_ssh
from tui.cli.program import main
from tui.machine.finding import Finding

FREE = "127.0.0.1:0"


def settings(
    folder: Path, *, address: str = "desk@example.com", kiosk_uid: int | None = None, **serve: Any
) -> Settings:
    return Settings(
        data_dir=folder,
        desk=DeskSection(address=address),
        ssh=SshSection(kiosk_uid=kiosk_uid),
        serve=ServeSection(**{"ssh": FREE, **serve}),
    )


def said(folder: Path, **given: Any) -> list[Finding]:
    return list(findings_serve.serving(settings(folder, **given)))


def wrong(folder: Path, **given: Any) -> Finding:
    """The one thing that is not in order."""
    (finding,) = [each for each in said(folder, **given) if not each.ok or each.warning]
    return finding


@pytest.fixture
def taken() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def certificate(path: Path, days: int) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "support.example.com")])
    ends = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(ends - dt.timedelta(days=90)).not_valid_after(ends)
    pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + pem)
    path.chmod(0o600)
    return path


def host_key(folder: Path) -> Path:
    path = folder / "ssh_host_ed25519_key"
    path.write_bytes(
        ed25519.Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
        )
    )
    path.chmod(0o600)
    return path


def test_a_desk_that_is_not_served_hears_nothing(tmp_path: Path) -> None:
    assert list(findings_serve.serving(Settings(data_dir=tmp_path))) == []
    assert list(tmp_path.iterdir()) == [], "nothing is made"


def test_a_server_that_could_start_is_in_order(tmp_path: Path) -> None:
    host_key(tmp_path)
    good = certificate(tmp_path / "door.pem", days=60)
    told = said(tmp_path, web=FREE, web_address="https://support.example.com", certificate=good)
    assert [each for each in told if not each.ok or each.warning] == []
    assert "The certificate is good until" in " ".join(each.found for each in told)


def test_an_address_that_is_taken_is_said_with_its_setting(tmp_path: Path, taken: str) -> None:
    told = wrong(tmp_path, ssh=taken)
    assert told.found == f"{taken} is taken by another program."
    assert "serve.ssh" in told.do


def test_an_address_of_another_machine_is_said(tmp_path: Path) -> None:
    assert "no such address: 192.0.2.77:2222" in wrong(tmp_path, ssh="192.0.2.77:2222").found


def test_a_running_server_is_not_in_its_own_way(tmp_path: Path, taken: str) -> None:
    tmp_path.chmod(0o700)
    with paths.alone(tmp_path, "serve.lock") as alone:
        assert alone
        told = said(tmp_path, ssh=taken)
        assert all(each.ok for each in told) and f"serve.ssh: {taken}, open" in [each.found for each in told]
        bare = Settings(data_dir=tmp_path)
        assert list(findings_serve.serving(bare)), "it runs, whatever the settings say"
    assert "taken" in wrong(tmp_path, ssh=taken).found


def test_a_server_without_a_door_is_none(tmp_path: Path) -> None:
    assert wrong(tmp_path, ssh="").found == "The server has no door."


def test_two_doors_need_two_addresses(tmp_path: Path) -> None:
    assert "serve.web" in wrong(tmp_path, ssh="127.0.0.1:4711", web="127.0.0.1:4711").do


@pytest.mark.parametrize("which", ["host key", "certificate"])
def test_a_key_that_others_can_read_is_said_with_what_closes_it(tmp_path: Path, which: str) -> None:
    more: dict[str, Any] = {}
    if which == "host key":
        path = host_key(tmp_path)
    else:
        path = certificate(tmp_path / "door.pem", days=60)
        more = {"web": FREE, "web_address": "https://support.example.com", "certificate": path}
    path.chmod(0o640)
    told = wrong(tmp_path, **more)
    assert told.do == f"chmod 600 {path}"


def test_a_host_key_that_is_none_is_said(tmp_path: Path) -> None:
    host_key(tmp_path).write_bytes(b"nothing of the kind")
    assert "no private key" in wrong(tmp_path).found


def test_a_certificate_is_there_whole_and_good(tmp_path: Path) -> None:
    door: dict[str, Any] = {"web": FREE, "web_address": "https://support.example.com"}
    path = tmp_path / "door.pem"
    assert wrong(tmp_path, certificate=path, **door).found == f"There is no file {path}."
    path.write_text("no certificate")
    path.chmod(0o600)
    assert "no certificate with its key" in wrong(tmp_path, certificate=path, **door).found
    ended = wrong(tmp_path, certificate=certificate(path, days=-1), **door)
    assert not ended.ok and "Renew it" in ended.do
    soon = wrong(tmp_path, certificate=certificate(path, days=3), **door)
    assert soon.ok and "Renew it" in soon.do


@pytest.mark.parametrize(
    ("serve", "found"),
    [
        ({"proxies": ("127.0.0.1",), "web_address": "http://support.example.com"}, "is not encrypted"),
        ({"proxies": ("127.0.0.1",)}, "refused"),
        ({"web_address": "https://support.example.com"}, "neither a certificate nor a proxy is named"),
        ({"proxies": ("0.0.0.0/0",), "web_address": "https://support.example.com"}, "from anywhere"),
        ({"web": "", "web_address": "https://support.example.com"}, "it is not open"),
        ({"web": "0.0.0.0:0", "proxies": ("10.0.0.1",), "web_address": "https://a.example"}, "without a certificate"),
    ],
)
def test_how_browsers_come_is_looked_at(tmp_path: Path, serve: dict[str, Any], found: str) -> None:
    told = wrong(tmp_path, **{"web": FREE, **serve})
    assert found in told.found and told.do


def test_letters_have_to_name_the_desk(tmp_path: Path) -> None:
    assert "desk.address" in wrong(tmp_path, address="", ssh="0.0.0.0:0").do
    assert all(not each.warning for each in said(tmp_path, address="")), "nobody comes to 127.0.0.1 by a letter"


def test_where_sshd_hands_over_its_account_is_known_and_its_folder_closed(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert "There is no folder" in wrong(tmp_path, ssh="", kiosk=folder / "kiosk", kiosk_uid=997).found
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    assert wrong(tmp_path, ssh="", kiosk=folder / "kiosk", kiosk_uid=997).do == f"chmod 750 {folder}"
    folder.chmod(0o750)
    assert "ssh.kiosk_uid" in wrong(tmp_path, ssh="", kiosk=folder / "kiosk").do


def test_nobody_who_serves_is_told_to_name_an_account_of_sshd(tmp_path: Path) -> None:
    served = settings(tmp_path)
    told = [each for look in (*findings_ssh.CHECKS, *findings_provider.CHECKS) for each in look(served)]
    assert all("kiosk_uid" not in each.do and "own_accounts" not in each.do for each in told)
    assert any("knows the address" in each.found for each in told)


@pytest.mark.parametrize("setting", ["proxies", "balancers"])
def test_a_network_that_is_none_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], setting: str
) -> None:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path))
    (tmp_path / "okienko.toml").write_text(f'[serve]\n{setting} = ["the balancer"]\n', encoding="ascii")
    assert main(["check"]) == 1
    out = capsys.readouterr().out
    assert f"serve.{setting} (file): addresses or networks are wanted, such as 192.0.2.7 or 10.0.0.0/8" in out
    assert 'balancer"' not in out


def test_the_command_looks_at_what_the_file_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], taken: str
) -> None:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path))
    (tmp_path / "okienko.toml").write_text(f'[serve]\nssh = "{taken}"\n', encoding="ascii")
    assert main(["check"]) == 1
    assert f"!!  serve: {taken} is taken by another program." in capsys.readouterr().out

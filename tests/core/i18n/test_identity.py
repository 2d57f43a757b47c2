"""Files that somebody edits may begin with the mark that Windows' editors put there; they are the same files."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import paths
from core.billing import catalogue
from core.service.settings import MailSection, Settings
from tui import commands
from tui.machine import origins

MARK = "\ufeff"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path))
    return tmp_path


def test_the_settings(folder: Path) -> None:
    (folder / "okienko.toml").write_text(f'{MARK}[desk]\r\nname = "Sieć"\r\n')
    assert Settings.load().desk.name == "Sieć"
    assert paths.desk_name() == "Sieć"
    assert origins.file_content() == {"desk": {"name": "Sieć"}}


def test_the_keys(folder: Path) -> None:
    (folder / "keys.toml").write_text(f'{MARK}[keys]\nshell.help = "h"\n')
    assert commands.load_keymap(folder / "keys.toml") == {"shell.help": "h"}


def test_the_services(folder: Path) -> None:
    (folder / catalogue.FILE).write_text(f'{MARK}[[services]]\nid = "x"\nname = "X"\nprice = "1.00"\nevery = "once"\n')
    assert catalogue.read(folder / catalogue.FILE)[0].price == 100


def test_the_mail_servers_password(folder: Path) -> None:
    (folder / "password").write_text(f"{MARK}tajne\r\n")
    assert MailSection(password_file=folder / "password").secret() == "tajne"

"""What an operator sets: where it comes from, what is refused, what is never shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from core import paths
from core.service.settings import MailSection, Settings


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path))
    return tmp_path


def configure(folder: Path, text: str) -> None:
    (folder / "okienko.toml").write_text(text, encoding="utf-8")


def test_one_folder_holds_a_desk(folder: Path) -> None:
    made = Settings.load()
    assert (made.data_dir, made.database_file, made.key_file, made.maildir) == (
        folder,
        folder / "desk.db",
        folder / "desk.key",
        folder / "mail",
    )
    assert paths.state_folder() == folder / "state"


def test_two_desks_never_meet(tmp_path: Path) -> None:
    one, two = Settings(data_dir=tmp_path / "a"), Settings(data_dir=tmp_path / "b")
    for name in ("database_file", "key_file", "maildir"):
        assert getattr(one, name) != getattr(two, name)


def test_hand_before_environment_before_file_before_default(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.load().desk.name == "Okienko"
    configure(folder, '[desk]\nname = "Plik"\nphone = "123"\n[mail]\nport = 25\n')
    assert (Settings.load().desk.name, Settings.load().mail.port) == ("Plik", 25)
    monkeypatch.setenv("OKIENKO_DESK__NAME", "Środowisko")
    assert (Settings.load().desk.name, Settings.load().desk.phone) == ("Środowisko", "123")
    assert Settings(desk={"name": "Ręka"}).desk.name == "Ręka"


def test_the_first_frame_knows_the_same_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert paths.desk_name() == Settings.load().desk.name
    configure(folder, '[desk]\nname = "Plik"\n')
    assert paths.desk_name() == Settings.load().desk.name == "Plik"
    monkeypatch.setenv("OKIENKO_DESK__NAME", "Env")
    assert paths.desk_name() == Settings.load().desk.name == "Env"
    monkeypatch.delenv("OKIENKO_DESK__NAME")
    for broken in ("[desk", "desk = 3", "[desk]\nname = 3"):
        configure(folder, broken)
        assert paths.desk_name() == "Okienko"


def test_a_file_somewhere_else(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "etc.toml"
    elsewhere.write_text('[desk]\nname = "Elsewhere"\n', encoding="utf-8")
    monkeypatch.setenv("OKIENKO_CONFIG", str(elsewhere))
    assert Settings.load().desk.name == "Elsewhere"


@pytest.mark.parametrize(
    "text",
    [
        "[mail]\nport = 0",
        "[mail]\nport = 70000",
        '[mail]\nbackend = "pigeon"',
        "[mail]\nprot = 25",
        '[security.second_step]\nagent = "none"',
        "[security]\nsession_hours = 0",
        '[desk]\nlanguage = "de"',
        f'[desk]\nname = "{"x" * 41}"',
        '[serve]\nweb_address = "desk.example"',
        '[serve]\nweb_address = "https://desk.example/help"',
        '[serve]\nweb_address = "https://desk.example?a=b"',
        '[serve]\nweb_address = "https://ola@desk.example"',
        '[serve]\nweb_address = "https://desk.example:x"',
        '[serve]\nweb_address = "javascript://desk.example"',
    ],
)
def test_what_makes_no_sense_is_refused(folder: Path, text: str) -> None:
    configure(folder, text)
    with pytest.raises(ValidationError):
        Settings.load()


def test_the_address_for_browsers_is_kept_as_letters_write_it(folder: Path) -> None:
    configure(folder, '[serve]\nweb_address = "https://desk.example:8443/"')
    assert Settings.load().serve.web_address == "https://desk.example:8443"


def test_secrets_are_not_shown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKIENKO_MAIL__PASSWORD", "tajne-1")
    monkeypatch.setenv("OKIENKO_DATABASE_URL", "postgresql://u:tajne-2@h/d")
    made = Settings.load()
    assert made.mail.secret() == "tajne-1"
    assert "tajne" not in repr(made) + str(made) + str(made.model_dump())
    configure(folder, '[mail]\npasword = "tajne-3"')
    with pytest.raises(ValidationError) as refused:
        Settings.load()
    assert "tajne" not in str(refused.value)


def test_a_password_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "p").write_text(" tajne \n", encoding="utf-8")
    assert MailSection(password_file=tmp_path / "p").secret() == "tajne"


def test_by_default_staff_need_an_authenticator_and_customers_a_mailed_code(folder: Path) -> None:
    steps = Settings.load().security.second_step
    assert (steps.customer, steps.installer, steps.agent, steps.admin) == ("mail", "mail", "strong", "strong")
    assert steps.installer_owner == "strong"


@pytest.mark.parametrize(
    "name", ["OKIENKO_DATABASE_URL", "OKIENKO_DEMO", "OKIENKO_MAIL__PORT", "OKIENKO_MAIL", "OKIENKO_SSH__KIOSK_UID"]
)
def test_a_variable_that_is_empty_counts_as_not_given(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Compose files and unit files leave them so."""
    before = Settings.load()
    monkeypatch.setenv(name, "")
    assert Settings.load() == before


def test_an_empty_folder_is_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("OKIENKO_DATA_DIR", "")
    assert Settings.load().data_dir == tmp_path / "data" / "okienko"


def test_a_mistyped_section_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "OKIENKO_MIAL__HOST",
        "OKIENKO_DATABSE_URL",
        "OKIENKO_CONFIG",
        "OKIENKO_LANGUAGE",
        "okienko_mail__host",
    ):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("OKIENKO_EMPTY", "")
    assert Settings.unknown_variables() == ["OKIENKO_DATABSE_URL", "OKIENKO_MIAL__HOST"]

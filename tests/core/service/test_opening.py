"""Tables and key belong together: neither is made, changed or taken without the other, on either database."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from core.errors import DeskError, Unavailable
from core.models.accounts import Account
from core.security import crypto
from core.security.crypto import KeyMissing
from core.service import audit_log, key_check, opening, upgrade
from core.service.desk import Desk
from core.service.opening import ForeignKey, May, NoDesk, Older
from core.service.settings import Settings
from core.service.unit_of_work import table
from core.service.upgrade import Damaged
from tests.core.mail import promised
from tests.factories.desks import make_desk, person
from tests.support.postgres import Server

OTHER = base64.b64encode(b"another desk's key, 32 bytes long")


def another_key(settings: Settings) -> None:
    settings.key_file.write_bytes(OTHER)
    settings.key_file.chmod(0o600)


# A key that is missing or another's


def test_a_missing_key_stops_whoever_opens_the_desk(any_desk: Desk) -> None:
    any_desk.settings.key_file.unlink()
    with pytest.raises(KeyMissing) as refused:
        Desk.open(any_desk.settings)
    assert "backup" in refused.value.text()
    assert not list(any_desk.settings.data_dir.glob("desk.key*"))


def test_another_desks_key_stops_whoever_opens_the_desk(any_desk: Desk) -> None:
    another_key(any_desk.settings)
    with pytest.raises(ForeignKey):
        Desk.open(any_desk.settings)
    assert any_desk.settings.key_file.read_bytes() == OTHER


def test_a_second_host_without_the_key_poisons_no_journal(postgres: Server, tmp_path: Path) -> None:
    url = SecretStr(postgres.empty())
    first = Desk.open(Settings(data_dir=tmp_path / "first", database_url=url))
    first.as_system().do(lambda work: work.record("test"))
    with pytest.raises(KeyMissing):
        Desk.open(Settings(data_dir=tmp_path / "second", database_url=url))
    assert not (tmp_path / "second" / "desk.key").exists()
    with first.store.reading() as connection:
        assert audit_log.verify(connection, first.keys).whole
    (tmp_path / "second").mkdir(exist_ok=True)
    copied = tmp_path / "second" / "desk.key"
    copied.write_bytes(first.settings.key_file.read_bytes())
    copied.chmod(0o600)
    Desk.open(Settings(data_dir=tmp_path / "second", database_url=url)).close()
    first.close()


def test_whose_key_is_lost_for_good_goes_on_with_another_when_told_to(any_desk: Desk) -> None:
    any_desk.settings.key_file.unlink()
    taken = opening.open_store(any_desk.settings, May.UPGRADE | May.TAKE_KEY)
    taken.store.close()
    again = Desk.open(any_desk.settings)
    assert key_check.value(again.keys) == key_check.value(taken.keys) != key_check.value(any_desk.keys)
    again.close()


# Desks older than the check value


def older(desk: Desk, *, sealed: bool = True) -> None:
    """The desk as it was before its key was known to it, with a journal and, if wanted, an authenticator."""
    ola = person(desk, "ola")
    secret = desk.keys.seal("totp", "JBSWY3DPEHPK3PXP", str(ola)) if sealed else None
    desk.as_system().do(lambda work: work.change(Account, table(Account).c.id == ola, totp_secret=secret))
    for number in range(3):
        desk.as_system().do(lambda work, number=number: work.record("test", number=number))
    upgrade.run(desk.store, "downgrade", "0003")


def version(desk: Desk) -> str | None:
    with desk.store.reading() as connection:
        return upgrade.version(connection)


def test_the_right_key_is_written_down_by_the_migration(any_desk: Desk) -> None:
    older(any_desk)
    Desk.open(any_desk.settings).close()
    with any_desk.store.reading() as connection:
        assert key_check.read(connection) == key_check.value(any_desk.keys)


@pytest.mark.parametrize("sealed", [True, False])
def test_a_key_that_does_not_open_what_is_sealed_migrates_nothing(any_desk: Desk, sealed: bool) -> None:
    """Where nothing is sealed, the journal tells."""
    older(any_desk, sealed=sealed)
    another_key(any_desk.settings)
    with pytest.raises(ForeignKey):
        Desk.open(any_desk.settings)
    any_desk.settings.key_file.unlink()
    with pytest.raises(KeyMissing):
        Desk.open(any_desk.settings)
    assert version(any_desk) == "0003"


@pytest.mark.parametrize("place", ["draft", "letter"])
def test_wherever_something_is_sealed_it_is_tried(desk: Desk, place: str) -> None:
    ola = person(desk, "ola")
    foreign = Desk(desk.settings, desk.store, crypto.Keys(base64.b64decode(OTHER)), desk.clock).as_system()
    if place == "letter":
        foreign.do(lambda work: promised.write(work, "reset", "a@example.com"))
    else:
        sealed = foreign.keys.seal("totp", "x", str(ola))
        foreign.do(lambda work: work.change(Account, totp_draft=sealed))
    with desk.store.reading() as connection:
        assert key_check.opens_what_is_there(connection, foreign.keys)
        assert not key_check.opens_what_is_there(connection, desk.keys)


def test_an_older_desk_of_two_keys_goes_on_with_one_when_told_to(any_desk: Desk) -> None:
    older(any_desk)
    another_key(any_desk.settings)
    opened = opening.open_store(any_desk.settings, May.UPGRADE | May.TAKE_KEY)
    opened.store.close()
    assert opened.before == "0003"
    Desk.open(any_desk.settings).close()


# What is made, and by whom


def test_nothing_is_made_or_changed_that_was_not_allowed(any_store: dict[str, str], tmp_path: Path) -> None:
    place = Settings(data_dir=tmp_path / "none", **any_store)
    if not any_store:
        with pytest.raises(NoDesk):
            opening.open_store(place, May.UPGRADE)
        assert not place.data_dir.exists()
    desk = make_desk(tmp_path / "desk", **any_store)
    older(desk)
    with pytest.raises(Older) as refused:
        opening.open_store(desk.settings, May.MAKE)
    assert "okienko upgrade" in refused.value.text()
    assert version(desk) == "0003"
    desk.close()


def test_an_empty_database_on_a_server_is_left_empty(postgres: Server, tmp_path: Path) -> None:
    place = Settings(data_dir=tmp_path, database_url=SecretStr(postgres.empty()))
    with pytest.raises(NoDesk) as refused:
        opening.open_store(place, May.UPGRADE)
    assert "okienko init" in refused.value.text()
    assert not opening.is_there(place)
    assert not list(tmp_path.iterdir())


def test_what_an_interrupted_start_left_on_a_server_is_finished(postgres: Server, tmp_path: Path) -> None:
    """Killed between the commit and the key's last step: the draft is the desk's key."""
    place = Settings(data_dir=tmp_path, database_url=SecretStr(postgres.empty()))
    Desk.open(place).close()
    made = place.key_file.read_bytes()
    place.key_file.rename(crypto.draft_of(place.key_file))
    Desk.open(place, may=May.OPEN).close()
    assert place.key_file.read_bytes() == made
    assert not crypto.draft_of(place.key_file).exists()


def test_a_draft_that_is_another_desks_is_not_taken(desk: Desk) -> None:
    desk.settings.key_file.unlink()
    draft = crypto.draft_of(desk.settings.key_file)
    draft.write_bytes(OTHER)
    draft.chmod(0o600)
    with pytest.raises(KeyMissing):
        Desk.open(desk.settings)


def test_a_key_that_lies_there_is_the_new_desks(tmp_path: Path) -> None:
    place = Settings(data_dir=tmp_path)
    another_key(place)
    Desk.open(place).close()
    assert place.key_file.read_bytes() == OTHER


# What must not be taken for a new desk


@pytest.mark.parametrize("may", [opening.EVERYTHING, May.OPEN])
def test_an_emptied_file_beside_a_key_is_damage(desk: Desk, may: May) -> None:
    desk.close()
    for ending in ("-wal", "-shm"):
        (desk.settings.data_dir / f"desk.db{ending}").unlink(missing_ok=True)
    desk.settings.database_file.write_bytes(b"")
    with pytest.raises(Damaged):
        Desk.open(desk.settings, may=may)
    assert desk.settings.database_file.stat().st_size == 0


def test_an_empty_file_without_a_key_was_nobodys_desk(tmp_path: Path) -> None:
    (tmp_path / "desk.db").touch()
    Desk.open(Settings(data_dir=tmp_path)).close()


@pytest.mark.parametrize("content", [b"not a database, and longer than its header " * 200, b""])
def test_a_file_that_holds_no_desk_is_damage(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "desk.db"
    if content:
        file.write_bytes(content)
    else:
        other = sa.create_engine(f"sqlite:///{file}")
        with other.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE notes (id INTEGER)")
        other.dispose()
    before = file.read_bytes()
    with pytest.raises(DeskError):
        Desk.open(Settings(data_dir=tmp_path))
    assert file.read_bytes()[:16] == before[:16]
    assert not (tmp_path / "desk.key").exists()


def test_tables_without_their_version_are_damage(any_desk: Desk) -> None:
    with any_desk.store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
    with pytest.raises(Damaged) as refused:
        Desk.open(any_desk.settings)
    assert "alembic_version" in refused.value.text()


def test_a_newer_desk_is_left_alone(any_desk: Desk) -> None:
    with any_desk.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DeskError) as refused:
        Desk.open(any_desk.settings)
    assert "newer" in refused.value.text()
    assert version(any_desk) == "9999"


def test_a_server_that_does_not_answer_is_told_of_as_such(tmp_path: Path) -> None:
    away = SecretStr(f"postgresql+psycopg://desk@/x?host={tmp_path}/nowhere")
    with pytest.raises(Unavailable):
        opening.is_there(Settings(data_dir=tmp_path, database_url=away))

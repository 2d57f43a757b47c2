"""PostgreSQL as operators have it: session defaults of all kinds, encodings, roles without rights, a standby."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from core.db import engine, postgresql
from core.errors import DeskError, Unavailable
from core.service import audit_log, opening
from core.service.desk import Desk
from core.service.settings import Settings
from tests.factories.desks import journal_of, make_desk, person
from tests.support.postgres import Server

ODD = (
    "datestyle TO 'German'",
    "datestyle TO 'SQL, DMY'",
    "timezone TO 'Asia/Kolkata'",
    "intervalstyle TO 'sql_standard'",
    "standard_conforming_strings TO off",
    "bytea_output TO 'escape'",
    "extra_float_digits TO -5",
    "default_transaction_isolation TO 'serializable'",
    "default_transaction_deferrable TO on",
    "statement_timeout TO '200ms'",
    "lock_timeout TO '200ms'",
    "idle_in_transaction_session_timeout TO '1s'",
    "idle_session_timeout TO '1s'",
    "client_encoding TO 'LATIN2'",
    "transform_null_equals TO on",
    "gin_fuzzy_search_limit TO 1",
    "plan_cache_mode TO 'force_generic_plan'",
)


def tell(url: str, *statements: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


@pytest.fixture
def fresh(postgres: Server, tmp_path: Path) -> Settings:
    """Settings that name a database of this test's own, still empty."""
    return Settings(data_dir=tmp_path / "desk", database_url=SecretStr(postgres.empty()))


def url_of(settings: Settings) -> str:
    assert settings.database_url is not None
    return settings.database_url.get_secret_value()


def test_whatever_a_database_has_for_defaults_the_desk_sets_its_own(fresh: Settings) -> None:
    name = sa.make_url(url_of(fresh)).database
    tell(url_of(fresh), *(f"ALTER DATABASE {name} SET {each}" for each in ODD))
    desk = make_desk(fresh.data_dir, database_url=fresh.database_url)
    person(desk, "żółw")
    desk.as_system().do(lambda work: work.record("test", facts={"share": 0.1}))
    assert journal_of(desk) == ["test"]
    with desk.store.reading() as connection:
        assert audit_log.verify(connection, desk.keys).whole
        shown = {each: connection.exec_driver_sql(f"SHOW {each}").scalar() for each in engine.SESSION}
        assert connection.exec_driver_sql("SHOW client_encoding").scalar() == "UTF8"
    assert shown == {each: value if value != "0" else shown[each] for each, value in engine.SESSION.items()}
    assert {shown["statement_timeout"], shown["lock_timeout"], shown["gin_fuzzy_search_limit"]} == {"0"}
    desk.close()


@pytest.mark.parametrize("encoding", ["LATIN2", "SQL_ASCII"])
def test_another_encoding_is_said_before_anything_is_made(postgres: Server, fresh: Settings, encoding: str) -> None:
    name = f"in_{encoding.lower()}"
    tell(postgres.url("postgres"), f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0")
    place = fresh.model_copy(update={"database_url": SecretStr(postgres.url(name))})
    with pytest.raises(DeskError) as refused:
        Desk.open(place)
    assert encoding in refused.value.text()
    assert "ENCODING 'UTF8'" in refused.value.text()
    assert not opening.is_there(place)
    assert not place.key_file.exists()


def test_an_ordinary_role_is_told_which_right_it_lacks(postgres: Server, fresh: Settings) -> None:
    name = sa.make_url(url_of(fresh)).database
    tell(url_of(fresh), "CREATE ROLE plain LOGIN")
    place = fresh.model_copy(
        update={"database_url": SecretStr(url_of(fresh).replace("://desk@", "://plain@"))},
    )
    with pytest.raises(DeskError) as refused:
        Desk.open(place)
    assert "plain has no right to make tables in the schema public" in refused.value.text()
    assert f"ALTER DATABASE {name} OWNER TO plain" in refused.value.text()
    tell(url_of(fresh), "CREATE SCHEMA plain AUTHORIZATION plain")
    Desk.open(place).close()  # its own schema will do


def test_a_role_that_may_not_use_the_tables_is_told_so(postgres_desk: Desk) -> None:
    url = url_of(postgres_desk.settings)
    tell(url, "DROP ROLE IF EXISTS guest_of_tables", "CREATE ROLE guest_of_tables LOGIN")
    place = postgres_desk.settings.model_copy(
        update={"database_url": SecretStr(url.replace("://desk@", "://guest_of_tables@"))}
    )
    with pytest.raises(DeskError) as refused:
        Desk.open(place)
    assert "okienko check" in refused.value.text()
    store = opening.connect(place)
    with store.reading() as connection:
        (obstacle,) = postgresql.obstacles(connection, to_make=False)
    store.close()
    assert "GRANT ALL" in obstacle.do.text()


def test_a_server_that_takes_no_changes_is_told_as_one_that_can_not_be_used(fresh: Settings) -> None:
    """As after a fail-over: reading goes on."""
    desk = make_desk(fresh.data_dir, database_url=fresh.database_url)
    person(desk, "ola")
    name = sa.make_url(url_of(fresh)).database
    tell(url_of(fresh), f"ALTER DATABASE {name} SET default_transaction_read_only TO on")
    desk.store.close()  # the connections from before are gone
    for _again in range(2):
        with pytest.raises(Unavailable) as refused:
            desk.as_system().do(lambda work: work.record("test"))
        assert "read-only" in refused.value.text()
    assert journal_of(desk) == []
    Desk.open(fresh).close()
    desk.close()


def test_a_sign_that_an_old_database_has_no_place_for_is_no_crash(postgres: Server, fresh: Settings) -> None:
    """A desk that was made when that was not looked at yet."""
    tell(postgres.url("postgres"), "CREATE DATABASE old_latin2 ENCODING 'LATIN2' LOCALE 'C' TEMPLATE template0")
    desk = make_desk(fresh.data_dir, database_url=fresh.database_url)
    strange = opening.connect(fresh.model_copy(update={"database_url": SecretStr(postgres.url("old_latin2"))}))
    with strange.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE words (word text)")
    there = Desk(desk.settings, strange, desk.keys, desk.clock).as_system()
    with pytest.raises(DeskError) as refused:
        there.do(lambda work: work.connection.execute(sa.text("INSERT INTO words VALUES ('🦊')")))
    assert "encoding" in refused.value.text()
    desk.close()
    strange.close()


@pytest.mark.parametrize("url", ["nonsense://x@y/z", "mysql://x@y/z", "not a url", "sqlite:///x.db"])
def test_what_is_no_address_of_a_server_is_said(tmp_path: Path, url: str) -> None:
    with pytest.raises(DeskError) as refused:
        Desk.open(Settings(data_dir=tmp_path, database_url=SecretStr(url)))
    assert "OKIENKO_DATABASE_URL" in refused.value.text()
    assert url not in refused.value.text()


def test_a_driver_that_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_given: object, **_more: object) -> None:
        raise ModuleNotFoundError("No module named 'psycopg'")

    monkeypatch.setattr(sa, "create_engine", refuse)
    with pytest.raises(DeskError) as refused:
        Desk.open(Settings(data_dir=tmp_path, database_url=SecretStr("postgresql://x@y/z")))
    assert "pip install 'okienko[postgres]'" in refused.value.text()

"""Folders are made for their owner only; one that is there already is used as it is, or refused, and never changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core import paths
from core.errors import DeskError
from core.service import opening
from core.service.settings import Settings
from tests.factories.desks import make_desk, person


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_what_is_made_on_the_way_is_private_too(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        paths.private_folder(tmp_path / "a" / "b" / "c")
    finally:
        os.umask(before)
    assert [mode(tmp_path / part) for part in ("a", "a/b", "a/b/c")] == [0o700] * 3


@pytest.mark.parametrize("given", [0o700, 0o750, 0o755])
def test_a_folder_that_is_there_keeps_its_rights(tmp_path: Path, given: int) -> None:
    tmp_path.chmod(given)
    desk = make_desk(tmp_path)
    person(desk, "ola")
    desk.close()
    assert mode(tmp_path) == given
    assert {mode(file) for file in tmp_path.iterdir() if file.is_file()} == {0o600}


@pytest.mark.parametrize("given", [0o770, 0o707, 0o1777])
def test_a_folder_that_others_can_write_in_is_refused(tmp_path: Path, given: int) -> None:
    tmp_path.chmod(given)
    with pytest.raises(DeskError) as refused:
        paths.private_folder(tmp_path)
    assert "Others can write" in refused.value.text()
    assert mode(tmp_path) == given & 0o777
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_somebody_elses_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 12345)
    with pytest.raises(DeskError) as refused:
        paths.private_folder(tmp_path)
    assert "belongs to somebody else" in refused.value.text()


def test_a_file_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "desk").write_text("")
    with pytest.raises(DeskError) as refused:
        paths.private_folder(tmp_path / "desk")
    assert "is a file" in refused.value.text()


@pytest.mark.parametrize("name", ["a?b", "a%41", "a#b", "a&mode=ro", "file:x", "ż ó"])
def test_a_database_lies_in_the_folder_that_was_named(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    desk = make_desk(folder)
    person(desk, "ola")
    desk.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == [name]
    again = opening.connect(Settings(data_dir=folder))
    with again.reading() as connection:
        assert connection.exec_driver_sql("SELECT login FROM account").scalar() == "ola"
    again.close()

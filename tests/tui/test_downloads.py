"""Files that are kept: whole, private, beside what is there already."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from core.errors import DeskError
from tui import downloads


def test_a_file_is_private_whole_and_overwrites_nothing(tmp_path: Path) -> None:
    first = downloads.keep("FV-7-2026.pdf", b"one", tmp_path)
    second = downloads.keep("FV-7-2026.pdf", b"two", tmp_path)
    assert [path.name for path in (first, second)] == ["FV-7-2026.pdf", "FV-7-2026-2.pdf"]
    assert (first.read_bytes(), second.read_bytes()) == (b"one", b"two")
    assert {stat.S_IMODE(path.stat().st_mode) for path in (first, second)} == {0o600}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["FV-7-2026-2.pdf", "FV-7-2026.pdf"]


def test_a_link_that_lies_there_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "aside").write_bytes(b"mine")
    (tmp_path / "a.pdf").symlink_to(tmp_path / "aside")
    assert downloads.keep("a.pdf", b"new", tmp_path).name == "a-2.pdf"
    assert (tmp_path / "aside").read_bytes() == b"mine"


def test_where_there_are_no_links_it_is_renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise PermissionError(1, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    names = [downloads.keep("a.pdf", content, tmp_path).name for content in (b"one", b"two")]
    assert names == ["a.pdf", "a-2.pdf"] and len(list(tmp_path.iterdir())) == 2


def test_what_is_in_the_way_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(DeskError) as refused:
        downloads.keep("a.pdf", b"x", tmp_path / "nowhere")
    assert "nowhere" in refused.value.text()


def test_downloads_or_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import platformdirs

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(platformdirs, "user_downloads_dir", lambda: str(tmp_path / "Downloads"))
    assert downloads.folder() == tmp_path
    (tmp_path / "Downloads").mkdir()
    assert downloads.folder() == tmp_path / "Downloads"

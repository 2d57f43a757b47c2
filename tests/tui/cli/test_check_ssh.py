"""What ``okienko check`` says of sessions over SSH, on every desk."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.service.settings import Settings, SshSection
from tui.cli import findings_ssh as findings
from tui.cli.findings import Finding


def said(tmp_path: Path, **ssh: object) -> dict[str, Finding]:
    settings = Settings(data_dir=tmp_path, ssh=SshSection(**ssh))
    return {one.name: one for look in findings.CHECKS for one in look(settings)}


def test_a_desk_of_which_nothing_is_said_hears_what_is_missing_for_trust(tmp_path: Path) -> None:
    told = said(tmp_path)
    assert all(one.ok and not one.warning for one in told.values())
    assert "ssh.kiosk_uid" in told["ssh"].do
    assert "own_accounts = true" in told["remember me"].do


@pytest.mark.parametrize("asked", [{"kiosk_uid": 4711}, {"own_accounts": True}], ids=str)
def test_what_anybody_could_have_written_is_not_believed(tmp_path: Path, asked: dict[str, object]) -> None:
    told = said(tmp_path, **asked)["ssh"]
    assert not told.ok
    assert "only root" in told.do


def test_what_root_says_is_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Settings, "beyond_doubt", True)
    told = said(tmp_path, kiosk_uid=4711, own_accounts=True)
    assert [(one.ok, one.do) for one in told.values()] == [(True, ""), (True, "")]
    assert "4711" in told["ssh"].found

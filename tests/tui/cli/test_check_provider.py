"""What ``okienko check`` says of an internet provider's settings and catalogue."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.service.settings import SellerSection, Settings, SshSection, SubscribersSection
from tests.factories.subscribers import SELLER
from tui.cli import findings_provider as findings


def said(settings: Settings) -> dict[str, bool]:
    return {one.name: one.ok for look in findings.CHECKS for one in look(settings)}


def test_a_desk_that_is_no_provider_hears_nothing(tmp_path: Path) -> None:
    assert said(Settings(data_dir=tmp_path)) == {}


def test_all_is_well(tmp_path: Path) -> None:
    (tmp_path / "services.toml").write_text('[[services]]\nid="a"\nname="A"\nprice="1"\nevery="once"\n')
    settings = Settings(data_dir=tmp_path, seller=SELLER, subscribers=SubscribersSection(line_rule="staff"))
    assert said(settings) == {"contact": True, "seller": True, "services": True}


def test_nobody_can_sign_up_where_no_line_is_seen(tmp_path: Path) -> None:
    [found] = findings.own_line(Settings(data_dir=tmp_path, seller=SELLER))
    assert (found.ok, found.warning) == (True, True)
    assert not list(findings.own_line(Settings(data_dir=tmp_path, seller=SELLER, ssh=SshSection(kiosk_uid=4711))))


@pytest.mark.parametrize("slip", [{"tax_id": "1234563219"}, {"bank_account": "91123412340000000000000043"}])
def test_a_wrong_check_digit_of_the_seller(tmp_path: Path, slip: dict[str, str]) -> None:
    seller = SellerSection(**{**SELLER.model_dump(), **slip})
    assert said(Settings(data_dir=tmp_path, seller=seller)) == {"contact": True, "seller": False, "subscribers": True}


def test_a_broken_catalogue(tmp_path: Path) -> None:
    (tmp_path / "services.toml").write_text("[[services]]\nid = 1")
    assert said(Settings(data_dir=tmp_path)) == {"services": False}

"""The card of an asset: for whoever may see it, with the contracts that they may see."""

from __future__ import annotations

import datetime as dt

import pytest

from core.contracts import asset_card
from core.errors import NotFound
from core.models.accounts import Role
from core.models.contracts import Cover
from core.service.desk import Desk
from tests.factories.cares import device
from tests.factories.desks import contract, logged_in, person, seat

OURS = "Tarnina sp. z o.o."


def test_a_card_names_every_contract_of_its_holder(any_desk: Desk) -> None:
    _first, (asset,) = contract(any_desk, "A-1", identifiers=("FW-1",), valid_until=dt.date(2025, 12, 31))
    second, _assets = contract(any_desk, "A-2", identifiers=())
    waiting, _assets = contract(any_desk, "A-3", identifiers=(), registered=False)
    any_desk.as_system().do(
        lambda work: work.add_all(Cover, [{"contract_id": each, "asset_id": asset} for each in (second, waiting)])
    )
    card = logged_in(any_desk, "adam", Role.AGENT).see(asset_card.card, asset)
    assert (card.asset.identifier, card.asset.company, card.known_since) == ("FW-1", OURS, any_desk.now)
    assert [(one.number, one.state) for one in card.contracts] == [
        ("A-3", "waiting"),
        ("A-2", "active"),
        ("A-1", "expired"),
    ]
    ola = logged_in(any_desk, "ola", company=OURS)
    assert [one.number for one in ola.see(asset_card.card, asset).contracts] == ["A-2", "A-1"]


def test_nobody_reads_the_card_of_somebody_elses_asset(any_desk: Desk) -> None:
    _number, (asset,) = contract(any_desk, "A-1", identifiers=("FW-1",))
    zofia = person(any_desk, "zofia")
    own = device(any_desk, zofia)
    stranger = logged_in(any_desk, "obca", company="Obca")
    for hidden in (asset, own, 999):
        with pytest.raises(NotFound):
            stranger.see(asset_card.card, hidden)
    assert seat(any_desk, zofia).see(asset_card.card, own).asset.company == "Zofia Testowa"

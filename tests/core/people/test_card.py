"""The card of a person is the staff's; what it holds tells how they come in, and no secret."""

from __future__ import annotations

import dataclasses

import pytest

from core.errors import NotFound
from core.models.accounts import Role, Standing
from core.people import card as people_card
from core.service.desk import Desk
from tests.factories.desks import logged_in, person
from tests.factories.subscribers import subscriber


def test_staff_read_who_somebody_is_and_how_they_come_in(any_desk: Desk) -> None:
    ola = logged_in(any_desk, "ola", company="Tarnina", standing=Standing.OWNER, language="pl")
    account_id = ola.actor().account_id
    made = subscriber(any_desk, account_id=account_id)
    card = logged_in(any_desk, "adam", Role.AGENT).see(people_card.card, account_id)
    assert (card.person.login, card.person.name, card.person.company) == ("ola", "Ola Testowa", "Tarnina")
    assert (card.language, card.sessions, card.authenticator, card.subscriber_id) == ("pl", 1, False, made.id)
    assert card.logged_in_at == any_desk.now
    assert not {"password_hash", "totp_secret"} & {field.name for field in dataclasses.fields(card)}


@pytest.mark.parametrize("standing", [Standing.OWNER, Standing.MEMBER])
def test_a_colleague_reads_no_card(any_desk: Desk, standing: Standing) -> None:
    ewa = person(any_desk, "ewa", company="Tarnina")
    with pytest.raises(NotFound):
        logged_in(any_desk, "ola", company="Tarnina", standing=standing).see(people_card.card, ewa)

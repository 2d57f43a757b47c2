"""What the kinds of sign-up share: nothing that is asked gets lost, and nothing secret is kept."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from core.accounts.sign_up_form import KEPT_OF_EVERYBODY, EverySignUp
from core.models.accounts import Account, Registration, RegistrationKind
from core.models.companies import ServiceProfile
from core.service.desk import Desk
from core.service.unit_of_work import table
from core.sign_up import confirmation, customer, end_user, installer, subscriber
from core.sign_up.recipe import Recipe
from tests.core.installers import firms
from tests.core.sign_up.test_end_user import form as at_home
from tests.factories.desks import PASSWORD, contract, sign_up_form

RECIPES: tuple[Recipe[Any], ...] = (customer.RECIPE, end_user.RECIPE, subscriber.RECIPE, installer.RECIPE)
EVERY = pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: str(recipe.kind))
COLUMNS = {"language"}
"""What every form asks in its own place, and a registration has a column for."""
NOT_KEPT = {
    RegistrationKind.SUPPORT: {"contract", "code"},
    RegistrationKind.HOME: set(),
    RegistrationKind.SUBSCRIBER: {"identity", "contract"},
    RegistrationKind.COMPANY: {"email", "management_password", "management_again"},
}
"""What only proves something, is asked twice, or has a column that one kind alone fills."""


def test_there_is_a_recipe_for_every_kind() -> None:
    assert {recipe.kind for recipe in RECIPES} == set(RegistrationKind)
    assert set(confirmation.RECIPES) == {kind.value for kind in RegistrationKind} - {RegistrationKind.COMPANY.value}


@EVERY
def test_every_field_is_kept_or_known_not_to_be(recipe: Recipe[Any]) -> None:
    """A field that is asked and forgotten between the form and its code is found here."""
    kept = {recipe.login, recipe.email, *recipe.keeps, *KEPT_OF_EVERYBODY, *COLUMNS}
    passing = {"password", "again", "terms", *NOT_KEPT[recipe.kind]}
    assert set(recipe.asks.model_fields) == kept | passing
    assert not kept & passing


def test_the_office_s_code_is_all_that_a_vouched_form_asks_besides() -> None:
    assert set(subscriber.VouchedSignUp.model_fields) - set(subscriber.SubscriberSignUp.model_fields) == {"code"}


@EVERY
def test_what_waits_has_a_place_to_go_to(recipe: Recipe[Any]) -> None:
    """By its column's name; the company's name alone goes elsewhere."""
    further = ServiceProfile.model_fields if recipe is installer.RECIPE else ()
    assert {*recipe.keeps, *KEPT_OF_EVERYBODY} - {*Account.model_fields, *further} <= {"company"}
    assert set(KEPT_OF_EVERYBODY) <= set(Account.model_fields)


@EVERY
def test_everybody_is_asked_what_everybody_is_asked_and_at_the_end(recipe: Recipe[Any]) -> None:
    assert issubclass(recipe.asks, EverySignUp)
    assert recipe.asks.asked_last == EverySignUp.asked_last
    assert set(EverySignUp.asked_last) == set(EverySignUp.model_fields)


def test_a_recipe_that_keeps_what_nobody_is_asked_is_refused() -> None:
    with pytest.raises(TypeError, match="EndUser doesn't ask position"):
        Recipe(RegistrationKind.HOME, asks=end_user.EndUser, enter=end_user.enter, keeps=("position",), login="email")


def test_what_waits_is_what_was_typed_and_no_secret(desk: Desk) -> None:
    contract(desk, registered=False)
    desk.do(customer.start, sign_up_form())
    desk.do(end_user.start, at_home())
    desk.do(installer.start, firms.form(founded="1999"))
    rows = desk.as_system().see(lambda look: look.rows(sa.select(table(Registration))))
    support, home, company = (row.details for row in rows)
    assert support == {
        "first_name": "Ola",
        "last_name": "Testowa",
        "phone": "+48 601 234 567",
        "company": "Tarnina sp. z o.o.",
    }
    assert home == {"first_name": "Zofia", "last_name": "Domowa"}, "a telephone was not given"
    assert (company["founded"], company["zone"]) == (1999, "Europe/Warsaw")
    assert not any(PASSWORD in str(tuple(row)) or "ABCD" in str(tuple(row)) for row in rows)

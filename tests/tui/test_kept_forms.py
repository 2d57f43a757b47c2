"""What a draft may hold, of all forms that there are: reviewed here, form by form, so that no secret is ever kept."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import core
from core import forms
from core.accounts import drafts
from core.field import KINDS, PICKED_KINDS, SECRET_KINDS, Field
from core.i18n import translation
from core.products import answers, catalogue
from tests.support.telling import no_problem

ROOT = Path(__file__).parents[2]
SCREENS = ROOT / "tui" / "screens"

NEVER_KEPT = {
    "Details": (),
    "NewAddress": ("now",),
    "NewPassword": ("now", "password", "again"),
    "NewKey": ("line", "now"),  # somebody may paste the private half
    "OwnPassword": ("now",),
    "SessionPassword": ("now",),
    "EverySignUp": (),
    "Declined": (),
    "OrderForm": (),
    "AskAccess": (),
    "Apply": (),
    "Approval": (),
    "Rejection": (),
    "Accept": (),
    "Invite": (),
    "RegisterContract": ("code",),
    "Control": (),
    "WeekForm": (),
    "CompanyFields": (),
    "ServiceSignUp": ("password", "again", "management_password", "management_again"),
    "Colleague": (),
    "NewMember": ("password", "again"),
    "ManagementPassword": ("password",),
    "NewManagementPassword": ("now", "password", "again"),
    "ProfileForm": (),
    "ArticleForm": (),
    "Appointed": (),
    "FirstAdmin": ("password", "again"),
    "NewAgent": (),
    "SignUp": ("password", "again", "code"),
    "EndUser": ("password", "again"),
    "SubscriberSignUp": ("password", "again", "identity"),
    "VouchedSignUp": ("password", "again", "identity", "code"),
    "Address": (),
    "Vouch": ("reason",),  # how somebody was recognised: people write a PESEL there although they are told not to
    "Note": (),
    "Reply": (),
    "StaffReply": (),
    "NewTechnicalTicket": (),
    "NewTicket": (),
}
"""Of every form of core's the fields that no draft holds: passwords, codes, PESEL and NIP, keys."""
SMELLS = re.compile(r"pesel|\bnip\b|\btax|passw|hasł|\bcodes?\b|\bkod|\bkeys?\b|klucz|\bpin\b|secret|token|pppoe", re.I)
HARMLESS = {("Address", "postcode"), ("NewKey", "name"), ("heat_pump", "error_code")}
"""Fields that are called like a secret and are none."""

KEPT = {
    "access:{}",
    "account.details",
    "application.{}:{}",  # approving and rejecting
    "company",
    "contract.register",
    "invitation",
    "invitation.many",
    "member.invite",
    "order.decline:{}",
    "person",
    "subscriber.address:{}",
    "ticket.note:{}",
    "ticket.reply:{}",
}
"""The dialogs of which drafts are kept, by name."""
ROOMS = {"application", "article:{}", "order:{}", "programme:{}", "ticket.new", "ticket.new:{}"}
"""The rooms of which drafts are kept."""
NOT_KEPT = {
    ("accounts/code_proof.py", "_LOGIN"),  # before logging in
    ("accounts/my_account.py", "NewKey"),
    ("accounts/my_account.py", "NewAddress"),  # asks for the password, too; an address is soon typed again
    ("accounts/my_account.py", "NewPassword"),
    ("accounts/my_account.py", "OwnPassword"),
    ("accounts/my_account.py", "_CODE"),
    ("accounts/sign_up.py", "field"),  # before logging in
    ("care/approvals.py", "Approval"),  # of those that are marked now
    ("devices/device.py", "Control"),  # numbers of now: an old wish is no wish
    ("installers/profile.py", "ManagementPassword"),
    ("installers/profile.py", "NewManagementPassword"),
    ("installers/profile.py", "_CODE"),
    ("installers/sign_up.py", "field"),  # before logging in
    ("subscribers/card.py", "Vouch"),
    ("tickets/listing.py", "filters.FIELDS"),  # never sent
}
"""The dialogs of which nothing is kept, by file and by what they ask."""
BEFORE_LOGGING_IN = {"accounts/page.py", "accounts/second_factor.py"}
"""Where a form may have no name: there is nobody yet whose drafts could be kept."""


def every_form() -> dict[str, tuple[Field, ...]]:
    """Each form of core's by its name."""
    for module in pkgutil.walk_packages(core.__path__, "core."):
        if not module.name.startswith("core.migrations"):
            importlib.import_module(module.name)

    def below(form: type[forms.FormModel]) -> Iterator[type[forms.FormModel]]:
        for each in form.__subclasses__():
            yield each
            yield from below(each)

    declared = (each for each in below(forms.FormModel) if each.__module__.startswith("core."))
    return {each.__name__: forms.describe(each) for each in declared if not each.__name__.endswith("Answers")}


def smells(fields: Iterable[Field]) -> set[str]:
    """The fields that may be kept although they sound like a secret, in either language."""
    suspicious = set()
    for field in fields:
        with translation.speaking("pl"):
            polish = translation.gettext(field.label)
        if field.can_be_kept and any(SMELLS.search(text) for text in (field.name, field.label, polish)):
            suspicious.add(field.name)
    return suspicious


def test_every_form_keeps_what_was_reviewed() -> None:
    found = {name: tuple(each.name for each in fields if not each.can_be_kept) for name, fields in every_form().items()}
    no_problem(
        f"{name}: drafts hold none of {found.get(name)}, reviewed is {NEVER_KEPT.get(name)}: put keepable=False into "
        "the Label of a field that holds a password, a code, a PESEL, a NIP or a key, and the form into NEVER_KEPT"
        for name in sorted(found.keys() | NEVER_KEPT.keys())
        if found.get(name) != NEVER_KEPT.get(name)
    )


def test_nothing_that_sounds_like_a_secret_is_kept() -> None:
    suspicious = {(form, field) for form, fields in every_form().items() for field in smells(fields)}
    assert suspicious - HARMLESS == set(), "put keepable=False into its Label, or say in HARMLESS that it is none"


def test_no_question_about_a_product_asks_for_a_secret() -> None:
    shipped = catalogue.catalogue().definitions
    assert len(shipped) >= 6
    for definition in shipped:
        for language in translation.LANGUAGES:
            asked = smells(forms.describe(answers.as_model(definition, language)))
            assert {(definition.category, field) for field in asked} <= HARMLESS


def test_secrets_are_kinds_that_are_typed() -> None:
    assert set(SECRET_KINDS) <= set(KINDS) and set(PICKED_KINDS) <= set(KINDS)
    assert not set(SECRET_KINDS) & set(PICKED_KINDS)


# The screens


def calls(of: Iterable[str]) -> Iterator[tuple[str, ast.Call]]:
    """Where the screens make one of these, by file."""
    for path in sorted(SCREENS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in of:
                yield str(path.relative_to(SCREENS)), node


def given(call: ast.Call, name: str) -> ast.expr | None:
    return next((each.value for each in call.keywords if each.arg == name), None)


def template(name: ast.expr) -> str:
    """A name as it is written, with ``{}`` for what a thing has of its own."""
    if isinstance(name, ast.JoinedStr):
        return "".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in name.values)
    return str(name.value) if isinstance(name, ast.Constant) else ast.unparse(name)


def test_every_dialog_says_what_it_is_kept_as_or_that_it_is_not() -> None:
    not_kept = set()
    for file, call in calls(("FormPrompt", "FieldPrompt")):
        name = given(call, "kept_as")
        assert name is not None, f"{file}:{call.lineno} says nothing of its draft (kept_as)"
        if ast.unparse(name) == "NOT_KEPT":
            not_kept.add((file, ast.unparse(call.args[1]).strip("(),")))
    assert not_kept == NOT_KEPT
    assert set(names()) == KEPT | ROOMS


def names() -> Iterator[str]:
    """What drafts are called: as it stands where a form is made, in a constant, or in what a room tells its base."""
    for path in sorted(SCREENS.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        rooms = "(FormRoom)" in path.read_text(encoding="utf-8")
        for node in ast.walk(tree):
            written: list[ast.expr] = []
            match node:
                case ast.keyword(arg="kept_as", value=value):
                    written = [value]
                case ast.Assign(targets=[ast.Name(id="_DRAFT")], value=value):
                    written = [value]
                case ast.Call(func=ast.Attribute(attr="__init__"), args=[ast.Name(id="frame"), value]) if rooms:
                    written = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
            for each in written:
                if isinstance(each, ast.Constant | ast.JoinedStr):
                    yield template(each)


def test_every_form_of_a_room_has_a_name() -> None:
    bare = {file for file, call in calls(("Form",)) if given(call, "kept_as") is None}
    assert bare == BEFORE_LOGGING_IN


def test_names_are_names_to_the_desk() -> None:
    for name in KEPT | ROOMS:
        assert drafts._NAME.fullmatch(name.replace("{}", "x")), name

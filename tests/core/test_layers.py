"""The shape of the house, held by reading the code: who imports whom, who asks for rights, who writes SQL."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import pytest

from tests.support.source import parsed
from tests.support.telling import no_problem

ROOT = Path(__file__).parents[2]
CORE = ROOT / "core"
pytestmark = pytest.mark.xdist_group("source")
DOMAINS = (
    "accounts",
    "badges",
    "billing",
    "care",
    "companies",
    "contracts",
    "devices",
    "installers",
    "knowledge",
    "people",
    "products",
    "sign_up",
    "subscribers",
    "tickets",
)


@lru_cache(maxsize=1)
def modules() -> dict[str, ast.Module]:
    """Every module of core by its dotted name."""
    found = {}
    for path in sorted(CORE.rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        found[name] = parsed(path)
    return found


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def functions(module: ast.Module) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}


def told(node: ast.AST) -> str:
    return ast.unparse(node)


def unlike(found: Iterable[object], listed: Iterable[object], what_to_do: str) -> list[str]:
    """What was found and isn't listed, with what to do about it, and what is listed for nothing."""
    there, known = {str(one) for one in found}, {str(one) for one in listed}
    return [
        *(f"{one} {what_to_do}" for one in sorted(there - known)),
        *(f"{one} is listed in tests/core/test_layers.py for nothing: take it out." for one in sorted(known - there)),
    ]


# Imports


def test_the_import_rules_hold() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, (
        f"{done.stdout}\nLet the lower one be told instead of asking, or move what both need below them; a new package "
        "gets its place in `layers` of pyproject.toml (docs/architecture.md, The layers)."
    )


@pytest.mark.parametrize(
    ("imported", "absent"),
    [
        (
            "tui.app, tui.screens.accounts.welcome",
            ("pydantic", "sqlalchemy", "sqlmodel", "babel", "alembic", "tomllib", "argparse"),
        ),
        (
            "core.service.desk, core.migrations.all_models",
            ("textual", "rich", "tui", "alembic", "babel", "jinja2", "passlib"),
        ),
    ],
)
def test_what_is_slow_or_foreign_is_not_loaded_at_the_start(imported: str, absent: tuple[str, ...]) -> None:
    script = f"import sys, {imported}; print(*sorted(set(name.partition('.')[0] for name in sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(absent) & set(done.stdout.split())
    assert not loaded, f"{imported} loads {sorted(loaded)}: import it inside the function that needs it (# deferred: …)"


# Rights

ASKS_NO_RIGHT = (
    "asks for no right: declare it as an @action (core/service/actions.py), call work.require, begin its name with _ "
    "if only its module calls it, or say in GUARDED_BY_THEIR_CALLER of this test who asks instead."
)
GUARDED_BY_THEIR_CALLER = {
    # core.accounts: what these are given was proved by whoever calls them, or proves itself
    "core.accounts.pending_login.begin": "part of logging in, after the right password",
    "core.accounts.pending_login.waiting": "the same",
    "core.accounts.pending_login.allow_codes": "part of logging in and of a change of password",
    "core.accounts.pending_login.pay": "books a try of an attempt, whose number proves itself",
    "core.accounts.pending_login.left": "part of logging in, after a try was paid for",
    "core.accounts.pending_login.account_of": "the attempt's number proves itself",
    "core.accounts.pending_login.go_on": "part of logging in, after a step was passed",
    "core.accounts.pending_login.complete": "the same",
    "core.accounts.pending_login.give_up": "part of a change of password and of removing a key",
    "core.accounts.login.again": "the attempt's number is 128 bits that only the right password gave out",
    "core.accounts.login.code": "the same, and a try is paid for",
    "core.accounts.login.authenticator": "the same, and a try is paid for",
    "core.accounts.login.ask_authenticator": "part of logging in, after the right password or a proven key",
    "core.accounts.login.ask_code": "the same",
    "core.accounts.own_password.still": "gives back a try that own_password.pay has booked for the actor",
    "core.accounts.ssh_keys.book_use": "part of logging in, after the last step",
    "core.accounts.ssh_keys.end_all": "part of a change of password, an unlock and leaving a company",
    "core.accounts.login.enrolling": "the same; the attempt must have passed the code",
    "core.accounts.login.begin_enrolling": "the same",
    "core.accounts.login.enrol": "the same",
    "core.accounts.login.finish_enrolling": "the same, and an authenticator must have been added",
    "core.accounts.login.mailbox_shown": "part of logging in, after the right password and a code from the mailbox",
    "core.accounts.login.renew_hash": "part of logging in, after the right password",
    "core.accounts.login.forget_failures": "part of logging in and of unlocking",
    "core.accounts.address_owner.hold": "books a hit; more may only make it wait",
    "core.accounts.address_owner.tell_holder": "part of signing up and of changing an address",
    "core.sign_up.end_user.enter": "part of confirming a sign-up, after the code and the proof of its form",
    "core.accounts.registration.end": "the same",
    "core.accounts.registration.open_account": "the same",
    "core.accounts.registration.taken": "the same: the code proves itself",
    "core.accounts.registration.begin": "part of signing up",
    "core.accounts.registration.keep": "the same",
    "core.accounts.registration.allow_code": "books a hit; more may only make it wait",
    "core.accounts.registration.issue": "part of signing up",
    "core.accounts.registration.void_replaced": "the same",
    "core.accounts.registration.give_up": "part of vouching",
    "core.accounts.registration.forget": "a job: takes only what nobody confirmed in time",
    "core.sign_up.customer.enter": "part of confirming a sign-up, after the code and the proof of its form",
    "core.accounts.recovery.replace_password": "part of setting a password, after a code or the old password",
    "core.accounts.second_factor.accepts": "part of logging in, after a try was paid for",
    "core.accounts.second_factor.begin": "takes an account that log_in.enrolling or begin_authenticator has proved",
    "core.accounts.second_factor.finish": "the same",
    "core.accounts.second_factor.turn_off": "the same",
    "core.accounts.second_factor.new_recovery_codes": "part of finish",
    "core.accounts.drafts.forget_old": "a job: takes only what nobody has come back to, whoever runs it",
    "core.accounts.sessions.begin": "part of logging in, after the last step",
    "core.accounts.sessions.forget_spent": "a job: of computers that are forgotten anyway, whoever runs it",
    "core.accounts.sessions.forget_over": "a job: log-ins that ran out long ago",
    "core.accounts.sessions.end_all": "part of what ends sessions",
    "core.accounts.sessions.log_out": "ends the actor's own session and nothing else",
    "core.accounts.sessions.resume": "the remembered token proves itself",
    "core.accounts.decoy.issue": "part of asking for a code, whose answer doesn't show it",
    "core.accounts.decoy.mail": "the same",
    "core.accounts.login_attempts.book": "books a try; more may only make it stricter",
    "core.accounts.login_attempts.forget": "part of a change of password and of unlocking",
    "core.accounts.login_attempts.forget_sources": "a job: of what is too old to count, whoever runs it",
    "core.accounts.login_attempts.remember_source": "part of logging in, after the last step",
    "core.accounts.login_attempts.right": "part of logging in, after the right password",
    # core.billing: jobs, and parts of use cases that have asked
    "core.billing.reminders.mail_invoices": "a job: it tells people of what is due, whoever runs it",
    "core.billing.reminders.remind_of_due": "the same",
    "core.billing.reminders.tell_of_ending": "the same",
    "core.billing.reminders.tell_of_overdue": "the same",
    "core.billing.allocation.settle": "part of the imports",
    # core.care: parts of use cases that have asked
    "core.care.applications.abandon": "part of switching an account off",
    "core.care.grants.abandon": "part of switching an account off",
    "core.care.device_ids.book_try": "books a try; more may only make it stricter",
    "core.care.device_ids.bring_in": "part of approving and accepting",
    "core.care.device_ids.product_id": "part of applying, approving and accepting",
    "core.devices.settings_log.give": "part of a command, after access.require",
    "core.devices.simulator.gateway.break_down": "in a demo only",
    "core.care.reminders.remind_companies": "a job: it tells people of what is due, whoever runs it",
    "core.care.reminders.remind_customers": "the same",
    "core.care.expiry.run_out_applications": "the same, and part of applying and accepting",
    "core.care.expiry.run_out_invitations": "the same, and part of inviting",
    "core.care.grants.begin": "part of approving and accepting",
    "core.care.history.used": "part of acts on a device, after access.require",
    "core.care.history.write": "part of what it tells of",
    "core.care.invitations.mail_code": "part of inviting and of reminding",
    "core.care.invitations.not_too_often": "books a try; more may only make it stricter",
    "core.care.invitations.open_to": "part of inviting",
    "core.care.invitations.store": "part of inviting and of the import",
    "core.care.access_requests.end_all": "part of ending a service",
    "core.care.access_requests.end_running": "part of lowering a level",
    # core.companies, core.contracts
    "core.installers.invitation_limit.book": "books a hit; more may only make it wait",
    "core.installers.addresses.send_code": "part of a company's sign-up and of editing it",
    "core.installers.addresses.keep_waiting": "the same",
    "core.installers.addresses.void": "the same",
    "core.installers.addresses.take_code": "the code proves itself",
    "core.companies.names.find_or_make": "part of registering and of imports",
    "core.companies.activation.bring_own_tickets": "part of joining a company",
    "core.companies.activation.buckets": "names only",
    "core.companies.activation.claim": "part of signing up and registering, after the code matched",
    "core.companies.activation.knock": "books a try; more may only make it stricter",
    "core.companies.activation.register_for": "part of claim and of being let in",
    "core.companies.membership_claim.file_claim": "part of signing up and registering, after the code matched",
    "core.products.catalogue.keep": "stores what ships with the desk, as part of a ticket",
    "core.knowledge.outages.end_planned": "a job: what was announced has come to its end, whoever runs it",
    "core.knowledge.outages.tell": "a job, and part of publishing",
    "core.knowledge.audience.keep": "part of publishing",
    "core.sign_up.subscriber.enter": "part of confirming a sign-up, after the code and the proof of its form",
    # core.tickets: parts of use cases that have asked
    "core.tickets.notify.created": "part of create",
    "core.tickets.notify.tell_team": "part of placing an order",
    "core.tickets.notify.replied": "part of reply",
    "core.tickets.notify.status_changed": "part of set_status",
    "core.tickets.notify.assigned": "part of assign",
    "core.tickets.search_index.first": "part of create",
    "core.tickets.search_index.more": "part of reply and note",
    "core.tickets.search_index.rescope": "part of move",
    "core.tickets.workflow.hand_back": "part of leaving a service company",
    "core.tickets.workflow.take_on_reply": "part of reply",
    "core.tickets.workflow.move": "part of use cases that have asked for the right of their arrow",
}
"""Public functions that take a ``work`` and ask for no right themselves, and why that is well."""


def unguarded(module: str, tree: ast.Module, kind: str) -> Iterator[str]:
    """Public functions over ``kind`` that neither ask for a right nor start from the actor's scope, themselves or by a
    function of their own module."""
    own = functions(tree)
    signs = {"require", "find"} if kind == "UnitOfWork" else {"require", "find", "scoped"}

    def guards(function: ast.FunctionDef, met: frozenset[str]) -> bool:
        if is_action(function):
            return True
        for call in calls(function):
            match call.func:
                case ast.Attribute(value=ast.Name(id="work" | "look"), attr=attr) if attr in signs:
                    return True
                case ast.Attribute(value=ast.Name(id="policy"), attr="scope"):
                    return True
                case ast.Attribute(value=ast.Name(id="access"), attr="require" | "opened"):
                    return True  # a device's rights are asked of its grant (core.care.access)
                case ast.Name(id=name) if name in own and name not in met and guards(own[name], met | {name}):
                    return True
        return False

    for name, function in own.items():
        first = function.args.args[0].annotation if function.args.args else None
        public = not name.startswith("_") and not is_reason(function) and first is not None and told(first) == kind
        if public and not guards(function, frozenset({name})):
            yield f"{module}.{name}"


def is_reason(function: ast.FunctionDef) -> bool:
    """Whether it says why something can't be done to a thing that was found: the other half of an action. It reads."""
    first = function.args.args[0].annotation if function.args.args else None
    returns = told(function.returns) if function.returns is not None else ""
    reads = first is not None and told(first) == "ReadContext"
    return function.name.startswith("reason_") and reads and returns in ("Say | None", "Say")


def is_action(function: ast.FunctionDef) -> bool:
    """Whether it is declared as an action (core.service.actions), which is found and asked for by its name. What is
    called ``reason_…`` is the other half of one: it is only ever asked of a thing that was found."""
    return any(
        told(mark).partition("(")[0] in ("action", "open_action", "own_action") for mark in function.decorator_list
    )


def in_domains() -> Iterator[tuple[str, ast.Module]]:
    return ((name, tree) for name, tree in modules().items() if name.startswith(tuple(f"core.{x}" for x in DOMAINS)))


def test_every_use_case_asks_for_a_right_or_says_why_not() -> None:
    found = {one for name, tree in in_domains() for one in unguarded(name, tree, "UnitOfWork")}
    no_problem(unlike(found, GUARDED_BY_THEIR_CALLER, ASKS_NO_RIGHT))


READS_PAST_THE_SCOPE = (
    "doesn't begin with what its reader may see: use look.scoped or look.find, call look.require, begin its name with "
    "_ if only its module calls it, or say in OPEN_QUERIES of this test why that is well."
)
OPEN_QUERIES = {
    "core.accounts.profile.me": "of the actor's own account, by own_password.own_account",
    "core.accounts.profile.kept_choice": "the same",
    "core.sign_up.recipe.hash_password": "hashes what was typed and reads nothing",
    "core.accounts.login.by_name": "part of logging in and of recovery, whose answers don't show it",
    "core.accounts.login.named": "part of signing up and of changing an address, whose answers don't show it",
    "core.accounts.address_owner.company_at": "part of signing up and changing an address, whose answers don't show it",
    "core.accounts.address_owner.has_login": "the same",
    "core.accounts.address_owner.find": "the same",
    "core.accounts.registration.by_code": "part of confirming a sign-up; the code proves itself",
    "core.accounts.registration.by_receipt": "the receipt is sealed and proves itself",
    "core.accounts.registration.receipt_of": "part of signing up",
    "core.accounts.registration.waiting": "a condition, no query",
    "core.accounts.recovery.weakness": "judges a password that was typed",
    "core.accounts.decoy.named": "part of logging in and of asking for a code, whose answers don't show it",
    "core.accounts.login_attempts.is_familiar": "part of logging in, whose answers don't show it",
    "core.accounts.login_attempts.pause_begins": "the same",
    "core.people.staff.is_new": "whether a desk has an administrator is no secret",
    "core.billing.corrections.family": "of the subscriber of an invoice that was found in scope",
    "core.billing.invoices.attached": "part of sending a letter that was promised to its reader",
    "core.billing.invoices.page": "of a subscriber who was found in scope (statement.whose)",
    "core.billing.email_copy.may_save": "says where a file would go",
    "core.companies.membership_claim.find_claim": "part of registering and of letting somebody in",
    "core.care.access.facts": "the question itself: what the actor may do to a device",
    "core.care.access.may": "the same",
    "core.care.access.opened": "the same",
    "core.care.access.permissions": "part of the same",
    "core.care.access.require": "the same",
    "core.care.applications.pending": "a condition, no query",
    "core.care.access_requests.still_asked": "a condition, no query",
    "core.care.device_ids.holder": "part of applying and accepting, whose answer is one sentence",
    "core.care.device_ids.taken": "the same",
    "core.devices.connection.gateway": "chooses; whoever calls it has asked",
    "core.devices.settings_log.latest": "part of reading a device, after access.require",
    "core.devices.settings_log.since": "the same",
    "core.care.history.visiting": "whether the actor's own look is written down",
    "core.care.invitations.own_profile": "the actor's own company, of which the right is asked then",
    "core.care.invitations.waiting": "a condition, no query",
    "core.care.recipients.customer": "who is written to",
    "core.care.recipients.firm": "who is written to",
    "core.care.recipients.firm_by_email": "part of applying, whose page shows nothing of it",
    "core.care.recipients.name_of": "beside what was found in scope",
    "core.installers.invitation_limit.known": "part of inviting",
    "core.installers.addresses.free_for": "part of changing a company's address",
    "core.installers.invitations.bound": "a condition, for a company that was found in scope",
    "core.installers.addresses.pending": "part of reading and editing a company that was found in scope",
    "core.installers.forms.check_year": "judges what was typed",
    "core.companies.names.known": "part of registering and of imports",
    "core.companies.activation.matching": "the activation code proves itself; tries are paid for",
    "core.companies.activation.has_people": "part of registering",
    "core.products.catalogue.as_asked": "questions that ship with the desk",
    "core.knowledge.contact.departments": "what stands on the operator's doors",
    "core.knowledge.contact.departments_now": "the same",
    "core.installers.profile.check_ticket": "of the actor's own company, which was found",
    "core.knowledge.audience.lines": "part of publishing and of asking whom it reaches, after the right was asked",
    "core.subscribers.search.found_by": "a condition, no query",
    "core.subscribers.identity_check.fits": "part of signing up, whose answer is one sentence",
    "core.subscribers.sign_up_rule.covers": "part of signing up, whose answer is one sentence",
    "core.subscribers.sign_up_rule.line_at": "whose an address is, told to nobody but its own subscriber",
    "core.subscribers.sign_up_rule.mismatch": "a sentence",
    "core.subscribers.sign_up_rule.satisfied": "part of signing up, whose answer is one sentence",
    "core.subscribers.sign_up_rule.vouched_for": "the same",
    "core.badges.sidebar": "figures of the actor's own tallies, and of its own company's people",
    "core.tickets.counters.count_in_view": "figures of the actor's own tallies",
    "core.tickets.counters.count_in_views": "the same",
    "core.tickets.listing.counts": "the same",
    "core.tickets.word_search.is_sqlite": "no query",
    "core.tickets.word_search.parameters": "values of a query, whose statement begins with the scope",
    "core.tickets.team.addressees": "who is written to",
    "core.tickets.team.name": "of the company that handles a ticket which was found",
}
"""Public queries that don't start from the actor's scope, and why that is well."""


def test_every_query_starts_from_the_actors_scope_or_says_why_not() -> None:
    found = {one for name, tree in in_domains() for one in unguarded(name, tree, "ReadContext")}
    no_problem(unlike(found, OPEN_QUERIES, READS_PAST_THE_SCOPE))


@pytest.mark.parametrize(
    ("source", "kind", "found"),
    [
        ("def merge(work: UnitOfWork) -> None: work.add(Ticket)", "UnitOfWork", ["m.merge"]),
        ("def merge(work: UnitOfWork) -> None: work.require('ticket.merge')", "UnitOfWork", []),
        (
            "@action('ticket.merge', on=Ticket)\ndef merge(work: UnitOfWork, ticket: Ticket) -> None: ...",
            "UnitOfWork",
            [],
        ),
        ("def all_of(look: ReadContext) -> None: look.rows(sa.select(Ticket))", "ReadContext", ["m.all_of"]),
        ("def all_of(look: ReadContext) -> None: look.rows(look.scoped(Ticket))", "ReadContext", []),
    ],
)
def test_what_asks_for_no_right_is_found(source: str, kind: str, found: list[str]) -> None:
    assert list(unguarded("m", ast.parse(source), kind)) == found


def test_what_is_not_listed_is_told_what_to_do_and_what_is_listed_for_nothing_too() -> None:
    assert unlike(["m.merge"], ["m.gone"], ASKS_NO_RIGHT) == [
        f"m.merge {ASKS_NO_RIGHT}",
        "m.gone is listed in tests/core/test_layers.py for nothing: take it out.",
    ]


def test_no_screen_looks_past_the_scope() -> None:
    looks = [path.name for path in (ROOT / "tui" / "screens").rglob("*.py") if ".unscoped(" in path.read_text("utf-8")]
    assert looks == [], "read it by a query of core that asks for a right"


SCOPED = {
    "AccessRequest",
    "Account",
    "Application",
    "Article",
    "Asset",
    "Contract",
    "Device",
    "Grant",
    "Invitation",
    "Invoice",
    "Payment",
    "ServiceOrder",
    "SshKey",
    "Subscriber",
    "Ticket",
}
PLAIN_SELECTS = {
    "core.people.card": {"card": "of an account that was found in scope"},
    "core.accounts.sessions": {
        "resume": "by a token's MAC",
        "_forget_copied": "the same",
        "forget_spent": "everybody's, for a job",
    },
    "core.accounts.key_login": {"_first_waiting": "by the key that the connection has proven"},
    "core.accounts.ssh_keys": {
        "_proven_line": "the same; a public key is no secret to who holds it",
        "known": "everybody's, for a door",
        "_take_off": "of an account, part of ending its log-ins",
        "book_use": "of whoever logs in, by the key that the connection has proven",
    },
    "core.accounts.decoy": {"named": "whoever's name was typed"},
    "core.people.staff": {"is_new": "whether there is an administrator"},
    "core.billing.reminders": {
        "mail_invoices": "everybody's, for a job",
        "remind_of_due": "the same",
        "tell_of_overdue": "the same",
        "tell_of_ending": "the same",
        "_followed": "part of that job",
        "_holders": "who is written to",
        "_whose": "who is written to",
    },
    "core.billing.corrections": {
        "_named": "of a subscriber who was found in scope",
        "corrected": "a condition on invoices of whoever asks",
    },
    "core.billing.allocation": {"settle": "part of the imports"},
    "core.billing.statement": {
        "_both": "of a subscriber who was found in scope (whose)",
        "_stands": "the same",
        "_up_to": "the same",
        "_wanted": "the same",
    },
    "core.care.access": {"facts": "the question itself", "permissions": "part of it"},
    "core.care.invitation_reply": {
        "invited": "of the invitation whose code proves itself",
        "_sent_to": "the actor's own address",
    },
    "core.care.device_ids": {
        "taken": "whether a device is free",
        "holder": "the same",
        "product_id": "the product of a device that is brought into service",
    },
    "core.devices.summary": {"face": "after access.opened"},
    "core.devices.settings_log": {"give": "a lock, after access.require"},
    "core.care.expiry": {"run_out_invitations": "everybody's, for a job", "run_out_applications": "the same"},
    "core.care.grants": {
        "abandon": "of an account that is switched off",
        "_identifier": "of a grant that was found",
        "_OPEN_TICKETS": "correlated in a scoped query",
    },
    "core.care.history": {"read": "of a grant that was found in scope"},
    "core.care.invitations": {"open_to": "of the company that invites"},
    "core.care.recipients": {"name_of": "beside what was found in scope", "customer": "who is written to"},
    "core.care.approval": {"card": "of an application found in scope"},
    "core.care.access_requests": {
        "_device": "of a grant that was found in scope",
        "ask": "the same",
        "end_running": "the same",
        "_tell_asker": "who is written to",
    },
    "core.installers.invitation_limit": {"known": "of the company that invites"},
    "core.installers.addresses": {
        "pending": "codes of a company that was found in scope",
        "void": "codes of the company's people",
    },
    "core.companies.activation": {
        "has_people": "whether a company is alive",
        "_owners": "who is written to",
        "bring_own_tickets": "the joining person's own",
    },
    "core.contracts.coverage": {"assets": "correlated inside a scoped query"},
    "core.knowledge.outages": {
        "end_planned": "everybody's, for a job",
        "tell": "the same",
        "_holders": "whom an outage reaches, for a job",
        "_write": "who is written to",
    },
    "core.subscribers.search": {"_begins": "inside a scoped query", "found_by": "the same"},
    "core.subscribers.detail": {
        "subscribers": "correlated inside a scoped query",
    },
    "core.badges": {"_pending": "narrowed to the actor's own company"},
    "core.tickets.notify": {"_wrote": "who is written to", "_person": "the same", "_member": "the same"},
    "core.tickets.counters": {"_installers_own": "narrowed to the actor and its own team"},
    "core.tickets.team": {"_agents": "who is written to"},
    "core.tickets.workflow": {
        "_state_of_order": "of the ticket found by scope",
        "hand_back": "of one team, part of leaving it",
    },
    "core.tickets.listing": {"_about": "inside a scoped query"},
    "core.tickets.detail": {
        "_assets_and_answers": "of a ticket that was found in scope",
        "_messages": "names beside its messages",
        "_events": "names beside its events, of agents in its history too",
        "agents": "of the ticket's own team, by require",
    },
}
"""Functions that select from a scoped model without ``scoped()``, and why."""


def plain_selects(tree: ast.Module) -> set[str]:
    """Functions (and constants) with a statement that begins with ``sa.select`` and names a table of a scoped model,
    and not the scope itself."""
    constants = [node for node in tree.body if isinstance(node, ast.Assign)]
    names = _tables(ast.Module(constants, []))
    found = {
        told(node.targets[0])
        for node in constants
        if any(_begins_with_select(call) and _mentions(call, names) for call in calls(node))
    }
    for name, function in functions(tree).items():
        local = names | _tables(function)
        if any(
            _begins_with_select(call) and _mentions(call, local) and "policy.scope(" not in told(function)
            for call in calls(function)
        ):
            found.add(name)
    return found


def _begins_with_select(call: ast.Call) -> bool:
    """``sa.select(…)`` or anything chained to it."""
    at: ast.AST = call
    while isinstance(at, ast.Call):
        if told(at.func) == "sa.select":
            return True
        at = at.func.value if isinstance(at.func, ast.Attribute) else at.func
    return False


def _tables(tree: ast.AST) -> set[str]:
    """Names bound to ``table(Model)`` of a scoped model, or to something made of one."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                pairs = (
                    zip(target.elts, node.value.elts, strict=True)
                    if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
                    else [(target, node.value)]
                )
                for to, value in pairs:
                    if isinstance(to, ast.Name) and _holds_table(value, found):
                        found.add(to.id)
    return found


def _holds_table(value: ast.AST, known: set[str]) -> bool:
    made_of = isinstance(value, ast.Tuple) or told(value).partition("(")[0].endswith(".alias")
    return any(f"table({model})" in told(value) for model in SCOPED) or (made_of and _mentions(value, known))


def _mentions(node: ast.AST, names: set[str]) -> bool:
    return any(isinstance(one, ast.Name) and one.id in names | SCOPED for one in ast.walk(node))


def test_nothing_is_selected_past_the_scope_unless_it_says_why() -> None:
    found = {(module, name) for module, tree in in_domains() for name in plain_selects(tree)}
    listed = {(module, name) for module, reasons in PLAIN_SELECTS.items() for name in reasons}
    no_problem(
        unlike(
            map(".".join, found),
            map(".".join, listed),
            "selects rows that its reader may not see: use look.scoped, or say in PLAIN_SELECTS of this test why not.",
        )
    )


# Time, chance, SQL

TIMELESS = {"core.clock": "the clock itself", "core.mail.maildir": "names of files, which must never repeat"}


def test_time_comes_from_the_clock_alone() -> None:
    asking = {"now", "utcnow", "today", "fromtimestamp"}
    found = {
        name
        for name, tree in modules().items()
        for call in calls(tree)
        if isinstance(call.func, ast.Attribute) and call.func.attr in asking and "clock" not in told(call.func.value)
    }
    found |= {name for name, tree in modules().items() for call in calls(tree) if told(call.func) == "time.time"}
    no_problem(
        unlike(found, TIMELESS, "asks a clock of its own: take the time from `work.now`, `look.now` or core.clock.")
    )


CHANCE = ("core.service.desk", "core.demo")
"""``random`` spreads retries and invents a demo; whatever guards something is made by ``secrets``."""


def test_no_secret_is_made_by_chance_that_can_be_guessed() -> None:
    for name, tree in modules().items():
        if name.startswith(CHANCE) or name in ("core.mail.delivery", "core.mail.leases"):
            continue
        imported = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for alias in node.names
        }
        assert not imported & {"random", "uuid4", "uuid1"}, f"{name} draws by chance: use `secrets`"
        sources = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not sources & {"random", "uuid"}, f"{name} draws by chance: use `secrets`"


SQL_IN_PIECES = {
    ("core.service.throttle", "hit"): "max/greatest by dialect",
    ("core.service.throttle", "attempt"): "min/least by dialect",
    ("core.db.engine", "_prepare"): "names of pragmas",
    ("core.tickets.word_search", "joined"): "which columns of the index; the words are a parameter",
}
"""SQL put together from strings, none of which anybody types."""


def _put_together(call: ast.Call) -> bool:
    """A statement as text, made of pieces; an ``sa.update`` with arithmetic in it is none."""
    if not told(call.func).endswith(("text", "exec_driver_sql", "execute")) or "sa.update" in told(call):
        return False
    return any(isinstance(part, (ast.JoinedStr, ast.BinOp)) for one in call.args for part in ast.walk(one))


def test_sql_is_never_put_together_from_what_is_typed() -> None:
    found = set()
    for module, tree in modules().items():
        if module.startswith(("core.migrations", "core.mail", "core.imports", "core.demo")):
            continue
        for name, function in functions(tree).items():
            if any(_put_together(call) for call in calls(function)):
                found.add((module, name))
    no_problem(
        unlike(
            map(".".join, found),
            map(".".join, SQL_IN_PIECES),
            "puts SQL together from texts: give the values as parameters.",
        )
    )


def test_migrations_put_sql_together_from_constants_only() -> None:
    from core.migrations import standing_orders

    for statement in standing_orders.SQLITE + standing_orders.POSTGRESQL:
        assert "{" not in statement


def is_context(argument: ast.arg) -> bool:
    """Whether a parameter takes what a query or a use case is given, said by its type or, without one, by its name."""
    kind = told(argument.annotation) if argument.annotation is not None else ""
    return kind in ("ReadContext", "UnitOfWork") or (argument.arg in ("look", "work") and kind in ("", "Any"))


def test_no_screen_and_no_command_defines_a_query_or_a_use_case() -> None:
    """What takes a context belongs to core, where its rights are looked after. A demo's stage makes its own world."""
    defined = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for folder in ("screens", "cli", "widgets", "machine")
        for path in sorted((ROOT / "tui" / folder).rglob("*.py"))
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name != "__call__"
        and any(is_context(each) for each in node.args.args)
    ]
    assert defined == [], "move it to a module of its domain in core"

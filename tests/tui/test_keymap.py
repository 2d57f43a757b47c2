"""The keys of the whole program: no clash on any screen, one letter for one thing, and the reader's own choice."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.binding import Binding

from core.models.accounts import Role
from core.service.desk import Desk
from tests.factories.desks import logged_in
from tests.support.playing import playing, sitting
from tests.support.telling import no_problem
from tui import keys_page
from tui.cli.program import main
from tui.commands import check, declared, split_keys
from tui.demo.chooser import Chooser
from tui.demo.post_room import PostRoom
from tui.screens.tickets.listing import Tickets
from tui.screens.tickets.ticket import TicketScreen
from tui.widgets.fields.line import LineInput
from tui.widgets.fields.long import LongInput
from tui.widgets.form import Form
from tui.widgets.list import ListView
from tui.widgets.timeline import Timeline

SCREENS = keys_page.screens()


def test_every_screen_was_found() -> None:
    names = {cls.__name__ for cls in SCREENS}
    assert {"Tickets", "TicketScreen", "Welcome", "MyAccount", "OutboxRoom", "EnrolAtLogIn", "DemoApp"} <= names
    assert len(keys_page.commands()) > 50


@pytest.mark.parametrize("screen", SCREENS, ids=lambda cls: cls.__name__)
def test_no_screen_has_a_clash_or_a_key_that_never_arrives(screen: type) -> None:
    assert [said.text() for said in check({}, list(declared(screen).values()))] == []


@pytest.mark.parametrize("screen", SCREENS, ids=lambda cls: cls.__name__)
def test_what_cannot_be_taken_back_has_no_small_key_and_asks(screen: type) -> None:
    for command in declared(screen).values():
        if command.danger:
            keys = split_keys(command.keys)
            assert all(key.isupper() or key.startswith(("f", "ctrl+")) for key in keys), command.id
            asking = _with_what_it_calls(screen, f"action_{command.action}")
            assert "Confirm(" in asking or "Prompt(" in asking or "_question(" in asking, command.id


def _with_what_it_calls(screen: type, name: str) -> str:
    """The source of a method and of the methods of its own class that it calls."""
    source = inspect.getsource(getattr(screen, name))
    called = [one for one in re.findall(r"self\.(_\w+)\(", source) if hasattr(screen, one)]
    return source + "".join(inspect.getsource(getattr(screen, one)) for one in called)


def test_one_name_has_one_key() -> None:
    """What is called the same is done by the same key, wherever one is."""
    first_key: dict[str, set[str]] = {}
    for command in keys_page.commands():
        first_key.setdefault(command.id.split(".")[-1], set()).add(split_keys(command.keys)[0])
    assert {name: keys for name, keys in first_key.items() if len(keys) > 1} == {}


VERBS = {
    "A": "authenticator",
    "B": "bills",
    "C": "close",
    "D": "no",
    "E": "end",
    "F": "forget a computer",
    "H": "password",
    "I": "invoices",
    "K": "control",
    "L": "next line",
    "M": "mail it",
    "N": "new line password",
    "O": "off",
    "P": "let everybody read it, or a colleague choose a password",
    "Q": "ask for access",
    "R": "try again",
    "S": "send again",
    "T": "tickets of somebody or something",
    "U": "uncover, or lift",
    "V": "vouch",
    "W": "withdraw or take off",
    "X": "XML",
    "Z": "stop early",
    "a": "assign",
    "c": "contract",
    "d": "details",
    "e": "edit",
    "f": "filter",
    "h": "history",
    "i": "note",
    "k": "correction",
    "l": "level",
    "m": "months",
    "n": "new",
    "o": "again open, or an owner",
    "p": "priority",
    "q": "transfer",
    "r": "reply",
    "s": "status",
    "t": "take",
    "u": "unlock",
    "v": "device",
    "w": "members",
    "x": "closed ones too",
    "y": "yes",
    "z": "programme",
}
"""What a letter means, wherever somebody meets it. Where two meanings stand, nobody has both: the roles tell."""

SAYS = {
    "A": {"account.second"},
    "B": {"subscriber.payments"},
    "C": {"ticket.close"},
    "D": {"service.deny", "grant.deny", "application.reject", "colleagues.out", "members.remove"},
    "E": {"service.end", "grant.end", "articles.end"},
    "F": {"account.forget"},
    "H": {"account.password", "company.password"},
    "I": {"subscriber.invoices"},
    "K": {"device.control"},
    "L": {"statistics.line"},
    "M": {"invoice.by_mail"},
    "N": {"panel.new_password", "subscriber.new_password"},
    "O": {"account.second_off", "people.switch"},
    "P": {"articles.publish", "members.reset"},
    "Q": {"grant.ask", "device.ask"},
    "R": {"device.reset_error", "outbox.retry"},
    "S": {"invitations.resend", "company.resend"},
    "T": {"subscriber.tickets", "people.asked", "asset.asked"},
    "U": {"panel.reveal", "people.unlimit"},
    "V": {"subscriber.vouch"},
    "W": {
        "service.withdraw",
        "own_application.withdraw",
        "invitations.withdraw",
        "invoices.withdraw",
        "articles.withdraw",
        "grant.take_back",
        "account.remove_key",
    },
    "X": {"invoice.save_xml"},
    "Z": {"service.stop", "grant.stop"},
    "a": {"ticket.assign"},
    "c": {"tickets.register", "contracts.register", "people.panel"},
    "d": {"ticket.details", "device.details"},
    "e": {"account.edit", "company.edit", "subscriber.edit", "articles.edit"},
    "f": {"tickets.filter", "outbox.failed"},
    "h": {"ticket.history", "services.history"},
    "i": {"ticket.note"},
    "k": {"invoice.next"},
    "l": {"service.level", "grant.level", "own_application.level"},
    "m": {"subscriber.months", "statistics.months"},
    "n": {
        "tickets.new",
        "assets.ticket",
        "asset.ticket",
        "contact.new",
        "device.report",
        "services.new",
        "service.apply",
        "pending.invite",
        "customers.invite",
        "invitations.new",
        "members.new",
        "people.new",
        "articles.new",
        "account.new_key",
    },
    "o": {"ticket.reopen", "members.owner"},
    "p": {"ticket.priority"},
    "q": {"payments.transfer", "invoice.transfer"},
    "r": {"ticket.reply"},
    "s": {"ticket.status"},
    "t": {"tickets.take", "ticket.take"},
    "u": {"people.unlock"},
    "v": {"ticket.device", "customers.device", "service.device", "grant.device"},
    "w": {"company.members"},
    "x": {"tickets.closed"},
    "y": {
        "ticket.order",
        "pending.approve",
        "application.approve",
        "service.allow",
        "grant.allow",
        "invoices.agree",
        "colleagues.in",
    },
    "z": {"device.programme"},
}
"""The commands behind each meaning; one that comes new says here what its letter means."""

APART = {
    "P": ({"articles.publish"}, {"members.reset"}),
    "R": ({"device.reset_error"}, {"outbox.retry"}),
    "U": ({"panel.reveal"}, {"people.unlimit"}),
    "o": ({"ticket.reopen"}, {"members.owner"}),
}
"""Letters of two meanings, with whose commands each are."""


def test_a_letter_means_one_thing_wherever_somebody_meets_it() -> None:
    """The demo's own sheets are no rooms of a desk."""
    said: dict[str, set[str]] = {}
    for command in keys_page.commands():
        for key in split_keys(command.keys):
            if len(key) == 1 and key.isalpha() and command.scope not in ("shell", "demo", "chooser", "post"):
                said.setdefault(key, set()).add(command.id)
    no_problem(otherwise(said))
    assert said.keys() == VERBS.keys() == SAYS.keys(), "every letter has a meaning in VERBS and its commands in SAYS"


def otherwise(said: dict[str, set[str]]) -> Iterator[str]:
    """Commands whose letter is not known to mean them, and those that have gone."""
    for key in sorted(said.keys() | SAYS.keys()):
        for command in sorted(said.get(key, set()) - SAYS.get(key, set())):
            means = (
                f"it means {VERBS[key]!r}: does it here too?"
                if key in VERBS
                else "it means nothing yet: say it in VERBS?"
            )
            yield f"{command} is on {key!r}; {means} Then add it to SAYS of this test; else give it another key."
        for command in sorted(SAYS.get(key, set()) - said.get(key, set())):
            yield f"{command} is not on {key!r} any more: take it out of SAYS of this test."


def test_a_letter_that_is_not_known_to_mean_a_command() -> None:
    assert list(otherwise(SAYS)) == []
    assert list(otherwise({**SAYS, "t": {"tickets.take", "ticket.toss"}, "j": {"ticket.join"}})) == [
        "ticket.join is on 'j'; it means nothing yet: say it in VERBS? Then add it to SAYS of this test; "
        "else give it another key.",
        "ticket.toss is on 't'; it means 'take': does it here too? Then add it to SAYS of this test; "
        "else give it another key.",
        "ticket.take is not on 't' any more: take it out of SAYS of this test.",
    ]


@pytest.mark.parametrize("letter", APART)
def test_where_a_letter_means_two_things_nobody_has_both(letter: str) -> None:
    one, other = APART[letter]
    assert one | other == SAYS[letter]
    assert not _who_meets(one) & _who_meets(other)


def _who_meets(commands: set[str]) -> set[str]:
    """The roles that have a room which leads to one of these."""
    roles: set[str] = set()
    for command in keys_page.commands():
        if command.id in commands:
            roles |= command.roles or _HAVE[command.scope]
    return roles


_HAVE = {
    "articles": {"agent", "admin"},
    "members": {"installer"},
    "device": {"customer", "installer"},
    "outbox": {"admin"},
    "subscriber": {"agent", "admin"},
    "panel": {"customer"},
    "people": {"agent", "admin"},
    "ticket": {"customer", "installer", "agent", "admin"},
}
"""Whose rooms they are (:mod:`tui.rooms`)."""


@pytest.mark.parametrize("widget", [ListView, Timeline, Form])
def test_no_list_or_form_takes_a_command_away(widget: type) -> None:
    """A focused widget hears a key before its screen does; reading a list again is the list's own on both."""
    taken = {key for binding in vars(widget)["BINDINGS"] for key in split_keys(Binding(*_head(binding)).key)}
    holders: dict[type, list[type]] = {
        ListView: [*(cls for cls in SCREENS if hasattr(cls, "rows")), Chooser, PostRoom],
        Timeline: [TicketScreen],
        Form: SCREENS,
    }
    for screen in holders[widget]:
        for command in declared(screen).values():
            lost = taken & set(split_keys(command.keys)) - {"enter"}
            assert not lost, (screen.__name__, command.id, lost)


def test_where_one_writes_only_editing_keys_are_taken() -> None:
    """A function key of the screen works from every field; Ctrl and a letter of the same name edits there."""
    for widget in (LongInput, LineInput):
        taken = set(widget("")._bindings.key_to_bindings)
        for command in keys_page.commands():
            lost = taken & set(split_keys(command.keys))
            assert lost <= {"enter", "ctrl+k"}, (widget.__name__, command.id, lost)


def _head(binding: object) -> tuple[str, str]:
    assert isinstance(binding, Binding)
    return binding.key, binding.action


def test_the_page_of_keys_is_up_to_date() -> None:
    """Renew it with ``python -m tui.keys_page``."""
    assert keys_page.PAGE.read_text(encoding="utf-8") == keys_page.page(), "run `python -m tui.keys_page`"


def test_the_page_names_every_command() -> None:
    page = keys_page.page()
    for command in keys_page.commands():
        assert f"`{command.id}`" in page, f"give the scope {command.scope!r} a heading in _SCOPES of tui/keys_page.py"


# The reader's own choice


@pytest.fixture
def keys_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "state"))
    (tmp_path / "state").mkdir()
    return tmp_path / "state" / "keys.toml"


async def test_own_keys_work_and_are_shown(desk: Desk, keys_file: Path) -> None:
    keys_file.write_text('[keys]\n"tickets.new" = "w"\n"ticket.reply" = "f4"\n', encoding="utf-8")
    logged_in(desk, "root", Role.ADMIN)
    ola = logged_in(desk, "ola", company="Tarnina")
    async with sitting(desk, ola) as player:
        player.app.keys_file = keys_file
        player.app._take_own_keys()
        await player.settle()
        player.sees("w New ticket")
        await player.press("n")
        assert isinstance(player.app.screen, Tickets)
        await player.press("w")
        assert not isinstance(player.app.screen, Tickets)


async def test_a_broken_file_of_keys_is_told_and_the_usual_keys_stay(desk: Desk, keys_file: Path) -> None:
    keys_file.write_text('[keys\n"tickets.new" = ', encoding="utf-8")
    logged_in(desk, "root", Role.ADMIN)
    async with playing(desk) as player:
        player.app.keys_file = keys_file
        player.app._take_own_keys()
        await player.settle()
        player.sees("keys.toml can't be read")
        await player.press("f8")
        player.sees("Forgot login or password?")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('"ticket.reply" = "C"', "C would mean both ticket.reply and ticket.close."),
        ('"ticket.reply" = "t"', "t would mean both ticket.reply and ticket.take."),
        ('"ticket.reply" = "g"', "g would mean both"),
        ('"ticket.replay" = "x"', "There is no command ticket.replay."),
        ('"ticket.reply" = "alt+e"', "alt+e can't be used for ticket.reply"),
        ('"people.switch" = "o"', "people.switch can't be taken back"),
        ("ticket = 3", "ticket should be a text"),
    ],
)
def test_check_says_what_is_wrong_with_them(
    keys_file: Path, capsys: pytest.CaptureFixture[str], keys: str, said: str
) -> None:
    keys_file.write_text(f"[keys]\n{keys}\n", encoding="utf-8")
    assert main(["check"]) == 1
    out = capsys.readouterr().out
    assert said in out
    assert "!!  keys:" in out


def test_check_has_nothing_to_say_about_good_ones(keys_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys_file.write_text('[keys]\n"ticket.reply" = "w"\nticket.note = "N"\n', encoding="utf-8")
    main(["check"])
    assert "ok  keys:" in capsys.readouterr().out

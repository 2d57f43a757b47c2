"""Every command of every screen in one place: for the page of keys, and for the check of a reader's own choice.

``python -m tui.keys_page`` writes ``docs/keys.md``.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from core.errors import Say, say
from core.i18n.translation import N_
from core.models.names import ROLE_LABELS
from tui.app import OkienkoApp
from tui.commands import Command, check, declared, shown_key, split_keys
from tui.demo.app import DemoApp
from tui.shell import Commanded
from tui.widgets.list import ListView
from tui.widgets.marked_list import MarkedList

PAGE: Final = Path(__file__).parents[1] / "docs" / "keys.md"

_SCOPES: Final = {
    "shell": "Everywhere",
    "welcome": "The way in",
    "page": "Pages before logging in",
    "who": "Signing up: who are you?",
    "sign_up": "Signing up",
    "sent": "The mail was sent",
    "terms": "Terms and notices",
    "code": "The mailed code",
    "enrol": "Adding an authenticator",
    "tickets": "Lists of tickets",
    "ticket": "A ticket",
    "new": "A new ticket",
    "contracts": "Contracts",
    "assets": "Assets",
    "asset": "The card of an asset",
    "pending": "Pending customers",
    "list": "Every list of a room",
    "marks": "Lists where several rows can be marked",
    "application": "An application",
    "customers": "Customers",
    "invitations": "Invitations",
    "service": "Service",
    "card": "The card of an application or a service",
    "own_application": "One's own application",
    "grant": "One service, from either side",
    "apply": "Applying to an installer company",
    "applied": "The application was sent",
    "answer": "Answering an invitation",
    "invited": "An account on the way of an invitation",
    "company": "An installer company",
    "members": "Its people",
    "device": "A device",
    "programme": "A device: the weekly programme",
    "account": "My account",
    "lock": "A session that was left alone",
    "people": "People",
    "colleagues": "Waiting to join",
    "outbox": "Outbox",
    "articles": "News and FAQ",
    "article": "An article",
    "article_form": "Writing an article",
    "preview": "The article as it will look",
    "contact": "Contact",
    "open": "What is open to guests",
    "services": "The catalogue of services",
    "my_orders": "One's own orders",
    "order": "An order",
    "panel": "My data",
    "subscriber": "The card of a subscriber",
    "tickets_of": "The tickets of a person or about an asset",
    "bills": "A subscriber's bills, for an agent",
    "payments": "Payments",
    "invoices": "E-invoices",
    "invoice": "An invoice",
    "statistics": "Statistics of a line",
    "demo": "The demo",
    "chooser": "The demo: who am I?",
    "post": "The demo: post room",
}
"""What is said above each scope, in the order of the page."""

_HEAD: Final = """\
# Keys

Written by `python -m tui.keys_page` from the commands themselves; `?` shows what works on the screen you are on.

In every list: `↑` `↓` or `k` `j` move, `PgUp` `PgDn` turn pages, `Home` and `End` (`g g` and `G`) go to the first and
last row, `Enter` opens. In every form: `Tab`, `Enter` and the arrows go from field to field. In every dialog: `Esc`
leaves, and asks first when something was typed: there `k` keeps it for later, where it can be kept. `^r` begins a form
anew that was found as it was left. `g` and a letter goes to a room: the sidebar shows the letters.

**Your own keys** stand in `keys.toml` beside `okienko.toml`, by the names in the last column:

```toml
[keys]
"ticket.reply" = "w"
"tickets.search" = "slash,ctrl+f"
```

Keys without a letter of their own have names: `slash`, `question_mark`, `escape`, `pageup`, `f5`, `ctrl+k`. Several are
parted by commas. `okienko check` says what is wrong with them: a key that would mean two things, or one that never
arrives.
"""


def screens() -> list[type]:
    """Every class that says commands: the screens of all modules under ``tui.screens`` and ``tui.demo``, the lists that
    have some of their own, and the applications."""
    import tui.demo  # deferred: start-up, a command loads what it runs
    import tui.screens

    for package in (tui.demo, tui.screens):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    classes = sorted(set(_with_subclasses(Commanded)), key=_place)
    return [*classes, ListView, MarkedList, OkienkoApp, DemoApp]


def _place(cls: type) -> tuple[int, str, str]:
    """What others come from stands first; whichever module happened to be imported first says nothing."""
    return len(cls.__mro__), cls.__module__, cls.__qualname__


def _with_subclasses(cls: type[Any]) -> Iterator[type]:
    """``cls`` and all that come from it, those of the program itself."""
    yield cls
    for each in cls.__subclasses__():
        if each.__module__.startswith("tui."):
            yield from _with_subclasses(each)


def commands() -> list[Command]:
    """All of them, each once as it is said first; a page that only renames one is not listed for it."""
    commands: dict[str, Command] = {}
    for cls in screens():
        for command in vars(cls).get("DESK_COMMANDS", ()):
            commands.setdefault(command.id, command)
    return list(commands.values())


def problems(keymap: Mapping[str, str]) -> list[Say]:
    """Everything wrong with ``keymap`` (command id to keys) on any screen, each thing once."""
    known = {command.id for command in commands()}
    problems = [say(N_("There is no command {id}."), id=each) for each in keymap if each not in known]
    for cls in screens():
        here = declared(cls)
        chosen = {each: keys for each, keys in keymap.items() if each in here}
        problems += check(chosen, list(here.values()))
    return list({each.text(): each for each in problems}.values())


def page() -> str:
    """The page. It is in English, as its readers edit a file of English names."""
    by_scope: dict[str, list[Command]] = {}
    for command in commands():
        by_scope.setdefault(command.scope, []).append(command)
    parts = [_HEAD]
    for scope, title in _SCOPES.items():
        parts.append(f"## {title}\n\n{_table(by_scope[scope])}")
    return "\n".join(parts)


def _table(listed: Iterable[Command]) -> str:
    lines = ["| Key | Command | | For | Name |", "|---|---|---|---|---|", *(_row(each) for each in listed)]
    return "\n".join(lines) + "\n"


def _row(command: Command) -> str:
    keys = " ".join(f"`{shown_key(key)}`" for key in split_keys(command.keys))
    asks = "asks first" if command.danger else ""
    help_text = "; ".join(part for part in (command.help, asks) if part)
    roles = ", ".join(label for role, label in ROLE_LABELS.items() if role in command.roles)
    return f"| {keys} | {command.label} | {help_text} | {roles} | `{command.id}` |"


def main() -> int:
    """Write the page."""
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

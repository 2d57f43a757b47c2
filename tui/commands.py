"""Commands: said once, used five times.

From a :class:`Command` come its key binding, its entry in the palette, its place in the footer, its row in ``?`` and
the documentation of keys. A screen or widget lists its commands and makes its bindings from them::

    class Queue(Shell):
        DESK_COMMANDS = (Command("queue.assign", "a", N_("Assign"), "assign", footer=True),)
        BINDINGS = bindings(DESK_COMMANDS)

Readers may change keys in a file (:func:`load_keymap`, then ``app.set_keymap``); :func:`check` says what is wrong
with a choice: two commands on a key, or a key that never arrives (docs/facts.md, *Textual*).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from textual.binding import Binding, BindingType

from core.errors import DeskError, Say, say
from core.i18n.translation import N_

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.screen import Screen


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that can be done. ``id`` is ``scope.name`` (scope ``shell`` works everywhere); ``keys`` is Textual's
    notation, several parted by commas; ``label`` and ``help`` are msgids; ``action`` is Textual's action."""

    id: str
    keys: str
    label: str
    action: str
    help: str = ""
    footer: bool = False
    roles: frozenset[str] = frozenset()
    """Who has it; empty means everybody. Core decides again."""
    danger: bool = False
    """Can't be taken back: a capital letter or F-key, and the screen asks before doing it."""
    palette: bool = True
    priority: bool = False
    asks: str = ""
    """The action of :mod:`core.actions` that it does, by name; several parted by spaces where the thing on the screen
    decides which. The screen's ``available`` tells whether it can be done now."""

    @property
    def asked(self) -> tuple[str, ...]:
        """The names in :attr:`asks`."""
        return tuple(self.asks.split())

    @property
    def action_name(self) -> str:
        """Textual's action without what it is called with."""
        return self.action.partition("(")[0]

    @property
    def scope(self) -> str:
        return self.id.split(".", 1)[0]


@dataclass(slots=True)
class Working:
    """A command that works here and now: where it runs and by which keys."""

    command: Command
    node: DOMNode
    enabled: bool
    keys: list[str] = field(default_factory=list)

    @property
    def first_key(self) -> str:
        """The key the footer has room for."""
        return shown_key(self.keys[0])

    @property
    def shown_keys(self) -> str:
        """Its keys as a reader knows them, the first two."""
        return " ".join(shown_key(key) for key in self.keys[:2])


def bindings(commands: Iterable[Command]) -> list[BindingType]:
    """Textual's bindings of ``commands``; their ids make them changeable by a keymap."""
    return [
        Binding(each.keys, each.action, each.label, show=False, priority=each.priority, id=each.id) for each in commands
    ]


def commands_of(node: DOMNode) -> dict[str, Command]:
    """The commands of a screen or widget and of the classes it comes from, by id."""
    return declared(type(node))


@cache
def declared(cls: type[DOMNode]) -> dict[str, Command]:
    """The commands that a class and those it comes from say, by id; the nearest word counts. Asked of every key, so
    it is put together once for a class."""
    commands: dict[str, Command] = {}
    for each in cls.__mro__:
        for command in vars(each).get("DESK_COMMANDS", ()):
            commands.setdefault(command.id, command)
    return commands


@cache
def _by_action(cls: type[DOMNode]) -> dict[str, tuple[Command, ...]]:
    commands = declared(cls).values()
    return {
        name: tuple(each for each in commands if each.action_name == name)
        for name in {each.action_name for each in commands}
    }


def doing(node: DOMNode, action: str) -> tuple[Command, ...]:
    """The commands of a screen or widget that run Textual's ``action``, which is named without its parentheses."""
    return _by_action(type(node)).get(action, ())


def here(screen: Screen[Any], role: str = "") -> list[Working]:
    """What works on ``screen`` now for ``role``, nearest to the focus first."""
    workings: dict[str, Working] = {}
    for key, active in screen.active_bindings.items():
        command = commands_of(active.node).get(active.binding.id or "")
        if command is None or not allowed(command, role):
            continue
        working = workings.setdefault(command.id, Working(command, active.node, active.enabled))
        working.keys.append(key)
    nodes = list(dict.fromkeys(working.node for working in workings.values()))
    places = {(node, each): place for node in nodes for place, each in enumerate(commands_of(node))}

    def order(each: Working) -> tuple[int, bool, int]:
        """Ours first, then as they are listed: a changed key would otherwise move its command to the end."""
        return nodes.index(each.node), each.command.scope != "shell", places[each.node, each.command.id]

    return sorted(workings.values(), key=order)


def allowed(command: Command, role: str) -> bool:
    """Whether ``role`` has this command."""
    return not command.roles or role in command.roles


# Keys

_NAMES: Final = {
    "question_mark": "?",
    "slash": "/",
    "escape": "esc",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "full_stop": ".",
    "at": "@",
    "comma": ",",
    "colon": ":",
    "minus": "-",
    "plus": "+",
    "equals_sign": "=",
    "exclamation_mark": "!",
    "asterisk": "*",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}

_EATEN: Final = (
    (r"\balt\+", N_("Alt and a letter types Polish letters on many keyboards")),
    (r"\b(super|meta|hyper)\+", N_("most terminals never send it")),
    (r"\bctrl\+shift\+|\bshift\+ctrl\+", N_("terminals take Ctrl+Shift for themselves")),
    (r"\bctrl\+(b|a)$", N_("tmux or screen takes it")),
    (r"\bctrl\+(h|i|j|m|left_square_bracket)$", N_("terminals can't tell it from another key")),
    (r"\bctrl\+(c|z)$", N_("it stops programs everywhere else")),
    (r"\bctrl\+(slash|underscore|enter|tab|backspace|space)$", N_("it does not arrive in every terminal")),
    (r"^shift\+enter$", N_("it does not arrive in every terminal")),
    (r"^(shift\+)?tab$", N_("it moves between fields")),
)


def shown_key(key: str) -> str:
    """``ctrl+p`` as ``^p``, ``question_mark`` as ``?``, ``f9`` as ``F9``."""
    if key.startswith("ctrl+"):
        return "^" + shown_key(key.removeprefix("ctrl+"))
    if re.fullmatch(r"f\d+", key):
        return key.upper()
    return _NAMES.get(key, key)


def key_problem(key: str) -> str:
    """The msgid of why ``key`` can't be used, or an empty text."""
    return next((why for pattern, why in _EATEN if re.search(pattern, key)), "")


def split_keys(keys: str) -> list[str]:
    """``"j,down"`` as its two keys, without the spaces around them."""
    return [key.strip() for key in keys.split(",") if key.strip()]


def check(keymap: Mapping[str, str], commands: Sequence[Command]) -> list[Say]:
    """Everything wrong with the keys of ``commands`` once ``keymap`` (command id to keys) is laid over them."""
    known = {command.id for command in commands}
    problems = [say(N_("There is no command {id}."), id=each) for each in keymap if each not in known]
    taken: list[tuple[str, Command]] = []
    for command in commands:
        keys = split_keys(keymap.get(command.id, command.keys))
        if not keys:
            problems.append(say(N_("{id} is left without a key."), id=command.id))
        for key in keys:
            problems += _refusals(key, command)
            problems += [
                say(N_("{key} would mean both {one} and {other}."), key=shown_key(key), one=other.id, other=command.id)
                for used, other in taken
                if used == key and other is not command and _meet(other, command)
            ]
            taken.append((key, command))
    return problems


def _refusals(key: str, command: Command) -> list[Say]:
    refusals = []
    why = key_problem(key)
    if why:
        refusals.append(say(N_("{key} can't be used for {id}: {why}."), key=key, id=command.id, why=Say(why)))
    if command.danger and len(key) == 1 and key.islower():
        refusals.append(
            say(N_("{id} can't be taken back, so its key is a capital letter, not {key}."), id=command.id, key=key)
        )
    return refusals


def _meet(command: Command, other: Command) -> bool:
    """Whether both can work at once: in one scope, or one of them works everywhere."""
    return command.scope == other.scope or "shell" in (command.scope, other.scope)


def load_keymap(path: Path) -> dict[str, str]:
    """The ``[keys]`` of a TOML file, ``command.id = "x"``, flat. DeskError when it is not so."""
    import tomllib  # deferred: start-up, few have such a file

    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DeskError(N_("The file of keys {path} can't be read: {why}"), path=path, why=error) from error
    return dict(_flat(table.get("keys", {}), "", path))


def _flat(table: object, prefix: str, path: Path) -> Iterable[tuple[str, str]]:
    if isinstance(table, str) and prefix:
        yield prefix, table
    elif isinstance(table, dict):
        for name, value in table.items():
            yield from _flat(value, f"{prefix}.{name}" if prefix else str(name), path)
    else:
        raise DeskError(N_('In the file of keys {path}, {name} should be a text like "x".'), path=path, name=prefix)

"""Which letters the code promises, and with which fields: read off the calls themselves. And a letter as tests promise
it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import core
from core.models.mail import Outbox
from core.service.letters import LETTERS
from core.service.unit_of_work import Stranger, UnitOfWork, table

_NOT_DETAILS = {"address", "ticket_id", "but", "secrets_", "sent"}


FILES = sorted(Path(core.__file__).parent.rglob("*.py"))
PASS_ON = {"mail", "_send", "_team"}
"""Functions that get a letter's name and pass it on; the calls of them are read."""


@dataclass(frozen=True)
class Promise:
    """One call that promises a letter."""

    where: str
    letter: str
    details: tuple[str, ...]
    secrets: tuple[str, ...]


def write(work: UnitOfWork, letter: str, address: str, *, language: str = "en", **details: Any) -> int:
    """Promise a letter, to somebody without an account, with its first samples but for ``details`` and ``code``. One
    that is not declared stands in the outbox as if another version of the program had promised it."""
    kind = LETTERS.get(letter, LETTERS["reset"])
    samples, secrets = next(kind.samples())
    secrets = {name: details.get(name, value) for name, value in secrets.items()}
    told = {name: details.get(name, value) for name, value in samples.items()}
    letter_id = work.mail(kind.name, Stranger(address, language), secrets_=secrets, **told)
    if kind.name != letter:
        work.change(Outbox, table(Outbox).c.id == letter_id, letter=letter)
    return letter_id


def promises() -> list[Promise]:
    """All of them in ``core``."""
    found = []
    for file in FILES:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                found += [_promise(file, function, call) for call in _calls(function)]
    return found


def unreadable(source: str, name: str) -> Iterator[str]:
    """Calls that promise a letter which can't be read off them, outside of what passes a letter on."""
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef) and function.name not in PASS_ON:
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and _is_mail(call.func) and _letter(call) is None:
                    yield (
                        f"{name}:{call.lineno} promises a letter without naming it: write its name as text there, or "
                        "add the function to PASS_ON in tests/core/mail/promised.py and read what calls it."
                    )


def _is_mail(function: ast.expr) -> bool:
    """Of a unit of work or a decoy; a server's connection has a method of that name too."""
    return isinstance(function, ast.Attribute) and ast.unparse(function) in ("work.mail", "decoy.mail")


def _calls(function: ast.FunctionDef) -> Iterator[ast.Call]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and _letter(node) is not None:
            yield node


def _letter(call: ast.Call) -> str | None:
    """The literal letter of ``work.mail("x", …)``, ``decoy.mail(work, "x", …)``,
    ``_send(work, "x", …)`` and ``_team(work, "x", …)``."""
    match call.func, call.args:
        case ast.Attribute(attr="mail"), [ast.Constant(value=str(letter)), *_]:
            return letter
        case ast.Attribute(value=ast.Name(id="decoy"), attr="mail"), [_, ast.Constant(value=str(letter)), *_]:
            return letter
        case ast.Name(id="_send" | "_team"), [_, ast.Constant(value=str(letter)), *_]:
            return letter
    return None


def _promise(file: Path, function: ast.FunctionDef, call: ast.Call) -> Promise:
    details, secrets = [], []
    for keyword in call.keywords:
        if keyword.arg is None:
            details += _keys(_assigned(function, ast.unparse(keyword.value)))
        elif keyword.arg == "secrets_":
            secrets += _keys(keyword.value)
        elif keyword.arg == "code":  # made only if the letter leaves
            secrets.append("code")
        elif keyword.arg not in _NOT_DETAILS:
            details.append(keyword.arg)
    letter = _letter(call)
    assert letter is not None
    if isinstance(call.func, ast.Name):
        details.append("number")
    return Promise(f"{file.name}:{call.lineno}", letter, tuple(details), tuple(secrets))


def _assigned(function: ast.FunctionDef, name: str) -> ast.expr:
    for node in ast.walk(function):
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == name and node.value is not None:
            return node.value
    raise AssertionError(f"{function.name}: where does {name} come from?")


def _keys(node: ast.expr) -> list[str]:
    assert isinstance(node, ast.Dict)
    return [ast.literal_eval(key) for key in node.keys if key is not None]

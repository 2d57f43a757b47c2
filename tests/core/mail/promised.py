"""Which letters the code promises, and with which values: read off the calls themselves, so that none is forgotten."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import core

_NOT_DETAILS = {"address", "ticket_id", "but", "secrets_", "sent"}
_SAMPLES: dict[str, tuple[Any, ...]] = {
    "ahead": (True, False),
    "account": ("61 1090 1014 0000 0712 1981 2874", ""),
    "back": (True, False),
    "became": ("accepted", "done", "declined"),
    "before": (1, 4),
    "body": ("Proszę sprawdzić **kabel**.\n\nDziękuję",),
    "begins": ("2026-11-20T09:15:00+00:00",),
    "by": ("Adam Lis",),
    "by_plan": (True, False),
    "called_off": (True, False),
    "by_staff": (True, False),
    "code": ("K7QF-M2XD-9PLT-3HWC",),
    "colleague": ("Ola Nowak",),
    "company": ("Tarnina sp. z o.o.", ""),
    "contract": ("U/1001/2025",),
    "corrects": ("FV/6/2026",),
    "device": ("B123456789",),
    "due_on": ("2026-12-04",),
    "email": ("serwis@cieplo.example",),
    "ends": ("2026-11-20T11:15:00+00:00", ""),
    "every": ("month", "once"),
    "form": ("K7QF", ""),
    "gross": (6900, -6900, 0),
    "hours": (24,),
    "installer": ("kto@cieplo.example",),
    "invoice": ("FV/7/2026",),
    "invoice_id": (7,),
    "invoices": ("FV/7/2026, FV/8/2026",),
    "is_address": (True, False),
    "left": (0, 1, 7),
    "level": (2, 3),
    "let_in": (True, False),
    "line": ("PN-00001001",),
    "lines": ("PN-00000001, PN-00000002",),
    "login": ("ola",),
    "message": ("Do zobaczenia\nw piątek", ""),
    "management": (True, False),
    "more": (0, 3),
    "name": ("Ola", ""),
    "number": (1042,),
    "on": (True, False),
    "over": ("2026-11-20T10:15:00+00:00",),
    "phone": ("+48 600 100 200",),
    "place": ("ul. Krzywa 3, Łapsze",),
    "price": (2000,),
    "proved": (True, False),
    "reason": ("Za daleko\nod nas",),
    "right": ("monitoring", "control", "settings"),
    "role": ("agent", "admin"),
    "service": ("Światło 600",),
    "since": ("2026-11-13T09:15:00+00:00",),
    "standing": ("pending", "member", "owner"),
    "state": ("allowed", "denied", "ended"),
    "status": (1, 2, 3, 4, 5, 6),
    "strong": (True, False),
    "subject": ("Zażółć [/] gęślą",),
    "subscription": (True, False),
    "switched_off": (True,),
    "team": ("Ciepłownia Test", ""),
    "title": ("Koparka [/] i światłowód",),
    "to_company": (True, False),
    "waits": (True, False),
    "unpaid": (13800,),
    "until": ("2026-11-20T09:15:00+00:00",),
}


@dataclass(frozen=True)
class Promise:
    """One call that promises a letter."""

    where: str
    letter: str
    details: tuple[str, ...]
    secrets: tuple[str, ...]

    def values(self) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
        """Details and secrets to render it with, in every combination that reads differently."""
        names = (*self.details, *self.secrets)
        for chosen in itertools.product(*(_SAMPLES[name] for name in names)):
            both = dict(zip(names, chosen, strict=True))
            yield {name: both[name] for name in self.details}, {name: both[name] for name in self.secrets}


def promises() -> list[Promise]:
    """All of them in ``core``."""
    folder = Path(core.__file__).parent
    found = []
    for file in sorted(folder.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                found += [_promise(file, function, call) for call in _calls(function)]
    return found


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

"""Who a visitor of the demo can be, and what is lying about to be tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody to be. ``shows`` says in a line, by language, what can be seen as this person; ``by_hand`` is set
    where logging in by hand is the point (an account without a password)."""

    id: int
    login: str
    name: str
    role: str
    company: str
    language: str
    standing: str
    shows: Mapping[str, str]
    authenticator: bool
    by_hand: bool


@dataclass(frozen=True, slots=True)
class FreeContract:
    """A contract nobody has registered yet. ``good_for`` is ``sign_up`` (its company has nobody), ``register`` (it
    has), ``early`` or ``ended`` (to see what the desk says then)."""

    number: str
    code: str
    company: str
    good_for: str


@dataclass(frozen=True, slots=True)
class FreeSubscriber:
    """Somebody without an account yet, to sign up as. ``address`` is one of their own line."""

    name: str
    contract: str
    pesel: str
    address: str


@dataclass(frozen=True, slots=True)
class Cast:
    """What :func:`core.demo.world.build` gives back. ``password`` is everybody's."""

    operator: str
    about: Mapping[str, str]
    password: str
    personas: tuple[Persona, ...]
    contracts: tuple[FreeContract, ...]
    subscribers: tuple[FreeSubscriber, ...]

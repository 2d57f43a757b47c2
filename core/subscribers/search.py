"""How staff find a subscriber: by whatever somebody on the phone says of themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from core.contracts.number import number_key
from core.db.list_search import key_begins
from core.i18n.sanitize import DASHES, fold
from core.models.accounts import Account
from core.models.contracts import Asset, Contract
from core.models.subscribers import Line, LineAddress, Subscriber
from core.service.unit_of_work import ReadContext, table
from core.subscribers import ip_ranges, streets

_subscriber, _contract, _asset = table(Subscriber), table(Contract), table(Asset)
_line, _address, _account = table(Line), table(LineAddress), table(Account)

_SAID = ("name", "street", "postcode", "town", "email", "tax_id")
_DIALLED = re.compile(rf"(?:tel\.?|\+)?[+()\d\s./,{DASHES}]+")
_FEWEST, _FEWEST_ABROAD = 6, 4
"""Digits that make a phone number, or a part of one that tells somebody from others; and after a prefix."""
_ABROAD = re.compile(r"^(?:\+|00)48|^48(?=\d{9}$)")
"""The prefix of Poland, which some write before a number and some don't."""


def words_of(facts: Mapping[str, Any]) -> str:
    """What a subscriber with these columns is found by, folded; a phone as its digits. No PESEL."""
    words = fold(" ".join(facts.get(name) or "" for name in _SAID))
    return f"{words} {_digits(facts.get('phone') or '')}".strip()[:700]


def found_by(look: ReadContext, typed: str) -> sa.ColumnElement[bool]:
    """A condition on subscribers joined to their accounts. An IP address finds the subscriber of its line. Anything
    else is looked for word by word in name, address, e-mail and tax number, as a phone number, and as the beginning of
    a customer's, contract's or line's number, of a line's PPPoE login or town, or of the account's address or the
    domain of it. Signs alone, without a letter or digit, find nobody."""
    try:
        at = ip_ranges.read(typed).low
    except ValueError:
        if not typed.strip():
            return sa.true()
        words = [word for word in _spaced(fold(typed)).split() if any(sign.isalnum() for sign in word)]
        words = streets.without_prefix(words)
        return sa.or_(_said(words), *_dialled(typed), *_begins(typed)) if words else sa.false()
    nearest = sa.select(_address.c.asset_id, _address.c.high).where(_address.c.low <= at)
    row = look.row(nearest.order_by(_address.c.low.desc()).limit(1))
    asset = row.asset_id if row is not None and row.high >= at else 0
    return _subscriber.c.id.in_(sa.select(_asset.c.subscriber_id).where(_asset.c.id == asset))


def _spaced(typed: str) -> str:
    """``ul.Krzywa`` as two words."""
    return re.sub(r"\bul\.(?=\w)", "ul. ", typed)


def _said(words: list[str]) -> sa.ColumnElement[bool]:
    return sa.and_(*(_subscriber.c.words.contains(word, autoescape=True) for word in words))


def _dialled(typed: str) -> list[sa.ColumnElement[bool]]:
    """A phone number, however it is written: within the digits of those that are kept."""
    number = fold(typed)
    if not _DIALLED.fullmatch(number):
        return []
    digits, abroad = _ABROAD.subn("", re.sub(r"[^+\d]", "", number), count=1)
    enough = len(_digits(digits)) >= (_FEWEST_ABROAD if abroad else _FEWEST)
    return [_subscriber.c.words.contains(_digits(digits), autoescape=True)] if enough else []


def _begins(typed: str) -> list[sa.ColumnElement[bool]]:
    number, words = number_key(typed), fold(typed)
    by_contract = sa.select(_contract.c.subscriber_id).where(
        _contract.c.number_key.startswith(number, autoescape=True), _contract.c.subscriber_id.is_not(None)
    )
    by_line = sa.select(_asset.c.subscriber_id).where(
        key_begins(typed, _asset.c.identifier_key), _asset.c.subscriber_id.is_not(None)
    )
    of_line = sa.select(_asset.c.subscriber_id).join_from(_line, _asset, _asset.c.id == _line.c.asset_id)
    by_town = of_line.where(_line.c.town_key.startswith(words, autoescape=True))
    by_login = of_line.where(_line.c.pppoe_login.startswith(typed.strip(), autoescape=True))
    return [
        _subscriber.c.number_key.startswith(number, autoescape=True),
        _subscriber.c.id.in_(by_contract),
        _subscriber.c.id.in_(by_line),
        _subscriber.c.id.in_(by_town),
        _subscriber.c.id.in_(by_login),
        _account.c.email_key.startswith(typed.strip().casefold(), autoescape=True),
        _account.c.email_words.startswith(words, autoescape=True),
        _account.c.email_words.contains(f"@{words}", autoescape=True),
    ]


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)

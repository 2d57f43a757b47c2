"""A contract's number as people write it, and what is kept of the activation code beside it."""

import re

from core.i18n.sanitize import clean_id
from core.security.crypto import Keys


def number_key(number: str) -> str:
    """Contract numbers are one however they are spaced or capitalised."""
    return re.sub(r"\s+", "", clean_id(number, limit=40)).casefold()


def code_mac(keys: Keys, number: str, code: str) -> str:
    """What is kept of an activation code: a MAC with the number in it, blind to case, spaces and dashes."""
    return keys.mac("activation", number_key(number), re.sub(r"[^0-9a-z]", "", clean_id(code).casefold()))

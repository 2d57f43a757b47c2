"""What a code from a mail is for: nobody has to know which of the letters it was."""

from core.accounts.recovery import not_a_code
from core.errors import Invalid
from core.models.accounts import Purpose
from core.service import one_time_codes
from core.service.unit_of_work import ReadContext

ALONE = (
    Purpose.CONFIRM,
    Purpose.RESET,
    Purpose.INVITE,
    Purpose.COMPANY,
    Purpose.MANAGEMENT,
    Purpose.MEMBER,
    Purpose.CARE,
    Purpose.WAY_IN,
)
"""Codes that stand alone and can be typed before logging in."""


def purpose_of(look: ReadContext, typed: str) -> Purpose:
    """What a living code is good for, without using it up. Raises :class:`Invalid` for anything else: whoever has a
    code learns nothing by it, and 80 bits are not guessed."""
    look.require("account.recover")
    for purpose in ALONE:
        if one_time_codes.bound_to(look, purpose, typed) is not None:
            return purpose
    raise Invalid({"code": not_a_code()})

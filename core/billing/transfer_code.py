"""A transfer as a picture that Polish banking apps read: the 2D code of the Polish Bank Association.

*Rekomendacja Związku Banków Polskich dotycząca kodu dwuwymiarowego (2D)*, version 1.0 of 2013: one line of UTF-8 of
at most 160 characters, nine fields with ``|`` between them, error correction L::

    NIP|PL|26 digits|amount in grosze, six digits|recipient, 20|title, 32|||

The last three are kept for the banks. The amount ends at 9999,99 zł; ``000000`` leaves it to the payer.
"""

from __future__ import annotations

from core.i18n.sanitize import clean

NAME, TITLE = 20, 32
"""The most characters of the recipient's name and of the title; an app cuts or refuses longer ones."""
MOST = 999_999
QUIET = 2
"""Light modules around the code: what :mod:`tui.widgets.qr` draws too; whoever prints it leaves 4."""


def payload(recipient: str, account: str, grosze: int, title: str, nip: str = "") -> str:
    """The text of the code. ``account`` is 26 digits (spaces and ``PL`` are forgiven), ``nip`` the recipient's tax
    number or empty. More than 9999,99 zł, and nothing or less to pay, leave the amount to be typed."""
    to_pay = grosze if 0 < grosze <= MOST else 0
    fields = (nip, "PL", digits(account), f"{to_pay:06}", _name(recipient), _field(title, TITLE), "", "", "")
    return "|".join(fields)


def digits(account: str) -> str:
    """An account number without spaces and without the country."""
    return "".join(account.split()).removeprefix("PL")


def grouped(account: str) -> str:
    """An account number as people read it out: ``12 3456 7890 …``, two digits and then fours."""
    bare = digits(account)
    return " ".join([bare[:2], *(bare[at : at + 4] for at in range(2, len(bare), 4))]).strip()


def modules(text: str, *, quiet: int = QUIET) -> tuple[tuple[bool, ...], ...]:
    """The rows of the code, True is dark, with ``quiet`` light modules around it."""
    import segno

    # The encoding is said: left alone, a name whose only accent is ó would come out in Latin-1, which apps misread.
    code = segno.make(text, micro=False, error="l", encoding="utf-8")
    return tuple(tuple(bool(module) for module in row) for row in code.matrix_iter(border=quiet))


def _name(recipient: str) -> str:
    """A long name ends after a whole word when that leaves most of it: half a word looks like a mistake in an app."""
    whole = _field(recipient, 1000)
    cut = _field(recipient, NAME)
    if len(whole) > NAME and whole[NAME] != " " and cut.rfind(" ") > NAME // 2:
        cut = cut[: cut.rfind(" ")]
    return cut


def _field(text: str, limit: int) -> str:
    """``text`` cleaned and cut at its limit; a ``|`` would begin the next field."""
    return clean(clean(text).replace("|", "/"), limit=limit)

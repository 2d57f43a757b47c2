"""Every letter that the desk writes: one declaration each.

From it come who can cause the letter (:mod:`core.service.mail_allowance`), how long its code lives
(:mod:`core.mail.leases`), what administrators read in the outbox, and what the tests write it with. What it says is its
template, a file for each language in ``data/mail`` (:mod:`core.mail.templates`). Nothing of a domain is imported here,
so that the unit of work can hold every letter that is promised against its declaration.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from core.i18n.translation import N_


class Cause(StrEnum):
    """Who can make the desk write a letter."""

    STRANGER = "stranger"
    """Somebody without a session, or somebody with one to an address that nobody has proved."""
    TO_STRANGER = "to_stranger"
    """Somebody with a session. To an address without an account it counts as a stranger's."""
    OWNER = "owner"
    """Nobody but people with accounts, about what is theirs; the staff; or the desk itself."""


@dataclass(frozen=True, slots=True)
class LetterKind:
    """One letter. ``name`` is also its template's, ``label`` the msgid of what administrators read in its place.

    ``fields`` are what a call promises beside the reader, all of them each time; each has values in :data:`SAMPLES`.
    ``code`` is the :class:`core.models.accounts.Purpose` of the code that comes with it, if one does: it is sealed, and
    a letter whose code has died is not sent any more.
    """

    name: str
    label: str
    cause: Cause
    fields: tuple[str, ...]
    code: str = ""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What of it is sealed until it leaves."""
        return ("code",) if self.code else ()

    def samples(self) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
        """Details and secrets to write it with, in every combination that reads differently."""
        for chosen in itertools.product(*(SAMPLES[name] for name in self.fields)):
            yield dict(zip(self.fields, chosen, strict=True)), {name: SAMPLES[name][0] for name in self.secrets}


SAMPLES: Final[dict[str, tuple[Any, ...]]] = {
    "account": ("61 1090 1014 0000 0712 1981 2874", ""),
    "ahead": (True, False),
    "back": (True, False),
    "became": ("accepted", "done", "declined"),
    "before": (1, 4),
    "begins": ("2026-11-20T09:15:00+00:00",),
    "body": ("Proszę sprawdzić **kabel**.\n\nDziękuję",),
    "by": ("Adam Lis",),
    "by_plan": (True, False),
    "by_staff": (True, False),
    "called_off": (True, False),
    "code": ("K7QF-M2XD-9PLT-3HWC",),
    "colleague": ("Ola Nowak",),
    "company": ("Tarnina sp. z o.o.", ""),
    "contract": ("U/1001/2025",),
    "corrects": ("FV/6/2026",),
    "device": ("B123456789",),
    "due_on": ("2026-12-04",),
    "email": ("serwis@cieplo.example",),
    "ended": (True, False),
    "ends": ("2026-11-20T11:15:00+00:00", ""),
    "every": ("month", "once"),
    "fingerprint": ("SHA256:uNiVztksCsDhcc0u9e8BrDBdQ2RcUlPCOG1yYUwlBbk",),
    "form": ("K7QF", ""),
    "gross": (6900, -6900, 0),
    "hours": (24,),
    "installer": ("kto@cieplo.example",),
    "invoice": ("FV/7/2026",),
    "invoice_id": (7,),
    "invoices": ("FV/7/2026, FV/8/2026",),
    "key": ("ola@laptop", ""),
    "keys": ("laptop SHA256:uNiVztksCsDhcc0u9e8BrDBdQ2RcUlPCOG1yYUwlBbk",),
    "left": (0, 1, 7),
    "let_in": (True, False),
    "level": (2, 3),
    "line": ("PN-00001001",),
    "lines": ("PN-00000001, PN-00000002",),
    "login": ("ola",),
    "management": (True, False),
    "message": ("Do zobaczenia\nw piątek", ""),
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
    "source": ("192.0.2.7", ""),
    "standing": ("pending", "member", "owner"),
    "state": ("allowed", "denied", "ended"),
    "status": (1, 2, 3, 4, 5, 6),
    "strong": (True, False),
    "subject": ("Zażółć [/] gęślą",),
    "subscription": (True, False),
    "switched_off": (True, False),
    "team": ("Ciepłownia Test", ""),
    "title": ("Koparka [/] i światłowód",),
    "to_company": (True, False),
    "unpaid": (13800,),
    "until": ("2026-11-20T09:15:00+00:00",),
    "waits": (True, False),
}
"""By field: values that a letter can say, one for each way it may read. A field means the same in every letter."""

_ALL = (
    LetterKind("account_locked", N_("log-ins paused"), Cause.STRANGER, ("until",)),
    LetterKind("address_of_company", N_("address of a company"), Cause.STRANGER, ("company",)),
    LetterKind("confirm_address", N_("confirm the address"), Cause.STRANGER, ("form",), code="confirm"),
    LetterKind(
        "confirm_company",
        N_("company: confirmation"),
        Cause.STRANGER,
        ("company", "management", "form"),
        code="company",
    ),
    LetterKind("confirm_new_address", N_("confirm a new address"), Cause.STRANGER, (), code="email"),
    LetterKind("login_taken", N_("login taken"), Cause.STRANGER, ()),
    LetterKind("member_invited", N_("colleague invited"), Cause.STRANGER, ("company", "back"), code="member"),
    LetterKind("member_known", N_("colleague is known"), Cause.STRANGER, ("company",)),
    LetterKind("reset", N_("code for a password"), Cause.STRANGER, ("login", "name"), code="reset"),
    LetterKind("sign_up_known", N_("has an account already"), Cause.STRANGER, ("login", "name")),
    LetterKind("subscriber_has_account", N_("contract has an account"), Cause.STRANGER, ()),
    LetterKind("subscriber_known", N_("has an account already"), Cause.STRANGER, ("login", "name")),
    LetterKind("care_invitation", N_("invitation"), Cause.TO_STRANGER, ("company", "until"), code="care"),
    LetterKind("invitation_reminder", N_("invitation waits"), Cause.TO_STRANGER, ("company", "until"), code="care"),
    LetterKind(
        "access_answered", N_("answer about access"), Cause.OWNER, ("name", "device", "right", "state", "until")
    ),
    LetterKind(
        "access_asked",
        N_("question about access"),
        Cause.OWNER,
        ("name", "company", "by", "device", "right", "hours", "reason"),
    ),
    LetterKind("address_changed", N_("address changed"), Cause.OWNER, ("name", "login")),
    LetterKind(
        "application_approved",
        N_("application approved"),
        Cause.OWNER,
        ("name", "company", "phone", "email", "device", "level", "message"),
    ),
    LetterKind(
        "application_expired", N_("application ran out"), Cause.OWNER, ("to_company", "name", "company", "device")
    ),
    LetterKind(
        "application_received",
        N_("new application"),
        Cause.OWNER,
        ("place", "name", "company", "device", "level", "until"),
    ),
    LetterKind(
        "application_rejected",
        N_("application rejected"),
        Cause.OWNER,
        ("phone", "email", "reason", "name", "company", "device"),
    ),
    LetterKind(
        "application_reminder", N_("application waits"), Cause.OWNER, ("name", "company", "device", "since", "until")
    ),
    LetterKind(
        "application_sent", N_("application sent"), Cause.OWNER, ("name", "company", "device", "level", "until")
    ),
    LetterKind("application_unknown", N_("installer unknown"), Cause.OWNER, ("name", "installer", "device")),
    LetterKind("application_withdrawn", N_("application withdrawn"), Cause.OWNER, ("name", "device", "company")),
    LetterKind("colleague_decided", N_("decision about joining"), Cause.OWNER, ("let_in", "company")),
    LetterKind(
        "colleague_waits", N_("somebody wants to join"), Cause.OWNER, ("colleague", "login", "company", "proved")
    ),
    LetterKind("company_address_changed", N_("company: new address"), Cause.OWNER, ("company", "management")),
    LetterKind("company_registered", N_("company registered"), Cause.OWNER, ("company", "login", "strong")),
    LetterKind(
        "contract_ending", N_("contract about to end"), Cause.OWNER, ("name", "contract", "until", "subscription")
    ),
    LetterKind("contract_registered", N_("contract registered"), Cause.OWNER, ("number", "company", "standing")),
    LetterKind(
        "correction_issued",
        N_("correcting invoice"),
        Cause.OWNER,
        ("name", "invoice", "corrects", "gross", "due_on", "invoice_id"),
    ),
    LetterKind("device_claimed", N_("device claimed by another"), Cause.OWNER, ("device",)),
    LetterKind("device_copied", N_("remembered log-in copied"), Cause.OWNER, ("name", "device")),
    LetterKind("e_invoices_changed", N_("e-invoices on or off"), Cause.OWNER, ("name", "on")),
    LetterKind(
        "invitation_accepted", N_("invitation accepted"), Cause.OWNER, ("place", "name", "company", "device", "level")
    ),
    LetterKind(
        "invitation_confirmed",
        N_("service begins"),
        Cause.OWNER,
        ("phone", "email", "name", "company", "device", "level"),
    ),
    LetterKind("invitation_declined", N_("invitation declined"), Cause.OWNER, ("name", "company", "email")),
    LetterKind("invitation_expired", N_("invitation ran out"), Cause.OWNER, ("name", "company", "email")),
    LetterKind("invoice_copy", N_("copy of an invoice"), Cause.OWNER, ("name", "invoice", "invoice_id", "by_staff")),
    LetterKind("invoice_issued", N_("invoice"), Cause.OWNER, ("name", "invoice", "gross", "due_on", "invoice_id")),
    LetterKind("key_added", N_("SSH key added"), Cause.OWNER, ("name", "key", "fingerprint", "source", "waits")),
    LetterKind("key_confirmed", N_("SSH key confirmed"), Cause.OWNER, ("name", "key", "fingerprint")),
    LetterKind("key_refused", N_("SSH key refused"), Cause.OWNER, ("name", "key", "fingerprint")),
    LetterKind("key_removed", N_("SSH keys removed"), Cause.OWNER, ("name", "keys", "ended")),
    LetterKind(
        "level_changed",
        N_("access level changed"),
        Cause.OWNER,
        ("before", "level", "name", "company", "device", "to_company"),
    ),
    LetterKind("line_password_changed", N_("password of a line"), Cause.OWNER, ("name", "line", "by_staff")),
    LetterKind("login_code", N_("log-in code"), Cause.OWNER, ("name",), code="login"),
    LetterKind("management_changed", N_("management password"), Cause.OWNER, ("company",)),
    LetterKind("member_joined", N_("colleague has joined"), Cause.OWNER, ("company", "colleague", "login")),
    LetterKind("member_owner", N_("made an owner"), Cause.OWNER, ("name", "company", "strong")),
    LetterKind("member_removed", N_("removed from a company"), Cause.OWNER, ("name", "company")),
    LetterKind("member_reset", N_("password reset"), Cause.OWNER, ("name", "login", "company"), code="reset"),
    LetterKind("member_welcome", N_("joined a company"), Cause.OWNER, ("name", "login", "company")),
    LetterKind(
        "order_decided",
        N_("decision about an order"),
        Cause.OWNER,
        ("number", "name", "service", "became", "reason", "since"),
    ),
    LetterKind(
        "order_placed",
        N_("order confirmed"),
        Cause.OWNER,
        ("number", "name", "service", "price", "every", "line", "since"),
    ),
    LetterKind("outage", N_("outage"), Cause.OWNER, ("name", "title", "lines", "body", "begins", "ends", "ahead")),
    LetterKind(
        "outage_moved", N_("outage: new times"), Cause.OWNER, ("name", "title", "lines", "begins", "ends", "ahead")
    ),
    LetterKind(
        "outage_over",
        N_("outage over"),
        Cause.OWNER,
        ("name", "title", "lines", "begins", "over", "called_off", "by_plan"),
    ),
    LetterKind("outage_spared", N_("outage: not this line"), Cause.OWNER, ("name", "title", "lines", "ahead")),
    LetterKind("password_changed", N_("password changed"), Cause.OWNER, ("login", "name")),
    LetterKind("payment_due", N_("payment due"), Cause.OWNER, ("name", "invoice", "unpaid", "due_on", "account")),
    LetterKind(
        "payment_overdue",
        N_("payment overdue"),
        Cause.OWNER,
        ("name", "invoices", "more", "unpaid", "since", "account", "title"),
    ),
    LetterKind("recovery_code_used", N_("recovery code used"), Cause.OWNER, ("left",)),
    LetterKind("second_step_changed", N_("second step changed"), Cause.OWNER, ("on",)),
    LetterKind(
        "service_ended", N_("service ended"), Cause.OWNER, ("to_company", "switched_off", "name", "company", "device")
    ),
    LetterKind("staff_welcome", N_("account of staff"), Cause.OWNER, ("name", "login", "role"), code="invite"),
    LetterKind("ticket_assigned", N_("ticket given to you"), Cause.OWNER, ("subject", "by", "number")),
    LetterKind("ticket_created", N_("ticket received"), Cause.OWNER, ("subject", "team", "number")),
    LetterKind("ticket_new", N_("ticket for the team"), Cause.OWNER, ("subject", "by", "team", "number")),
    LetterKind("ticket_replied", N_("answer"), Cause.OWNER, ("number", "subject", "by", "body", "team")),
    LetterKind("ticket_status", N_("ticket changed"), Cause.OWNER, ("subject", "status", "number")),
    LetterKind("way_in", N_("code to get in"), Cause.OWNER, ("name",), code="way_in"),
    LetterKind("welcome", N_("account is ready"), Cause.OWNER, ("name", "login", "number", "standing")),
    LetterKind("welcome_alone", N_("account is ready"), Cause.OWNER, ("name", "login")),
    LetterKind("welcome_subscriber", N_("account is ready"), Cause.OWNER, ("name", "login", "contract")),
)
LETTERS: Final = {kind.name: kind for kind in _ALL}
"""By name. A log-in code has an allowance of its own (:func:`core.accounts.pending_login.waiting`), which takes the
right password to use up; so has the code by which an owner gets in past strangers' tries
(:mod:`core.accounts.login_unlock`)."""


class LetterError(TypeError):
    """A letter was promised that is not declared, or with other fields than it is declared with. A mistake of ours."""


def check(letter: str, fields: Collection[str], secrets: Collection[str]) -> None:
    """Raise LetterError unless a letter of this name is declared with just these fields and secrets."""
    kind = LETTERS.get(letter)
    if kind is None:
        raise LetterError(
            f"No letter is called {letter}: declare it in core/service/letters.py, and write what it says in "
            f"data/mail/en/{letter}.txt.j2 and data/mail/pl/{letter}.txt.j2."
        )
    for what, wanted, actual in (("fields", kind.fields, fields), ("secrets", kind.secrets, secrets)):
        missing, foreign = sorted(set(wanted) - set(actual)), sorted(set(actual) - set(wanted))
        if missing or foreign:
            raise LetterError(
                f"The letter {letter} has other {what} than its declaration"
                + (f", it lacks {', '.join(missing)}" if missing else "")
                + (f", it doesn't know {', '.join(foreign)}" if foreign else "")
                + ": change the call, or the letter in core/service/letters.py."
            )


def label(letter: str) -> str:
    """The msgid of what administrators call a letter; its name for one of another version of this program."""
    return LETTERS[letter].label if letter in LETTERS else letter

"""From where a subscriber may sign up.

Necessary, never sufficient: a line may be shared, so PESEL, contract and a mailed code are asked for as well. An IPv6
line is its delegated prefix, so any host behind it counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from core.db.ready import ReadyStatement
from core.errors import Say, say
from core.i18n.translation import N_
from core.models.accounts import Purpose
from core.models.contracts import Asset, Contract, Cover
from core.models.subscribers import LineAddress
from core.service import one_time_codes
from core.service.client_address import Peer
from core.service.unit_of_work import ReadContext, table
from core.subscribers.ip_ranges import place

_address, _asset, _cover, _contract = table(LineAddress), table(Asset), table(Cover), table(Contract)


@dataclass(frozen=True, slots=True)
class Whence:
    """What the sign-up page says before anybody types: the rule in force, and the address one comes from (empty where
    none can be seen). Nothing here depends on any subscriber."""

    rule: str
    address: str

    @property
    def possible(self) -> bool:
        """Whether anybody could sign up from here at all."""
        return self.rule != "require" or bool(self.address)


def whence(look: ReadContext) -> Whence:
    """Where whoever asks comes from."""
    look.require("subscriber.sign_up")
    return Whence(look.settings.subscribers.line_rule, look.peer.address_text)


def phone(look: ReadContext) -> str:
    """Whom to call about it; empty when the desk has no number."""
    look.require("subscriber.sign_up")
    return look.settings.desk.phone


_nearest = ReadyStatement(
    sa.select(_address)
    .where(_address.c.low <= sa.bindparam("at", type_=_address.c.low.type))
    .order_by(_address.c.low.desc())
    .limit(1)
)


def line_at(look: ReadContext, peer: Peer) -> int | None:
    """The line (its asset) whose network holds the peer's address; networks don't overlap, so there is at most one."""
    if peer.address is None:
        return None
    at = place(peer.address)
    row = look.row(_nearest, at=at)
    return int(row.asset_id) if row is not None and row.high >= at else None


def satisfied(look: ReadContext, contract: Contract | None, code: str) -> bool:
    """Whether the rule is met for ``contract``: from a line it covers, or by the office's word where that is allowed.
    As much is asked for no contract."""
    rule = look.settings.subscribers.line_rule
    own = covers(look, contract, line_at(look, look.peer))
    vouched = bool(code) and contract is not None and vouched_for(look, contract.subscriber_id, code)
    return own or rule == "off" or (rule == "staff" and vouched)


def covers(look: ReadContext, contract: Contract | None, line: int | None) -> bool:
    """Whether ``contract`` covers the line (an asset). As much is asked for none."""
    pair = _cover.c.contract_id == (contract.id if contract else 0), _cover.c.asset_id == (line or 0)
    return look.value(sa.select(_cover.c.asset_id).where(*pair)) is not None


def vouched_for(look: ReadContext, subscriber_id: int | None, code: str) -> bool:
    """Whether ``code`` is the office's living word for this subscriber."""
    return subscriber_id is not None and one_time_codes.bound_to(look, Purpose.VOUCH, code) == str(subscriber_id)


def mismatch(look: ReadContext) -> Say:
    """The one answer for a contract that isn't known, a PESEL that isn't its subscriber's, and a line that isn't
    theirs: it depends on the rule and on where one comes from, and on nothing else."""
    rule, address = look.settings.subscribers.line_rule, look.peer.address_text
    if rule == "off":
        return say(N_("PESEL and contract number don't fit together. Please check both."))
    if not address:
        return say(_UNSEEN[rule])
    return say(_SEEN[rule], address=address)


_SEEN = {
    "require": N_(
        "This could not be confirmed. You come from {address}: PESEL, contract and that line must belong together. "
        "Please check both numbers and sign up over your own line, or call us."
    ),
    "staff": N_(
        "This could not be confirmed. You come from {address}: PESEL, contract and that line must belong together. "
        "Please check both numbers; elsewhere than at home you need a code from the office."
    ),
}
_UNSEEN = {
    "require": N_(
        "This could not be confirmed. Sign-up needs PESEL, contract and your own line, and from here no line can be "
        "seen. Please sign up over your own line, or call us."
    ),
    "staff": N_(
        "This could not be confirmed. From here no line can be seen, so beside PESEL and contract you need a code from "
        "the office. Please check all three."
    ),
}

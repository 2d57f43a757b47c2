"""Who may do what, and whose rows are whose: the one reviewed table.

``RULES`` says for every action which roles may do it, and how such a person must stand to the thing; ``HOLDERS`` says
which columns of a row tell how anybody stands to it. :mod:`core.service.policy` answers by them; what is not in the
table is refused. tests/core/service/test_policy.py holds the whole of it against a reviewed golden file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import SQLModel

from core.models.accounts import Account, Device
from core.models.billing import Invoice, Payment, ServiceOrder
from core.models.care import AccessRequest, Application, Grant, Invitation
from core.models.companies import ServiceProfile
from core.models.contracts import Asset, Contract
from core.models.drafts import UnsentForm
from core.models.knowledge import Article
from core.models.ssh_keys import SshKey
from core.models.subscribers import Subscriber
from core.models.tickets import Ticket


class Relation(StrEnum):
    """How an actor stands to a thing."""

    ANY = "any"
    SELF = "self"
    """It is the actor's own: the account itself, or a ticket of somebody without a company."""
    COMPANY = "company"
    """It belongs to the company the actor is a member of."""
    SUBSCRIBER = "subscriber"
    """It belongs to the subscriber whose account the actor is."""
    OWNER = "owner"
    """The same, and the actor may decide about the company's people."""
    PUBLIC = "public"
    """It is there for everybody: an article that has been published."""
    TEAM = "team"
    """The actor's own team handles it: the service company an installer is a member of, the operator for its staff.

    Staff read what service companies are asked and say (the operator answers for the desk), but nothing more: who
    replies to a customer, and how urgent it is, stays with the company the customer chose."""


ANY, SELF, COMPANY, OWNER, TEAM = Relation.ANY, Relation.SELF, Relation.COMPANY, Relation.OWNER, Relation.TEAM
SUBSCRIBER, PUBLIC = Relation.SUBSCRIBER, Relation.PUBLIC

_staff = {"agent": {ANY}, "admin": {ANY}}
_oneself = {"customer": {SELF}, "installer": {SELF}, "agent": {SELF}, "admin": {SELF}}
_own_or_company = {"customer": {SELF, COMPANY}, **_staff}
_holder = {"customer": {COMPANY, SUBSCRIBER}, **_staff}
_subscriber = {"customer": {SUBSCRIBER}, **_staff}
_everybody = {"guest": {PUBLIC}, "customer": {PUBLIC}, "installer": {PUBLIC}, **_staff}
_operator = {"admin": {ANY}, "system": {ANY}}
_both_sides = {"customer": {SELF}, "installer": {COMPANY}, **_staff}
_team = {"installer": {TEAM}, "agent": {TEAM}, "admin": {TEAM}}
_own_or_team = {"customer": {SELF, COMPANY}, **_team}

RULES: Mapping[str, Mapping[str, set[Relation]]] = {
    # before logging in
    "account.sign_up": {"guest": {ANY}},
    "account.log_in": {"guest": {ANY}},
    "account.recover": {"guest": {ANY}},
    "sign_up.confirm": {"guest": {ANY}},
    "sign_up.customer": {"guest": {ANY}},
    "sign_up.end_user": {"guest": {ANY}},
    "sign_up.invited": {"guest": {ANY}},
    "sign_up.installer": {"guest": {ANY}},
    "sign_up.installer_again": {"guest": {ANY}},
    "sign_up.confirm_installer": {"guest": {ANY}},
    "sign_up.confirm_change": {"guest": {ANY}},
    "sign_up.subscriber": {"guest": {ANY}},
    "member.join": {"guest": {ANY}},
    "member.return": {"guest": {ANY}},
    "account.ask_way_in": {"guest": {ANY}},
    "account.enter": {"guest": {ANY}},
    "account.set_password": {"guest": {ANY}},
    "ssh_key.enter": {"guest": {ANY}},
    "ssh_key.confirm": {"guest": {ANY}},
    "ssh_key.refuse": {"guest": {ANY}},
    "desk.set_up": {"guest": {ANY}, "system": {ANY}},
    "desk.appoint": {"system": {ANY}},
    # accounts
    "account.read": {"customer": {SELF, COMPANY, OWNER}, "installer": {SELF, COMPANY}, **_staff},
    "account.change": _oneself,
    "account.details": _oneself,
    "account.password": _oneself,
    "account.ask_address": _oneself,
    "account.take_address": _oneself,
    "account.begin_authenticator": _oneself,
    "account.finish_authenticator": _oneself,
    "account.end_authenticator": _oneself,
    "account.remember_choice": _oneself,
    "account.keep_draft": _oneself,
    "account.forget_draft": _oneself,
    "account.open_again": _oneself,
    "account.go_on": _oneself,
    "account.decide": {"customer": {OWNER}, **_staff},
    "account.unlock": _staff,
    "account.employ": {"admin": {ANY}},
    "account.switch": {"admin": {ANY}},
    "account.import": {"system": {ANY}, "admin": {ANY}},
    "device.read": _oneself,
    "device.forget": _oneself,
    "ssh_key.read": _oneself,
    "ssh_key.add": _oneself,
    "ssh_key.remove": _oneself,
    "ssh_key.know": {"system": {ANY}},
    "draft.read": _oneself,
    # contracts and what they cover
    "contract.read": _holder,
    "contract.register": {"customer": {ANY}},
    "contract.import": {"system": {ANY}, "admin": {ANY}},
    "asset.read": {"customer": {SELF, COMPANY, SUBSCRIBER}, **_staff},
    # subscribers: they see and settle what is theirs, the staff help
    "subscriber.sign_up": {"guest": {ANY}},
    "subscriber.read": _subscriber,
    "subscriber.correct": _staff,
    "subscriber.vouch": _staff,
    "subscriber.import": _operator,
    "line.reveal": {"customer": {SUBSCRIBER}},
    "line.reset": _subscriber,
    "invoice.read": _subscriber,
    "invoice.copy": _subscriber,
    "payment.read": _subscriber,
    "billing.import": _operator,
    "consent.change": {"customer": {SUBSCRIBER}},
    "service.read": {"guest": {ANY}, "customer": {ANY}, "installer": {ANY}, **_staff},
    "order.place": {"customer": {SUBSCRIBER}},
    "order.read": _subscriber,
    "order.withdraw": {"customer": {SUBSCRIBER}},
    "order.decide": _staff,
    # what everybody may read
    "article.read": _everybody,
    "article.create": _staff,
    "article.edit": _staff,
    "article.publish": _staff,
    "article.withdraw": _staff,
    "article.end": _staff,
    # care: the customer decides about the device, the company about its customers; the desk's staff about neither
    "profile.read": {"installer": {COMPANY}, **_staff},
    "profile.change": {"installer": {COMPANY}},
    "profile.unlock": {"installer": {COMPANY}},
    "profile.password": {"installer": {COMPANY}},
    "profile.edit": {"installer": {COMPANY}},
    "profile.send_again": {"installer": {COMPANY}},
    "profile.confirm": {"installer": {COMPANY}},
    "profile.unlimit": _staff,
    "profile.members": {"installer": {OWNER}},
    "member.invite": {"installer": {OWNER}},
    "member.uninvite": {"installer": {OWNER}},
    "member.remove": {"installer": {OWNER}},
    "member.owner": {"installer": {OWNER}},
    "member.reset": {"installer": {COMPANY}},
    "application.apply": {"customer": {ANY}},
    "application.read": _both_sides,
    "application.level": {"customer": {SELF}},
    "application.withdraw": {"customer": {SELF}},
    "application.approve": {"installer": {COMPANY}},
    "application.reject": {"installer": {COMPANY}},
    "invitation.send": {"installer": {COMPANY}},
    "invitation.import": {"installer": {COMPANY}, "system": {ANY}},
    "invitation.read": _both_sides,
    "invitation.again": {"installer": {COMPANY}},
    "invitation.withdraw": {"installer": {COMPANY}},
    "invitation.open": {"guest": {ANY}, "customer": {ANY}},
    "invitation.accept": {"guest": {ANY}, "customer": {ANY}},
    "invitation.decline": {"guest": {ANY}, "customer": {ANY}},
    "grant.read": _both_sides,
    "grant.level": {"customer": {SELF}},
    "grant.end": {"customer": {SELF}},
    "grant.ask": {"installer": {COMPANY}},
    "permission.read": _both_sides,
    "permission.answer": {"customer": {SELF}},
    "permission.stop": {"customer": {SELF}},
    "permission.withdraw": {"installer": {COMPANY}},
    # tickets
    "ticket.read": {"installer": {TEAM}, **_own_or_company},
    "ticket.create": {"customer": {ANY}},
    "ticket.reply": _own_or_team,
    "ticket.note": _team,
    "ticket.take": _team,
    "ticket.assign": _team,
    "ticket.status": _team,
    "ticket.priority": _team,
    "ticket.close": {"customer": {SELF, COMPANY}},
    "ticket.reopen": {"customer": {SELF, COMPANY}},
    # the desk itself
    "mail.read": {"admin": {ANY}, "system": {ANY}},
    "mail.retry": {"admin": {ANY}, "system": {ANY}},
    "journal.read": {"admin": {ANY}, "system": {ANY}},
}


@dataclass(frozen=True, slots=True)
class Holder:
    """Which columns say whose a row is."""

    read: str
    person: str | None = None
    company: str | None = None
    subscriber: str | None = None
    team: str | None = None
    """The service company that handles it; None in it is the operator's own team."""
    public: str | None = None
    """Says ``published`` of what everybody may read."""
    always_own: bool = False
    """The person keeps it whatever company it is in: an account is its person's own, a ticket its company's. What a
    person without a company asked is brought along when they join one, so each list walks one index, never two."""


INSIDE = ("member", "owner")
"""Standings that count: somebody who only asked to join sees nothing, and colleagues don't see them yet."""

HOLDERS: dict[type[SQLModel], Holder] = {
    Account: Holder("account.read", person="id", company="company_id", always_own=True),
    Device: Holder("device.read", person="account_id"),
    SshKey: Holder("ssh_key.read", person="account_id"),
    UnsentForm: Holder("draft.read", person="account_id"),
    Contract: Holder("contract.read", company="company_id", subscriber="subscriber_id"),
    Asset: Holder("asset.read", person="account_id", company="company_id", subscriber="subscriber_id", always_own=True),
    Article: Holder("article.read", public="state"),
    Subscriber: Holder("subscriber.read", subscriber="id"),
    Invoice: Holder("invoice.read", subscriber="subscriber_id"),
    Payment: Holder("payment.read", subscriber="subscriber_id"),
    ServiceOrder: Holder("order.read", subscriber="subscriber_id"),
    ServiceProfile: Holder("profile.read", company="company_id"),
    Application: Holder("application.read", person="customer_id", company="company_id", always_own=True),
    Invitation: Holder("invitation.read", person="customer_id", company="company_id", always_own=True),
    Grant: Holder("grant.read", person="customer_id", company="company_id", always_own=True),
    AccessRequest: Holder("permission.read", person="customer_id", company="company_id", always_own=True),
    Ticket: Holder("ticket.read", person="requester_id", company="company_id", team="team_id"),
}

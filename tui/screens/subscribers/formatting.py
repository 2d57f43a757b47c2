"""How a subscriber's data, contracts and lines are said, to themselves and to an agent."""

from __future__ import annotations

from textual.content import Content

from core.billing.money import amount
from core.billing.statement import Summary
from core.i18n import dates
from core.i18n.translation import N_, _
from core.models.subscribers import SubscriberKind
from core.subscribers.detail import ContractFacts, Here, LineFacts, SubscriberCard, address
from tui.text import plain
from tui.widgets.badge import Look, drawn

Facts = list[tuple[str, Content | str]]
HIDDEN = "••••••••"
STANDS = {
    "active": Look("●", N_("in force"), "$text-success"),
    "soon": Look("!", N_("about to end"), "$text-warning"),
    "expired": Look("×", N_("no longer in force"), "$text-error"),
    "early": Look("○", N_("begins later"), "$text-muted"),
}
"""A subscription's states: an agreement, which support contracts are not, and in Polish another gender."""


def person(card: SubscriberCard) -> Facts:
    """Who they are. The PESEL is what is left of it: two digits."""
    known = card.account_email or card.email
    facts: Facts = [
        (N_("Company") if card.kind == SubscriberKind.COMPANY else N_("Name"), card.name),
        (N_("Address"), address(card.street, card.postcode, card.town)),
        (N_("Customer number"), card.number),
        (N_("PESEL"), card.pesel),
        (N_("NIP"), card.tax_id),
        (N_("E-mail"), known),
        (N_("Phone"), card.phone),
    ]
    return [(label, value) for label, value in facts if value]


def contract(one: ContractFacts) -> Facts:
    """Number, period, fee and state."""
    until = dates.day(one.valid_until) if one.valid_until else _("no end agreed")
    return [
        (N_("No. of contract"), one.number),
        (N_("Period"), f"{dates.day(one.valid_from)} – {until}"),
        (N_("Monthly fee"), amount(one.monthly_fee)),
        (N_("State"), drawn(STANDS[one.state])),
    ]


def line(one: LineFacts, password: str = "") -> Facts:
    """A line; its password only when it was asked for."""
    speed = _("{down} Mbit/s down, {up} Mbit/s up").format(down=one.down_mbit, up=one.up_mbit) if one.down_mbit else ""
    facts: Facts = [
        (N_("Plan"), one.product),
        (N_("Speed"), speed),
        (N_("IP addresses"), "\n".join(one.addresses)),
        (N_("PPPoE login"), one.pppoe_login),
        (N_("PPPoE password"), (plain(password).stylize("bold") if password else HIDDEN) if one.pppoe_login else ""),
        (N_("Active since"), dates.day(one.activated_on)),
        (N_("Installed at"), one.address),
        (N_("No. of contract"), one.contract),
    ]
    return [(label, value) for label, value in facts if value]


def here(now: Here, lines: tuple[LineFacts, ...]) -> Facts:
    """*My address now*, and whether it is one of mine."""
    if not now.address:
        said = plain(_("From this terminal no address can be seen.")).stylize("$text-muted")
        return [(N_("Address"), "—"), ("", said)]
    if now.line:
        said = plain("✓ " + _("That is your line {line}.").format(line=now.line)).stylize("$text-success")
    elif lines:
        said = plain("○ " + _("That is none of your lines.")).stylize("$text-warning")
    else:
        said = Content()
    return [(N_("Address"), now.address), ("", said)]


def money(found: Summary) -> Facts:
    """Where they stand, in words and colour."""
    facts: Facts = [(N_("Balance"), balance(found.balance))]
    if found.overdue and found.since is not None:
        late = _("{amount}, since {day}").format(amount=amount(found.overdue), day=dates.day(found.since))
        facts.append((N_("Overdue"), plain(f"▲ {late}").stylize("bold $text-error")))
    if found.next_due is not None:
        day, wanted = found.next_due
        facts.append((N_("Due next"), _("{amount} on {day}").format(amount=amount(wanted), day=dates.day(day))))
    return facts


def balance(grosze: int) -> Content:
    """Owed, paid ahead, or settled: as a word, not by colour alone."""
    if grosze < 0:
        return plain(_("{amount} to pay").format(amount=amount(-grosze))).stylize("$text-warning")
    if grosze > 0:
        return plain(_("{amount} paid ahead").format(amount=amount(grosze))).stylize("$text-success")
    return plain(_("settled")).stylize("$text-success")

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


def contract(contract_facts: ContractFacts) -> Facts:
    """Number, period, fee and state."""
    until = dates.day(contract_facts.valid_until) if contract_facts.valid_until else _("no end agreed")
    return [
        (N_("No. of contract"), contract_facts.number),
        (N_("Period"), f"{dates.day(contract_facts.valid_from)} – {until}"),
        (N_("Monthly fee"), amount(contract_facts.monthly_fee)),
        (N_("State"), drawn(STANDS[contract_facts.state])),
    ]


def line(line_facts: LineFacts, password: str = "") -> Facts:
    """A line; its password only when it was asked for."""
    speed = (
        _("{down} Mbit/s down, {up} Mbit/s up").format(down=line_facts.down_mbit, up=line_facts.up_mbit)
        if line_facts.down_mbit
        else ""
    )
    facts: Facts = [
        (N_("Plan"), line_facts.product),
        (N_("Speed"), speed),
        (N_("IP addresses"), "\n".join(line_facts.addresses)),
        (N_("PPPoE login"), line_facts.pppoe_login),
        (
            N_("PPPoE password"),
            (plain(password).stylize("bold") if password else HIDDEN) if line_facts.pppoe_login else "",
        ),
        (N_("Active since"), dates.day(line_facts.activated_on)),
        (N_("Installed at"), line_facts.address),
        (N_("No. of contract"), line_facts.contract),
    ]
    return [(label, value) for label, value in facts if value]


def here(now: Here, lines: tuple[LineFacts, ...], *, in_browser: bool) -> Facts:
    """*My address now*, and whether it is one of mine."""
    if not now.address:
        if in_browser:
            unseen = _("From this browser no address can be seen.")
        else:
            unseen = _("From this terminal no address can be seen.")
        sentence = plain(unseen).stylize("$text-muted")
        return [(N_("Address"), "—"), ("", sentence)]
    if now.line:
        sentence = plain("✓ " + _("That is your line {line}.").format(line=now.line)).stylize("$text-success")
    elif lines:
        sentence = plain("○ " + _("That is none of your lines.")).stylize("$text-warning")
    else:
        sentence = Content()
    return [(N_("Address"), now.address), ("", sentence)]


def money(summary: Summary) -> Facts:
    """Where they stand, in words and colour."""
    facts: Facts = [(N_("Balance"), balance(summary.balance))]
    if summary.overdue and summary.since is not None:
        late = _("{amount}, since {day}").format(amount=amount(summary.overdue), day=dates.day(summary.since))
        facts.append((N_("Overdue"), plain(f"▲ {late}").stylize("bold $text-error")))
    if summary.next_due is not None:
        day, wanted = summary.next_due
        facts.append((N_("Due next"), _("{amount} on {day}").format(amount=amount(wanted), day=dates.day(day))))
    return facts


def balance(grosze: int) -> Content:
    """Owed, paid ahead, or settled: as a word, not by colour alone."""
    if grosze < 0:
        return plain(_("{amount} to pay").format(amount=amount(-grosze))).stylize("$text-warning")
    if grosze > 0:
        return plain(_("{amount} paid ahead").format(amount=amount(grosze))).stylize("$text-success")
    return plain(_("settled")).stylize("$text-success")

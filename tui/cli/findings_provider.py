"""What ``okienko check`` looks at for an internet provider: the seller, the catalogue, sign-ups."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from core.errors import DeskError
from core.i18n.translation import _, ngettext
from tui.machine.finding import Finding

if TYPE_CHECKING:
    from core.service.settings import Settings


def contact(settings: Settings) -> Iterator[Finding]:
    """The departments' opening hours; that there are none is worth a word to whoever has subscribers."""
    from core.knowledge.contact import problems  # deferred: start-up, a command loads what it runs

    wrong = problems(settings)
    for name, error in wrong:
        problem = _("{name}: {why}").format(name=name, why=error.text())
        yield Finding(
            "contact", False, problem, _("Correct hours under contact, like mon-fri 9:00-17:00; sat 9:00-14:00.")
        )
    if settings.contact and not wrong:
        number = len(settings.contact)
        yield Finding("contact", True, ngettext("{n} department", "{n} departments", number).format(n=number))
    if not settings.contact and settings.seller.name:
        yield Finding(
            "contact",
            True,
            _("No departments: Contact shows what the desk says of itself."),
            _("Name them with their hours in tables “contact” of okienko.toml."),
        )


def seller(settings: Settings) -> Iterator[Finding]:
    """The check digits of whoever issues invoices; nothing is said where nobody does."""
    from core.billing.invoice_document import right_account, right_nip  # deferred: start-up

    section = settings.seller
    if not section.name:
        return
    wrong = False
    if not right_nip(section.tax_id):
        wrong = True
        yield Finding(
            "seller",
            False,
            _("The NIP is wrong."),
            _("Correct seller.tax_id: ten digits, and the last one has to fit the others."),
        )
    if section.bank_account and not right_account(section.bank_account):
        wrong = True
        yield Finding(
            "seller",
            False,
            _("The bank account is wrong."),
            _("Correct seller.bank_account: 26 digits, of which the first two fit the others."),
        )
    if not wrong:
        yield Finding("seller", True, section.name)


def catalogue(settings: Settings) -> Iterator[Finding]:
    """What subscribers can order."""
    from core.billing import catalogue  # deferred: start-up, a command loads what it runs

    try:
        number = len(catalogue.services(settings))
    except DeskError as error:
        yield Finding("services", False, error.text(), _("Correct services.toml; see data/demo/services.toml."))
        return
    if number:
        yield Finding("services", True, ngettext("{n} service", "{n} services", number).format(n=number))


def own_line(settings: Settings) -> Iterator[Finding]:
    """Whether subscribers can sign up at all, where that is for their own line alone."""
    if not settings.seller.name or settings.subscribers.line_rule != "require":
        return
    if settings.is_served or settings.ssh.kiosk_uid is not None:  # a line is seen there
        return
    problem = _("Subscribers sign up from their own line only, and no line can be seen here.")
    do = _('Open the desk with “okienko serve” (see docs/operating.md), or set subscribers.line_rule = "staff".')
    yield Finding("subscribers", True, problem, do, warning=True)


CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    contact,
    seller,
    catalogue,
    own_line,
)

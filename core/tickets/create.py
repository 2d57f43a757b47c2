"""Opening a ticket: administrative without an asset, technical with assets under active cover.

Who handles it follows from the cover: the operator's team under a contract, the service company under its grant.
"""

import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from core import forms
from core.contracts import coverage
from core.errors import Invalid, Say, say
from core.field import Field, Raw
from core.forms import Choice, FormModel, Label, LongText, OneOf, Text
from core.i18n.translation import N_
from core.models.tickets import Answer, AssetRelation, Event, Message, Priority, Status, Ticket, TicketAsset, TicketKind
from core.products import catalogue
from core.products.definitions import Definition, answers, as_model
from core.service.actions import open_action
from core.service.desk import prepared
from core.service.unit_of_work import ReadContext, UnitOfWork
from core.tickets import notify, search_index

RELATIONS = (
    Choice(AssetRelation.FAULT.value, N_("fault")),
    Choice(AssetRelation.QUESTION.value, N_("question")),
    Choice(AssetRelation.CHANGE.value, N_("change")),
    Choice(AssetRelation.RETURN.value, N_("return")),
)
PRIORITIES = (
    Choice(str(Priority.LOW.value), N_("low")),
    Choice(str(Priority.NORMAL.value), N_("normal")),
    Choice(str(Priority.HIGH.value), N_("high")),
    Choice(str(Priority.URGENT.value), N_("urgent")),
)


class NewTicket(FormModel):
    """What every ticket says; what its product asks beside it comes from the product's definition."""

    subject: Annotated[str, Text(limit=150), Label(N_("Subject"))]
    priority: Annotated[str, OneOf(offered=PRIORITIES), Label(N_("Priority"), default="2")]
    description: Annotated[
        str,
        LongText(limit=20_000),
        Label(
            N_("Description"), help=N_("Markdown: **bold**, *italic*, lists, `code`. What happens, what should happen?")
        ),
    ]


class NewTechnicalTicket(NewTicket):
    """The same with how the ticket relates to its assets."""

    relation: Annotated[
        str, OneOf(offered=RELATIONS), Label(N_("Relation to the assets"), default=AssetRelation.FAULT.value)
    ]


_ORDER = ("subject", "relation", "priority", "description")


@dataclass(frozen=True, slots=True)
class TicketForm:
    """The form for a ticket about some assets (or none): first the ticket's own fields, then the product's."""

    kind: TicketKind
    own: tuple[Field, ...]
    product: tuple[Field, ...]
    definition: Definition | None
    language: str


def ask(look: ReadContext, asset_ids: tuple[int, ...] = ()) -> TicketForm:
    """Which questions a ticket about these assets is asked, in the actor's language."""
    look.require("ticket.create")
    return _asked(look, _covered(look, asset_ids))


def _asked(look: ReadContext, covered: list[coverage.Covering]) -> TicketForm:
    definition = catalogue.definition(covered[0].category) if covered else None
    product = forms.describe(as_model(definition, look.actor.language)) if definition else ()
    kind = TicketKind.TECHNICAL if covered else TicketKind.ADMINISTRATIVE
    own = sorted(forms.describe(_own_model(kind)), key=lambda field: _ORDER.index(field.name))
    return TicketForm(kind, tuple(own), product, definition, look.actor.language)


def _own_model(kind: TicketKind) -> type[NewTicket]:
    return NewTechnicalTicket if kind is TicketKind.TECHNICAL else NewTicket


def check(asked: TicketForm, values: Mapping[str, Raw], only: str | None = None) -> dict[str, Say]:
    """What is wrong so far, over both parts of the form."""
    own, product = split(asked, values)
    errors = forms.check(_own_model(asked.kind), own, only)
    if asked.definition is not None:
        errors |= forms.check(as_model(asked.definition, asked.language), product, only)
    return errors


def split(asked: TicketForm, values: Mapping[str, Raw]) -> tuple[dict[str, Raw], dict[str, Raw]]:
    """The values of the ticket's own fields, and those of the product's."""
    product = {field.name for field in asked.product}
    own = {field.name for field in asked.own}
    return (
        {name: value for name, value in values.items() if name in own},
        {name: value for name, value in values.items() if name in product},
    )


@dataclass(frozen=True, slots=True)
class Ready:
    """A ticket that was found right before the transaction began: read, checked, and its words made."""

    asked: TicketForm
    form: NewTicket
    product_answers: dict[str, Any]
    found_by: str


def _ready(look: ReadContext, values: Mapping[str, Raw], asset_ids: tuple[int, ...] = ()) -> dict[str, Any]:
    """Everything that takes no lock: nobody else's write waits for the reading of a form."""
    look.require("ticket.create")
    covered = _covered(look, asset_ids)
    asked = _asked(look, covered)
    form, product_answers = _filled(look, asked, values)
    texts = [form.subject, form.description, *(value for value in product_answers.values() if isinstance(value, str))]
    named = [f"{each.identifier} {each.vendor} {each.name}" for each in covered]
    return {"ready": Ready(asked, form, product_answers, search_index.words_of(" ".join([*texts, *named])))}


def _filled(look: ReadContext, asked: TicketForm, values: Mapping[str, Raw]) -> tuple[NewTicket, dict[str, Any]]:
    """Both parts of the form, or :class:`Invalid` with what is wrong in either."""
    own, product = split(asked, values)
    errors: dict[str, Say] = {}
    filled: list[Any] = []
    parts: list[tuple[type[FormModel], dict[str, Raw]]] = [(_own_model(asked.kind), own)]
    if asked.definition is not None:
        parts.append((as_model(asked.definition, asked.language), product))
    for model, part in parts:
        try:
            filled.append(forms.fill(model, part))
        except Invalid as wrong:
            errors |= wrong.fields
    if errors:
        raise Invalid(errors)
    if asked.definition is None:
        return filled[0], {}
    return filled[0], dict(answers(asked.definition, filled[1], zoneinfo.ZoneInfo(look.actor.zone)))


@prepared(_ready)
@open_action("ticket.create")
def create(
    work: UnitOfWork, values: Mapping[str, Raw], asset_ids: tuple[int, ...] = (), *, ready: Ready | None = None
) -> int:
    """Open the ticket and return its number. Ticket, answers, history, mail and journal: all of it or nothing.

    The cover is looked at again inside: it may have ended, or been taken away, since the form was read.
    """
    if ready is None:
        ready = _ready(work, values, asset_ids)["ready"]
    covered = _covered(work, asset_ids)
    entitled = covered[0] if covered else None
    team_id = entitled.team_id if entitled else None
    ticket_id = _insert(work, ready, entitled)
    work.add_all(TicketAsset, [{"ticket_id": ticket_id, "asset_id": each.asset_id} for each in covered])
    work.add_all(
        Answer,
        [{"ticket_id": ticket_id, "question": key, "value": value} for key, value in ready.product_answers.items()],
    )
    _begin_conversation(work, ticket_id, ready.form)
    scope = search_index.scope_tokens(Status.NEW, work.actor.company_id, work.actor.account_id or 0, team_id)
    search_index.first(work, ticket_id, ready.found_by, scope)
    notify.created(work, ticket_id, team_id, ready.form.subject)
    work.record("ticket.create", "ticket", ticket_id, kind=ready.asked.kind.value, team=team_id)
    return ticket_id


def _covered(look: ReadContext, asset_ids: tuple[int, ...]) -> list[coverage.Covering]:
    if not asset_ids:
        return []
    coverings = coverage.covering(look, asset_ids)
    if len(coverings) < len(set(asset_ids)):
        raise Invalid({"assets": say(N_("One of these assets is not under active cover (any more). Take it out."))})
    if len({each.category for each in coverings.values()}) > 1:
        raise Invalid({"assets": say(N_("Assets of one kind only, please: each kind has its own questions."))})
    if len({each.team_id for each in coverings.values()}) > 1:
        raise Invalid(
            {"assets": say(N_("Different companies look after these assets. Please open a ticket for each of them."))}
        )
    return list(coverings.values())


def _insert(work: UnitOfWork, ready: Ready, entitled: coverage.Covering | None) -> int:
    asked, form = ready.asked, ready.form
    return work.add(
        Ticket,
        subject=form.subject,
        kind=asked.kind.value,
        relation=form.relation if isinstance(form, NewTechnicalTicket) else AssetRelation.QUESTION.value,
        status=Status.NEW.value,
        priority=int(form.priority),
        company_id=work.actor.company_id,
        requester_id=work.actor.account_id,
        team_id=entitled.team_id if entitled else None,
        contract_id=entitled.contract_id if entitled else None,
        grant_id=entitled.grant_id if entitled else None,
        definition=catalogue.keep(work, asked.definition) if asked.definition else None,
        created_at=work.now,
        changed_at=work.now,
    )


def _begin_conversation(work: UnitOfWork, ticket_id: int, form: NewTicket) -> None:
    author = work.actor.account_id
    message = {"ticket_id": ticket_id, "author_id": author, "body": form.description, "created_at": work.now}
    work.add_all(Message, [message])
    work.add_all(Event, [{"ticket_id": ticket_id, "actor_id": author, "what": "created", "at": work.now}])

"""Opening a ticket: administrative without an asset, technical with assets under active cover (002 p.6-8)."""

import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import sqlalchemy as sa

from core import forms
from core.contracts import catalogue, cover
from core.contracts.definitions import Definition, answers, as_model
from core.errors import Invalid, Say, say
from core.fields import Field, Raw
from core.forms import Ask, Choice, FormModel, LongText, OneOf, Text
from core.tickets import notify, words
from core.tickets.models import Answer, Event, Kind, Message, Priority, Relation, Status, Ticket, TicketAsset
from core.words import N_
from core.work import Look, Work, table

RELATIONS = (
    Choice(Relation.FAULT.value, N_("fault")),
    Choice(Relation.QUESTION.value, N_("question")),
    Choice(Relation.CHANGE.value, N_("change")),
    Choice(Relation.RETURN.value, N_("return")),
)
PRIORITIES = (
    Choice(str(Priority.LOW.value), N_("low")),
    Choice(str(Priority.NORMAL.value), N_("normal")),
    Choice(str(Priority.HIGH.value), N_("high")),
    Choice(str(Priority.URGENT.value), N_("urgent")),
)


class NewTicket(FormModel):
    """What every ticket says; what its product asks beside it comes from the product's definition."""

    subject: Annotated[str, Text(limit=150), Ask(N_("Subject"))]
    priority: Annotated[str, OneOf(offered=PRIORITIES), Ask(N_("Priority"), default="2")]
    description: Annotated[
        str,
        LongText(limit=20_000),
        Ask(
            N_("Description"), help=N_("Markdown: **bold**, *italic*, lists, `code`. What happens, what should happen?")
        ),
    ]


class NewTechnicalTicket(NewTicket):
    """The same with how the ticket relates to its assets."""

    relation: Annotated[str, OneOf(offered=RELATIONS), Ask(N_("Relation to the assets"), default=Relation.FAULT.value)]


_ORDER = ("subject", "relation", "priority", "description")


@dataclass(frozen=True, slots=True)
class Asked:
    """The form for a ticket about some assets (or none): first the ticket's own fields, then the product's."""

    kind: Kind
    own: tuple[Field, ...]
    product: tuple[Field, ...]
    definition: Definition | None
    language: str


def ask(look: Look, asset_ids: tuple[int, ...] = ()) -> Asked:
    """Which questions a ticket about these assets is asked, in the actor's language."""
    look.require("ticket.create")
    asked = _definition(_covered(look, asset_ids)) if asset_ids else None
    product = forms.describe(as_model(asked, look.actor.language)) if asked else ()
    kind = Kind.TECHNICAL if asset_ids else Kind.ADMINISTRATIVE
    own = sorted(forms.describe(NewTechnicalTicket if asset_ids else NewTicket), key=lambda one: _ORDER.index(one.name))
    return Asked(kind, tuple(own), product, asked, look.actor.language)


def check(asked: Asked, values: Mapping[str, Raw], only: str | None = None) -> dict[str, Say]:
    """What is wrong so far, over both parts of the form."""
    own, product = split(asked, values)
    found = forms.check(NewTechnicalTicket if asked.kind is Kind.TECHNICAL else NewTicket, own, only)
    if asked.definition is not None:
        found |= forms.check(as_model(asked.definition, asked.language), product, only)
    return found


def split(asked: Asked, values: Mapping[str, Raw]) -> tuple[dict[str, Raw], dict[str, Raw]]:
    """The values of the ticket's own fields, and those of the product's."""
    product = {field.name for field in asked.product}
    own = {field.name for field in asked.own}
    return (
        {name: value for name, value in values.items() if name in own},
        {name: value for name, value in values.items() if name in product},
    )


def create(work: Work, values: Mapping[str, Raw], asset_ids: tuple[int, ...] = ()) -> int:
    """Open the ticket and return its number. Ticket, answers, history, mail and journal: all of it or nothing."""
    asked = ask(work, asset_ids)
    errors = check(asked, values)
    if errors:
        raise Invalid(errors)
    own, product = split(asked, values)
    form = forms.fill(NewTechnicalTicket if asked.kind is Kind.TECHNICAL else NewTicket, own)
    given = _answers(work, asked, product)
    covering = list(cover.covering(work, asset_ids).values()) if asset_ids else []
    ticket_id = _insert(work, asked, form, covering[0].contract_id if covering else None)
    work.add_all(TicketAsset, [{"ticket_id": ticket_id, "asset_id": asset_id} for asset_id in dict.fromkeys(asset_ids)])
    work.add_all(Answer, [{"ticket_id": ticket_id, "question": key, "value": value} for key, value in given.items()])
    _begin_conversation(work, ticket_id, form)
    found_by = " ".join(
        [str(ticket_id), form.subject, form.description, *_texts(given), *_identifiers(work, asset_ids)]
    )
    scope = words.scope_tokens(Status.NEW, work.actor.company_id, work.actor.account_id or 0)
    words.first(work, ticket_id, found_by, scope)
    notify.created(work, ticket_id, form.subject)
    work.record("ticket.create", "ticket", ticket_id, kind=asked.kind.value)
    return ticket_id


def _answers(work: Work, asked: Asked, values: Mapping[str, Raw]) -> dict[str, object]:
    if asked.definition is None:
        return {}
    filled = forms.fill(as_model(asked.definition, asked.language), values)
    return dict(answers(asked.definition, filled, zoneinfo.ZoneInfo(work.actor.zone)))


def _covered(look: Look, asset_ids: tuple[int, ...]) -> list[cover.Covering]:
    found = cover.covering(look, asset_ids)
    if len(found) < len(set(asset_ids)):
        raise Invalid({"assets": say(N_("One of these assets is not under active cover (any more). Take it out."))})
    if len({one.category for one in found.values()}) > 1:
        raise Invalid({"assets": say(N_("Assets of one kind only, please: each kind has its own questions."))})
    return list(found.values())


def _definition(covered: list[cover.Covering]) -> Definition | None:
    return catalogue.definition(covered[0].category)


def _insert(work: Work, asked: Asked, form: NewTicket, contract_id: int | None) -> int:
    relation = form.relation if isinstance(form, NewTechnicalTicket) else Relation.QUESTION.value
    return work.add(
        Ticket,
        subject=form.subject,
        kind=asked.kind.value,
        relation=relation,
        status=Status.NEW.value,
        priority=int(form.priority),
        company_id=work.actor.company_id,
        requester_id=work.actor.account_id,
        contract_id=contract_id,
        definition=catalogue.keep(work, asked.definition) if asked.definition else None,
        created_at=work.now,
        changed_at=work.now,
    )


def _begin_conversation(work: Work, ticket_id: int, form: NewTicket) -> None:
    author = work.actor.account_id
    message = {"ticket_id": ticket_id, "author_id": author, "body": form.description, "created_at": work.now}
    work.add_all(Message, [message])
    work.add_all(Event, [{"ticket_id": ticket_id, "actor_id": author, "what": "created", "at": work.now}])


def _texts(given: Mapping[str, object]) -> list[str]:
    return [value for value in given.values() if isinstance(value, str)]


def _identifiers(work: Work, asset_ids: tuple[int, ...]) -> list[str]:
    if not asset_ids:
        return []
    from core.contracts.models import Asset, Product

    asset, product = table(Asset), table(Product)
    rows = work.rows(
        sa.select(asset.c.identifier, product.c.vendor, product.c.name)
        .join_from(asset, product, asset.c.product_id == product.c.id)
        .where(asset.c.id.in_(asset_ids))
    )
    return [f"{row.identifier} {row.vendor} {row.name}" for row in rows]

"""Writing the demo's tickets: the ticket itself and everything that hangs on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.db import text_search
from core.demo.plots import Step
from core.demo.ticket_histories import FIRST_NUMBER, Case
from core.models.tickets import (
    Answer,
    Event,
    Message,
    MessageKind,
    Priority,
    Status,
    Ticket,
    TicketAsset,
    TicketKind,
    TicketWords,
)
from core.products import catalogue
from core.service.unit_of_work import UnitOfWork
from core.tickets import search_index


def keep(work: UnitOfWork, made: Sequence[Case]) -> None:
    """Write the tickets with everything that hangs on them, numbered by age."""
    versions = {
        category: catalogue.keep(work, asked)
        for category in {case.story.category for case in made if case.things}
        if (asked := catalogue.definition(category))
    }
    numbered = list(enumerate(made, start=FIRST_NUMBER))
    work.add_all(Ticket, [_ticket(number, case, versions) for number, case in numbered])
    work.add_all(
        TicketAsset,
        [{"ticket_id": number, "asset_id": thing.id} for number, case in numbered for thing in case.things],
    )
    work.add_all(
        Answer,
        [
            {"ticket_id": number, "question": key, "value": value}
            for number, case in numbered
            for key, value in case.answers.items()
        ],
    )
    messages = [(number, case, step, text) for number, case in numbered for step, text in case.messages]
    work.add_all(Message, [_message(*each) for each in sorted(messages, key=lambda each: each[2].at)])
    happened = [(number, case, step) for number, case in numbered for step in case.course.steps]
    work.add_all(Event, [_event(*each) for each in sorted(happened, key=lambda each: each[2].at)])
    work.add_all(TicketWords, [_words(number, case) for number, case in numbered])


def _ticket(number: int, case: Case, versions: dict[str, str]) -> dict[str, Any]:
    course = case.course
    return {
        "id": number,
        "subject": case.subject,
        "kind": (TicketKind.TECHNICAL if case.things else TicketKind.ADMINISTRATIVE).value,
        "relation": case.story.relation,
        "status": course.status.value,
        "priority": case.priority,
        "company_id": case.requester.firm.id if case.requester.firm else None,
        "requester_id": case.requester.id,
        "assignee_id": case.agent.id if course.taken else None,
        "team_id": case.care.service.firm.id if case.care else None,
        "grant_id": case.care.id if case.care else None,
        "contract_id": case.deal.id if case.deal else None,
        "definition": versions.get(case.story.category),
        "created_at": case.created,
        "changed_at": course.changed_at,
        "answered_at": course.answered_at,
        "resolved_at": course.resolved_at,
        "closed_at": course.closed_at,
        "version": course.version,
    }


def _message(number: int, case: Case, step: Step, text: str) -> dict[str, Any]:
    note = step.what == "noted"
    return {
        "ticket_id": number,
        "author_id": (case.agent if step.staff else case.requester).id,
        "staff": step.staff,
        "kind": (MessageKind.NOTE if note else MessageKind.REPLY).value,
        "body": text,
        "created_at": step.at,
    }


def _event(number: int, case: Case, step: Step) -> dict[str, Any]:
    before, after = step.before, step.after
    if step.what == "assignee":
        after = str(case.agent.id)
    elif step.what == "priority":
        was = Priority.NORMAL if case.priority != Priority.NORMAL else Priority.LOW
        before, after = str(was.value), str(case.priority)
    return {
        "ticket_id": number,
        "actor_id": (case.agent if step.staff else case.requester).id,
        "what": step.what,
        "before": before,
        "after": after,
        "at": step.at,
    }


def _words(number: int, case: Case) -> dict[str, Any]:
    public = [text for step, text in case.messages if step.what != "noted"]
    notes = [text for step, text in case.messages if step.what == "noted"]
    typed = [value for value in case.answers.values() if isinstance(value, str)]
    things = [f"{thing.identifier} {thing.vendor} {thing.product}" for thing in case.things]
    found_by = " ".join([str(number), case.subject, *public, *typed, *things])
    firm, team = case.requester.firm, case.care.service.firm.id if case.care else None
    return {
        "ticket_id": number,
        "public": text_search.index_text(found_by),
        "staff": text_search.index_text(" ".join(notes)) if notes else "",
        "scope": search_index.scope_tokens(
            Status(case.course.status), firm.id if firm else None, case.requester.id, team
        ),
    }

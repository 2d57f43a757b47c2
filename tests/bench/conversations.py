"""Tickets as people have them: with answers to the questions of their product, replies of both sides, and a history."""

from __future__ import annotations

from core.models.accounts import Role
from core.service.desk import Desk
from core.tickets import conversation, create, workflow
from tests.factories.desks import contract, person, seat, ticket_values

DESCRIPTION = "The tunnel to the branch drops every hour. " * 6
REPLY = "The light on the front is amber again. " * 4


def written_to(desk: Desk, customer: Desk, number: int, *, replies: int = 3) -> list[int]:
    """So many tickets of a customer, each taken and answered; their numbers.

    The customer needs a company, whose contract is made here.
    """
    agent = seat(desk, person(desk, "answering", Role.AGENT))
    company = customer.see(_company_name)
    _contract, assets = contract(desk, "OK-77", company=company, identifiers=("FW-77", "FW-78"))
    made = []
    for at in range(number):
        ticket = customer.do(create.create, ticket_values(f"No traffic {at}", description=DESCRIPTION), assets)
        if replies:
            agent.do(workflow.take, ticket, holder=None)
        for _turn in range(replies):
            agent.do(conversation.reply, ticket, conversation.StaffReply(body=REPLY, status="3"))
            customer.do(conversation.reply, ticket, conversation.Reply(body=REPLY))
        made.append(ticket)
    return made


def _company_name(look: object) -> str:
    import sqlalchemy as sa

    from core.models.companies import Company
    from core.service.unit_of_work import ReadContext, table

    assert isinstance(look, ReadContext)
    company = table(Company)
    return str(look.value(sa.select(company.c.name).where(company.c.id == look.actor.company_id)))

"""Everything that can be done to a ticket, in the order of the keys."""

from core.tickets import conversation, workflow

ON_TICKET = (
    conversation.reply,
    conversation.note,
    workflow.take,
    workflow.assign,
    workflow.set_status,
    workflow.set_priority,
    workflow.close,
    workflow.reopen,
)

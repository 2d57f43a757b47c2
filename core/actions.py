"""Every action there is: what declares one is imported here, so that whoever walks them all misses none.

A module that declares an action and is not among these is found by tests/core/test_actions.py.
"""

from collections.abc import Mapping

from core.billing import email_copy, orders
from core.care import access_requests, applications, approval, grants, invitation_reply, invitations
from core.installers import invitation_limit
from core.knowledge import edit
from core.mail import admin_list
from core.people import staff
from core.service import actions
from core.service.actions import AnyAction
from core.subscribers import consent, lines, sign_up_codes
from core.subscribers import edit as subscriber_edit
from core.tickets import conversation, create, workflow

DECLARING = (
    admin_list,
    consent,
    edit,
    email_copy,
    invitation_limit,
    lines,
    orders,
    sign_up_codes,
    staff,
    subscriber_edit,
    access_requests,
    applications,
    approval,
    conversation,
    create,
    grants,
    invitation_reply,
    invitations,
    workflow,
)
"""The modules with actions of their own, for whoever reads one domain after the other."""


def every_action() -> Mapping[str, AnyAction]:
    """Each action by its name."""
    return actions.declared()

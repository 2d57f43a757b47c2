"""Every action there is: what declares one is imported here, so that whoever walks them all misses none.

A module that declares an action and is not among these is found by tests/core/test_actions.py.
"""

from collections.abc import Mapping

from core.care import access_requests, applications, approval, grants, invitation_reply, invitations
from core.service import actions
from core.service.actions import AnyAction
from core.tickets import conversation, create, workflow

DECLARING = (
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

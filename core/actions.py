"""Every action there is: what declares one is imported here, so that whoever walks them all misses none.

A module that declares an action and is not among these is found by tests/core/test_actions.py.
"""

from collections.abc import Mapping

from core.accounts import (
    drafts,
    key_login,
    login,
    login_unlock,
    own_password,
    profile,
    recovery,
    second_factor,
    sessions,
    ssh_keys,
)
from core.billing import email_copy, orders
from core.care import access_requests, applications, approval, grants, invitation_reply, invitations
from core.companies import activation, membership
from core.installers import invitation_limit, members
from core.installers import invitations as member_invitations
from core.installers import profile as installer_profile
from core.knowledge import edit
from core.mail import admin_list
from core.people import staff
from core.service import actions
from core.service.actions import AnyAction
from core.sign_up import confirmation, customer, end_user, installer, subscriber
from core.subscribers import consent, lines, sign_up_codes
from core.subscribers import edit as subscriber_edit
from core.tickets import conversation, create, workflow

DECLARING = (
    # before there is an account, and about one's own
    customer,
    end_user,
    installer,
    subscriber,
    confirmation,
    login,
    login_unlock,
    key_login,
    recovery,
    own_password,
    profile,
    second_factor,
    sessions,
    ssh_keys,
    drafts,
    staff,
    # companies and subscribers
    activation,
    membership,
    installer_profile,
    members,
    member_invitations,
    invitation_limit,
    sign_up_codes,
    subscriber_edit,
    lines,
    consent,
    # what they have, ask and read
    applications,
    approval,
    grants,
    access_requests,
    invitations,
    invitation_reply,
    create,
    conversation,
    workflow,
    orders,
    email_copy,
    edit,
    admin_list,
)
"""The modules with actions of their own, for whoever reads one domain after the other."""


def every_action() -> Mapping[str, AnyAction]:
    """Each action by its name."""
    return actions.declared()

"""All models at once, for whoever needs the whole metadata: migrations and the tests of them."""

from core.models import (
    accounts,
    billing,
    care,
    companies,
    contracts,
    devices,
    drafts,
    knowledge,
    mail,
    ssh_keys,
    subscribers,
    tickets,
)
from core.service import audit_log, key_check

__all__ = [
    "accounts",
    "audit_log",
    "billing",
    "care",
    "companies",
    "contracts",
    "devices",
    "drafts",
    "key_check",
    "knowledge",
    "mail",
    "ssh_keys",
    "subscribers",
    "tickets",
]

"""All models at once, for whoever needs the whole metadata: migrations and the tests of them."""

from core.models import accounts, billing, care, companies, contracts, devices, knowledge, mail, subscribers, tickets
from core.service import audit_log, key_check

__all__ = [
    "accounts",
    "audit_log",
    "billing",
    "care",
    "companies",
    "contracts",
    "devices",
    "key_check",
    "knowledge",
    "mail",
    "subscribers",
    "tickets",
]

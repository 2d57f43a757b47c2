"""All models at once, for whoever needs the whole metadata: migrations and the tests of them."""

from core.accounts import models as accounts
from core.billing import models as billing
from core.care import models as care
from core.companies import models as companies
from core.contracts import models as contracts
from core.devices import models as devices
from core.knowledge import models as knowledge
from core.mail import models as mail
from core.security import key_check
from core.service import audit_log
from core.subscribers import models as subscribers
from core.tickets import models as tickets

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

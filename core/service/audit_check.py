"""The journal for whoever may read it, the administrator and the operator's own command line: is it whole?"""

from core.service import audit_log
from core.service.audit_log import Anchor, JournalVerdict
from core.service.unit_of_work import ReadContext, UnitOfWork


def verify(look: ReadContext, since: Anchor | None = None) -> JournalVerdict:
    """Whether no entry was changed and none is missing; ``since`` is a line that was kept elsewhere."""
    look.require("journal.read")
    return audit_log.verify(look.connection, look.keys, since)


def record_key(work: UnitOfWork) -> None:
    """That the operator let the desk go on with another key."""
    work.require("desk.appoint")
    work.record("desk.key")


def anchor(look: ReadContext) -> Anchor:
    """The line to keep elsewhere."""
    look.require("journal.read")
    return audit_log.anchor(look.connection)

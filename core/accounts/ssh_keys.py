"""Stand-in."""

import sqlalchemy as sa

from core.models.ssh_keys import SshKey
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_key = table(SshKey)


def known(look: ReadContext, fingerprint: str) -> bool:
    return (
        look.value(sa.select(sa.func.count()).where(_key.c.fingerprint == fingerprint, _key.c.removed_at.is_(None))) > 0
    )


def enter_for_command(work: UnitOfWork):
    raise NotImplementedError

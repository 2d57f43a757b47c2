"""Client companies by their names: one is the same however it is capitalised or spaced."""

import sqlalchemy as sa

from core.i18n.sanitize import clean, identity
from core.models.companies import Company, CompanyKind
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_company = table(Company)


def known(look: ReadContext, name: str) -> int | None:
    """The client company of this name, if it is here; names are one however they are capitalised or spaced, and two
    if a single accent differs."""
    client = _company.c.kind == CompanyKind.CLIENT.value
    company_id = look.value(sa.select(_company.c.id).where(_company.c.name_key == _key(name), client))
    return None if company_id is None else int(company_id)


def find_or_make(work: UnitOfWork, name: str) -> int:
    """:func:`known`, made if there is none."""
    company_id = known(work, name)
    if company_id is not None:
        return company_id
    return work.add(Company, name=clean(name, limit=120), name_key=_key(name), created_at=work.now)


def _key(name: str) -> str:
    return identity(clean(name, limit=120))[:120]

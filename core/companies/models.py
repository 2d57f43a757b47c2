"""Client companies now; service companies (installers) share the table."""

import datetime as dt
from enum import StrEnum

from sqlmodel import Field, SQLModel

from core.tables import key, one_of


class CompanyKind(StrEnum):
    CLIENT = "client"
    SERVICE = "service"


class Company(SQLModel, table=True):
    __table_args__ = (one_of("kind", "kind", CompanyKind),)

    id: int = key()
    name: str = Field(max_length=120)
    name_key: str = Field(max_length=120, unique=True)
    """Folded name: one company, however its name is capitalised or spaced."""
    kind: str = Field(default=CompanyKind.CLIENT.value, max_length=16)
    created_at: dt.datetime

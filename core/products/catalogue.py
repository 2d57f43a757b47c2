"""The categories of products and the questions a ticket about one is asked, loaded once a process."""

import json
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from core import resources
from core.db.ready import ReadyStatement
from core.models.contracts import StoredDefinition
from core.products.definitions import Catalogue, Definition, load
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_stored = table(StoredDefinition)
_known = ReadyStatement(
    sa.select(_stored.c.version).where(_stored.c.version == sa.bindparam("version", type_=_stored.c.version.type))
)


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """``data/products``; a file that can't be used is left out and named in its ``problems``."""
    return load(resources.folder("products"))


def definition(category: str) -> Definition | None:
    """The questions of a category as they stand today."""
    return catalogue().category(category)


def keep(work: UnitOfWork, asked: Definition) -> str:
    """Store this version of the questions, if it is not yet, and return its name."""
    if work.value(_known, version=asked.version) is None:
        body: dict[str, Any] = json.loads(asked.to_json())
        work.add_all(StoredDefinition, [{"version": asked.version, "category": asked.category, "body": body}])
    return asked.version


def as_asked(look: ReadContext, version: str) -> Definition | None:
    """The questions of an older ticket."""
    current = next((definition for definition in catalogue().definitions if definition.version == version), None)
    if current is not None:
        return current
    body = look.value(sa.select(_stored.c.body).where(_stored.c.version == version))
    return Definition.from_json(json.dumps(body)) if body else None

"""One piece of work at the door: who acts, when, over which connection; and what a use case may do with it.

Reading gives entities (:meth:`ReadContext.find`) or narrow rows (:meth:`ReadContext.rows`); writing is always a
statement of its own (:meth:`UnitOfWork.add`, :meth:`UnitOfWork.change`), never a mutated object flushed later. So what
a use case writes can be read off its lines, conditions stand in the statement that relies on them, and nothing is saved
by accident.
"""

import datetime as dt
import secrets
import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import configure_mappers
from sqlmodel import SQLModel

from core.db.columns import Made
from core.db.ready import ReadyStatement
from core.errors import NotFound
from core.forms import email_address
from core.i18n.translation import N_
from core.models.mail import Outbox
from core.security.crypto import Keys
from core.service import audit_log, letters, policy
from core.service.actor import Actor
from core.service.client_address import LOCAL, Peer
from core.service.settings import Settings

Model = TypeVar("Model", bound=SQLModel)


class Addressee(Protocol):
    """Whoever mail goes to: an account, or any row with these columns."""

    @property
    def id(self) -> int | None: ...
    @property
    def email(self) -> str: ...
    @property
    def language(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Stranger:
    """An address without an account: mail can go there all the same."""

    email: str
    language: str
    id: None = None


def table(model: type[SQLModel]) -> sa.Table:
    """The Core table behind a model."""
    return model.__table__  # type: ignore[attr-defined, no-any-return]


def not_found() -> NotFound:
    """One sentence for what is missing and what is hidden."""
    return NotFound(N_("There is no such thing here, or it is not yours to see."))


@lru_cache(maxsize=64)
def _defaults(model: type[SQLModel]) -> dict[str, Any]:
    """The defaults a model declares; Core inserts don't know them. They are written, and nobody keeps or changes
    them."""
    return {
        name: info.get_default(call_default_factory=True, validated_data={})
        for name, info in model.model_fields.items()
        if name != "id" and not info.is_required()
    }


@lru_cache(maxsize=128)
def _made(model: type[SQLModel]) -> dict[str, Made]:
    return {column.key: column.info["made"] for column in table(model).c if "made" in column.info}


def whole(model: type[SQLModel], values: Mapping[str, Any]) -> dict[str, Any]:
    """A new row with the model's defaults, and with the columns that are made of its own."""
    row = {**_defaults(model), **values}
    for name, how in _made(model).items():
        if name not in values:
            row[name] = how.by(*(row[column] or "" for column in how.of))[: how.limit]
    return row


def changed(model: type[SQLModel], values: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` of an UPDATE, and the columns that are made of them.

    Raises:
        TypeError: A column is made of several, and not all of them are here.
    """
    further = {}
    for name, how in _made(model).items():
        present = [column for column in how.of if column in values]
        if present and name not in values:
            if len(present) < len(how.of):
                raise TypeError(f"{', '.join(how.of)} are written together: {name} is made of them")
            further[name] = how.by(*(values[column] or "" for column in how.of))[: how.limit]
    return {**values, **further}


@lru_cache(maxsize=256)
def _insert(model: type[SQLModel], names: tuple[str, ...], returning: bool) -> ReadyStatement:
    statement = sa.insert(table(model))
    return ReadyStatement(statement.returning(table(model).c.id) if returning else statement, columns=names)


@lru_cache(maxsize=256)
def _update(model: type[SQLModel], names: tuple[str, ...], of_version: bool) -> ReadyStatement:
    columns = table(model).c
    statement = sa.update(table(model)).where(columns.id == sa.bindparam("this_id", type_=columns.id.type))
    if of_version:
        statement = statement.where(columns.version == sa.bindparam("this_version", type_=columns.version.type))
    return ReadyStatement(statement, columns=names)


@policy.made_once
def _find(somebody: Actor, model: type[SQLModel]) -> ReadyStatement:
    this = table(model).c.id == sa.bindparam("this_id", type_=table(model).c.id.type)
    return ReadyStatement(sa.select(table(model)).where(this, policy.scope(somebody, model)))


def entity(model: type[Model], values: Mapping[str, Any]) -> Model:
    """A thing of the values of its columns. It is for reading: what is set on it is written nowhere."""
    made: Model = _maker(model)()
    made.__dict__.update(values)
    return made


@lru_cache(maxsize=128)
def _maker(model: type[SQLModel]) -> Callable[[], Any]:
    """What SQLAlchemy's mapper makes of a row, without a session that would look after it."""
    configure_mappers()
    maker: Callable[[], Any] = sa.inspect(model).class_manager.new_instance
    return maker


class ReadContext:
    """A view of the desk for one actor at one moment. Queries get one; it can't write."""

    def __init__(
        self,
        connection: Connection,
        actor: Actor,
        now: dt.datetime,
        settings: Settings,
        keys: Keys,
        peer: Peer = LOCAL,
    ) -> None:
        self.peer = peer
        self.connection = connection
        self.actor = actor
        self.now = now
        self.settings = settings
        self.keys = keys

    @property
    def today(self) -> dt.date:
        """The day it is for the operator: contracts begin and end by the clocks of the desk's own zone."""
        return self.now.astimezone(zoneinfo.ZoneInfo(self.settings.desk.zone)).date()

    def rows(self, statement: sa.Select[Any] | ReadyStatement, **parameters: Any) -> Sequence[Any]:
        """All rows, as named tuples of the selected columns; ``parameters`` fill the statement's own bind names."""
        if isinstance(statement, ReadyStatement):
            return statement.rows(self.connection, parameters)
        return self.connection.execute(statement, parameters or None).all()

    def row(self, statement: sa.Select[Any] | ReadyStatement, **parameters: Any) -> Any | None:
        """The first row, or None."""
        if isinstance(statement, ReadyStatement):
            return next(iter(statement.rows(self.connection, parameters)), None)
        return self.connection.execute(statement, parameters or None).first()

    def value(self, statement: sa.Select[Any] | ReadyStatement, **parameters: Any) -> Any:
        """The first column of the first row, or None."""
        row = self.row(statement, **parameters)
        return row[0] if row is not None else None

    def unscoped(self, model: type[Model], *where: Any) -> Model | None:
        """One entity by its own columns, *without* the scope that :meth:`scoped` and :meth:`find` begin from: for rules
        that must look past it."""
        row = self.row(sa.select(table(model)).where(*where))
        return entity(model, row._asdict()) if row is not None else None

    def scoped(self, model: type[SQLModel], *columns: Any) -> sa.Select[Any]:
        """A select of ``model`` (or of some columns, joined at will) that starts from what the actor may see."""
        return sa.select(*(columns or (table(model),))).where(policy.scope(self.actor, model))

    def find(self, model: type[Model], id_: int) -> Model:
        """The one with this id within the actor's sight; the same :class:`NotFound` for missing and hidden."""
        row = self.row(_find(self.actor, model), this_id=id_, **policy.parameters(self.actor))
        if row is None:
            raise not_found()
        return entity(model, row._asdict())

    def may(self, action: str, thing: SQLModel | None = None) -> bool:
        return policy.allows(self.actor, action, thing)

    def require(self, action: str, thing: SQLModel | None = None) -> None:
        """Raise :class:`core.errors.Forbidden` unless the actor may."""
        policy.require(self.actor, action, thing)


class UnitOfWork(ReadContext):
    """A :class:`ReadContext` inside one writing transaction."""

    mailed = False
    """Whether this work promised mail: the door wakes the worker then."""
    allows: Callable[["UnitOfWork", str, str], int | None]
    """Whether a letter may go to an address: :func:`core.service.mail_allowance.allows`, put in by the door because it
    counts by what a piece of work can do."""

    def add(self, model: type[SQLModel], **values: Any) -> int:
        """Insert a row and return its id. Left-out columns get the model's defaults."""
        row = whole(model, values)
        return int(_insert(model, tuple(row), True).rows(self.connection, row)[0][0])

    def add_all(self, model: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert many rows at once; nothing happens for none."""
        if rows:
            each = [whole(model, row) for row in rows]
            _insert(model, tuple(each[0]), False).run_many(self.connection, each)

    def change(self, model: type[SQLModel], *where: Any, **values: Any) -> int:
        """Update the rows that meet *all* conditions and return how many did. Put what must still hold into them."""
        return self.connection.execute(sa.update(table(model)).where(*where).values(**changed(model, values))).rowcount

    def change_one(self, model: type[SQLModel], id_: int, *, seen: int | None = None, **values: Any) -> bool:
        """Update the row with this id, of the version ``seen`` if that is given; whether there was such a one."""
        row = changed(model, values)
        parameters = {**row, "this_id": id_, "this_version": seen}
        return _update(model, tuple(row), seen is not None).run(self.connection, parameters) > 0

    def mail(
        self,
        letter: str,
        to: Addressee,
        *,
        address: str = "",
        ticket_id: int | None = None,
        secrets_: Mapping[str, str] | None = None,
        code: Callable[[], str] | None = None,
        **details: Any,
    ) -> int:
        """Promise a letter in this transaction. ``secrets_`` is sealed, and forgotten once it left; so is what ``code``
        makes, for letters that strangers can cause: one that would be too many is not sent, makes no code, and so
        leaves the older one good. Returns the letter's id, or 0 when none leaves
        (:mod:`core.service.mail_allowance`). Raises :class:`core.service.letters.LetterError` for a letter that is not
        declared, or has other fields."""
        letters.check(letter, details, {*(secrets_ or ()), *(["code"] if code is not None else ())})
        over = self.allows(self, letter, address or to.email)
        if over is None:
            return 0
        if over:
            details["others"] = over
        if code is not None:
            secrets_ = {**(secrets_ or {}), "code": code()}
        message_id = self._message_id(ticket_id)
        sealed = None
        if secrets_:
            sealed = self.keys.seal("outbox", _joined(secrets_), message_id)
        letter_id = self.add(
            Outbox,
            letter=letter,
            account_id=to.id,
            ticket_id=ticket_id,
            address=address or to.email,
            language=to.language,
            details=details,
            secrets=sealed,
            message_id=message_id,
            created_at=self.now,
            due_at=self.now,
        )
        self.mailed = True
        return letter_id

    def _message_id(self, ticket_id: int | None) -> str:
        """Fixed for ever and signed, so that a repeat is recognised and an answer can be trusted to be one."""
        domain = email_address.domain_as_sent(self.settings.mail.sender)
        token = f"{ticket_id or 0}.{secrets.token_hex(8)}"
        return f"<okienko.{token}.{self.keys.mac('message-id', token)[:16]}@{domain}>"

    def record(self, action: str, thing: str = "", thing_id: int | None = None, **facts: Any) -> None:
        """Write the journal's entry for this change. Ids and short facts only."""
        audit_log.write(
            self.connection,
            self.keys,
            at=self.now,
            actor=self.actor.journal_name,
            action=action,
            thing=thing,
            thing_id=thing_id,
            facts=facts,
        )


def _joined(values: Mapping[str, str]) -> str:
    import json

    return json.dumps(dict(values), ensure_ascii=False)

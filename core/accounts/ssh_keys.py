"""The SSH keys of an account: one's own, added and removed, and what ends with them.

Adding a key proves nothing, since anybody can have anybody's public key: it waits until a connection has proven it and
whoever comes says that the account is theirs (:mod:`core.accounts.key_login`). Only what this very connection has
proven, and whoever sits here added with their password, need not be asked about.

A new password, an unlock, leaving a company and being switched off remove all keys. It would not do to let them wait
again: somebody who had come into the account and added a key of their own would be the one who is asked.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any

import sqlalchemy as sa

from core.accounts import own_password, pending_login, public_key
from core.accounts.own_password import PasswordNow, own_account
from core.accounts.public_key import PublicKey, PublicKeyLine
from core.errors import Invalid, say
from core.forms import FormError, FormModel, Label, Text
from core.i18n.translation import N_
from core.models.accounts import Account, AccountState, Session
from core.models.ssh_keys import SshKey
from core.service.actions import action, own_action
from core.service.desk import prepared
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_key, _session, _account = table(SshKey), table(Session), table(Account)
_other = _key.alias("other")

MOST = 20
"""Keys of one account."""
REFUSED_FOR = dt.timedelta(days=1)
"""So long an account can't add a key again of which its holder said that the account is not theirs: nobody is asked
about it over and over."""


class NewKey(FormModel):
    """A public key, and the password: whoever finds an open session must not leave a way in behind."""

    line: Annotated[
        str,
        PublicKeyLine(),
        Label(
            N_("Public key"),
            help=N_("The line in a file such as id_ed25519.pub; never the file without .pub."),
            keepable=False,  # somebody may paste the other half
        ),
    ]
    name: Annotated[
        str | None,
        Text(limit=80),
        Label(N_("Name of the key"), help=N_("Such as “laptop”. Empty: the comment in its line.")),
    ] = None
    now: PasswordNow


@dataclass(frozen=True, slots=True)
class OwnKey:
    """One line of *SSH keys*."""

    id: int
    name: str
    kind: str
    """As in :data:`core.accounts.public_key.LABELS`."""
    fingerprint: str
    added_at: dt.datetime
    used_at: dt.datetime | None
    waits: bool
    """Nobody has come with it and said that the account is theirs."""
    here: bool
    """It is the one that this connection has proven."""


def own(look: ReadContext) -> list[OwnKey]:
    """The actor's own keys, the latest added first."""
    columns = (
        _key.c.id,
        _key.c.name,
        _key.c.line,
        _key.c.fingerprint,
        _key.c.added_at,
        _key.c.used_at,
        _key.c.proven_at,
    )
    rows = look.rows(look.scoped(SshKey, *columns).where(_lives()).order_by(_key.c.added_at.desc(), _key.c.id.desc()))
    return [
        OwnKey(
            row.id,
            row.name,
            row.line.partition(" ")[0],
            row.fingerprint,
            row.added_at,
            row.used_at,
            waits=row.proven_at is None,
            here=row.proven_at is not None and row.fingerprint == look.peer.key,
        )
        for row in rows
    ]


def came_with(look: ReadContext) -> list[PublicKey]:
    """The keys that this connection has offered or proven, and that the actor could add: not their own already, and
    not the proven one of somebody else. Of one that was only offered nothing is told, as anybody can offer it."""
    unwanted = {row.fingerprint for row in look.rows(look.scoped(SshKey, _key.c.fingerprint).where(_lives()))}
    if _is_somebodys(look, look.peer.key):
        unwanted.add(look.peer.key)
    keys = {each.fingerprint: each for each in map(_readable, (*_proven_line(look), *look.peer.offered)) if each}
    return [key for key in keys.values() if key.fingerprint not in unwanted]


def _readable(line: str) -> PublicKey | None:
    try:
        return public_key.read(line)
    except FormError:
        return None


def _proven_line(look: ReadContext) -> tuple[str, ...]:
    """The key of which a connection tells nothing but the fingerprint: any account's row has the whole of it."""
    if not look.peer.key:
        return ()
    line = look.value(sa.select(_key.c.line).where(_key.c.fingerprint == look.peer.key).limit(1))
    return () if line is None else (str(line),)


def known(look: ReadContext, fingerprint: str) -> bool:
    """Whether some account has added this key, proven or not: whether it is worth a door's while to have it proven."""
    look.require("ssh_key.know")
    return look.value(sa.select(_key.c.id).where(_key.c.fingerprint == fingerprint, _lives()).limit(1)) is not None


def _lives() -> sa.ColumnElement[bool]:
    return _key.c.removed_at.is_(None)


def somebodys(fingerprint: str) -> sa.ColumnElement[bool]:
    """The condition that the key logs somebody in."""
    proven = _other.c.proven_at.is_not(None), _other.c.removed_at.is_(None)
    return sa.exists().where(_other.c.fingerprint == fingerprint, *proven)


def _is_somebodys(look: ReadContext, fingerprint: str) -> bool:
    return bool(look.value(sa.select(somebodys(fingerprint))))


def _refuse(look: ReadContext, account: Account, key: PublicKey) -> None:
    """Raise :class:`Invalid` for a key that this account can't add now."""
    rows = look.rows(look.scoped(SshKey, _key.c.fingerprint, _key.c.removed_at, _key.c.refused_at))
    own_prints = [row.fingerprint for row in rows if row.removed_at is None]
    if key.fingerprint in own_prints:
        raise Invalid({"line": say(N_("This key is among yours already."))})
    if len(own_prints) >= MOST:
        raise Invalid({"line": say(N_("You have {most} keys, and there can't be more. Remove one first."), most=MOST)})
    refused = [row.refused_at for row in rows if row.fingerprint == key.fingerprint and row.refused_at is not None]
    again = max(refused) + REFUSED_FOR if refused else look.now
    if again > look.now and key.fingerprint != look.peer.key:
        sentence = N_("Whoever has this key said that your account is not theirs. It can be added after {time}.")
        raise Invalid({"line": say(sentence, time=again)})


def _pay(work: UnitOfWork, form: NewKey) -> None:
    """What can't be taken anyway costs no try at the password."""
    _refuse(work, own_account(work), public_key.read(form.line))
    own_password.pay(work)


def _check(look: ReadContext, form: NewKey) -> dict[str, Any]:
    return own_password.check(look, form.now)


@prepared(_check, first=_pay)
@own_action("ssh_key.add", find=own_account)
def add(work: UnitOfWork, account: Account, form: NewKey, *, checked: str | None = None) -> bool:
    """Add a key; its owner hears by mail. Returns whether it waits for the first connection that proves it."""
    own_password.still(work, account, checked)
    key = public_key.read(form.line)
    _refuse(work, account, key)
    proven = key.fingerprint == work.peer.key and not _is_somebodys(work, key.fingerprint)
    name = form.name or key.comment[:80]
    key_id = work.add(
        SshKey,
        account_id=account.id,
        fingerprint=key.fingerprint,
        line=key.line,
        name=name,
        added_at=work.now,
        added_from=work.peer.address_text,
        proven_at=work.now if proven else None,
    )
    work.mail(
        "key_added",
        account,
        name=account.first_name,
        key=name,
        fingerprint=key.fingerprint,
        source=work.peer.address_text,
        waits=not proven,
    )
    work.record("ssh_key.add", "account", account.id, key=key_id, waits=not proven)
    return not proven


@action("ssh_key.remove", on=SshKey)
def remove(work: UnitOfWork, key: SshKey) -> None:
    """Remove one of the actor's own keys. Whoever came by it is out, but for the session in which that is being
    done."""
    _take_off(work, key.account_id, _key.c.id == key.id, spared=work.actor.session_id, ended=False)


def end_all(work: UnitOfWork, account_id: int, *, but: int | None = None) -> None:
    """Remove all keys of an account, but the one that the session ``but`` came by: its owner has just shown the
    password there."""
    key_here = sa.select(_session.c.ssh_key_id).where(_session.c.id == but, _session.c.ssh_key_id.is_not(None))
    _take_off(work, account_id, _key.c.id.not_in(key_here), spared=but, ended=True)


def _take_off(work: UnitOfWork, account_id: int, *which: Any, spared: int | None, ended: bool) -> None:
    mine = _key.c.account_id == account_id
    keys = work.rows(sa.select(_key.c.id, _key.c.name, _key.c.fingerprint).where(mine, _lives(), *which))
    ids = [key.id for key in keys]
    if not ids or work.change(SshKey, _key.c.id.in_(ids), _lives(), removed_at=work.now) == 0:
        return
    others = _session.c.id != spared if spared is not None else sa.true()
    by_them = _session.c.account_id == account_id, _session.c.ssh_key_id.in_(ids)
    work.change(Session, *by_them, _session.c.ended_at.is_(None), others, ended_at=work.now)
    pending_login.give_up(work, account_id)
    account = work.unscoped(Account, _account.c.id == account_id, _account.c.state == AccountState.ACTIVE.value)
    if account is not None:
        named = ", ".join(f"{key.name} {key.fingerprint}".strip() for key in keys)
        work.mail("key_removed", account, name=account.first_name, keys=named, ended=ended)
    work.record("ssh_key.remove", "account", account_id, keys=ids)


def book_use(work: UnitOfWork, account_id: int, *, authenticator: bool) -> int | None:
    """Somebody logs in: note it on the account's own key that this connection has proven, if it has.

    Args:
        authenticator: Whether a code of the account's authenticator was part of this log-in.

    Returns:
        The key's id, for the session.
    """
    proven = _key.c.fingerprint == work.peer.key, _key.c.proven_at.is_not(None), _lives()
    mine = _key.c.account_id == account_id, *proven
    key_id = work.value(sa.select(_key.c.id).where(*mine)) if work.peer.key else None
    if key_id is None:
        return None
    times = {"authenticator_at": work.now} if authenticator else {}
    work.change(SshKey, _key.c.id == key_id, used_at=work.now, **times)
    return int(key_id)

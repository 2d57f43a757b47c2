"""The demonstration's desk as a real one, with an agent who comes by key."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from core.accounts import sessions
from core.demo import world
from core.models.accounts import Account
from core.models.ssh_keys import SshKey
from core.service.desk import Desk
from core.service.settings import Settings
from core.service.unit_of_work import UnitOfWork, table
from tests.factories.keys import ed25519_key

AGENT_KEY = ed25519_key("bench")


def make(folder: Path) -> None:
    """Eighteen months of tickets, customers and mail in ``folder``, and the key of one of the agents."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    desk = Desk.open(world.settings(folder))
    world.build(desk)
    desk.as_system().do(_add_key)
    desk.close()


def _agent(work: UnitOfWork) -> Account:
    account = work.unscoped(Account, table(Account).c.role == "agent", table(Account).c.login == _first_agent(work))
    assert account is not None
    return account


def _first_agent(work: UnitOfWork) -> str:
    column = table(Account).c.login
    chosen = sa.select(sa.func.min(column)).where(table(Account).c.role == "agent", table(Account).c.state == "active")
    return str(work.value(chosen))


def _add_key(work: UnitOfWork) -> None:
    account = _agent(work)
    row = {
        "account_id": account.id,
        "name": "bench",
        "line": AGENT_KEY.line,
        "fingerprint": AGENT_KEY.fingerprint,
        "added_at": work.now,
        "added_from": "",
        "proven_at": work.now,
    }
    work.add_all(SshKey, [row])


def remember(folder: Path) -> None:
    """The program finds the agent logged in on this computer from now on."""
    desk = Desk.open(Settings(data_dir=folder, security={"second_step": {"agent": "off"}}))  # type: ignore[arg-type]

    def begin(work: UnitOfWork) -> str:
        return sessions.begin(work, _agent(work), remember=True, label="bench").token or ""

    token = desk.as_system().do(begin)
    desk.close()
    state = folder / "state"
    state.mkdir(mode=0o700, exist_ok=True)
    (state / "remembered").write_text(token, encoding="ascii")

"""One action, one declaration: what a person can do to a thing, said once, beside the function that does it.

From the declaration come the scoped search for the thing, the question for the right, the question whether it can be
done *now*, and :func:`available`, which screens ask so that a key that does nothing can say why. Rights stay in one
reviewed table: an action is named like its row in :mod:`core.permissions`.

    @action("ticket.close", on=Ticket, when=reason_against_closing)
    def close(work: UnitOfWork, ticket: Ticket, *, seen: int) -> None:

is called with the ticket's id: ``desk.do(workflow.close, 17, seen=3)``.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import update_wrapper
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from sqlmodel import SQLModel

from core.errors import Conflict, DeskError, Forbidden, Say, say
from core.i18n.translation import N_
from core.permissions import RULES
from core.service import policy
from core.service.actor import Actor
from core.service.unit_of_work import ReadContext, UnitOfWork

Thing = TypeVar("Thing", bound=SQLModel)
P = ParamSpec("P")
R = TypeVar("R")

Reason = Callable[[ReadContext, Thing], Say | None]
"""Why something can't be done to a thing now; None when it can."""

Denial = Callable[[ReadContext, Thing], Say]
"""What is said to whoever sees a thing and has no right to do it."""

NOT_YOURS = say(N_("You may not do this."))


def not_yours(_look: ReadContext, _thing: SQLModel) -> Say:
    """The denial that gives nothing away."""
    return NOT_YOURS


def never_against(_look: ReadContext, _thing: SQLModel) -> None:
    """The reason of an action that only asks for a right."""


class Action(Generic[Thing, P, R]):
    """What can be done to one thing. A use case: called with the thing's id in its place."""

    def __init__(
        self,
        name: str,
        on: type[Thing],
        run: Callable[Concatenate[UnitOfWork, Thing, P], R],
        *,
        when: Reason[Thing],
        denied: Denial[Thing],
        find: Callable[[ReadContext, int], Thing] | None,
    ) -> None:
        self.name = name
        self.on = on
        self.run = run
        self.when = when
        self.denied = denied
        self._find = find
        update_wrapper(self, run)

    def __call__(self, work: UnitOfWork, id_: int, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Do it, to the thing with this id.

        Raises:
            NotFound: missing, or not visible to the actor.
            Forbidden: the actor has no right to it.
            Conflict: it can't be done now.
        """
        thing = self.thing(work, id_)
        refusal = self.refusal(work, thing)
        if refusal is not None:
            raise refusal
        return self.run(work, thing, *args, **kwargs)

    def thing(self, look: ReadContext, id_: int) -> Thing:
        """The thing with this id within the actor's sight."""
        return look.find(self.on, id_) if self._find is None else self._find(look, id_)

    def refusal(self, look: ReadContext, thing: Thing) -> DeskError | None:
        """What an attempt would raise before it began; None when it would begin."""
        if not look.may(self.name, thing):
            return Forbidden(self.denied(look, thing))
        reason = self.when(look, thing)
        return None if reason is None else Conflict(reason)


class OpenAction(Generic[P, R]):
    """What can be done without a thing it is done to: sign up, open a ticket."""

    def __init__(self, name: str, run: Callable[Concatenate[UnitOfWork, P], R]) -> None:
        self.name = name
        self.run = run
        update_wrapper(self, run)

    def __call__(self, work: UnitOfWork, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Do it. Raises Forbidden when the actor has no right to it."""
        work.require(self.name)
        return self.run(work, *args, **kwargs)


class OwnAction(Generic[Thing, P, R]):
    """What somebody does to a thing of their own, of which there is one: their account, their company's profile."""

    def __init__(
        self, name: str, run: Callable[Concatenate[UnitOfWork, Thing, P], R], *, find: Callable[[ReadContext], Thing]
    ) -> None:
        self.name = name
        self.run = run
        self.find = find
        update_wrapper(self, run)

    def __call__(self, work: UnitOfWork, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Do it. Raises Forbidden when the actor has no right to it, and whatever ``find`` raises without the thing."""
        thing = self.find(work)
        work.require(self.name, thing)
        return self.run(work, thing, *args, **kwargs)


AnyAction = Action[Any, ..., Any] | OpenAction[..., Any] | OwnAction[Any, ..., Any]

_declared: dict[str, AnyAction] = {}


class UndeclaredRight(Exception):
    """An action that nobody can ever do, because the table of rights doesn't know it."""


def _declare(action: AnyAction) -> None:
    where = f"{action.__module__}.{action.__name__}"  # type: ignore[union-attr]
    if action.name not in RULES:
        raise UndeclaredRight(f"{where} is the action {action.name!r}: give it a row in RULES of core/permissions.py")
    twin = _declared.setdefault(action.name, action)
    if twin is not action and (twin.__module__, twin.__name__) != (action.__module__, action.__name__):  # type: ignore[union-attr]
        raise UndeclaredRight(f"{where} is a second action {action.name!r}: give it a name and a row of its own")


def action(
    name: str,
    *,
    on: type[Thing],
    when: Reason[Thing] = never_against,
    denied: Denial[Thing] = not_yours,
    find: Callable[[ReadContext, int], Thing] | None = None,
) -> Callable[[Callable[Concatenate[UnitOfWork, Thing, P], R]], Action[Thing, P, R]]:
    """Declare what a function does to a thing.

    Args:
        name: ``thing.verb``, as in :data:`core.permissions.RULES`.
        on: The model of the thing, which is found within the actor's scope.
        when: The reason why it can't be done now, for whoever has the right.
        denied: What is said to whoever has no right, but sees the thing.
        find: Another way to the thing than by its own id.
    """

    def declare(run: Callable[Concatenate[UnitOfWork, Thing, P], R]) -> Action[Thing, P, R]:
        declared = Action(name, on, run, when=when, denied=denied, find=find)
        _declare(declared)
        return declared

    return declare


def open_action(name: str) -> Callable[[Callable[Concatenate[UnitOfWork, P], R]], OpenAction[P, R]]:
    """Declare what a function does, to nothing in particular. ``name`` as in :data:`core.permissions.RULES`."""

    def declare(run: Callable[Concatenate[UnitOfWork, P], R]) -> OpenAction[P, R]:
        declared = OpenAction(name, run)
        _declare(declared)
        return declared

    return declare


def own_action(
    name: str, *, find: Callable[[ReadContext], Thing]
) -> Callable[[Callable[Concatenate[UnitOfWork, Thing, P], R]], OwnAction[Thing, P, R]]:
    """Declare what a function does to the actor's own thing, which ``find`` brings."""

    def declare(run: Callable[Concatenate[UnitOfWork, Thing, P], R]) -> OwnAction[Thing, P, R]:
        declared = OwnAction(name, run, find=find)
        _declare(declared)
        return declared

    return declare


def declared() -> Mapping[str, AnyAction]:
    """Every action of the modules that were imported, by its name (:mod:`core.actions` imports them all)."""
    return _declared


Available = Mapping[str, Say | None]
"""Action's name to None, or to the reason why it can't be done now."""


def offered(actor: Actor, reasons: Iterable[tuple[AnyAction, Say | None]]) -> Available:
    """:data:`Available` for the row of a list: what the actor's role can ever do, with reasons that the row tells.
    Whose the row is was settled when it was read within the actor's scope."""
    return {each.name: reason for each, reason in reasons if policy.allowed_relations(actor, each.name)}


def available(look: ReadContext, thing: Thing, actions: Iterable[Action[Thing, ..., Any]]) -> Available:
    """Which of ``actions`` the actor can do to ``thing`` now.

    Returns:
        Each action that the actor's role can ever do, with None or the reason against it. What a role never does is
        left out: it has no key for it either.
    """
    reasons: dict[str, Say | None] = {}
    denials: dict[Denial[Thing], Say] = {}  # one sentence for a whole row of keys: it may read a name for it
    for each in actions:
        if look.may(each.name, thing):
            reasons[each.name] = each.when(look, thing)
        elif policy.allowed_relations(look.actor, each.name):
            if each.denied not in denials:
                denials[each.denied] = each.denied(look, thing)
            reasons[each.name] = denials[each.denied]
    return reasons

"""One recipe for everybody who signs up: a form is kept, its code is mailed, and with the code an account begins.

Each kind declares itself as a :class:`Recipe` and writes down what is its own: what it checks before anything is kept,
which tries it counts, and what begins with the account. The steps between are :mod:`core.accounts.registration`.

An installer company goes its own way in the middle, for it has two addresses: two codes, each sent again by itself,
and an account only after both. It shares the end of the form, what is kept, the proof and the account.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, Protocol, TypeVar

from pydantic import SecretStr

from core.accounts import registration as account_registration
from core.accounts.registration import Proof, RegistrationRequest
from core.accounts.sign_up_form import KEPT_OF_EVERYBODY, EverySignUp
from core.models.accounts import Purpose, Registration, RegistrationKind
from core.security import passwords
from core.service.desk import prepared
from core.service.unit_of_work import ReadContext, UnitOfWork

Came = TypeVar("Came")
"""What has come of a sign-up, to be shown."""
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Recipe(Generic[Came]):
    """How one kind of sign-up differs from the others.

    Raises:
        TypeError: It names a field that its form doesn't ask.
    """

    kind: RegistrationKind
    asks: type[EverySignUp]
    enter: Callable[[UnitOfWork, Registration], Came]
    """What begins when the code has come back."""
    keeps: tuple[str, ...] = ()
    """Fields that wait for the code, beside those that everybody is asked. What only proves something is none."""
    login: str = "login"
    """Which field is the account's login."""
    email: str = "email"
    """Which field is the account's address."""

    def __post_init__(self) -> None:
        unknown = {self.login, self.email, *self.keeps} - self.asks.model_fields.keys()
        if unknown:
            raise TypeError(f"{self.asks.__name__} doesn't ask {', '.join(sorted(unknown))}")

    def request(
        self,
        form: EverySignUp,
        hashed: str,
        *,
        contract_id: int | None = None,
        notice_email: str = "",
        management_hash: str = "",
    ) -> RegistrationRequest:
        """The form as it is kept until its code comes back. A field that was left blank is left out: its column has a
        default of its own."""
        details = {name: getattr(form, name) for name in (*self.keeps, *KEPT_OF_EVERYBODY)}
        return RegistrationRequest(
            self.kind,
            getattr(form, self.login),
            getattr(form, self.email),
            getattr(form, "language"),  # noqa: B009 - each form asks it in its own place
            hashed,
            {name: value for name, value in details.items() if value is not None},
            contract_id,
            notice_email,
            management_hash,
        )


class WithPassword(Protocol):
    """A form that asks for the account's password."""

    @property
    def password(self) -> SecretStr: ...


def hash_password(_look: ReadContext, form: WithPassword, receipt: str = "") -> dict[str, Any]:
    """The slow part of taking a form, done before the transaction."""
    return {"hashed": passwords.hash(form.password.get_secret_value())}


def by_code(*purposes: Purpose) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Of a use case that takes the code of a sign-up: a try is booked and the form is proved to be theirs before its
    transaction begins. The use case is given the form's ``mark``."""

    def pay(work: UnitOfWork, typed: str, proof: Proof, login: str = "") -> None:
        account_registration.knock(work, typed, proof, *purposes)

    def prove(look: ReadContext, typed: str, proof: Proof, login: str = "") -> dict[str, Any]:
        return {"mark": account_registration.proved(look, typed, proof, *purposes)}

    return prepared(prove, first=pay)

"""What several forms ask in the same words: a login, a name, which language, a new password, and the same once more."""

from typing import Annotated

from pydantic import SecretStr

from core.errors import say
from core.forms import Choice, Email, FormError, Label, LoginName, OneOf, Secret, Text, same_as
from core.i18n.translation import N_
from core.security import passwords

SPOKEN = (Choice("pl", "polski"), Choice("en", "English"))
"""The languages of screens and mail, each by its own name."""

DIFFER = say(N_("The two passwords differ. Type the same one twice."))

Login = Annotated[
    str,
    LoginName(),
    Label(N_("Login"), help=N_("3–64 letters, digits and . _ - @. It can never be changed."), section=N_("You")),
]
"""The first field of a form."""
CodeAddress = Annotated[str, Email(), Label(N_("E-mail"), help=N_("A code is sent there."))]
FirstName = Annotated[str, Text(limit=80), Label(N_("First name"))]
LastName = Annotated[str, Text(limit=80), Label(N_("Last name"))]

Language = Annotated[str, OneOf(offered=SPOKEN), Label(N_("Language"), help=N_("Of the screens and of your mail."))]

NewPassword = Annotated[
    SecretStr, Secret(), Label(N_("Password"), help=N_("At least 8 characters; a few words are best."))
]
OwnPassword = Annotated[
    SecretStr,
    Secret(),
    Label(N_("Password"), help=N_("At least 8 characters; a few words are best."), section=N_("Password")),
]
"""The same, under a heading of its own."""
PasswordAgain = Annotated[SecretStr, Secret(), same_as("password", DIFFER), Label(N_("Password again"))]


def password_will_do(password: SecretStr, *known: str) -> None:
    """Refuse one that is too short, too common, or says what is ``known`` of its owner; at the field ``password``."""
    problem = passwords.problem(password.get_secret_value(), alone=False, context=known)
    if problem:
        raise FormError("password", problem)

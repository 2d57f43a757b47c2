"""What an installer company says about itself: one form, for signing up and for editing."""

import unicodedata
import urllib.parse
from dataclasses import dataclass
from typing import Annotated

from pydantic import SecretStr, model_validator

from core.accounts import form_fields
from core.accounts.address_owner import own_address_only
from core.accounts.sign_up_form import EverySignUp
from core.errors import Invalid, say
from core.forms import (
    Email,
    FieldKind,
    FormError,
    FormModel,
    Label,
    LoginName,
    Number,
    OneOf,
    Phone,
    Secret,
    Text,
    countries,
    email_address,
    same_as,
)
from core.i18n.translation import N_
from core.security import passwords
from core.service.unit_of_work import ReadContext

OLDEST = 1800
"""No company of this trade was founded before."""
MOST_PEOPLE = 1_000_000


@dataclass(frozen=True)
class WebAddress(FieldKind):
    """``https://`` or ``http://`` and a host with a dot in it; the scheme may be left out when typing."""

    name = "text"
    limit: int = 200

    def read(self, text: str) -> str:
        wanted = say(N_("A web address looks like https://example.com."))
        whole = text if "://" in text else f"https://{text}"
        try:
            parts = urllib.parse.urlsplit(whole)
            host, _port = parts.hostname or "", parts.port
        except ValueError:
            raise FormError("", wanted) from None
        plain = not any(sign.isspace() for sign in whole) and "@" not in parts.netloc
        if parts.scheme not in ("http", "https") or not plain or not all(host.split(".")) or "." not in host:
            raise FormError("", wanted)
        if len(whole) > self.limit:
            raise FormError("", say(N_("At most {limit} characters."), limit=self.limit))
        return whole


class CompanyFields(FormModel):
    """The company itself. ``email`` is where notifications go; ``founded`` is a year, checked against the clock by
    :func:`check_year`."""

    company: Annotated[str, Text(limit=120), Label(N_("Company name"), section=N_("Company"))]
    country: Annotated[
        str, OneOf(offered=countries.choices), Label(N_("Country"), help=N_("Enter opens the list."), default="PL")
    ]
    zone: Annotated[str, OneOf(offered=countries.zones), Label(N_("Time zone"), help=N_("Enter opens the list."))]
    phone: Annotated[str, Phone(), Label(N_("Phone"), help=N_("With + and the country code, or as dialled in Poland."))]
    email: Annotated[
        str,
        Email(),
        Label(N_("Notification e-mail"), help=N_("Customers apply to it. A mailing list of your people is best.")),
    ]
    url: Annotated[str | None, WebAddress(), Label(N_("Web address"))] = None
    founded: Annotated[int | None, Number(low=OLDEST, high=2199), Label(N_("Founded in"))] = None
    employees: Annotated[int | None, Number(low=1, high=MOST_PEOPLE), Label(N_("Number of employees"))] = None
    language: Annotated[
        str,
        OneOf(offered=form_fields.SPOKEN),
        Label(N_("Language of mail"), help=N_("Letters to the company are written in it.")),
    ]


def two_addresses(email: str, management_email: str) -> None:
    """Notifications go to many people; what the company's data is edited with must not."""
    if email_address.normal(email) == email_address.normal(management_email):
        what = say(N_("This must be another address than the one for notifications."))
        raise FormError("management_email", what)


def check_year(look: ReadContext, form: CompanyFields) -> None:
    """Nobody was founded in a year that has not come."""
    if form.founded is not None and form.founded > look.today.year:
        what = say(N_("The number must lie between {low} and {high}."), low=OLDEST, high=look.today.year)
        raise Invalid({"founded": what})


class ServiceSignUp(CompanyFields, EverySignUp):
    """The whole form: the company, its first person, and the pair that is asked for before its data is edited."""

    login: Annotated[
        str,
        LoginName(),
        Label(
            N_("Login"),
            help=N_("3–64 letters, digits and . _ - @. It can never be changed or given to anybody again."),
            section=N_("You"),
        ),
    ]
    first_name: Annotated[
        str | None, Text(limit=80), Label(N_("First name"), help=N_("Customers and colleagues see it."))
    ] = None
    last_name: Annotated[str | None, Text(limit=80), Label(N_("Last name"))] = None
    password: form_fields.NewPassword
    again: form_fields.PasswordAgain
    management_email: Annotated[
        str,
        Email(),
        Label(
            N_("Management e-mail"),
            help=N_("Your own, another one than for notifications: codes to log in go there too."),
            section=N_("Management: asked for before the company's data is edited"),
        ),
    ]
    management_password: Annotated[
        SecretStr, Secret(), Label(N_("Management password"), help=N_("Another one than your own."))
    ]
    management_again: Annotated[
        SecretStr,
        Secret(),
        same_as("management_password", form_fields.DIFFER),
        Label(N_("Management password again")),
    ]

    @model_validator(mode="after")
    def _two_of_everything(self) -> "ServiceSignUp":
        own_address_only(self.login, self.management_email)
        two_addresses(self.email, self.management_email)
        if same_password(self.password.get_secret_value(), self.management_password.get_secret_value()):
            raise FormError("management_password", DIFFERENT)
        return self

    @model_validator(mode="after")
    def _passwords_will_do(self) -> "ServiceSignUp":
        known = (self.login, self.email, self.management_email, self.company, self.first_name, self.last_name)
        for name in ("password", "management_password"):
            typed = getattr(self, name).get_secret_value()
            problem = passwords.problem(typed, alone=False, context=[each for each in known if each])
            if problem:
                raise FormError(name, problem)
        return self


OTHER_ADDRESS = say(N_("This is the company's other address. The two must differ."))
DIFFERENT = say(N_("This must be another password than your own."))


def same_password(password: str, other: str) -> bool:
    """As :mod:`core.security.passwords` takes them: normalised once, and otherwise as they are."""
    return unicodedata.normalize("NFKC", password) == unicodedata.normalize("NFKC", other)

"""What every form of sign-up asks, whoever signs up: a field put here is asked, kept and stored for all of them."""

from typing import ClassVar

from core.accounts.address_owner import TermsAccepted
from core.forms import FormModel


class EverySignUp(FormModel):
    """The end of every form of sign-up. What is asked here, but for the terms, is kept until the code comes back and
    then is the account's, in the column of that name.

    Login, addresses, language and passwords are asked by every kind as well, but elsewhere in the form, and some in
    words of its own: those stand in each form.
    """

    asked_last: ClassVar[tuple[str, ...]] = ("terms",)

    terms: TermsAccepted


KEPT_OF_EVERYBODY = tuple(name for name in EverySignUp.model_fields if name != "terms")
"""The agreement itself is kept as the version of the terms and the moment (:class:`core.models.accounts.Account`)."""

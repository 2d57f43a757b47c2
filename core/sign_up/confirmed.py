"""What has come of a sign-up when its code came back."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The address is confirmed; ``standing`` says whether the company's people must still say yes. ``number`` and
    ``company`` are empty for somebody who signed up without a contract."""

    login: str
    number: str
    company: str
    standing: str

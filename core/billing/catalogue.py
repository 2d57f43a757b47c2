"""The catalogue of services that can be ordered: ``services.toml`` beside the settings. The operator's own words and
prices, so it is data of the desk and not of the product.

::

    [[services]]
    id = "speed-600"
    group = "speed"                 # speed, address, equipment or other
    name = { en = "600 Mbit/s", pl = "600 Mb/s" }
    about = { en = "…", pl = "…" }
    price = "20.00"                 # gross, in złotys
    every = "month"                 # or "once"
    for_line = true                 # it is ordered for one of the subscriber's lines
    notice_days = 3                 # the earliest day it takes effect, counted from today
    from_first = true               # and only on the first day of a month
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from core.billing import money
from core.errors import DeskError, Say, say
from core.i18n.translation import N_
from core.service.settings import InBoth, Settings

FILE = "services.toml"
GROUPS = ("speed", "address", "equipment", "other")


def _grosze(price: Any) -> Any:
    if isinstance(price, bool):
        raise ValueError("an amount is wanted")
    try:
        return money.parse(price) if isinstance(price, str) else price
    except DeskError as error:
        raise ValueError(error.text()) from None


class OfferedService(BaseModel):
    """One thing to order. ``price`` is gross, in grosze."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    id: str = Field(max_length=40)
    group: Literal["speed", "address", "equipment", "other"] = "other"
    name: InBoth
    about: InBoth = InBoth()
    price: Annotated[int, BeforeValidator(_grosze)] = Field(ge=0, le=money.MOST)
    every: Literal["month", "once"]
    for_line: bool = False
    notice_days: int = Field(default=1, ge=0, le=365)
    from_first: bool = False

    @field_validator("id")
    @classmethod
    def _plain(cls, text: str) -> str:
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", text):
            raise ValueError("small letters, digits and dashes")
        return text

    def earliest(self, today: dt.date) -> dt.date:
        """The first day it can take effect when it is ordered ``today``."""
        day = today + dt.timedelta(days=self.notice_days)
        if self.from_first and day.day > 1:
            day = (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
        return day

    def fits(self, day: dt.date, today: dt.date) -> bool:
        """Whether it can take effect on ``day``."""
        return self.earliest(today) <= day <= today + dt.timedelta(days=366) and (day.day == 1 or not self.from_first)

    def refuses(self, day: dt.date, today: dt.date) -> Say | None:
        """Why it can't take effect on ``day``; None when it can."""
        if self.fits(day, today):
            return None
        sentence = (
            N_("It can begin on the first day of a month, from {day} on, within a year.")
            if self.from_first
            else N_("It can begin on {day} at the earliest, and within a year.")
        )
        return say(sentence, day=self.earliest(today))


class _Catalogue(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    services: tuple[OfferedService, ...] = ()


def _write_prices(content: dict[str, Any]) -> None:
    """A price without quotes is złotys, as one in quotes is."""
    listed = content.get("services")
    for service in listed if isinstance(listed, list) else ():
        price = service.get("price") if isinstance(service, dict) else None
        if isinstance(price, int) and not isinstance(price, bool):
            service["price"] = str(price)


def services(settings: Settings) -> tuple[OfferedService, ...]:
    """What can be ordered, in the file's order; nothing where there is no file. Raises :class:`DeskError` that says
    where the file is wrong (``okienko check`` tells it too)."""
    return read(settings.data_dir / FILE)


def read(path: Path) -> tuple[OfferedService, ...]:
    """The services of one file."""
    try:
        # A number keeps the digits it is written with: 20.00 is an amount and must not become 20.0 or grosze.
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"), parse_float=str)
        _write_prices(content)
        services = _Catalogue.model_validate(content).services
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DeskError(N_("The catalogue {file} can't be read: {why}"), file=path.name, why=str(error)) from error
    except ValidationError as error:
        slip = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in slip["loc"])
        raise DeskError(
            N_("The catalogue {file} is wrong at {place}: {why}"), file=path.name, place=place, why=slip["msg"]
        ) from None
    ids = [service.id for service in services]
    twice = sorted({id_ for id_ in ids if ids.count(id_) > 1})
    if twice:
        raise DeskError(N_("The catalogue {file} has {id} twice."), file=path.name, id=twice[0])
    return services

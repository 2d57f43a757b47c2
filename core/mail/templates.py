"""What a letter says: one Jinja2 file for each kind and language in ``data/mail``, its subject on the first line.

Plain text only, so there is nothing to escape; what people typed is cleaned before it gets near a template, and stands
in a subject only as the ``[#1042] …`` of a ticket. A letter that wants a value nobody promised
fails here, loudly, instead of leaving with a hole in it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from core import resources
from core.billing.money import amount
from core.i18n.sanitize import clean
from core.service import one_time_codes

if TYPE_CHECKING:
    import jinja2

    from core.service.settings import Settings

SUBJECT_LIMIT = 150
"""As much of a ticket's subject as goes into a mail's."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter ready to be sent, in its reader's language. The body ends with a line end."""

    subject: str
    body: str = field(repr=False)


def render(
    letter: str,
    language: str,
    details: Mapping[str, Any],
    secrets: Mapping[str, str],
    settings: Settings,
    *,
    zone: str = "",
) -> Letter:
    """Write the letter of kind ``letter``. Times are shown in ``zone`` (an IANA name), else in the desk's.

    Raises ``jinja2.TemplateError`` when there is no such letter or a value is missing, ValueError and LookupError when
    one doesn't fit.
    """
    templates = _templates(language if language in ("en", "pl") else "en")
    values = {
        **{name: _tidied(name, value) for name, value in {**details, **secrets}.items()},
        "desk": settings.desk,
        "web": settings.serve.web_address,
        "installed": not _is_only_served(settings),
        "lasts": _lifetimes(),
        "zone": zone or settings.desk.zone,
    }
    text = templates.get_template(f"{letter}.txt.j2").render(values).strip()
    head, _, body = text.partition("\n\n")
    if not head.startswith("Subject: "):
        raise ValueError(f"{letter} ({language}) does not begin with its subject")
    if details.get("others"):
        body = f"{body.strip()}\n\n{templates.get_template('_others.txt.j2').render(values).strip()}"
    signature = templates.get_template("_signature.txt.j2").render(values).strip()
    return Letter(clean(head.removeprefix("Subject: ")), f"{body.strip()}\n\n{signature}\n")


def _is_only_served(settings: Settings) -> bool:
    """Whether readers come by a server at an address that letters name: then none of them has the program itself."""
    return settings.is_served and bool(settings.desk.address or settings.serve.web_address)


def _tidied(name: str, value: Any) -> Any:
    """User text as one line, but for what is quoted."""
    return clean(value, multiline=name in ("body", "message", "reason")) if isinstance(value, str) else value


@lru_cache(maxsize=1)
def _lifetimes() -> dict[str, dt.timedelta]:
    return {purpose.value: lifetime for purpose, lifetime in one_time_codes.LIFETIME.items()}


@lru_cache(maxsize=2)
def _templates(language: str) -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(resources.folder("mail") / language),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - plain text mail; HTML entities would be wrong in it
    )

    @jinja2.pass_context
    def moment(context: jinja2.runtime.Context, value: str) -> str:
        """``20 November 2026, 10:15 CET`` of an ISO time."""
        from babel.dates import format_datetime

        local = dt.datetime.fromisoformat(value).astimezone(ZoneInfo(context["zone"]))
        return f"{format_datetime(local, 'd MMMM y, HH:mm', locale=language)} {local.tzname()}"

    def day(value: str) -> str:
        """``20 November 2026`` of an ISO date or time."""
        from babel.dates import format_date

        return str(format_date(dt.date.fromisoformat(value[:10]), "long", locale=language))

    def money(value: int) -> str:
        """``1 234,50 zł`` of grosze."""
        return amount(value, language)

    def duration(value: dt.timedelta) -> str:
        """``30 minutes``, ``1 day``, ``28 days``."""
        from babel.dates import format_timedelta
        from babel.units import format_unit

        if value >= dt.timedelta(weeks=1):  # babel would make weeks of them
            return format_unit(value.days, "duration-day", locale=language)
        return format_timedelta(value, threshold=1, locale=language)

    environment.filters.update(moment=moment, day=day, money=money, duration=duration, quoted=_quoted, short=_short)
    return environment


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def _short(text: str) -> str:
    return text if len(text) <= SUBJECT_LIMIT else text[: SUBJECT_LIMIT - 1].rstrip() + "…"

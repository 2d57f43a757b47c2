"""The questions of a definition as a form, and its answers as data to keep and as lines to show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any

from pydantic import create_model

from core.errors import Invalid, Say
from core.forms import FormModel, Label, local_time
from core.forms.field_types import raw
from core.i18n import dates, translation
from core.i18n.translation import _
from core.products.questions import Definition, Question

Answer = str | bool | int | float | list[str]
"""What JSON can hold: dates and times in ISO 8601, choices by their value, numbers as numbers (so they compare)."""

_TYPES: dict[str, Any] = {
    "date": date,
    "datetime": datetime,
    "yes_no": bool,
    "multi_choice": tuple[str, ...],
}


@lru_cache(maxsize=64)
def as_model(definition: Definition, language: str) -> type[FormModel]:
    """A form of the definition's questions, worded in ``language``; made once for each version and language."""
    fields: dict[str, Any] = {question.key: _field(question, language) for question in definition.fields}
    return create_model(f"{definition.category.title()}Answers", __base__=FormModel, **fields)


def _field(question: Question, language: str) -> tuple[Any, Any]:
    """``(annotation, default)`` for pydantic; a question that may stay unasked or unanswered is None then."""
    asked = Label(
        label=question.label.read_in(language),
        help=question.help.read_in(language) if question.help else "",
        unit=question.unit,
        when=question.condition(),
        required=question.required,
        default=raw(question.default),
    )
    optional = question.when is not None or not question.required
    plain = _type(question)
    value = plain | None if optional else plain
    return Annotated[value, question.kind(language), asked], None if optional else ...


def _type(question: Question) -> Any:
    if question.type == "number":
        return Decimal if question.decimals else int
    return _TYPES.get(question.type, str)


def answers(definition: Definition, filled: FormModel, zone: tzinfo | None = None) -> dict[str, Answer]:
    """What to keep of a filled form: only what was asked and answered, in the order of the questions.

    Times were typed by a clock in ``zone`` and are kept in UTC; without a zone they stay as typed. Raises
    :class:`core.errors.Invalid` for one that no clock there shows.
    """
    values = {question.key: getattr(filled, question.key) for question in definition.fields}
    wrong = {key: what for key, value in values.items() if zone and (what := _no_time(value, zone)) is not None}
    if wrong:
        raise Invalid(wrong)
    return {key: _kept(value, zone) for key, value in values.items() if value is not None}


def _no_time(value: Any, zone: tzinfo) -> Say | None:
    return local_time.problem(value, zone) if isinstance(value, datetime) else None


def _kept(value: Any, zone: tzinfo | None) -> Answer:
    match value:
        case datetime():
            moment = local_time.to_utc(value, zone) if zone else value
            return moment.isoformat(timespec="minutes")
        case date():
            return value.isoformat()
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case tuple():
            return list(value)
        case bool() | int() | str():
            return value
    raise TypeError(f"{type(value).__name__} is not an answer")


def show(
    definition: Definition, values: Mapping[str, Any], language: str, zone: tzinfo | None = None
) -> list[tuple[str, str]]:
    """``(label, text)`` of every answer there is, in ``language`` and in the order it was asked; times in ``zone``.

    ``definition`` is the version that was asked. An answer of an unexpected type is shown as it is.
    """
    with translation.speaking(language):
        return [
            (question.label.read_in(language), _shown(question, values[question.key], language, zone))
            for question in definition.fields
            if values.get(question.key) is not None
        ]


def _shown(question: Question, value: Any, language: str, zone: tzinfo | None) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, (list, tuple)):
        return ", ".join(_option(question, choice, language) for choice in value)
    if question.type == "choice":
        return _option(question, value, language)
    if question.type == "number" and isinstance(value, (int, float)):
        return _number(value, question.unit, language)
    if question.type == "datetime" and isinstance(value, str):
        return _moment(value, zone)
    if question.type == "date" and isinstance(value, str):
        return _day(value)
    return str(value)


def _option(question: Question, value: Any, language: str) -> str:
    return next((option.read_in(language) for option in question.choices if option.value == value), str(value))


def _number(value: float, unit: str, language: str) -> str:
    digits = format(Decimal(str(value)), "f").replace("-", "\N{MINUS SIGN}")
    if language == "pl":
        digits = digits.replace(".", ",")
    return f"{digits} {unit}".rstrip()


def _day(value: str) -> str:
    try:
        return dates.day(date.fromisoformat(value))
    except ValueError:
        return value


def _moment(value: str, zone: tzinfo | None) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    if moment.tzinfo and zone:
        moment = moment.astimezone(zone)
    return dates.moment(moment.replace(tzinfo=None))

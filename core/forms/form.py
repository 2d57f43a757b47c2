"""Forms: one pydantic model is what a screen draws, a prompt asks, a command takes as options, and core trusts.

    class Reply(FormModel):
        email: Annotated[str, Email(), Ask(N_("E-mail"))]
        again: Annotated[str, Email(), same_as("email", say(N_("…"))), Ask(N_("E-mail again"))]
        why: Annotated[str | None, Text(limit=300), Ask(N_("Reason"), when=When("kind", ("other",)))] = None

Whoever shows a form holds raw values (:data:`core.field.Raw`) and asks :func:`describe` what to draw,
:func:`check` what is wrong, and :func:`fill` for the model. An optional field is ``X | None`` with a default, a
required one has none; one with ``when`` is required while it is shown unless ``Ask(required=False)``. Every sentence
says what is wanted and never repeats what was typed (it may be a password).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, ValidationInfo
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from core.errors import Invalid, Say, say
from core.field import Field, Raw, When
from core.forms.field_types import NEEDED, UNREADABLE, FieldKind, FormError, raw
from core.i18n.translation import N_


@dataclass(frozen=True, slots=True)
class Label:
    """How a field is asked: msgids marked with ``N_``, translated when drawn (text of another origin stays as it is).

    ``required`` None means: as the model says, and always for a field with ``when``. ``default`` is filled in at
    first and may be cleared; a default of the model is what a blank field means. ``keepable`` False is for what must
    not be in a draft, although its kind doesn't say so: a PESEL, a tax id, a key.
    """

    label: str
    help: str = ""
    section: str = ""
    when: When | None = None
    unit: str = ""
    required: bool | None = None
    default: Raw = ""
    keepable: bool = True


class FormModel(BaseModel):
    """The base of every form. A field without its :class:`Label` and its kind is refused when the class is made."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)
    asked_last: ClassVar[tuple[str, ...]] = ()
    """Fields that stand behind all others: a form's own would stand behind those of its base."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        for name, info in cls.model_fields.items():
            _marked(name, info)


Form = TypeVar("Form", bound=FormModel)


def same_as(other: str, otherwise: Say) -> AfterValidator:
    """The value must equal the one of the earlier field ``other`` (a password typed twice)."""

    def equal(value: Any, info: ValidationInfo) -> Any:
        if other in info.data and info.data[other] != value:
            raise FormError("", otherwise)
        return value

    return AfterValidator(equal)


def differs_from(other: str, otherwise: Say) -> AfterValidator:
    """The value must not equal the one of the earlier field ``other``; texts are compared without regard to case."""

    def different(value: Any, info: ValidationInfo) -> Any:
        if value is not None and _caseless(info.data.get(other)) == _caseless(value):
            raise FormError("", otherwise)
        return value

    return AfterValidator(different)


def _caseless(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _marked(name: str, info: FieldInfo) -> tuple[Label, FieldKind]:
    ask = next((mark for mark in info.metadata if isinstance(mark, Label)), None)
    kind = next((mark for mark in info.metadata if isinstance(mark, FieldKind)), None)
    if ask is None or kind is None:
        raise TypeError(f"{name}: a form's field is Annotated[type, a kind such as Text(), Ask(label)]")
    return ask, kind


def describe(model: type[FormModel]) -> tuple[Field, ...]:
    """The fields in their order, as plain data for whoever shows them."""
    return tuple(_field(name, info) for name, info in _in_order(model).items())


def _in_order(model: type[FormModel]) -> dict[str, FieldInfo]:
    fields = dict(model.model_fields)
    last = {name: fields.pop(name) for name in model.asked_last}
    return fields | last


def _field(name: str, info: FieldInfo) -> Field:
    ask, kind = _marked(name, info)
    by_model = info.is_required() or ask.when is not None
    return Field(
        name=name,
        label=ask.label,
        help=ask.help,
        kind=kind.name,
        required=by_model if ask.required is None else ask.required,
        choices=kind.choices(),
        default=ask.default or _meant_by_blank(info),
        max_length=kind.limit,
        unit=ask.unit,
        when=ask.when,
        section=ask.section,
        keepable=ask.keepable,
    )


def _meant_by_blank(info: FieldInfo) -> Raw:
    return "" if info.is_required() or info.default_factory else raw(info.default)


def typed(form: BaseModel) -> dict[str, Raw]:
    """A filled form back as raw values, to be edited or shown again (blank where it holds None)."""
    return {name: raw(getattr(form, name)) for name in type(form).model_fields}


def check(model: type[FormModel], values: Mapping[str, Raw], only: str | None = None) -> dict[str, Say]:
    """What is wrong with ``values``, by field and in the form's order; with ``only``, of that field alone.

    The empty name stands for the form as a whole. Empty when :func:`fill` would succeed.
    """
    errors = _validated(model, values)[1]
    return errors if only is None else {name: what for name, what in errors.items() if name == only}


def fill(model: type[Form], values: Mapping[str, Raw]) -> Form:
    """The model of what was typed. Raises :class:`Invalid` with every field's sentence."""
    filled, errors = _validated(model, values)
    if filled is None:
        raise Invalid(errors)
    return filled


def _validated(model: type[Form], values: Mapping[str, Raw]) -> tuple[Form | None, dict[str, Say]]:
    kinds = {name: _marked(name, info)[1] for name, info in _in_order(model).items()}
    entries = {name: value for name, value in values.items() if name not in kinds or not kinds[name].blank(value)}
    fields = _shown(model, entries)
    entries = {name: value for name, value in entries.items() if name not in kinds or name in fields}
    errors = {name: kinds[name].needed for name, field in fields.items() if field.required and name not in entries}
    try:
        filled = model.model_validate(entries)
    except ValidationError as error:
        errors |= _sentences(error, kinds)
    else:
        if not errors:
            return filled, {}
    return None, {name: errors[name] for name in (*kinds, "") if name in errors}


def _shown(model: type[FormModel], entries: Mapping[str, Raw]) -> dict[str, Field]:
    """The fields whose ``when`` holds; a field that hangs on a hidden one is hidden too."""
    fields: dict[str, Field] = {}
    for field in describe(model):
        if field.when is None:
            fields[field.name] = field
        elif field.when.field in fields:
            other = entries.get(field.when.field) or _meant_by_blank(model.model_fields[field.when.field])
            if field.when.holds(other):
                fields[field.name] = field
    return fields


_SENTENCES: dict[str, Callable[[Mapping[str, Any]], Say]] = {
    "missing": lambda _: NEEDED,
    "string_too_short": lambda ctx: say(N_("At least {limit} characters."), limit=ctx["min_length"]),
    "string_too_long": lambda ctx: say(N_("At most {limit} characters."), limit=ctx["max_length"]),
    "too_short": lambda ctx: say(N_("Choose at least {limit}."), limit=ctx["min_length"]),
    "too_long": lambda ctx: say(N_("Choose at most {limit}."), limit=ctx["max_length"]),
    "greater_than_equal": lambda ctx: say(N_("The number must be at least {low}."), low=ctx["ge"]),
    "greater_than": lambda ctx: say(N_("The number must be above {low}."), low=ctx["gt"]),
    "less_than_equal": lambda ctx: say(N_("The number must be at most {high}."), high=ctx["le"]),
    "less_than": lambda ctx: say(N_("The number must be below {high}."), high=ctx["lt"]),
    "literal_error": lambda _: say(N_("Choose one of the list.")),
    "enum": lambda _: say(N_("Choose one of the list.")),
    "extra_forbidden": lambda _: say(N_("There is no such field.")),
}
"""Pydantic's own complaints that a bound beside a kind can bring up; any other one becomes :data:`UNREADABLE`."""


def _sentences(error: ValidationError, kinds: Mapping[str, FieldKind]) -> dict[str, Say]:
    """Pydantic's complaints as sentences, the first of each field; those of unknown fields are the form's (``""``)."""
    sentences: dict[str, Say] = {}
    for detail in error.errors(include_url=False):
        name = str(detail["loc"][0]) if detail["loc"] else ""
        name, what = _sentence(name, detail, kinds.get(name))
        sentences.setdefault(name if name in kinds else "", what)
    return sentences


def _sentence(name: str, detail: ErrorDetails, kind: FieldKind | None) -> tuple[str, Say]:
    context = detail.get("ctx", {})
    cause = context.get("error")
    if isinstance(cause, FormError):
        return cause.field or name, cause.say
    if kind is not None and (detail["type"] == "missing" or detail["input"] is None):
        return name, kind.needed
    known = _SENTENCES.get(detail["type"])
    return name, known(context) if known else UNREADABLE

"""Reads a product file and says everything that is wrong with it, each with its line.

Nothing in a file can raise: it is an operator's text, typed by hand or on the definitions' screen, and a broken one
must never take the desk down. TOML knows no lines once parsed, so a problem's line is found by looking for the table
and key it is about in the text; in unusual layouts that is the line of the table.
"""

from __future__ import annotations

import re
import tomllib
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from core.errors import Say, say
from core.forms.field_types import FormError
from core.i18n.translation import N_
from core.products.questions import PICKED, Definition, Question, VendorProduct

LARGEST_FILE = 60_000
"""Characters, ten times the largest that ships; tomllib takes 0.3 s for the worst text of this size."""

Place = tuple[str | int, ...]
"""Where in the file: ``("fields", 2, "label", "pl")``."""

Slip = tuple[Place, Say]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where it stands."""

    file: str
    line: int
    say: Say

    def text(self) -> str:
        """``switch.toml:12: …`` in the current language."""
        return f"{self.file}:{self.line}: {self.say.text()}"


def parse(text: str, source: str) -> Definition | tuple[Problem, ...]:
    """The definition in ``text``, or every problem in the order of the lines. ``source`` is the name to report."""
    text = text.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair becomes ?
    if len(text) > LARGEST_FILE:
        return (Problem(source, 1, say(N_("The file is longer than {limit} characters."), limit=LARGEST_FILE)),)
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return (Problem(source, _line_of(str(error), text), _syntax(str(error))),)
    except (ValueError, RecursionError):
        return (Problem(source, 1, say(N_("The file can't be read as TOML: a value is too large or too deep."))),)
    lines = _Lines(text)
    try:
        definition = Definition.model_validate(content)
    except ValidationError as error:
        return _problems(source, lines, [(slip["loc"], _shape(slip)) for slip in error.errors(include_url=False)])
    return _problems(source, lines, list(_slips(definition))) or definition


def _problems(source: str, lines: _Lines, slips: Sequence[Slip]) -> tuple[Problem, ...]:
    """By line, each sentence once (a value that fits no type of several is refused by each of them)."""
    sentences = {(lines.of(place), what.text()): what for place, what in slips}
    return tuple(Problem(source, line, what) for (line, _), what in sorted(sentences.items(), key=lambda pair: pair[0]))


def _line_of(message: str, text: str) -> int:
    """tomllib ends its message with ``(at line 3, column 4)`` or ``(at end of document)``."""
    match = re.search(r"at line (\d+)", message)
    return int(match[1]) if match else text.rstrip().count("\n") + 1


def _syntax(message: str) -> Say:
    reason = re.sub(r"\s*\(at .*\)$", "", message)
    return say(N_("This is not TOML: {reason}."), reason=reason)


_SHAPES: dict[str, Say] = {
    "missing": say(N_("{key} is missing.")),
    "extra_forbidden": say(N_("{key} is not known here.")),
    "literal_error": say(N_("{key} is not one of the types of fields.")),
    "string_type": say(N_("{key} must be a text in quotes.")),
    "string_too_short": say(N_("{key} is empty.")),
    "string_too_long": say(N_("{key} is too long.")),
    "string_pattern_mismatch": say(N_("{key} takes small letters a-z, digits and _ only, a letter first.")),
    "bool_type": say(N_("{key} must be true or false.")),
    "int_type": say(N_("{key} must be a whole number.")),
    "float_type": say(N_("{key} must be a number.")),
    "tuple_type": say(N_("{key} must be a list.")),
    "too_long": say(N_("{key} has too many entries.")),
    "too_short": say(N_("{key} has no entries.")),
    "greater_than_equal": say(N_("{key} is too small.")),
    "less_than_equal": say(N_("{key} is too large.")),
    "model_type": say(N_("{key} must be a table.")),
}
_UNFIT = say(N_("{key} doesn't fit here."))


def _shape(error: ErrorDetails) -> Say:
    """pydantic's complaint about one value. Branches of a union (``int``, ``str``) are named after the key."""
    named = [part for part in error["loc"] if isinstance(part, str) and part in _KEYS]
    known = _SHAPES.get(error["type"], _UNFIT)
    key = error["loc"][-1] if error["type"] == "extra_forbidden" else named[-1] if named else "?"
    return Say(known.msgid, {"key": str(key)[:60]})


def _keys(model: type[BaseModel]) -> Iterator[str]:
    for name, info in model.model_fields.items():
        yield info.alias or name


_KEYS = {"en", "pl", "value", "field", "in", "pattern", *_keys(VendorProduct), *_keys(Question), *_keys(Definition)}


_LINE_START = 120
"""As much of a line as a header or key needs, so that looking for them stays quick in a line of any length."""


class _Lines:
    """Finds the line of a place by the table headers and keys that stand at the beginning of lines."""

    def __init__(self, text: str) -> None:
        self._found: dict[Place, int] = {}
        table: Place = ()
        counts: dict[Place, int] = {}
        for number, line in enumerate(text.split("\n"), start=1):
            start = line[:_LINE_START]
            header = re.match(r"\s*(\[\[?)\s*([\w.\s\"'-]+?)\s*\]", start)
            key = re.match(r"\s*([\w.\"'-]+(?:\s*\.\s*[\w\"'-]+)*)\s*=", start)
            if header:
                names = self._names(header[2])
                table = self._within(names, counts, new=header[1] == "[[")
                self._found.setdefault(table, number)
            elif key:
                place = table
                for name in self._names(key[1]):
                    place = (*place, name)
                    self._found.setdefault(place, number)

    @staticmethod
    def _names(dotted: str) -> list[str]:
        return [name.strip(" \"'") for name in dotted.split(".")]

    @staticmethod
    def _within(names: Sequence[str], counts: dict[Place, int], *, new: bool) -> Place:
        """``[[fields]]`` is the next of the fields, ``[fields.when]`` belongs to the last one."""
        place: Place = ()
        for depth, name in enumerate(names, start=1):
            place = (*place, name)
            if new and depth == len(names):
                counts[place] = counts.get(place, -1) + 1
            if place in counts:
                place = (*place, counts[place])
        return place

    def of(self, place: Place) -> int:
        """The line of ``place`` or of the nearest that holds it."""
        for length in range(len(place), 0, -1):
            if place[:length] in self._found:
                return self._found[place[:length]]
        return 1


def _slips(definition: Definition) -> Iterator[Slip]:
    """What a well-formed file can still get wrong."""
    yield from _product_slips(definition)
    earlier: dict[str, Question] = {}
    for at, question in enumerate(definition.fields):
        place: Place = ("fields", at)
        if question.key in earlier:
            yield (*place, "key"), say(N_("There are two fields with the key {key}."), key=question.key)
        if hasattr(BaseModel, question.key) or question.key.startswith("model_"):
            yield (*place, "key"), say(N_("The key {key} is reserved. Please choose another one."), key=question.key)
        yield from _type_slips(question, place)
        yield from _condition_slips(question, place, earlier, definition)
        earlier.setdefault(question.key, question)


def _product_slips(definition: Definition) -> Iterator[Slip]:
    seen = set()
    for at, product in enumerate(definition.products):
        if (product.vendor, product.name) in seen:
            yield ("products", at, "name"), say(N_("The product {name} is here twice."), name=product.name)
        seen.add((product.vendor, product.name))
        wrong = _pattern_slip(product.identifier.pattern)
        if wrong:
            yield ("products", at, "identifier", "pattern"), wrong


_VARIABLE = re.compile(r"\{\d*,\d*\}|(?<!\()\?")
_SLOW = say(
    N_("The pattern must be quick for any input: no * or +, no repeated groups, at most three repeats of open length.")
)
_UNSAFE = re.compile(r"[*+]|\)[{?]|\{\d*,\}|\\\d")


def _pattern_slip(pattern: str) -> Say | None:
    """A pattern is matched against what anybody types, so it must be quick for any input (CWE-1333)."""
    bare = re.sub(r"\\[^\d]|\[\^?\]?[^\]]*\]", "x", pattern)
    if _UNSAFE.search(bare) or len(_VARIABLE.findall(bare)) > 3:
        return _SLOW
    try:
        with warnings.catch_warnings():  # such as “[[a]”, which a later Python may read otherwise
            warnings.simplefilter("error")
            re.compile(pattern)
    except (re.error, OverflowError, RecursionError, Warning) as error:
        return say(N_("The pattern is not a regular expression: {reason}."), reason=str(error))
    return None


def _type_slips(question: Question, place: Place) -> Iterator[Slip]:
    picked, number = question.type in PICKED, question.type == "number"
    if picked and not question.choices:
        yield (*place, "type"), say(N_("A field of this type needs choices."))
    if question.choices and not picked:
        yield (*place, "choices"), say(N_("Only a choice or multi_choice has choices."))
    values = [option.value for option in question.choices]
    if len(set(values)) < len(values):
        yield (*place, "choices"), say(N_("Two choices have the same value."))
    for key in ("unit", "min", "max", "decimals"):
        if key in question.model_fields_set and not number:
            yield (*place, key), say(N_("Only a number has {key}."), key=key)
    if question.min is not None and question.max is not None and question.min >= question.max:
        yield (*place, "min"), say(N_("min must be less than max."))
    elif question.default is not None and (not picked or values):
        yield from _default_slips(question, place)


def _default_slips(question: Question, place: Place) -> Iterator[Slip]:
    try:
        question.kind().value(question.default)
    except FormError as error:
        yield (*place, "default"), say(N_("The default can't be taken: {reason}"), reason=error.say)


def _condition_slips(
    question: Question, place: Place, earlier: dict[str, Question], definition: Definition
) -> Iterator[Slip]:
    condition = question.when
    if condition is None:
        return
    place = (*place, "when")
    other = earlier.get(condition.field)
    if condition.field == question.key:
        yield place, say(N_("A field can't depend on itself."))
    elif other is None and definition.question(condition.field):
        yield place, say(N_("{key} must stand before the field that depends on it."), key=condition.field)
    elif other is None:
        yield place, say(N_("There is no field {key} to depend on."), key=condition.field)
    elif not other.values():
        yield place, say(N_("{key} is not a choice, multi_choice or yes_no."), key=condition.field)
    else:
        for value in condition.values:
            if value not in other.values():
                yield place, say(N_("{value} is not among the answers of {key}."), value=value, key=other.key)

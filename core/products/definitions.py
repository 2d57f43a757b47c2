"""Product definitions: the categories of ``data/products/``, their products, and what a ticket about one is asked.

This is the door of four modules: :mod:`core.products.questions` (the data), ``definition_parser`` (files, problems
with their lines), ``definition_answers`` (forms and answers), and the catalogue here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import say
from core.i18n.translation import N_
from core.products.answers import Answer, answers, as_model, show
from core.products.parser import Problem, parse
from core.products.questions import Definition, Question, VendorProduct

__all__ = [
    "Answer",
    "Catalogue",
    "Definition",
    "Problem",
    "Question",
    "VendorProduct",
    "answers",
    "as_model",
    "load",
    "parse",
    "show",
]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every definition that could be read, by the name of its file, and what is wrong with the others."""

    definitions: tuple[Definition, ...] = ()
    problems: tuple[Problem, ...] = ()

    def category(self, key: str) -> Definition | None:
        return next((definition for definition in self.definitions if definition.category == key), None)

    def products(self) -> Iterator[tuple[Definition, VendorProduct]]:
        for definition in self.definitions:
            for product in definition.products:
                yield definition, product

    def find(self, vendor: str, name: str) -> tuple[Definition, VendorProduct] | None:
        """The product and its category; two categories may not share one (see :func:`load`)."""
        return next((pair for pair in self.products() if (pair[1].vendor, pair[1].name) == (vendor, name)), None)


def load(folder: Path) -> Catalogue:
    """Reads ``*.toml`` of ``folder``. A file that can't be read or used is left out and named in ``problems``.

    So is a file whose category or product an earlier file has.
    """
    definitions: list[Definition] = []
    problems: list[Problem] = []
    if not folder.is_dir():
        problems.append(Problem(str(folder), 1, say(N_("There is no such folder."))))
    for file in sorted(folder.glob("*.toml")):
        read = _read(file)
        clashes = read if isinstance(read, tuple) else tuple(_clashes(read, file.name, definitions))
        if isinstance(read, Definition) and not clashes:
            definitions.append(read)
        problems.extend(clashes)
    return Catalogue(tuple(definitions), tuple(problems))


def _read(file: Path) -> Definition | tuple[Problem, ...]:
    try:
        return parse(file.read_bytes().decode("utf-8-sig"), file.name)
    except OSError as error:
        return (Problem(file.name, 1, say(N_("The file can't be read: {reason}."), reason=error.strerror or "?")),)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return (Problem(file.name, line, say(N_("The file is not UTF-8 text."))),)


def _clashes(new: Definition, file: str, earlier: list[Definition]) -> Iterator[Problem]:
    known = {(product.vendor, product.name) for definition in earlier for product in definition.products}
    if any(definition.category == new.category for definition in earlier):
        yield Problem(file, 1, say(N_("Another file has the category {key}."), key=new.category))
    for product in new.products:
        if (product.vendor, product.name) in known:
            yield Problem(file, 1, say(N_("Another file has the product {name}."), name=product.name))

"""Compiles the Polish catalogue when the package is built, and when it is installed for editing."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileCatalogues(BuildHookInterface):
    """``data/locale/*/LC_MESSAGES/okienko.po`` → ``.mo`` beside it; the ``.mo`` is never committed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        from babel.messages.mofile import write_mo
        from babel.messages.pofile import read_po

        for source in (Path(self.root) / "data" / "locale").glob("*/LC_MESSAGES/*.po"):
            compiled = source.with_suffix(".mo")
            with source.open("rb") as text, compiled.open("wb") as binary:
                write_mo(binary, read_po(text))
            build_data["artifacts"].append(str(compiled.relative_to(self.root)))

"""What is mended in Textual from outside is still where it was, and mended."""

from __future__ import annotations

import weakref

from textual._styles_cache import StylesCache
from textual.color import Color
from textual.css.stylesheet import Stylesheet

from tui import safe_app, textual_repairs


def test_the_lines_of_widgets_that_are_gone_are_let_go_of() -> None:
    assert safe_app.textual_repairs is textual_repairs, "mended wherever an application is made"
    lines = StylesCache()
    lines.get_inner_outer(Color.parse("red"), Color.parse("blue"))
    gone = weakref.ref(lines)
    del lines
    assert gone() is None, "what was worked out for it does not hold it"


def test_two_colours_are_all_that_a_border_needs() -> None:
    red, blue = Color.parse("red"), Color.parse("blue")
    assert StylesCache().get_inner_outer(red, blue) == StylesCache().get_inner_outer(red, blue)


def test_a_sheet_is_read_once_for_a_set_of_colours() -> None:
    css = "Label { color: $accent; }"

    def rules(accent: str) -> list[object]:
        sheet = Stylesheet(variables={"accent": accent})
        return list(sheet._parse_rules(css, ("", "")))

    assert rules("red")[0] is rules("red")[0]
    assert rules("red")[0] is not rules("blue")[0]

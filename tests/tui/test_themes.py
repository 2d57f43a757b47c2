"""The contrast of our themes, measured as WCAG 2.1 measures it: 4.5 for text, 3 for signs and inactive text."""

from __future__ import annotations

import itertools

import pytest
from rich.color import Color as RichColor
from textual.color import Color
from textual.theme import Theme

from tui import themes
from tui.app import OkienkoApp
from tui.colours import nearest

GROUNDS = ("background", "surface", "panel")
INKS = (
    "foreground",
    "foreground-muted",
    "text-muted",
    "primary",
    "secondary",
    "accent",
    "success",
    "warning",
    "error",
    "text-primary",
    "text-secondary",
    "text-accent",
    "text-success",
    "text-warning",
    "text-error",
    "link-color",
)
PAIRS = (
    ("block-cursor-foreground", "block-cursor-background"),
    ("block-cursor-blurred-foreground", "block-cursor-blurred-background"),
    ("foreground", "block-hover-background"),
    ("footer-foreground", "footer-background"),
    ("footer-key-foreground", "footer-background"),
    ("footer-description-foreground", "footer-background"),
    ("input-cursor-foreground", "input-cursor-background"),
    ("input-selection-foreground", "input-selection-background"),
    ("foreground", "screen-selection-background"),
    *(("button-color-foreground", state) for state in ("primary", "success", "warning", "error")),
)


def contrast(one: Color, other: Color) -> float:
    def luminance(color: Color) -> float:
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_measured_as_wcag_does() -> None:
    assert contrast(Color.parse("#fff"), Color.parse("#000")) == pytest.approx(21)
    assert contrast(Color.parse("#777"), Color.parse("#fff")) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [themes.DARK, themes.LIGHT], ids=lambda theme: theme.name)
def test_text_can_be_read(theme: Theme) -> None:
    colours = theme.to_color_system().generate()
    failures = [
        f"{ink} on {ground}: {measured:.2f}"
        for ink, ground in (*itertools.product(INKS, GROUNDS), *PAIRS)
        if (measured := contrast(Color.parse(colours[ink]), Color.parse(colours[ground]))) < 4.5
    ]
    assert not failures


def test_high_contrast_is_higher() -> None:
    colours = themes.CONTRAST.to_color_system().generate()
    failures = [
        f"{ink} on {ground}: {measured:.2f}"
        for ink, ground in (*itertools.product(INKS, GROUNDS), *PAIRS)
        if (measured := contrast(Color.parse(colours[ink]), Color.parse(colours[ground]))) < 7
    ]
    assert not failures


@pytest.mark.parametrize("theme", [themes.DARK, themes.LIGHT, themes.CONTRAST], ids=lambda theme: theme.name)
def test_text_can_be_read_in_256_colours(theme: Theme) -> None:
    """Rich's own rounding makes the blue night teal and its text 3.1:1."""
    colours = theme.to_color_system().generate()

    def shown(name: str) -> Color:
        number = nearest(Color.parse(colours[name]).rich_color.get_truecolor())
        return Color.from_rich_color(RichColor.from_ansi(number))

    failures = [
        f"{ink} on {ground}: {measured:.2f}"
        for ink, ground in (*itertools.product(INKS, GROUNDS), *PAIRS)
        if (measured := contrast(shown(ink), shown(ground))) < 4.5
    ]
    assert not failures
    assert len({shown(ground).hex for ground in GROUNDS}) >= (2 if theme is themes.CONTRAST else 3)


@pytest.mark.parametrize("theme", [themes.DARK, themes.LIGHT, themes.CONTRAST], ids=lambda theme: theme.name)
def test_signs_and_inactive_text_can_be_seen(theme: Theme) -> None:
    colours = theme.to_color_system().generate()
    inks = ("text-disabled", "foreground-disabled", "border", "scrollbar-active")
    failures = [
        f"{ink} on {ground}: {measured:.2f}"
        for ink, ground in itertools.product(inks, GROUNDS)
        if (measured := contrast(Color.parse(colours[ink]), Color.parse(colours[ground]))) < 3
    ]
    assert not failures


def test_sixteen_colours_are_sixteen_colours() -> None:
    colours = themes.SIXTEEN.to_color_system().generate()
    used = {Color.parse(value.split()[0]) for name, value in colours.items() if value.startswith(("#", "ansi_"))}
    assert all(colour.ansi is not None for colour in used), [c for c in used if c.ansi is None]


@pytest.mark.parametrize("theme", themes.OURS, ids=lambda theme: theme.name)
async def test_every_theme_draws(theme: Theme) -> None:
    app = OkienkoApp(lambda: None, theme=theme.name)  # type: ignore[arg-type,return-value]
    async with app.run_test() as pilot:
        app.notify("drawn")
        await pilot.pause()
        assert app.theme == theme.name

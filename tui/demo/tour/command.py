"""``okienko tour``: list the scenarios, play one at reading speed, or run them all and report."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import sys
from collections.abc import Callable
from pathlib import Path

from core.errors import DeskError
from core.i18n import translation
from core.i18n.translation import _
from tui.demo.tour import scenario
from tui.demo.tour.isolation import apart
from tui.demo.tour.scenario import Scenario
from tui.machine.terminal import complain, tell

SIZES = {"small": (80, 24), "large": (160, 50)}


def main(args: argparse.Namespace) -> int:
    """0 when everything that was asked for came out as told, 1 when not, 2 when nothing could be played."""
    if args.list:
        return _list(args.json)
    try:
        chosen = [scenario.find(name) for name in args.names] or scenario.all_of_them()
    except DeskError as error:
        complain(error.text())
        return 2
    if not args.names and not args.all and not args.screenshots:
        print(_("Say which scenario, or --all. “okienko tour --list” shows them."), file=sys.stderr)
        return 2
    languages = [args.language] if args.language else list(translation.LANGUAGES)
    if args.headless or args.screenshots:
        return _run(chosen, languages, args.screenshots, args.json)
    from tui.machine.terminal import on_terminal  # deferred: start-up, loaded behind the first frame

    if not on_terminal():
        print(_("Without a terminal a tour is played by “okienko tour --all --headless”."), file=sys.stderr)
        return 2
    return _shown(chosen, args.language or translation.language())


def _shown(chosen: list[Scenario], language: str) -> int:
    """One after the other, until one fails or the reader ends it."""
    from tui.demo.tour.presenter import show  # deferred: start-up, loaded behind the first frame

    for each in chosen:
        status = show(each, language)
        if status:
            return status
    return 0


def _list(as_json: bool) -> int:
    language = translation.language()
    for each in scenario.all_of_them():
        entry = {
            "id": each.id,
            "seed": each.seed,
            "page": each.page,
            "title": each.title[language],
            "steps": len(each.steps),
        }
        if as_json:
            print(json.dumps(entry, ensure_ascii=False))
        else:
            source = _("guide {seed}, page {page}").format(seed=each.seed, page=each.page) if each.seed else ""
            tell(f"{each.id:<24} {source:<20} {each.title[language]}")
    return 0


def _run(chosen: list[Scenario], languages: list[str], pictures: str | None, as_json: bool) -> int:
    # Each application leaves little that only the collector finds; looking as often as by default is a sixth of a tour.
    gc.set_threshold(50_000, 10, 20)
    failed = 0
    for each in chosen:
        for language in languages:
            why = play_headless(each, language, pictures=Path(pictures) if pictures else None)
            failed += bool(why)
            if as_json:
                print(json.dumps({"id": each.id, "language": language, "ok": not why, "why": why}, ensure_ascii=False))
            else:
                tell(f"{'ok  ' if not why else 'FAIL'} {each.id} ({language}){': ' + why if why else ''}")
    return 1 if failed else 0


def play_headless(
    each: Scenario, language: str, *, size: tuple[int, int] = SIZES["large"], pictures: Path | None = None
) -> str:
    """Play on a private desk without a terminal. Returns what went wrong, or an empty text."""
    with apart() as folder:
        return asyncio.run(_played(each, language, folder, size, pictures))


async def _played(each: Scenario, language: str, folder: Path, size: tuple[int, int], pictures: Path | None) -> str:
    from tui.app import OkienkoApp  # deferred: start-up, loaded behind the first frame
    from tui.demo.tour.player import Player, Unexpected
    from tui.demo.tour.stage import NAME, Stage  # deferred: start-up, loaded behind the first frame
    from tui.screens.accounts.welcome import Welcome

    stage = await asyncio.to_thread(Stage, folder, each.stage, language)
    try:
        app = OkienkoApp(lambda: stage.desk, first=Welcome, language=language, theme="okienko-dark")
        app.frame.desk = NAME
        async with app.run_test(size=size) as pilot:
            take: Callable[[str], None] | None = None
            if pictures is not None:
                from tui.demo.tour.pictures import picture_taker  # deferred: start-up, loaded behind the first frame

                take = picture_taker(app, pictures, language)
            try:
                await Player(app, pilot, stage, each, picture=take).play()
            except Unexpected as error:
                return str(error)
        return ""
    finally:
        stage.close()

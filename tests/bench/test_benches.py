"""Every bench is run, short and on little, so that none rots unseen. Nothing is asked of how long anything takes."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

import pytest

from tests.bench import against, answers, keys, postgres, report, reset, startup, targets
from tests.bench.__main__ import NAMES
from tests.bench.serve import first_frame

SHORT = {
    "queue": ["300", "--rounds", "3"],
    "ticket": ["120", "--rounds", "3"],
    "create": ["--rounds", "3"],
    "reply": ["--rounds", "3"],
    "pending": ["60", "--rounds", "3"],
    "panel": ["20", "--rounds", "3"],
}
LONGER = {
    "crowd": ["--processes", "4", "--seconds", "0.5"],
    "imports": ["60"],
    "reset": ["--pairs", "2"],
    "startup": [],
    "keys": ["--tickets", "300"],
}
ELSEWHERE = {"postgres", "answers", "serve"}
"""With a test of their own."""


@pytest.fixture(autouse=True)
def nothing_was_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins without figures."""
    monkeypatch.setattr(report, "LINES", [])


def run(name: str, options: list[str]) -> list[dict[str, Any]]:
    importlib.import_module(f"tests.bench.{name}").main(options)
    assert report.LINES
    assert all(line["figure"].partition(".")[0] == name for line in report.LINES)
    return report.LINES


def test_every_bench_is_run_here() -> None:
    assert {*SHORT, *LONGER, *ELSEWHERE} == set(NAMES)


@pytest.mark.parametrize("name", SHORT)
def test_short(name: str) -> None:
    table = targets.beside(run(name, SHORT[name]), [name])
    assert "≤" in table and "not measured" not in table


@pytest.mark.thorough
@pytest.mark.parametrize("name", LONGER)
def test_longer(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "ROUNDS", 1)
    monkeypatch.setattr(keys, "SIZES", keys.SIZES[:1])
    monkeypatch.setattr(keys, "WALKS", {name: walk[:3] for name, walk in keys.WALKS.items()})
    monkeypatch.setattr(keys, "FAR", keys.FAR[:3])
    monkeypatch.setattr(keys, "ESCAPED", 1, raising=False)
    monkeypatch.setattr(keys, "ECONOMICAL", {})  # over SSH nobody is remembered, so nobody would get in
    monkeypatch.setattr(reset, "WARM", 1)
    monkeypatch.setattr(reset, "NAMES", 2)
    figures = run(name, LONGER[name])
    assert sum(line.get("errors", 0) for line in figures) == 0


def test_postgres(tmp_path: Path, postgres_store: dict[str, str]) -> None:
    postgres.measure(150, postgres_store["database_url"], tmp_path / "desk", 2)
    table = targets.beside(report.LINES, ["postgres"])
    assert "≤" in table and "not measured" not in table


@pytest.mark.thorough
@pytest.mark.skipif(os.geteuid() != 0, reason="a session lets nobody but root look at its memory")
def test_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_frame, "ROUNDS", {1: 1})
    monkeypatch.setattr(first_frame, "MOST_STARTED", 0)  # the program by itself is measured by ``startup``
    monkeypatch.setattr(first_frame, "IDLE", 0.3)
    assert {line["figure"] for line in run("serve", ["frames"])} >= {"serve.forked", "serve.idle"}


@pytest.mark.thorough
def test_answers_are_the_same_each_time() -> None:
    first = list(answers.answers(["sqlite"], 25))
    assert list(answers.answers(["sqlite"], 25)) == first
    refused = sum('"refused"' in line for line in first)
    assert len(first) > 1000 and refused < len(first) / 4


# What is made of the lines


def test_a_target_that_is_missed_and_one_that_was_not_measured() -> None:
    line = {"figure": "queue", "tickets": 10_000, "what": "open", "ratio": 1.95}
    rows = [row.split() for row in targets.beside([line], ["queue"]).splitlines()]
    assert ["a", "page", "of", "the", "queue", "10,000", "1.95", "×", "≤", "1.8", "MISSED"] in rows
    assert ["a", "page", "of", "all", "tickets", "≤", "2", "not", "measured"] in rows
    assert not targets.beside([line], ["crowd"])
    slow = {"figure": "create", "ratio": 1.05, "bare_ms": 3.9}
    assert targets.beside([slow], ["create"]).endswith("the disk was busy")


def test_what_two_commits_took_is_found_by_what_was_measured() -> None:
    line = {"figure": "crowd", "rate": "saturated", "processes": 100, "errors": 0, "write_ms": {"p50": 8.0, "max": 9.5}}
    head = "crowd, rate=saturated, processes=100: "
    numbers = against.numbers(line)
    assert numbers == {f"{head}errors": 0.0, f"{head}write_ms.p50": 8.0, f"{head}write_ms.max": 9.5}
    assert "MISSED" in targets.changes_beside("crowd", {f"{head}write_ms.p50": 0.7})
    assert "MISSED" not in targets.changes_beside("crowd", {f"{head}operations_per_s": 1.6})


def test_answers_that_differ_are_named_where_they_part() -> None:
    assert against.difference("the status is 5 now", "the status is 6 now") == (
        "…the status is 5 now… became …the status is 6 now…"
    )
    assert against.difference(None, "a new one") == "only after"
    assert against.difference("all of it, and more", "all of it") == "…all of it, and more… became …all of it…"

"""Every scenario of ``data/scenarios``: the files that the tour plays and the README shows. One language each, or
with ``--full`` both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import DeskError
from core.security import passwords
from tests.support.stillness import only_what_is_looked_at
from tui.demo.tour import command, player, scenario
from tui.demo.tour.scenario import Scenario

ALL = scenario.all_of_them()


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    """Cheap hashes, and no frames between those that a step looks at."""
    passwords.use_profile("test")
    with only_what_is_looked_at():
        yield


@pytest.mark.thorough
@pytest.mark.parametrize("language", ["en", "pl"])
@pytest.mark.parametrize("played", ALL, ids=lambda each: each.id)
def test_scenario(played: Scenario, language: str) -> None:
    size = command.SIZES["small" if language == "pl" else "large"]
    assert command.play_headless(played, language, size=size) == ""


def test_each_procedure_of_the_guide_has_its_scenario() -> None:
    pages = {(each.seed, each.page) for each in ALL}
    assert pages >= {("002", page) for page in (2, 4, 5, 6, 7, 8)}
    assert pages >= {("000", page) for page in (4, 5, 8, 9, 10, 11)}
    assert pages >= {("001", page) for page in (1, 2)}


def test_captions_and_titles_are_in_both_languages() -> None:
    for each in ALL:
        assert set(each.title) == {"en", "pl"}
        assert any(step.captions for step in each.steps)
        for step in each.steps:
            assert not step.captions or set(step.captions) == {"en", "pl"}, (each.id, step.number)


def test_a_scenario_that_fails_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(player, "PATIENCE", 0.5)
    path = tmp_path / "x.toml"
    path.write_text(
        'id = "x"\n[title]\nen = "X"\npl = "X"\n[[step]]\nas = "guest"\n[[step]]\nexpect_text = ["no such words"]\n'
    )
    why = command.play_headless(scenario.read(path), "en", size=(80, 24))
    assert why.startswith("x, step 2: not on the screen: 'no such words'")


@pytest.mark.parametrize(
    "text",
    ["", "id = 1", 'id = "x"\n[title]\nen = "X"\npl = "X"\n[[step]]\ndance = true\n', "[[step"],
)
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(text)
    with pytest.raises(DeskError) as refused:
        scenario.read(path)
    assert "broken.toml" in refused.value.text()

"""What the default run leaves out: sizes, languages and databases of a test, and tests that are marked so."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests.support.variants import choose


def item(name: str, *, marks: tuple[str, ...] = (), **params: Any) -> Any:
    call = SimpleNamespace(params=params) if params else None
    shown = f"[{'-'.join(map(str, params.values()))}]" if params else ""
    found = SimpleNamespace(nodeid=f"{name}{shown}", get_closest_marker=lambda mark: mark if mark in marks else None)
    if call is not None:
        found.callspec = call
    return found


FLOW = "tests/tui/test_flows_x.py::test_a"
EVERY = [
    item(FLOW, size=size, language=language, case=case)
    for size in ((80, 24), (160, 50))
    for language in ("en", "pl")
    for case in ("one", "two")
]


def test_each_case_of_a_test_is_played_once() -> None:
    played, left_out = choose(EVERY)
    assert sorted(each.callspec.params["case"] for each in played) == ["one", "two"]
    assert len(played) + len(left_out) == len(EVERY)


def test_a_test_always_gets_the_same_ones_whatever_runs_beside_it() -> None:
    alone = choose(EVERY[:])[0]
    among = choose([*EVERY[::-1], *(item(f"{FLOW}{number}", size=(80, 24)) for number in range(9))])[0]
    assert {each.nodeid for each in alone} <= {each.nodeid for each in among}


def test_across_many_tests_each_size_and_language_is_played() -> None:
    many = [
        item(f"tests/tui/test_flows_x.py::test_{number}", size=size, language=language)
        for number in range(60)
        for size in ((80, 24), (160, 50))
        for language in ("en", "pl")
    ]
    played, _left_out = choose(many)
    chosen = [tuple(each.callspec.params.values()) for each in played]
    assert all(chosen.count(both) >= 5 for both in {tuple(each.callspec.params.values()) for each in many})


def test_across_many_pictures_half_are_in_each_language() -> None:
    names = [f"screen-{number}" for number in range(60)]
    pictures = [
        item("tests/snapshots/test_x.py::test_screen", language=language, screen=name)
        for language in ("en", "pl")
        for name in names
    ]
    played, _left_out = choose(pictures)
    assert sorted(each.callspec.params["screen"] for each in played) == sorted(names)
    chosen = [each.callspec.params["language"] for each in played]
    assert all(chosen.count(language) >= 20 for language in ("en", "pl"))


def test_a_rule_is_tried_in_one_database_and_what_is_about_databases_in_both() -> None:
    both = [item("tests/core/tickets/test_x.py::test", any_store=store) for store in ("sqlite", "postgresql")]
    others = [item("tests/core/db/test_x.py::test", any_store=store) for store in ("sqlite", "postgresql")]
    played, left_out = choose([*both, *others])
    assert (len(played), len(left_out)) == (3, 1)
    assert left_out[0] in both


def test_across_many_rules_half_are_tried_in_each_database() -> None:
    tests = [f"tests/core/tickets/test_x.py::test_{number}" for number in range(60)]
    played, _left_out = choose([item(name, any_desk=store) for name in tests for store in ("sqlite", "postgresql")])
    chosen = [each.callspec.params["any_desk"] for each in played]
    assert all(chosen.count(store) >= 20 for store in ("sqlite", "postgresql"))


def test_what_takes_seconds_is_left_out() -> None:
    quick, slow = item(FLOW), item("tests/faults/test_x.py::test", marks=("thorough",))
    assert choose([quick, slow]) == ([quick], [slow])


def test_a_case_that_names_its_own_size_and_whatever_is_no_flow_stay() -> None:
    own = [
        item(FLOW, case="a", size=(80, 24)),
        item(FLOW, case="b", size=(160, 50)),
        item("tests/core/test_x.py::test"),
    ]
    spoken = [item("tests/core/i18n/test_x.py::test", language=language) for language in ("en", "pl")]
    assert choose([*own, *spoken])[1] == []

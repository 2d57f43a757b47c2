"""What a scenario can claim, and that a false claim is found: letters by kind and number, places, terminals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.care import access_request_list, grants
from core.devices import fault_ticket
from core.mail.maildir import Post
from core.security import passwords
from tui.demo.tour import command, player, scenario
from tui.demo.tour.player import _fits, _pattern
from tui.demo.tour.stage import Stage

STAGE = """
[stage]
companies = [{ name = "Ciepłownia", email = "serwis@cieplownia.example" }]
people = [
  { login = "adam", role = "installer", company = "Ciepłownia", standing = "owner" },
  { login = "ola", first_name = "Ola", last_name = "Sowa" },
  { login = "wit", first_name = "Wit", last_name = "Kapsel" },
]
grants = [{ customer = "ola", company = "Ciepłownia", device = "B123456789", level = 3, fault = "F12" }]
applications = [{ customer = "wit", company = "Ciepłownia", device = "B000000001", level = 1 }]
"""


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    passwords.use_profile("test")
    monkeypatch.setattr(player, "PATIENCE", 0.5)


def played(folder: Path, steps: str) -> str:
    path = folder / "x.toml"
    path.write_text(f'id = "x"\n[title]\nen = "X"\npl = "X"\n{STAGE}\n{steps}', encoding="utf-8")
    return command.play_headless(scenario.read(path), "en", size=(80, 24))


def test_the_stage_has_companies_grants_faults_and_applications(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path))
    path = tmp_path / "x.toml"
    path.write_text(f'id = "x"\nstep = []\n[title]\nen = "X"\npl = "X"\n{STAGE}', encoding="utf-8")
    stage = Stage(tmp_path, scenario.read(path).stage, "pl")
    adam, ola = (stage.desk.acting(stage.session_of(login).session_id) for login in ("adam", "ola"))
    assert adam.actor().role == "installer"
    assert adam.actor().owner
    assert adam.see(grants.count) == 1
    grant = ola.see(grants.mine)[0]
    assert (grant.company, grant.device, grant.level, grant.name) == ("Ciepłownia", "B123456789", 3, "Ola Sowa")
    assert ola.see(fault_ticket.fault_ticket, grant.asset_id)["error_code"] == "F12"
    assert ola.see(access_request_list.waiting) == 0
    assert sorted(stage.letters().values()) == ["application_received", "application_sent"]
    stage.close()


@pytest.mark.parametrize(
    ("mail", "wrong"),
    [
        ('{ to = "wit@example.com", letter = "application_sent" }', ""),
        ('{ to = "wit@example.com", letter = "application_sent", count = 1 }', ""),
        ('{ to = "wit@example.com", letter = "application_approved", count = 0 }', ""),
        ('[{ to = "wit@example.com" }, { to = "cieplownia.example", contains = "B000000001" }]', ""),
        ('{ to = "wit@example.com", letter = "application_received" }', "0 such mails"),
        ('{ to = "wit@example.com", letter = "application_sent", count = 2 }', "1 such mails"),
        ('{ to = "wit@example.com", count = 0 }', "1 such mails"),
        ('[{ to = "wit@example.com" }, { to = "nobody@example.com" }]', "0 such mails"),
    ],
)
def test_letters_are_claimed_by_kind_and_number(tmp_path: Path, mail: str, wrong: str) -> None:
    why = played(tmp_path, f"[[step]]\nmail = {mail}\n")
    assert (wrong in why) if wrong else why == ""


def test_somebody_at_another_terminal_disturbs_nothing_here(tmp_path: Path) -> None:
    steps = """
[[step]]
as = "adam"
expect = ["Pending customers"]

[[step]]
press = ["g", "c", "v"]
expect = ["Compressor"]

[[step]]
terminal = 2
expect = ["I have a code"]
as = "ola"
expect_text = ["Ola Sowa"]

[[step]]
press = ["l", "up", "up", "enter"]

[[step]]
terminal = 3
as = "wit"
expect_text = ["Wit Kapsel"]

[[step]]
terminal = 1
expect_text = ["Adam"]
expect = ["No longer open to you: {rights}. The customer's access level is “{level}” now."]
expect_gone = ["Compressor"]

[[step]]
terminal = 2
expect_text = ["Ola Sowa"]
"""
    assert played(tmp_path, steps) == ""


def test_what_is_still_there_is_found_whatever_stands_in_its_places(tmp_path: Path) -> None:
    steps = '[[step]]\nas = "wit"\nexpect = ["Service"]\nexpect_gone = ["Device {id}"]\n'
    assert "still on the screen" in played(tmp_path, steps)


def test_places_stand_for_anything_and_the_rest_for_itself() -> None:
    wanted = _pattern("Error {code}: {meaning}. (really)")
    assert wanted.search("» Error H62: too little water. (really) «")
    assert not wanted.search("Error H62: too little water. really")
    assert not wanted.search("Error : x. (really)")


def test_a_letter_is_known_by_its_number() -> None:
    post = Post(Path("x"), "ola@example.com", "Hello", None, "<1@x>", "body")  # type: ignore[arg-type]
    assert _fits(post, {"to": "ola", "letter": "welcome"}, {"<1@x>": "welcome"})
    assert not _fits(post, {"to": "ola", "letter": "reset"}, {"<1@x>": "welcome"})
    assert not _fits(post, {"to": "ola", "contains": "else"}, {})

"""Every letter that is declared can be written, in both languages, and says what it must."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pytest

from core.mail import templates
from core.service.letters import LETTERS, LetterKind
from core.service.settings import DeskSection, ServeSection, Settings

SETTINGS = Settings(
    data_dir=Path("/nowhere"),
    desk=DeskSection(
        name="Latarnia", phone="+48 22 555 01 01", email="pomoc@latarnia.example", address="desk@ssh.example"
    ),
)
PLAIN = {"login": "ola", "name": "Ola", "form": "K7QF"}


@pytest.mark.parametrize("language", ["en", "pl"])
@pytest.mark.parametrize("kind", LETTERS.values(), ids=LETTERS)
def test_every_letter_can_be_written(kind: LetterKind, language: str) -> None:
    reason = "You get this letter" if language == "en" else "Otrzymują Państwo tę wiadomość"
    for details, secrets in kind.samples():
        letter = templates.render(kind.name, language, details, secrets, SETTINGS)
        assert reason in letter.body
        assert all(part in letter.body for part in ("Latarnia", "+48 22 555 01 01", "pomoc@latarnia.example"))
        assert all(code in letter.body and code not in letter.subject for code in secrets.values())
        assert letter.subject
        assert "\n\n\n" not in letter.body
        assert not [line for line in letter.body.split("\n") if line != line.rstrip()]
        if kind.name.startswith("ticket_"):
            assert letter.subject == "[#1042] Zażółć [/] gęślą"


@pytest.mark.parametrize(("letter", "screen"), [("confirm_address", "confirm"), ("reset", "reset")])
def test_a_code_comes_with_the_commands_that_open_its_screen(letter: str, screen: str) -> None:
    code = "K7QF-M2XD-9PLT-3HWC"
    body = templates.render(letter, "en", PLAIN, {"code": code}, SETTINGS).body
    assert f"\n    okienko {screen} {code}\n\n" in body
    assert f"\n    ssh -t desk@ssh.example {screen} {code}\n\n" in body
    alone = Settings(data_dir=Path("/nowhere"))
    assert "ssh" not in templates.render(letter, "en", PLAIN, {"code": code}, alone).body


@pytest.mark.parametrize("language", ["en", "pl"])
@pytest.mark.parametrize("address", ["desk@ssh.example", ""])
def test_where_browsers_can_come_a_code_has_an_address_first(language: str, address: str) -> None:
    served = Settings(
        data_dir=Path("/nowhere"),
        desk=DeskSection(address=address),
        serve=ServeSection(web_address="https://desk.example/"),
    )
    body = templates.render("reset", language, PLAIN, {"code": "K7QF-M2XD"}, served).body
    ways = ["https://desk.example/#reset=K7QF-M2XD", f"ssh -t {address} reset K7QF-M2XD"]
    places = [body.index(f"\n    {way}\n\n") for way in ways if address or not way.startswith("ssh")]
    assert places == sorted(places)
    assert ("ssh" in body) is bool(address) and "\n\n\n" not in body
    assert body.rstrip().split("\n")[-1 - bool(address)].endswith(": https://desk.example")


@pytest.mark.parametrize("language", ["en", "pl"])
@pytest.mark.parametrize(
    ("address", "serve", "is_there"),
    [
        ("", {}, True),
        ("desk@ssh.example", {}, True),
        ("", {"serve": ServeSection(ssh="0.0.0.0:22")}, True),
        ("desk@ssh.example", {"serve": ServeSection(ssh="0.0.0.0:22")}, False),
        ("", {"serve": ServeSection(web_address="https://desk.example")}, False),
    ],
    ids=["alone", "an sshd", "no address", "served by ssh", "served to browsers"],
)
def test_the_command_of_this_machine_stands_only_where_nobody_is_served(
    language: str, address: str, serve: dict[str, ServeSection], is_there: bool
) -> None:
    settings = Settings(data_dir=Path("/nowhere"), desk=DeskSection(address=address), **serve)
    for kind in LETTERS.values():
        if not kind.code or kind.code in ("login", "email", "company"):
            continue
        details, secrets = next(kind.samples())
        body = templates.render(kind.name, language, details, secrets, settings).body
        assert (" okienko " in body) is is_there, kind.name
        assert ("zainstalowany" not in body and "installed" not in body) or is_there
        assert "\n\n\n" not in body and not [line for line in body.split("\n") if line != line.rstrip()]


def test_lifetimes_are_told_in_the_readers_language() -> None:
    assert "30 minutes" in templates.render("reset", "en", PLAIN, {"code": "X"}, SETTINGS).body
    assert "30 minut." in templates.render("reset", "pl", PLAIN, {"code": "X"}, SETTINGS).body
    invited = {**PLAIN, "role": "agent"}
    assert "28 days" in templates.render("staff_welcome", "en", invited, {"code": "X"}, SETTINGS).body
    assert "28 dni." in templates.render("staff_welcome", "pl", invited, {"code": "X"}, SETTINGS).body
    assert "1 dzień" in templates.render("confirm_address", "pl", PLAIN, {"code": "X"}, SETTINGS).body


def test_times_are_the_readers() -> None:
    def told(language: str, zone: str = "") -> str:
        details = {"until": "2026-11-20T09:15:00+00:00"}
        return templates.render("account_locked", language, details, {}, SETTINGS, zone=zone).body

    assert "20 November 2026, 10:15 CET" in told("en")
    assert "20 listopada 2026, 04:15 EST" in told("pl", "America/New_York")


def test_what_people_typed_is_text_and_nothing_else() -> None:
    nasty = "a\r\nBcc: x@y.pl\n\nSubject: other\u2028{{ desk.name }}\x1b]52;c;eA==\x07"
    letter = templates.render("ticket_new", "en", {"number": 7, "subject": nasty, "by": nasty}, {}, SETTINGS)
    assert letter.subject == "[#7] a Bcc: x@y.pl Subject: other {{ desk.name }}]52;c;eA=="
    assert "> a Bcc: x@y.pl Subject: other {{ desk.name }}]52;c;eA==\n" in letter.body
    assert "\x1b" not in letter.body


def test_a_long_subject_is_cut_and_a_reply_is_quoted_line_by_line() -> None:
    details = {"number": 7, "subject": "ó" * 500, "by": "Adam", "body": "one\r\n\r\nFrom two\n.\n-- \n"}
    letter = templates.render("ticket_replied", "en", details, {}, SETTINGS)
    assert letter.subject == "[#7] " + "ó" * 149 + "…"
    assert "> one\n>\n> From two\n> .\n> --\n" in letter.body


def test_a_letter_with_a_hole_in_it_is_not_written() -> None:
    with pytest.raises(jinja2.UndefinedError):
        templates.render("reset", "en", PLAIN, {}, SETTINGS)
    with pytest.raises(jinja2.TemplateNotFound):
        templates.render("invented", "en", {}, {}, SETTINGS)
    with pytest.raises(jinja2.UndefinedError):
        templates.render("staff_welcome", "en", {**PLAIN, "role": "king"}, {"code": "X"}, SETTINGS)


def test_secrets_are_not_in_a_repr() -> None:
    assert "S3CRET" not in repr(templates.render("reset", "en", PLAIN, {"code": "S3CRET"}, SETTINGS))


def test_it_says_how_many_were_not_sent_meanwhile() -> None:
    for language, said in (("en", "since the last one: 7."), ("pl", "od poprzedniej: 7.")):
        told = {**PLAIN, "others": 7}
        assert said in templates.render("confirm_address", language, told, {"code": "X"}, SETTINGS).body
        assert "7." not in templates.render("confirm_address", language, PLAIN, {"code": "X"}, SETTINGS).body

"""News, outages, questions and contact in the real interface: as a guest, as a subscriber, as staff."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.knowledge import articles, edit
from core.models.accounts import Role
from core.service.settings import Department, DeskSection
from tests.core.knowledge.stage import form, later, outage, published, titles
from tests.factories.desks import admin_values, logged_in, mail, make_desk, person, seat
from tests.factories.subscribers import subscriber
from tests.snapshots.shooting import speak
from tests.support.playing import LARGE, SMALL, Player, playing, sitting
from tui.screens.accounts.welcome import Welcome
from tui.screens.knowledge.article import ArticleScreen
from tui.screens.knowledge.articles import Faq, News
from tui.screens.knowledge.contact import ContactRoom
from tui.screens.knowledge.edit import ArticlePreview, EditArticle
from tui.screens.tickets.new import NewTicketScreen
from tui.widgets.confirm import Confirm

BOTH = pytest.mark.parametrize(("size", "language"), [(SMALL, "en"), (LARGE, "pl")], ids=["80-en", "160-pl"])
CONTACT = (
    Department.model_validate(
        {
            "name": {"en": "Office", "pl": "Biuro"},
            "phones": ("+48 22 555 01 10",),
            "email": "biuro@example.com",
            "hours": "mon-fri 9:00-17:00",
        }
    ),
    Department.model_validate(
        {
            "name": {"en": "On call", "pl": "Dyżur"},
            "phones": ("+48 600 555 111",),
            "hours": "mon-fri 19:00-21:00",
            "around_the_clock": {"en": "SMS day and night", "pl": "SMS całą dobę"},
        }
    ),
)


class World:
    """An agent, an administrator, and Wanda, who has a line in Łapsze."""

    def __init__(self, folder: Path) -> None:
        self.desk = make_desk(folder, contact=CONTACT)
        person(self.desk, "root", Role.ADMIN)
        self.adam = logged_in(self.desk, "adam", Role.AGENT)
        account = person(self.desk, "wanda")
        subscriber(self.desk, account_id=account)
        self.wanda = seat(self.desk, account)

    def speaks(self, language: str) -> None:
        speak(self.desk, language)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("OKIENKO_DATA_DIR", str(tmp_path / "state"))
    made = World(tmp_path / "desk")
    yield made
    made.desk.close()


def rows(player: Player) -> list[Any]:
    screen: Any = player.app.screen
    return [row.title for row in screen.rows.window.rows]


# Before logging in


@BOTH
async def test_a_guest_reads_everything_that_is_published(world: World, size: tuple[int, int], language: str) -> None:
    article = published(world.adam, outage(title_en="A digger won", body_en="We are **splicing**."))
    published(world.adam, form(kind="faq", title_pl="Jak zapłacić?", title_en="How do I pay?"))
    world.adam.do(edit.create, form(title_pl="Szkic", title_en="Draft"))
    title = world.desk.see(articles.article, article, language).row.title
    async with playing(world.desk, size=size, language=language) as player:
        player.sees(title)
        await player.press("f5")
        assert isinstance(player.app.screen, News)
        assert rows(player) == [title]
        await player.press("enter")
        player.sees(title, "08:00", "14:00")
        player.sees("We are splicing." if language == "en" else "Spawamy.")
        await player.press("escape")
        assert isinstance(player.app.screen, News)
        await player.press("g", "f")
        assert isinstance(player.app.screen, Faq)
        assert rows(player) == ["How do I pay?" if language == "en" else "Jak zapłacić?"]
        await player.press("g", "k")
        assert isinstance(player.app.screen, ContactRoom)
        player.sees("Office" if language == "en" else "Biuro", "+48 22 555 01 10", "17:00")
        await player.press("escape")
        assert isinstance(player.app.screen, Welcome)
        assert player.app.frame.rooms == (), "the guest's rooms are nobody else's"


async def test_a_guest_finds_no_way_to_what_needs_a_login(world: World) -> None:
    published(world.adam, form())
    async with playing(world.desk) as player:
        await player.press("f5")
        for key in ("n", "e", "P", "W", "E", "ctrl+k", "ctrl+l"):
            await player.press(key)
            assert isinstance(player.app.screen, News), key
        await player.press("enter", "e", "W", "ctrl+l")
        assert isinstance(player.app.screen, ArticleScreen)
        await player.press("g", "k", "n")
        assert isinstance(player.app.screen, ContactRoom)
        player.sees("Log in first (Esc); then n writes to the office.")
        await player.press("question_mark")
        assert "Log out" not in player.screen and "Publish" not in player.screen


async def test_what_was_typed_on_the_way_in_is_there_when_one_comes_back(world: World) -> None:
    async with playing(world.desk) as player:
        await player.fill(login="wanda")
        await player.press("f5", "escape")
        screen = player.app.screen
        assert isinstance(screen, Welcome) and screen.box.values["login"] == "wanda"
        assert "F5 News · FAQ · Contact" in player.screen


async def test_nothing_to_read_says_so(world: World) -> None:
    async with playing(world.desk) as player:
        await player.press("f5")
        player.sees("No news", "What is new, and what is out of order, stands here.")


@BOTH
async def test_searching_without_accents_and_in_other_forms(world: World, size: tuple[int, int], language: str) -> None:
    published(world.adam, form(kind="faq", title_pl="Zamawianie usług", title_en="", body_en=""))
    published(world.adam, form(kind="faq", title_pl="Coś innego", body_pl="Zupełnie.", title_en="", body_en=""))
    async with playing(world.desk, size=size, language=language) as player:
        await player.press("f5", "g", "f", "slash")
        await player.type("uslugi")
        await player.press("enter")
        assert rows(player) == ["Zamawianie usług"]
        await player.press("escape")
        assert len(rows(player)) == 2
        assert isinstance(player.app.screen, Faq), "the first Escape only ends the search"


@pytest.mark.parametrize("room", ["j", "f"])
@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_search_without_a_hit_is_no_empty_room(world: World, room: str, size: tuple[int, int]) -> None:
    published(world.adam, form(kind={"j": "news", "f": "faq"}[room], title_en="Storks", body_en="They nest."))
    async with playing(world.desk, size=size) as player:
        await player.press("f5", "g", room, "slash")
        await player.type("qqqq")
        await player.press("enter")
        player.sees("Nothing fits what was searched for", "Esc shows everything again.")
        assert "No news" not in player.screen and "No questions" not in player.screen
        assert "They nest." not in player.screen
        await player.press("escape")
        assert rows(player) == ["Storks"]
        await player.press("slash")
        await player.type("qqqq")
        await player.settle()
        await player.press("escape")
        assert rows(player) == ["Storks"], "also out of the line that is typed in"


# A subscriber


@BOTH
async def test_an_outage_of_ones_own_line_is_seen_at_once(world: World, size: tuple[int, int], language: str) -> None:
    world.speaks(language)
    article = published(world.adam, outage())
    async with sitting(world.desk, world.wanda, size=size, language=language) as player:
        player.sees("Koparka przecięła światłowód")
        await player.press("g", "j", "enter")
        player.sees("PN-0000", "Spawamy.", "14:00")
        await player.press("escape")
        world.adam.do(edit.end_outage, article, seen=2)
        await player.press("g", player.app.frame.open_rooms[0].key)
        assert "Koparka" not in player.screen
    async with sitting(world.desk, logged_in(world.desk, "ola"), size=size, language=language) as player:
        assert "Koparka" not in player.screen, "somebody whose lines it does not reach"


@BOTH
async def test_planned_works_are_no_outage_and_are_called_off(
    world: World, size: tuple[int, int], language: str
) -> None:
    world.speaks(language)
    article = published(world.adam, outage(begins="2026-11-22 01:00", ends="2026-11-22 05:00"))
    planned = {"en": "Planned work", "pl": "Planowane prace"}[language]
    box = {"en": "─ Outage ─", "pl": "─ Awaria ─"}[language]
    async with sitting(world.desk, world.wanda, size=size, language=language) as player:
        player.sees(f"─ {planned} ─")
        assert box not in player.screen
        another = published(world.adam, outage(title_pl="Dźwig"))
        await player.press("f5")
        assert box in player.screen and planned not in player.screen, "one failure among them is enough"
        world.adam.do(edit.end_outage, another, seen=2)
        world.adam.do(edit.end_outage, article, seen=2)
        off, ended = {"en": ("called off", "ended"), "pl": ("odwołane", "zakończone")}[language]
        await player.press("g", "j")
        player.sees(f"✓ {ended}", f"× {off}")
        await player.press("end", "enter")
        player.sees(f"× {off}", "22", "01:00", "05:00")
        assert ended not in player.screen


async def test_works_that_go_on_are_works(world: World) -> None:
    published(world.adam, outage(begins="2026-11-20 11:00", ends=""))
    later(world.desk, hours=2)
    async with sitting(world.desk, world.wanda) as player:
        player.sees("─ Planned work ─", "! works now")
        assert "! outage" not in player.screen


async def test_pinned_news_is_the_headline_of_the_first_room_alone(world: World) -> None:
    published(world.adam, form(pinned="yes"))
    async with sitting(world.desk, logged_in(world.desk, "ola")) as player:
        player.sees("A new service in Łapsze", "g j reads on")
        await player.press("g", "u")
        assert "A new service in Łapsze" not in player.screen


async def test_writing_to_the_office_opens_a_ticket_for_it(world: World) -> None:
    async with sitting(world.desk, logged_in(world.desk, "ola")) as player:
        await player.press("g", "k")
        player.sees("open until 17:00", "closed, opens 19:00", "SMS day and night")
        await player.press("n")
        assert isinstance(player.app.screen, NewTicketScreen)
        await player.fill(**admin_values("About my invoice"))
        await player.press("ctrl+s")
        player.sees("About my invoice", "is open")
    assert mail(world.desk, "ticket_created")


async def test_open_now_is_read_again(world: World) -> None:
    async with sitting(world.desk, logged_in(world.desk, "ola")) as player:
        await player.press("g", "k")
        player.sees("open until 17:00")
        later(world.desk, hours=7)
        await player.press("f5")
        player.sees("closed, opens Monday 9:00", "closed, opens 19:00")


# Staff


@pytest.mark.thorough
@BOTH
async def test_an_article_is_written_looked_at_and_published(
    world: World, size: tuple[int, int], language: str
) -> None:
    world.speaks(language)
    async with sitting(world.desk, world.adam, size=size, language=language) as player:
        await player.press("g", "j", "n")
        assert isinstance(player.app.screen, EditArticle)
        await player.fill(title_pl="Bociany")
        await player.press("ctrl+s")
        assert player.error("body_pl") and isinstance(player.app.screen, EditArticle)
        await player.fill(body_pl="## Gniazdo\n\nNa **maszcie** stoi gniazdo.\n\n- bocian\n- bocian")
        await player.press("f7")
        assert isinstance(player.app.screen, ArticlePreview)
        player.sees("Bociany", "Gniazdo", "Na maszcie stoi gniazdo.", "• bocian")
        await player.press("escape", "ctrl+s")
        assert isinstance(player.app.screen, ArticleScreen)
        assert titles(world.desk) == []
        await player.press("P")
        assert isinstance(player.app.screen, Confirm)
        await player.press("enter")
        assert titles(world.desk) == [], "Enter says no"
        await player.press("P", "y")
        assert titles(world.desk) == ["Bociany"]
        await player.press("e")
        await player.fill(title_pl="Dwa bociany")
        await player.press("ctrl+s")
        assert isinstance(player.app.screen, ArticleScreen)
        player.sees("Dwa bociany")
        await player.press("W", "y")
        assert titles(world.desk) == []
        await player.press("escape")
        assert rows(player) == ["Dwa bociany"]


@pytest.mark.thorough
async def test_an_outage_is_published_to_those_it_reaches_and_ended(world: World) -> None:
    async with sitting(world.desk, world.adam) as player:
        await player.press("g", "j", "n")
        values = {"title_en": "A digger won", "body_en": "Splicing.", "outage": "yes", "begins": "2026-11-20 08:00"}
        await player.fill(**values, places="Niedzica")
        await player.press("f7")
        assert "Niedzica" in player.error("places")
        await player.press("ctrl+s")
        assert "Niedzica" in player.error("places")
        await player.fill(places="Łapsze, ul. Krzywa")
        await player.press("f7")
        player.sees("It reaches 1 line. 1 subscriber with an account gets mail.")
        await player.press("escape", "ctrl+s", "P")
        player.sees("It reaches 1 line. 1 subscriber with an account gets mail.")
        await player.press("y")
        assert [row.address for row in mail(world.desk, "outage")] == ["wanda@example.com"]
        player.sees("reaches 1 line")
        await player.press("W")
        assert isinstance(player.app.screen, ArticleScreen), "an outage is ended, then withdrawn"
        await player.press("escape", "E")
        player.sees("Is the outage over?")
        await player.press("y")
        assert [row.address for row in mail(world.desk, "outage_over")] == ["wanda@example.com"]
        player.sees("ended")


async def test_everything_that_names_no_line_is_said_at_once(world: World) -> None:
    async with sitting(world.desk, world.adam) as player:
        await player.press("g", "j", "n")
        values = {"title_en": "A digger won", "body_en": "Splicing.", "outage": "yes", "begins": "2026-11-20 08:00"}
        await player.fill(**values, places="Niedzica\nKacwin", networks="192.0.2.0/24", lines="PN-7")
        await player.press("ctrl+s")
        assert "Niedzica; Kacwin" in player.error("places")
        assert "192.0.2.0/24" in player.error("networks") and "PN-7" in player.error("lines")


async def test_somebody_was_faster_and_nothing_typed_is_lost(world: World) -> None:
    article = published(world.adam, form())
    async with sitting(world.desk, world.adam) as player:
        await player.press("g", "j", "e")
        await player.fill(title_en="Mine")
        world.adam.do(edit.edit, article, form(title_en="Theirs"), seen=2)
        await player.press("ctrl+s")
        player.sees("Somebody else has changed this article meanwhile.")
        assert player.form.values["title_en"] == "Mine"
        await player.press("escape", "n", "e")
        player.sees("Changed by somebody else since you began.")
        assert player.form.values["title_en"] == "Mine", "it is kept unless it is thrown away"
        await player.fill(title_en="Mine still")
        await player.press("escape", "y")
        player.sees("Theirs")
        assert not player.app.drafts


async def test_an_article_left_for_another_room_is_kept_and_what_came_meanwhile_is_said(world: World) -> None:
    article = published(world.adam, form())
    async with sitting(world.desk, world.adam) as player:
        await player.press("g", "j", "e")
        await player.fill(title_en="Mine")
        await player.press("f9", "down", "enter")
        assert not any(isinstance(screen, EditArticle) for screen in player.app.screen_stack), player.screen
        world.adam.do(edit.edit, article, form(title_en="Theirs"), seen=2)
        await player.press("g", "j", "e")
        player.sees("Changed by somebody else since you began.")
        assert player.form.values["title_en"] == "Mine"
        await player.press("ctrl+s")
        player.sees("Mine")
        assert not player.app.drafts


async def test_publishing_what_has_changed_is_refused_and_shown_anew(world: World) -> None:
    article = world.adam.do(edit.create, form())
    async with sitting(world.desk, world.adam) as player:
        await player.press("g", "j", "P")
        world.adam.do(edit.edit, article, form(title_en="Theirs"), seen=1)
        await player.press("y")
        player.sees("Somebody else has changed this article meanwhile.", "Theirs")
    assert titles(world.desk) == []


async def test_staff_have_contact_without_a_form_for_themselves(world: World) -> None:
    async with sitting(world.desk, world.adam) as player:
        await player.press("g", "k", "n")
        assert isinstance(player.app.screen, ContactRoom)


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_long_article_is_read_to_its_end(world: World, size: tuple[int, int]) -> None:
    body = "\n\n".join(f"Line {number}." for number in range(60))
    published(world.adam, form(title_en="Long", body_en=body))
    async with playing(world.desk, size=size) as player:
        await player.press("f5", "enter")
        player.sees("Line 0.")
        assert "Line 59." not in player.screen
        await player.press("G")
        player.sees("Line 59.")
        await player.press("g", "g")
        player.sees("Line 0.")


async def test_what_people_write_is_text_and_nothing_else(world: World) -> None:
    nasty = "[red]x[/] [@click=app.quit]y[/] <b>z</b> [/"
    published(world.adam, form(title_en=nasty, body_en=f"{nasty}\n\n[bank](javascript:alert(1)) ![i](http://a/b)"))
    async with playing(world.desk) as player:
        await player.press("f5")
        player.sees("[red]x[/]")
        await player.press("enter")
        player.sees("[@click=app.quit]y[/]", "<b>z</b>")


async def test_without_departments_contact_says_what_there_is(tmp_path: Path) -> None:
    told = "tables “contact” of okienko.toml"
    for number, (section, shown) in enumerate(
        (
            (DeskSection(), "No telephone and no address is given here."),
            (DeskSection(phone="+48 18 555 02 00", email="biuro@example.com"), "+48 18 555 02 00"),
        )
    ):
        desk = make_desk(tmp_path / str(number), desk=section)
        for role in (Role.ADMIN, Role.AGENT):
            async with sitting(desk, logged_in(desk, role.value, role)) as player:
                await player.press("g", "k")
                player.sees(desk.settings.desk.name, shown)
                assert (told in player.screen) == (role == Role.ADMIN)
        desk.close()


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_new_article_begins_with_its_first_question(world: World, size: tuple[int, int]) -> None:
    async with sitting(world.desk, world.adam, size=size) as player:
        await player.press("g", "j", "n")
        player.sees("Kind *", "This is an outage or works" if size == LARGE else "Kind *")


async def test_whoever_comes_back_to_their_data_sees_what_happened_meanwhile(world: World) -> None:
    async with sitting(world.desk, world.wanda) as player:
        assert "Koparka" not in player.screen
        await player.press("question_mark")
        article = published(world.adam, outage())
        await player.press("escape")
        player.sees("─ Outage ─", "Koparka")
        world.adam.do(edit.end_outage, article, seen=2)
        await player.press("f5")
        assert "Koparka" not in player.screen, "neither the box nor the line above"

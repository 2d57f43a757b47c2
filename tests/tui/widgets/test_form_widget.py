"""The form: every kind of question, conditions, errors beside their fields, nothing typed is lost."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from textual import events

from core.errors import Say, say
from core.field import KINDS, Choice, Field, Raw, When
from core.i18n import translation
from core.i18n.translation import N_
from tests.tui.widgets.stage import SIZES, Stage, on_screen
from tui.demo.tour.rest import settled
from tui.widgets.field_row import FieldLabel, FieldRow
from tui.widgets.fields.line import SecretInput
from tui.widgets.form import Form, Values

KIND = Choice("fault", "Fault"), Choice("question", "Question [b]")
FIELDS = (
    Field("subject", "Subject", max_length=20, help="A few words"),
    Field("kind", "What is it?", kind="choice", choices=KIND),
    Field("worked", "Did it work before?", kind="yes_no", section="The device"),
    Field("since", "Since when?", kind="date", when=When("worked", ("yes",))),
    Field("cause", "What changed then?", required=False, when=When("since", ("2026-01-01",))),
    Field("tried", "What was tried?", kind="multi_choice", choices=(Choice("a", "Restart"), Choice("b", "Cable"))),
    Field("text", "Description", kind="long_text", max_length=60),
    Field("far", "Distance", kind="number", unit="km", required=False),
    Field("ok", "I agree", kind="check"),
)


class Listener(Stage):
    def on_form_changed(self, event: Form.Changed) -> None:
        self.heard.append(event.name)

    def on_form_submitted(self, event: Form.Submitted) -> None:
        self.heard.append(event.values)


def no_fish(values: Values, name: str | None) -> Mapping[str, Say]:
    """A rule: no fish in any field that is asked about."""
    asked = values if name is None else (name,)
    return {each: say(N_("No fish, please.")) for each in asked if "fish" in values.get(each, "")}


def form_of(*fields: Field, **options: object) -> Listener:
    return Listener(lambda: [Form(fields or FIELDS, **options)])  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_has_an_input_that_keeps_its_value(kind: str) -> None:
    value: Raw = {"choice": "b", "multi_choice": ("a", "b"), "yes_no": "no", "check": "yes"}.get(kind, "some")
    app = form_of(Field("x", "X", kind=kind, choices=(Choice("a", "A"), Choice("b", "B"))), values={"x": value})
    async with app.run_test():
        assert app.query_one(Form).values == {"x": value}


@pytest.mark.parametrize("size", SIZES)
async def test_labels_help_and_stars(size: tuple[int, int]) -> None:
    app = form_of()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        lines = on_screen(app).splitlines()
        label = next(place for place, line in enumerate(lines) if "Subject *" in line)
        assert any("A few words" in line for line in lines[label : label + 3])
        beside = "What is it? *" in next(line for line in lines if "pick one" in line)
        assert beside == (size[0] >= 100), "labels stand beside their inputs only where there is room"
        assert any("The device" in line for line in lines)
        assert not any("Since when" in line for line in lines)


async def test_a_section_without_fields_has_no_heading() -> None:
    app = form_of(
        Field("kind", "What is it?", kind="choice", choices=KIND),
        Field("since", "Since when?", kind="date", when=When("kind", ("fault",)), section="The fault"),
        Field("seen", "Who saw it?", when=When("kind", ("fault",))),
        Field("ask", "Ask away", when=When("kind", ("question",)), section="The question"),
    )
    async with app.run_test(size=(80, 40)) as pilot:
        form = app.query_one(Form)
        for kind, shown in (("", set()), ("fault", {"The fault"}), ("question", {"The question"})):
            form.set_values({"kind": kind})
            await settled(app, pilot)
            seen = on_screen(app)
            assert {heading for heading in ("The fault", "The question") if heading in seen} == shown


async def test_filling_with_keys_only() -> None:
    app = form_of()
    async with app.run_test(size=(80, 60)) as pilot:
        form = app.query_one(Form)
        form.focus_first()
        await pilot.press(*"Router", "enter", "right", "right", "tab", "y", "enter")
        await pilot.press(*"2026-01-01", "down", *"rain", "tab")
        await pilot.press("space", "down", "space", "down")
        await pilot.press("a", "enter", "b", "tab", "7", "enter", "space", "enter")
        await pilot.pause()
        expected = {
            "subject": "Router",
            "kind": "question",
            "worked": "yes",
            "since": "2026-01-01",
            "cause": "rain",
            "tried": ("a", "b"),
            "text": "a\nb",
            "far": "7",
            "ok": "yes",
        }
        assert form.values == expected
        assert app.heard[-1] == expected, "Enter in the last field submits"
        assert form.touched


async def test_what_a_condition_asks_for_can_be_gone_to_at_once() -> None:
    """The next key may be there already, before anything is drawn."""
    app = form_of()
    async with app.run_test(size=(80, 60)):
        form = app.query_one(Form)

        def in_turn() -> list[str]:
            names = {row.input: row.field.name for row in app.query(FieldRow)}
            return [names[widget] for widget in app.screen.focus_chain if widget in names]

        always = ["subject", "kind", "worked", "tried", "text", "far", "ok"]
        assert in_turn() == always
        form.put("worked", "yes")
        assert in_turn() == [*always[:3], "since", *always[3:]]
        form.put("worked", "no")
        assert in_turn() == always


async def test_what_a_condition_puts_away_is_kept() -> None:
    app = form_of()
    async with app.run_test(size=(80, 60)) as pilot:
        form = app.query_one(Form)
        form.set_values({"worked": "yes", "since": "2026-01-01", "cause": "rain"})
        await pilot.pause()
        assert "What changed then?" in on_screen(app)
        form.set_values({"worked": "no"})
        await pilot.pause()
        assert "Since when" not in on_screen(app)
        assert "What changed then?" not in on_screen(app), "what depends on something put away is put away too"
        assert not {"since", "cause"} & set(form.values)
        assert form.drafts["cause"] == "rain"
        form.set_values({"worked": "yes"})
        await pilot.pause()
        assert form.values["cause"] == "rain"
        assert not form.touched


async def test_a_field_is_checked_when_it_is_left_and_again_while_it_is_mended() -> None:
    app = form_of(Field("one", "One"), Field("two", "Two"), check=no_fish)
    async with app.run_test(size=(80, 24)) as pilot:
        app.query_one(Form).focus_first()
        await pilot.press(*"fish")
        assert "No fish" not in on_screen(app)
        await pilot.press("tab")
        await pilot.pause()
        assert "× No fish, please." in on_screen(app)
        await pilot.press("shift+tab", "backspace")
        await pilot.pause()
        assert "No fish" not in on_screen(app)


async def test_errors_from_the_desk_go_to_their_fields() -> None:
    app = form_of()
    async with app.run_test(size=(80, 24)) as pilot:
        form = app.query_one(Form)
        form.focus_first()
        form.show_errors({"ok": say(N_("Please tick this.")), "far": say(N_("{x} is too far."), x="[b]9[/b]")})
        await settled(app, pilot)
        assert "× [b]9[/b] is too far." in on_screen(app), "and the first of them is in sight"
        assert form._row_of(app.focused).field.name == "far"
        form.clear_errors()
        await pilot.pause()
        assert "too far" not in on_screen(app)
        assert not form.check_all()
        await pilot.pause()
        assert "Please fill this in." in on_screen(app)
        assert form._row_of(app.focused).field.name == "subject"


async def test_a_paste_that_is_too_long_is_refused_in_words() -> None:
    app = form_of(Field("one", "One", max_length=10), Field("text", "Text", kind="long_text", max_length=12))
    async with app.run_test(size=(80, 24)) as pilot:
        form = app.query_one(Form)
        form.focus_first()
        await pilot.press(*"abc")
        app.focused.post_message(events.Paste("0123456789"))
        await pilot.pause()
        await pilot.pause()
        assert form.values["one"] == "abc"
        assert "× No more than 10 characters fit here; nothing was added." in on_screen(app)
        await pilot.press("d")
        await pilot.pause()
        assert "No more than" not in on_screen(app)
        await pilot.press("tab", *"text")
        app.focused.post_message(events.Paste("a\nlong paste"))
        await pilot.pause()
        await pilot.pause()
        assert form.values["text"] == "text"
        assert "No more than 12" in on_screen(app)


@pytest.mark.parametrize(
    ("pasted", "value"),
    [
        ("PN-1\nPN-2\r\n  PN-3\n", "PN-1 PN-2 PN-3"),
        (" one ", " one "),
        ("one\n", "one"),
        ("\n\n", ""),
    ],
)
async def test_several_lines_pasted_into_one_line_all_arrive(pasted: str, value: str) -> None:
    app = form_of(Field("subject", "Subject", max_length=40))
    async with app.run_test() as pilot:
        app.query_one(Form).focus_first()
        assert app.focused is not None
        app.focused.post_message(events.Paste(pasted))
        await settled(app, pilot)
        assert app.query_one(Form).values == {"subject": value}


async def test_several_lines_pasted_as_a_password_are_refused_in_words() -> None:
    app = form_of(Field("secret", "Password", kind="secret", max_length=40))
    async with app.run_test() as pilot:
        app.query_one(Form).focus_first()
        assert app.focused is not None
        app.focused.post_message(events.Paste("tajne \nhasło\n"))
        await settled(app, pilot)
        assert app.query_one(Form).values == {"secret": ""}
        assert "Several lines were pasted" in on_screen(app)
        app.focused.post_message(events.Paste("tajne hasło\n"))
        await settled(app, pilot)
        assert app.query_one(Form).values == {"secret": "tajne hasło"}


async def test_yes_and_no_by_the_letters_of_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    app = form_of(Field("sure", "Sure?", kind="yes_no"))
    async with app.run_test(size=(80, 24)) as pilot:
        form = app.query_one(Form)
        form.focus_first()
        await pilot.press("n")
        assert form.values == {"sure": "no"}
        await pilot.press("space")
        assert form.values == {"sure": "yes"}
        polish = {"Yes": "Tak", "No": "Nie"}
        monkeypatch.setattr("tui.widgets.fields.picks._", lambda msgid: polish.get(msgid, translation.gettext(msgid)))
        await pilot.press("n")
        await pilot.press("t")
        await pilot.pause()
        assert form.values == {"sure": "yes"}
        assert "◉ Tak" in on_screen(app)


async def test_a_choice_opens_as_a_list_that_narrows() -> None:
    app = form_of(FIELDS[1])
    async with app.run_test(size=(80, 24)) as pilot:
        form = app.query_one(Form)
        form.focus_first()
        await pilot.press("enter")
        await pilot.pause()
        assert "Question [b]" in on_screen(app)
        await pilot.press(*"quest", "enter")
        await pilot.pause()
        assert form.values == {"kind": "question"}
        assert app.heard == ["kind"]


async def test_the_mouse_ticks_and_picks() -> None:
    app = form_of(FIELDS[2], FIELDS[5], FIELDS[8])
    async with app.run_test(size=(80, 24)) as pilot:
        form = app.query_one(Form)
        await pilot.click("YesNo", offset=(12, 0))
        await pilot.click("PickMany", offset=(5, 1))
        await pilot.click("Tick", offset=(3, 0))
        await pilot.pause()
        assert form.values == {"worked": "no", "tried": ("b",), "ok": "yes"}


async def test_a_secret_is_neither_shown_nor_copied() -> None:
    app = form_of(Field("password", "Password", kind="secret"))
    async with app.run_test(size=(80, 24)) as pilot:
        app.query_one(Form).focus_first()
        await pilot.press(*"hunter2")
        app.query_one(SecretInput).action_select_all()
        await pilot.press("ctrl+c", "ctrl+x")
        await pilot.pause()
        assert "hunter2" not in on_screen(app)
        assert app.clipboard == ""
        assert app.query_one(Form).values == {"password": "hunter2"}


async def test_no_cursor_blinks() -> None:
    app = form_of()
    async with app.run_test() as pilot:
        await pilot.pause()
        assert not any(getattr(widget, "cursor_blink", False) for widget in app.query("*"))


async def test_arrows_leave_a_long_text_at_its_ends() -> None:
    app = form_of(Field("one", "One"), Field("text", "Text", kind="long_text"), Field("two", "Two"))
    async with app.run_test(size=(80, 24)) as pilot:
        form = app.query_one(Form)
        form.set_values({"text": "first\nsecond"})
        form.focus_first()
        names = []
        for key in ("down", "down", "down", "up", "up"):
            await pilot.press(key)
            names.append(form._row_of(app.focused).field.name)
        assert names == ["text", "text", "two", "text", "text"] or names == ["text", "text", "two", "text", "one"]


LONG = "Number of your contract with us", "Oznaczenie"


async def test_labels_get_as_much_as_the_longest_needs() -> None:
    app = form_of(Field("a", LONG[0]), Field("b", LONG[1]), Field("c", "In a section", section="More"))
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        lines = on_screen(app).splitlines()
        assert f"{LONG[0]} *" in "\n".join(lines)
        ends = {line.index(" *") for line in lines if " *" in line}
        assert len(ends) == 1, "they end at one place"
        assert next(line for line in lines if "More" in line).index("More") > max(ends), "above the inputs"


@pytest.mark.parametrize(("label", "width"), [(f"{'word ' * at}end", 12 + at) for at in range(1, 9)])
def test_the_star_of_a_label_is_never_alone(label: str, width: int) -> None:
    made = FieldLabel()
    made.say(label, required=True)
    lines = [line.plain for line in made.laid_out(width)]
    assert lines[-1].endswith("end *") and all(len(line) <= width for line in lines)
    assert " ".join(lines) == f"{label} *"


@pytest.mark.parametrize("how", ["set_values", "put"])
async def test_a_value_put_in_is_no_longer_wrong(how: str) -> None:
    app = form_of(check=no_fish)
    async with app.run_test():
        form = app.query_one(Form)
        form.show_errors({"subject": say(N_("No fish, please.")), "far": say(N_("No fish, please."))})
        form.set_values({"subject": "cat"}) if how == "set_values" else form.put("subject", "cat")
        assert [row.field.name for row in form.query(FieldRow) if row.wrong] == ["far"]

"""Many invitations at once: rows of a table, pasted. The same rules as ``okienko import invitations``."""

from __future__ import annotations

from typing import Any

from core.errors import DeskError, say
from core.field import Field
from core.i18n.translation import N_, _, ngettext
from core.imports.csv.report import Report
from core.imports.csv.source import Pasted
from core.imports.invitations import NEEDED, OPTIONAL, import_invitations
from tui.screens.room import RoomScreen
from tui.widgets.confirm import Confirm
from tui.widgets.prompt import FieldPrompt

LONGEST = 1_000_000
"""Characters: five thousand rows and some."""
_DRAFT = "invitation.many"
SHOWN = 6
"""Slips that are told at once; the others come up when these are mended."""


async def many_invitations(screen: RoomScreen) -> bool:
    """Ask for the rows, say what would come of them, and send; whether anything was sent.

    Pasted, not a file of this machine: over SSH the customer's files are elsewhere, and this machine's are not theirs.
    """
    reports: list[Report] = []

    async def check(values: dict[str, Any]) -> None:
        report: Report = await screen.do(import_invitations, Pasted(str(values["rows"]).encode()), dry_run=True)
        if report.refused:
            raise DeskError(_slips(report), field="rows")
        reports.append(report)

    prompt = FieldPrompt(
        _("Many invitations at once"),
        [
            Field(
                "rows",
                N_("Rows"),
                kind="long_text",
                max_length=LONGEST,
                help=N_("Paste them from a spreadsheet (CSV)."),
            )
        ],
        text=_("The first line names the columns: {needed}, and if you like {optional}. Separated by ; or ,").format(
            needed=", ".join(NEEDED), optional=", ".join(OPTIONAL)
        ),
        kept_as=_DRAFT,
        submit=check,
        save=N_("Check"),
        roomy=True,
    )
    values = await screen.app.push_screen_wait(prompt)
    if values is None or not reports:
        return False
    report = reports[-1]
    sentence = ngettext("{n} invitation would be sent.", "{n} invitations would be sent.", report.created)
    before = ngettext(
        "{n} address is left as it is: it is invited or in service already.",
        "{n} addresses are left as they are: they are invited or in service already.",
        report.unchanged,
    )
    text = sentence.format(n=report.created)
    if report.unchanged:
        text += " " + before.format(n=report.unchanged)
    question = Confirm(_("Send them?"), text, yes=N_("Send"), no=N_("Not now"), danger=False)
    if not await screen.app.push_screen_wait(question):
        screen.app.drafts.note(_DRAFT, {"rows": values["rows"]}, longest=len(values["rows"]))
        return False
    sent: Report = await screen.do(import_invitations, Pasted(str(values["rows"]).encode()))
    screen.notify(
        ngettext("{n} invitation is on its way.", "{n} invitations are on their way.", sent.created).format(
            n=sent.created
        )
    )
    return True


def _slips(report: Report) -> Any:
    """The first slips with their lines, as one sentence beside the field."""
    slips = [
        _("line {line}, {column}: {what}").format(line=slip.line, column=slip.column or "—", what=slip.say.text())
        for slip in report.errors[:SHOWN]
    ]
    more = len(report.errors) - SHOWN
    if more > 0:
        slips.append(ngettext("and {n} more", "and {n} more", more).format(n=more))
    return say(N_("Nothing was sent. Please correct: {slips}"), slips="; ".join(slips))

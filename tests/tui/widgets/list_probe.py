"""A list of a million rows on a real terminal, for the test that counts bytes."""

from __future__ import annotations

from textual.content import Content

from tests.tui.widgets.stage import Row, Stage, Table
from tui.widgets.badge import badge
from tui.widgets.list import Column, ListView


def status(row: Row) -> Content:
    return badge("status", ("open", "waiting", "resolved")[row.id % 3])


COLUMNS = [
    Column("id", "No.", 8, lambda row: f"#{row.id}", align="right"),
    Column("text", "Subject", None, lambda row: row.text),
    Column("company", "Company", 16, lambda row: "ACME sp. z o.o."),
    Column("status", "Status", 12, status),
]


class Probe(Stage):
    def on_ready(self) -> None:
        self.query_one(ListView).total = 1_000_000


Probe(lambda: [ListView(COLUMNS, Table(range(1_000_000)))]).run()

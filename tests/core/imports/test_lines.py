"""Lines and their addresses from a file: no two share one, they may swap, and passwords are never repeated."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.errors import Conflict, Forbidden
from core.imports.csv import pipeline
from core.imports.csv.report import Report
from core.imports.csv.source import Source
from core.imports.line_rows import OPTIONAL, PLACE
from core.imports.lines import LinesPass, import_lines
from core.models.accounts import Role
from core.models.billing import Usage
from core.models.contracts import Asset, Contract, Cover, Product
from core.models.subscribers import Line, LineAddress, Subscriber
from core.service import bulk
from core.service.bulk import chunks
from core.service.desk import Desk
from core.service.unit_of_work import UnitOfWork, table
from core.subscribers import ip_ranges, lines
from tests.core.imports.csv.streams import LINE, SUBSCRIBER, Files, all_of, everything, one, slips, told
from tests.factories.desks import contract as support
from tests.factories.desks import journal_of, logged_in, seat
from tests.factories.subscribers import OTHER_PESEL, subscriber


@pytest.fixture
def files(any_desk: Desk, tmp_path: Path) -> Files:
    return _with_customers(Files(any_desk, tmp_path))


@pytest.fixture
def quick(desk: Desk, tmp_path: Path) -> Files:
    """On SQLite only, for what doesn't depend on the store."""
    return _with_customers(Files(desk, tmp_path))


def _with_customers(made: Files) -> Files:
    second = {"customer_number": "K-2", "contract_number": "UA/2", "pesel": OTHER_PESEL}
    ended = {"contract_number": "UA/OLD", "valid_until": "2026-10-31"}
    made.bring("subscribers", SUBSCRIBER, {**SUBSCRIBER, **second}, {**SUBSCRIBER, **ended})
    return made


def row(number: int = 1, addresses: str = "203.0.113.7 2001:db8:7::/56", **changes: str) -> dict[str, str]:
    own = {"line": f"PN-{number:08}", "addresses": addresses}
    login = {} if number == 1 else {"pppoe_login": f"line{number}@wiatrolap"}
    return {**LINE, **own, **login, **changes}


def other(number: int = 2, addresses: str = "203.0.113.8", **changes: str) -> dict[str, str]:
    """A line of the other customer."""
    return row(number, addresses, **{"customer_number": "K-2", "contract_number": "UA/2", **changes})


def addresses(desk: Desk) -> dict[str, list[str]]:
    """By identifier, as they are kept."""
    found: dict[str, list[str]] = {}
    for asset in all_of(desk, Asset):
        found[asset.identifier] = sorted(one_.network for one_ in all_of(desk, LineAddress, asset_id=asset.id))
    return found


def password_of(desk: Desk, identifier: str = "PN-00000001") -> str:
    asset = one(desk, Asset, identifier=identifier)
    sealed = one(desk, Line, asset_id=asset.id).pppoe_password
    return desk.keys.unseal("pppoe", sealed, str(asset.id))


def test_a_file_comes_in(files: Files) -> None:
    desk = files.desk
    second = other(
        vendor="", product="światło 1000", street="ul. Nad Wodą 1", town="Łęgi", pppoe_login="", pppoe_password=""
    )
    assert told(files.bring("lines", {**row(), "vendor": ""}, second)) == (2, 2, 0, 0)
    asset, product = one(desk, Asset, identifier="PN-00000001"), one(desk, Product, name="Światło 300")
    assert (asset.identifier_key, asset.product_id, product.category) == ("pn-00000001", product.id, "internet_line")
    line = one(desk, Line, asset_id=asset.id)
    assert (line.down_mbit, line.up_mbit, line.activated_on, line.pppoe_login) == (
        300,
        50,
        dt.date(2024, 3, 5),
        "bronia@wiatrolap",
    )
    assert (line.street, line.town, line.town_key) == ("ul. Łączna 12 m. 4", "Święta Góra", "swieta gora")
    assert password_of(desk) == "krzywa-jabłoń-7"
    contract = one(desk, Contract, number="UA/2024/118")
    assert [(cover.contract_id, cover.asset_id) for cover in all_of(desk, Cover, asset_id=asset.id)] == [
        (contract.id, asset.id)
    ]
    low = ip_ranges.read("2001:db8:7::/56")
    assert one(desk, LineAddress, network="2001:db8:7::/56").high == low.high
    moved = one(desk, Line, street="ul. Nad Wodą 1")
    assert (moved.town, moved.pppoe_login, moved.pppoe_password) == ("Łęgi", None, None)
    assert journal_of(desk) == ["subscriber.import", "subscriber.import"]


def test_twice_is_once(files: Files) -> None:
    rows = [row(number, f"203.0.113.{number} 2001:db8:{number}::/48") for number in range(1, 21)]
    assert told(files.bring("lines", *rows)) == (20, 20, 0, 0)
    before = everything(files.desk)
    assert told(files.bring("lines", *rows)) == (20, 0, 0, 20)
    assert everything(files.desk) == before


def test_a_dry_run_tells_the_same_and_writes_nothing(files: Files) -> None:
    files.bring("lines", row())
    before = everything(files.desk)
    rows = [row(down_mbit="600"), other()]
    trial = files.bring("lines", *rows, dry_run=True)
    assert everything(files.desk) == before
    assert trial.as_json() == files.bring("lines", *rows).as_json()
    assert told(trial) == (2, 1, 1, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"product": "Światło 1000"},
        {"down_mbit": "600"},
        {"addresses": "203.0.113.7"},
        {"addresses": ""},
        {"addresses": "203.0.113.0/28"},
        {"pppoe_login": "nowy@wiatrolap"},
        {"pppoe_password": "nowe-hasło"},
        {"pppoe_login": "", "pppoe_password": ""},
        {"activated_on": "2024-03-06"},
        {"town": "Łęgi"},
        {"contract_number": "UA/OLD"},
    ],
)
def test_what_changed_is_updated(quick: Files, change: dict[str, Any]) -> None:
    quick.bring("lines", row(), other(addresses="203.0.113.99"))
    assert told(quick.bring("lines", row(**change))) == (1, 0, 1, 0)
    assert told(quick.bring("lines", row(**change))) == (1, 0, 0, 1)
    assert addresses(quick.desk)["PN-00000002"] == ["203.0.113.99"]


def test_addresses_that_left_are_anybodys(files: Files) -> None:
    files.bring("lines", row())
    assert told(files.bring("lines", row(addresses="203.0.113.9"))) == (1, 0, 1, 0)
    assert told(files.bring("lines", other(addresses="203.0.113.7 2001:db8:7::/57"))) == (1, 1, 0, 0)
    assert addresses(files.desk) == {"PN-00000001": ["203.0.113.9"], "PN-00000002": ["2001:db8:7::/57", "203.0.113.7"]}


@pytest.mark.parametrize("part", [1, 1_000])
def test_lines_swap_addresses_and_logins(files: Files, part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when they are not looked at together."""
    monkeypatch.setattr(pipeline, "chunks", lambda rows, _size: chunks(rows, part))
    files.bring("lines", row(), other())
    swapped = row(addresses="203.0.113.8", pppoe_login="line2@wiatrolap")
    back = other(addresses="203.0.113.7 2001:db8:7::/56", pppoe_login="bronia@wiatrolap")
    assert told(files.bring("lines", swapped, back)) == (2, 0, 2, 0)
    assert addresses(files.desk) == {"PN-00000001": ["203.0.113.8"], "PN-00000002": ["2001:db8:7::/56", "203.0.113.7"]}
    assert sorted(line.pppoe_login for line in all_of(files.desk, Line)) == ["bronia@wiatrolap", "line2@wiatrolap"]
    assert password_of(files.desk) == "krzywa-jabłoń-7"


def test_an_empty_password_leaves_what_is_there(quick: Files) -> None:
    quick.bring("lines", row())
    assert told(quick.bring("lines", row(pppoe_password=""))) == (1, 0, 0, 1)
    assert password_of(quick.desk) == "krzywa-jabłoń-7"


def test_a_password_that_was_made_here_is_not_replaced(quick: Files) -> None:
    quick.bring("lines", row())
    asset = one(quick.desk, Asset)
    new = logged_in(quick.desk, "adam", Role.AGENT).do(lines.reset, asset.id)
    assert told(quick.bring("lines", row())) == (1, 0, 0, 1)
    assert told(quick.bring("lines", row(pppoe_password="another-one-7"))) == (1, 0, 0, 1)
    assert password_of(quick.desk) == new


def test_the_operators_own_products(quick: Files) -> None:
    new = {**row(), "vendor": "Wiatrołap", "product": "Wicher 2000", "line": "wl/77"}
    assert told(quick.bring("lines", new)) == (1, 1, 0, 0)
    assert one(quick.desk, Product).vendor == "Wiatrołap"
    assert one(quick.desk, Asset).identifier == "WL/77"
    again = {**other(), "vendor": "", "product": "wicher 2000", "line": "WL/78"}
    assert told(quick.bring("lines", again)) == (1, 1, 0, 0)
    assert len(all_of(quick.desk, Product)) == 1


@pytest.mark.parametrize(
    ("bad", "columns"),
    [
        (row(customer_number=""), ["customer_number"]),
        (row(customer_number="K-404"), ["customer_number"]),
        (row(contract_number=""), ["contract_number"]),
        (row(contract_number="UA/404"), ["contract_number"]),
        (row(contract_number="UA/2"), ["contract_number"]),
        (row(contract_number="UA/OLD"), ["contract_number"]),
        (row(line=""), ["line"]),
        (row(line="PN-1"), ["line"]),
        (row(product=""), ["product"]),
        (row(product="Światło 301"), ["product"]),
        (row(down_mbit="fast"), ["down_mbit"]),
        (row(up_mbit="-1"), ["up_mbit"]),
        (row(up_mbit="1.5"), ["up_mbit"]),
        (row(addresses="203.0.113"), ["addresses"]),
        (row(addresses="203.0.113.5/24"), ["addresses"]),
        (row(addresses="0.0.0.0/0"), ["addresses"]),
        (row(addresses="127.0.0.1"), ["addresses"]),
        (row(addresses="203.0.113.7 203.0.113.0/28"), ["addresses"]),
        (row(addresses="203.0.113.9 203.0.113.9"), ["addresses"]),
        (row(pppoe_login="x" * 65), ["pppoe_login"]),
        (row(pppoe_login=""), ["pppoe_login"]),
        (row(activated_on="2026-02-30"), ["activated_on"]),
        (row(activated_on=""), ["activated_on"]),
        (row(2), ["line"]),
        (row(addresses="203.0.113.8"), ["addresses"]),
        (row(addresses="203.0.113.0/28"), ["addresses"]),
        (row(pppoe_login="line2@wiatrolap"), ["pppoe_login"]),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_written(quick: Files, bad: dict[str, str], columns: list[str]) -> None:
    before, journal = everything(quick.desk), journal_of(quick.desk)
    report = quick.bring("lines", other(), bad, row(3, "203.0.113.77"))
    assert slips(report)[: len(columns)] == [(3, column) for column in columns]
    assert {line for line, _column in slips(report)} == {3}
    assert everything(quick.desk) == before
    assert journal_of(quick.desk) == journal


@pytest.mark.parametrize(
    ("here", "wanted", "overlaps"),
    [
        ("203.0.113.8", "203.0.113.8", True),
        ("203.0.113.0/24", "203.0.113.8", True),
        ("203.0.113.8", "203.0.113.0/24", True),
        ("203.0.113.0/29", "203.0.113.8/29", False),
        ("2001:db8:7::/48", "2001:db8:7:1::/64", True),
        ("2001:db8:7::/48", "2001:db8:8::/48", False),
        ("203.0.113.8", "::ffff:cb00:7108/128", True),
        ("203.0.113.0/24 198.51.100.9", "203.0.113.1 203.0.113.255", True),
    ],
)
@pytest.mark.parametrize("together", [True, False])
def test_an_address_of_another_line_is_refused_by_name(
    quick: Files, here: str, wanted: str, overlaps: bool, together: bool
) -> None:
    """In the same file, or in the desk already."""
    first, second = row(addresses=here), other(addresses=wanted)
    if together:
        report = quick.bring("lines", first, second)
    else:
        told(quick.bring("lines", first))
        before = everything(quick.desk)
        report = quick.bring("lines", second)
        assert not overlaps or everything(quick.desk) == before
    line = 3 if together else 2
    assert set(slips(report)) == ({(line, "addresses")} if overlaps else set())
    if overlaps:
        assert "PN-00000001" in report.errors[0].say.text()


def test_the_addresses_of_a_large_desk_are_looked_through(quick: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "PART", 3)
    told(quick.bring("lines", *(row(number, f"203.0.113.{number}") for number in range(1, 20))))
    assert told(quick.bring("lines", row(30, "203.0.113.30"))) == (1, 1, 0, 0)
    report = quick.bring("lines", row(31, "203.0.113.17"))
    assert "PN-00000017" in report.errors[0].say.text()


def test_lines_and_logins_of_others_are_refused(quick: Files) -> None:
    made = subscriber(quick.desk, "A-9", contract="U/9", addresses=("198.51.100.1",))
    support(quick.desk, identifiers=("PN-00000055",), category="internet_line")
    taken = quick.bring("lines", row(made.contract_id))
    assert ("A-9" in taken.errors[0].say.text(), slips(taken)) == (True, [(2, "line")])
    device = quick.bring("lines", row(55))
    assert slips(device) == [(2, "line")]
    login = quick.bring("lines", row(pppoe_login=f"pn{made.contract_id:08}@line"))
    assert slips(login) == [(2, "pppoe_login")]


def test_a_line_under_an_ended_contract_may_be_brought_in_again(quick: Files) -> None:
    told(quick.bring("lines", row()))
    told(quick.bring("subscribers", {**SUBSCRIBER, "valid_until": "2026-11-19"}))
    assert told(quick.bring("lines", row(down_mbit="1"))) == (1, 0, 1, 0)
    fresh = quick.bring("lines", row(5, "203.0.113.5"))
    assert slips(fresh) == [(2, "contract_number")]
    assert "19 Nov 2026" in fresh.errors[0].say.text()


def test_who_may_not(quick: Files) -> None:
    with pytest.raises(Forbidden):
        quick.bring("lines", row(), seat=logged_in(quick.desk, "ola", Role.AGENT))
    assert all_of(quick.desk, Line) == []


def test_a_password_is_nowhere(quick: Files, capfd: pytest.CaptureFixture[str]) -> None:
    secret = "sekretne-łącze"
    quick.bring("lines", row(pppoe_password=secret))
    wrong = quick.bring("lines", row(pppoe_login="", pppoe_password=secret), other(pppoe_password=secret * 10))
    assert set(slips(wrong)) == {(2, "pppoe_login"), (3, "pppoe_password")}
    told_ = json.dumps(wrong.as_json(), ensure_ascii=False) + repr(wrong) + "".join(capfd.readouterr())
    folder = quick.desk.settings.data_dir
    stored = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert "sekretne" not in told_
    assert b"sekretne" not in stored
    assert password_of(quick.desk) == secret


def test_its_owner_may_be_shown_what_was_brought_in(quick: Files) -> None:
    quick.bring("lines", row())
    desk = quick.desk
    account = logged_in(desk, "bronia").actor().account_id
    holder = one(desk, Asset).subscriber_id
    desk.as_system().do(lambda work: work.change(Subscriber, table(Subscriber).c.id == holder, account_id=account))
    assert seat(desk, account or 0).do(lines.reveal, one(desk, Asset).id) == "krzywa-jabłoń-7"


def test_a_line_whose_contract_has_ended_can_be_somebody_elses(files: Files) -> None:
    """The house was sold. The refusal says what to do, and that is enough; what was measured stays with whom it was."""
    desk = files.desk
    told(files.bring("lines", row(), row(2, "203.0.113.2")))
    old, holder = one(desk, Asset, identifier="PN-00000001"), one(desk, Subscriber, number="K-1")
    told(files.bring("usage", {"line": "PN-00000001", "day": "2026-11-10", "down": "1", "up": "2"}))
    moved = other(1, "203.0.113.7", pppoe_login="bronia@wiatrolap")
    refused = files.bring("lines", moved)
    assert slips(refused) == [(2, "line")]
    assert "valid_until" in refused.errors[0].say.text()
    ended = {**SUBSCRIBER, "valid_until": "2026-11-20"}
    told(files.bring("subscribers", ended))
    assert slips(files.bring("lines", moved)) == [(2, "line")], "today is still theirs"
    told(files.bring("subscribers", {**ended, "valid_until": "2026-11-19"}))
    before = everything(desk)
    assert told(files.bring("lines", moved, dry_run=True)) == (1, 1, 0, 0)
    assert everything(desk) == before
    assert told(files.bring("lines", moved)) == (1, 1, 0, 0)
    new, left = one(desk, Asset, identifier="PN-00000001"), one(desk, Asset, id=old.id)
    assert (left.identifier, left.subscriber_id) == (f"PN-00000001 #{old.id}", holder.id)
    assert new.subscriber_id == one(desk, Subscriber, number="K-2").id
    assert [found.network for found in all_of(desk, LineAddress, asset_id=new.id)] == ["203.0.113.7"]
    assert all_of(desk, LineAddress, asset_id=left.id) == []
    assert (one(desk, Line, asset_id=left.id).pppoe_login, one(desk, Line, asset_id=new.id).pppoe_login) == (
        None,
        "bronia@wiatrolap",
    )
    assert [found.asset_id for found in all_of(desk, Usage)] == [left.id]
    assert [found.asset_id for found in all_of(desk, Cover, asset_id=left.id)] == [left.id]
    assert told(files.bring("lines", moved)) == (1, 0, 0, 1)


def test_an_address_that_somebody_else_gives_meanwhile(quick: Files) -> None:
    """Found when this file's addresses were looked at and right; and not looked at again when nothing has changed."""
    source = Source(quick.write("lines", [row()]))
    system = quick.desk.as_system()
    checked = system.see(import_lines.prepare, source)  # type: ignore[attr-defined]
    told(quick.bring("lines", other(9, "203.0.113.0/28")))
    before = everything(quick.desk)
    with pytest.raises(Conflict, match="changed"):
        system.do(lambda work: import_lines(work, source, **checked))
    assert everything(quick.desk) == before


def test_the_writing_pass_gets_no_more_than_it_must(quick: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others wait while it lasts: it reads no file, and rows that are as they were it never sees."""
    told(quick.bring("lines", *(row(number, f"203.0.113.{number}") for number in range(1, 20))))
    given, take = [], LinesPass.take

    def counted(self: LinesPass, rows: list[Any]) -> list[Any]:
        given.append((self.work is not None, len(rows)))
        return take(self, rows)

    monkeypatch.setattr(LinesPass, "take", counted)
    changed = row(7, "203.0.113.107 203.0.113.7")
    rows = [row(number, f"203.0.113.{number}") if number != 7 else changed for number in range(1, 20)]
    assert told(quick.bring("lines", *rows)) == (19, 0, 1, 18)
    assert given == [(False, 19), (True, 1)]
    assert addresses(quick.desk)["PN-00000007"] == ["203.0.113.107", "203.0.113.7"]


WHOLE = {
    **row(),
    "vendor": "Pogodna Net",
    "product": "Światło 300",
    "street": "ul. Nad Wodą 1",
    "postcode": "05-122",
    "town": "Łęgi",
}
"""A row with every column, none of them empty."""


def without(found: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in found.items() if name not in names}


@pytest.mark.parametrize(
    "gone",
    [
        *((name,) for name in OPTIONAL if name not in ("pppoe_login", *PLACE)),
        ("pppoe_login", "pppoe_password"),
        PLACE,
        OPTIONAL,
    ],
    ids=",".join,
)
def test_a_column_that_is_not_there_leaves_what_is_known(files: Files, gone: tuple[str, ...]) -> None:
    told(files.bring("lines", WHOLE))
    before, kept = everything(files.desk), one(files.desk, Line)
    assert told(files.bring("lines", without(WHOLE, *gone))) == (1, 0, 0, 1)
    assert everything(files.desk) == before
    later = {**WHOLE, "activated_on": "2024-03-06", "addresses": "203.0.113.9"}
    assert told(files.bring("lines", without(later, *gone))) == (1, 0, 1, 0)
    assert one(files.desk, Line)._mapping == {**kept._mapping, "activated_on": dt.date(2024, 3, 6)}
    assert addresses(files.desk) == {"PN-00000001": ["203.0.113.9"]}
    assert password_of(files.desk) == "krzywa-jabłoń-7"


def test_a_new_line_does_without_what_is_not_there(quick: Files) -> None:
    told(quick.bring("lines", without(WHOLE, *OPTIONAL)))
    line = one(quick.desk, Line)
    assert (line.street, line.postcode, line.town, line.town_key) == (
        "ul. Łączna 12 m. 4",
        "05-121",
        "Święta Góra",
        "swieta gora",
    )
    assert (line.down_mbit, line.up_mbit, line.pppoe_login, line.pppoe_password) == (0, 0, None, None)


def test_a_part_of_an_address_is_none(quick: Files) -> None:
    told(quick.bring("lines", WHOLE))
    before = everything(quick.desk)
    for part in (("street",), ("postcode", "town"), ("town",)):
        some = without(WHOLE, *part)
        report = quick.bring("lines", some, {**some, "line": "PN-00000002", "addresses": "203.0.113.77"})
        assert slips(report) == [(2, part[0])], "once, though it is wrong in every row"
        assert everything(quick.desk) == before
    home = {**WHOLE, "street": "", "postcode": "", "town": ""}
    assert told(quick.bring("lines", home)) == (1, 0, 1, 0), "all of it is empty: where the customer lives"
    assert one(quick.desk, Line).town == "Święta Góra"


def test_without_a_vendor_a_product_of_the_same_name_is_the_same(quick: Files) -> None:
    own = {**WHOLE, "vendor": "Wiatrołap"}
    told(quick.bring("lines", own))
    kept = one(quick.desk, Asset)
    assert told(quick.bring("lines", without(own, "vendor"))) == (1, 0, 0, 1)
    assert told(quick.bring("lines", {**own, "vendor": "", "down_mbit": "301"})) == (1, 0, 1, 0)
    assert one(quick.desk, Asset) == kept
    named = {**without(own, "vendor"), "product": "Pogodna Net Światło 300"}
    assert told(quick.bring("lines", named)) == (1, 0, 1, 0)
    assert one(quick.desk, Product, id=one(quick.desk, Asset).product_id).vendor == "Pogodna Net"


def test_a_password_without_the_column_of_the_login_is_told_where_it_stands(quick: Files) -> None:
    report = quick.bring("lines", without(WHOLE, "pppoe_login"))
    assert slips(report) == [(2, "pppoe_password")]
    assert all_of(quick.desk, Line) == []


@pytest.mark.parametrize("identifier", ["LMS-1-101", "lms-1-101", "ＬＭＳ-1-101"])
def test_a_line_called_as_those_of_lms_is_refused(quick: Files, identifier: str) -> None:
    """The next import from LMS would take its addresses away."""
    own = {**WHOLE, "vendor": "Wiatrołap", "product": "Wicher 2000", "line": identifier}
    report = quick.bring("lines", row(2, "203.0.113.2"), {name: own.get(name, "") for name in row()})
    assert (3, "product") in slips(report), "without its vendor there is no such product"
    report = quick.bring("lines", {**WHOLE, "line": "PN-00000002"}, own)
    assert slips(report) == [(3, "line")]
    assert "LMS-" in report.errors[0].say.text()
    assert all_of(quick.desk, Line) == []


def test_an_address_that_somebody_else_exchanges_meanwhile(files: Files) -> None:
    """There are as many as before, and a database might give out the id of the one that went."""
    told(files.bring("lines", other(9, "203.0.113.99")))
    source = Source(files.write("lines", [row()]))
    system = files.desk.as_system()
    checked = system.see(import_lines.prepare, source)  # type: ignore[attr-defined]
    told(files.bring("lines", other(9, "203.0.113.0/28")))
    before = everything(files.desk)
    with pytest.raises(Conflict, match="changed"):
        system.do(lambda work: import_lines(work, source, **checked))
    assert everything(files.desk) == before


def test_nobody_gives_out_addresses_while_they_are_written(postgres_desk: Desk, tmp_path: Path) -> None:
    """Where writers don't take turns: two files that are right each by itself may not be right together."""
    desk = postgres_desk
    files = _with_customers(Files(desk, tmp_path))
    source = Source(files.write("lines", [row()]))

    def bring_and_look(work: UnitOfWork) -> Report:
        report = import_lines(work, source)
        with desk.store.engine.connect() as another:
            assert another.exec_driver_sql("SELECT count(*) FROM line_address").scalar() == 0, "reading goes on"
            with pytest.raises(sa.exc.OperationalError, match="lock"):
                another.exec_driver_sql("LOCK TABLE line_address IN ROW EXCLUSIVE MODE NOWAIT")
        return report

    assert told(desk.as_system().do(bring_and_look)) == (1, 1, 0, 0)
    assert addresses(desk) == {"PN-00000001": ["2001:db8:7::/56", "203.0.113.7"]}


def test_a_password_comes_with_its_login_again(quick: Files) -> None:
    told(quick.bring("lines", WHOLE))
    quick.desk.as_system().do(lambda work: work.change(Line, pppoe_changed_at=work.now))
    assert told(quick.bring("lines", {**WHOLE, "pppoe_login": "", "pppoe_password": ""})) == (1, 0, 1, 0)
    assert one(quick.desk, Line).pppoe_password is None
    assert told(quick.bring("lines", WHOLE)) == (1, 0, 1, 0)
    assert password_of(quick.desk) == "krzywa-jabłoń-7"
    assert told(quick.bring("lines", WHOLE)) == (1, 0, 0, 1)


def test_of_two_products_of_one_name_it_is_the_one_whose_numbers_look_like_that(quick: Files) -> None:
    own = {**WHOLE, "line": "ZZ-1", "vendor": "Inny", "product": "Światło 300"}
    told(quick.bring("lines", own))
    assert told(quick.bring("lines", without(own, "vendor"))) == (1, 0, 0, 1)
    new = {**without(own, "vendor"), "line": "ZZ-2", "addresses": "203.0.113.77", "pppoe_login": "zz2@line"}
    assert told(quick.bring("lines", new)) == (1, 1, 0, 0)
    assert one(quick.desk, Asset, identifier="ZZ-2").product_id == one(quick.desk, Asset, identifier="ZZ-1").product_id

"""XML of the national e-invoice system: valid by the official schema, and refused where the schema sees nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from core.billing import fa3
from core.billing.invoice_document import Correction, priced
from core.errors import Invalid
from tests.core.billing.invoices import (
    COMPANY,
    PERSON,
    SELLER,
    correction,
    fine_invoice,
    invoice,
    long_invoice,
    sum_invoice,
)

SCHEMAS = Path(__file__).parent / "schemas"
NAMES = {"f": fa3.NAMESPACE}


class _Beside(etree.Resolver):
    """Finds included schemas in the folder, whatever address they are given by."""

    def resolve(self, url: str, _id: str, context: Any) -> Any:
        name = url.rpartition("/")[2]
        return self.resolve_filename(str(SCHEMAS / name), context)


@lru_cache(maxsize=1)
def schema() -> Any:
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_Beside())
    return etree.XMLSchema(etree.parse(str(SCHEMAS / "FA3_v1-0E.xsd"), parser))


def held(made: bytes) -> Any:
    """The document, after the schema has found nothing wrong."""
    tree = etree.fromstring(made)
    assert schema().validate(tree), schema().error_log
    return tree


def at(tree: Any, *tags: str) -> list[str]:
    """The texts of the elements that end with ``tags``, in order."""
    return [one.text for one in tree.xpath("//" + "/".join(f"f:{tag}" for tag in tags), namespaces=NAMES)]


def test_a_persons_invoice() -> None:
    tree = held(fa3.xml(invoice()))
    assert at(tree, "Podmiot1", "DaneIdentyfikacyjne", "NIP") == ["1234563218"]
    assert at(tree, "Podmiot2", "DaneIdentyfikacyjne", "BrakID") == ["1"]
    assert at(tree, "Podmiot2", "DaneIdentyfikacyjne", "NIP") == []
    assert at(tree, "Podmiot2", "DaneIdentyfikacyjne", "Nazwa") == [PERSON.name]
    assert at(tree, "P_2") == ["FV/11/2026/00042"]
    assert (at(tree, "P_1"), at(tree, "P_6"), at(tree, "Termin")) == (["2026-11-02"], ["2026-11-30"], ["2026-11-16"])
    assert (at(tree, "P_13_1"), at(tree, "P_14_1"), at(tree, "P_15")) == (["74.72"], ["17.18"], ["91.90"])
    assert (at(tree, "P_11"), at(tree, "P_11Vat"), at(tree, "P_12")) == (
        ["64.96", "9.76"],
        ["14.94", "2.24"],
        ["23"] * 2,
    )
    assert at(tree, "NrRB") == [SELLER.bank_account]
    assert (at(tree, "NrKlienta"), at(tree, "NrUmowy")) == (["K-00042"], ["UA/2024/118"])


def test_an_invoice_of_every_rate() -> None:
    tree = held(fa3.xml(long_invoice()))
    assert at(tree, "Podmiot2", "DaneIdentyfikacyjne", "NIP") == [COMPANY.tax_id]
    totals = {name: at(tree, name) for name in ("P_13_2", "P_14_2", "P_13_3", "P_13_6_1", "P_13_7", "P_13_8")}
    assert totals == {
        "P_13_2": ["546.00"],
        "P_14_2": ["43.68"],
        "P_13_3": ["70.00"],
        "P_13_6_1": ["9.00"],
        "P_13_7": ["180.00"],
        "P_13_8": ["100.00"],
    }
    assert at(tree, "P_12")[-5:] == ["8", "5", "0 KR", "zw", "np I"]
    assert at(tree, "P_8B")[-2:] == ["1.5", "1"]
    assert (at(tree, "P_19"), at(tree, "P_19A"), at(tree, "P_19N")) == (["1"], [long_invoice().exemption], [])
    assert (at(tree, "SumaOdliczen"), at(tree, "DoZaplaty")) == (["100.00"], ["2289.78"])
    assert at(tree, "StopkaFaktury") == ["Dziękujemy za terminowe wpłaty. Faktura bez podpisu."]


def test_a_correction_is_of_kind_kor_with_what_it_changes() -> None:
    tree = held(fa3.xml(correction()))
    assert (at(tree, "RodzajFaktury"), at(tree, "PrzyczynaKorekty")) == (["KOR"], [correction().correction.reason])
    assert at(tree, "DataWystFaKorygowanej") == ["2026-11-02"]
    assert (at(tree, "NrFaKorygowanej"), at(tree, "NrKSeFN")) == (["FV/11/2026/00042"], ["1"])
    assert (at(tree, "P_13_1"), at(tree, "P_14_1"), at(tree, "P_15")) == (["-26.02"], ["-5.98"], ["-32.00"])
    rows = tree.xpath("//f:FaWiersz", namespaces=NAMES)
    assert [bool(row.xpath("f:StanPrzed", namespaces=NAMES)) for row in rows] == [True, False, True]
    assert at(tree, "TerminPlatnosci", "Termin") == [], "nothing is to be paid"
    dearer = held(fa3.xml(correction(lines=correction().lines[1:2], due_on=dt.date(2026, 11, 26))))
    assert (at(dearer, "P_15"), at(dearer, "Termin")) == (["59.90"], ["2026-11-26"])


def test_corrections_of_every_rate_and_of_none() -> None:
    back = tuple(replace(line, before=True) for line in long_invoice().lines)
    tree = held(fa3.xml(long_invoice(number="FK/1", lines=back, correction=correction().correction, paid=0)))
    assert (at(tree, "P_13_6_1"), at(tree, "P_13_7"), at(tree, "P_13_8")) == (["-9.00"], ["-180.00"], ["-100.00"])
    same = correction().lines[0]
    nothing = held(fa3.xml(correction(lines=(same, replace(same, before=False, name="Światłowód")))))
    assert at(nothing, "P_15") == ["0.00"]


def test_vat_of_the_sum_stands_by_rate_alone() -> None:
    tree = held(fa3.xml(sum_invoice()))
    assert (at(tree, "P_13_1"), at(tree, "P_14_1"), at(tree, "P_15")) == (["0.99"], ["0.23"], ["1.22"])
    assert (at(tree, "P_11"), at(tree, "P_11Vat")) == (["0.33"] * 3, [])


def test_prices_finer_than_a_grosz() -> None:
    """P_9A takes eight decimals; amounts of a line are whole grosze."""
    tree = held(fa3.xml(fine_invoice()))
    assert at(tree, "P_9A") == ["0.0033", "1234.56789012", "0.542", "56.10", "0.005"]
    assert at(tree, "P_11")[:2] == ["3.30", "15432.10"]


def test_the_same_invoice_is_the_same_bytes() -> None:
    assert fa3.xml(invoice()) == fa3.xml(invoice())
    made = fa3.xml(invoice(), dt.datetime(2026, 11, 2, 23, 30, tzinfo=dt.timezone(dt.timedelta(hours=1))))
    assert at(held(made), "DataWytworzeniaFa") == ["2026-11-02T22:30:00Z"]


def test_an_invoice_older_than_the_system() -> None:
    old = invoice(issued_on=dt.date(2017, 1, 2), sold_on=dt.date(2017, 1, 2), due_on=dt.date(2017, 1, 16))
    tree = held(fa3.xml(old))
    assert at(tree, "DataWytworzeniaFa") == ["2025-09-01T00:00:00Z"]
    assert at(tree, "P_6") == []  # said only when it is another day
    with pytest.raises(Invalid) as caught:
        fa3.xml(replace(old, issued_on=dt.date(2016, 6, 30)))
    assert list(caught.value.fields) == ["issued_on"]


def test_what_was_paid_too_much_is_to_be_settled() -> None:
    tree = held(fa3.xml(invoice(paid=10_000)))
    assert (at(tree, "DoRozliczenia"), at(tree, "DoZaplaty")) == (["8.10"], [])


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"seller": replace(SELLER, tax_id="1234563219")}, "seller.tax_id"),  # the schema takes this one
        ({"lines": (replace(invoice().lines[0], gross=1),)}, "lines.1.gross"),  # and this one
        ({"seller": replace(SELLER, street="", postcode="", town="")}, "seller.street"),
        ({"lines": (priced("Szkolenie", 1, "szt.", 100, "zw"),)}, "exemption"),
        ({"correction": Correction("FV/1", dt.date(2005, 12, 31))}, "correction.issued_on"),
    ],
)
def test_what_is_wrong_is_refused(changed: dict[str, Any], place: str) -> None:
    with pytest.raises(Invalid) as caught:
        fa3.xml(invoice(**changed))
    assert list(caught.value.fields) == [place]


TEXT = st.text(max_size=600)


@settings(max_examples=60)
@given(
    texts=st.lists(TEXT, min_size=9, max_size=9),
    quantity=st.decimals("0.000001", "99999", places=6),
    price=st.integers(0, 100_000),
    paid=st.integers(0, 100_000_000),
)
def test_whatever_people_are_called_it_is_valid(texts: list[str], quantity: Decimal, price: int, paid: int) -> None:
    name, street, postcode, town, email, phone, unit, notes, period = texts
    buyer = replace(PERSON, name=f"A{name}", street=street, postcode=postcode, town=town, email=email, phone=phone)
    made = invoice(
        buyer=buyer,
        lines=(priced(f"B{name}", quantity, unit, price, "8"),),
        notes=notes,
        period=period,
        contract_number=street,
        transfer_title=town,
        paid=paid,
    )
    held(fa3.xml(made))

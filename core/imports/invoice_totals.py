"""What an invoices file says an invoice comes to, held against its lines: they add up in one of the ways that the law
leaves to the seller (:mod:`core.billing.totals`), and the totals as it was issued tell which."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.billing import totals
from core.billing.invoice_document import DocumentLine
from core.billing.money import SpokenAmount
from core.billing.totals import Total
from core.errors import Say, say
from core.i18n.translation import N_

FileTotals = tuple[int | None, int | None]
"""Gross and VAT, as far as the file says them."""


def issued(lines: Sequence[DocumentLine], gross: Sequence[bool], file_totals: FileTotals) -> tuple[Total, ...]:
    """The VAT table that makes ``file_totals``, where the lines' own doesn't; empty where it does, or nothing
    does. ``gross`` says of each line whether its price is a gross one."""
    if file_totals == (None, None):
        return ()
    fitting = (at for at, way in enumerate(_ways(lines, gross)) if _fits(way, file_totals))
    at = next(fitting, 0)
    return _ways(lines, gross)[at] if at else ()


def problems(
    lines: Sequence[DocumentLine], gross: Sequence[bool], file_totals: FileTotals
) -> Iterator[tuple[str, Say]]:
    """What to say, at which column, when the lines make none of ``file_totals``."""
    ways = _ways(lines, gross) if file_totals != (None, None) else []
    if not ways or any(_fits(way, file_totals) for way in ways):
        return
    is_told = False
    for column, total, made in (
        ("total_gross", file_totals[0], [_sums(way)[0] for way in ways]),
        (
            "total_vat",
            file_totals[1],
            [_sums(way)[1] for way in ways],
        ),
    ):
        if total is None or total in made:
            continue
        is_told = True
        other = next((sum_ for sum_ in made if sum_ != made[0]), None)
        if other is None:
            yield (
                column,
                say(N_("The lines make {sum}, not {given}."), sum=SpokenAmount(made[0]), given=SpokenAmount(total)),
            )
        else:
            amounts = {"sum": SpokenAmount(made[0]), "other": SpokenAmount(other), "given": SpokenAmount(total)}
            yield column, say(_EITHER, **amounts)
    if not is_told:
        yield "total_vat", say(N_("No way of rounding VAT makes both this VAT and this total."))


def _ways(lines: Sequence[DocumentLine], gross: Sequence[bool]) -> list[tuple[Total, ...]]:
    return list(totals.ways(lines, gross))


def _sums(way: Sequence[Total]) -> tuple[int, int]:
    return sum(total.gross for total in way), sum(total.vat for total in way)


def _fits(way: Sequence[Total], file_totals: FileTotals) -> bool:
    return all(total is None or total == made for total, made in zip(file_totals, _sums(way), strict=True))


_EITHER = N_("The lines make {sum}, or {other} with VAT rounded on the sum of each rate, not {given}.")

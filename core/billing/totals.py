"""What the lines of an invoice make by rate: with VAT rounded line by line, or on the sum of a rate.

Art. 106e of the VAT act leaves that to the seller (sec. 1 items 13 and 14, and sec. 10), and the two differ by some
grosze. A line that stood there before a correction counts against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from core.billing.money import rounded

RATES: dict[str, int] = {"23": 23, "8": 8, "5": 5, "0": 0, "zw": 0, "np": 0}
"""What may stand as a rate, in the order of the VAT table, and its percent: ``zw`` is exempt, ``np`` not taxed in
Poland (art. 41–43 and 106e of the VAT act)."""
_ORDER = {rate: at for at, rate in enumerate(RATES)}


@dataclass(frozen=True, slots=True)
class Total:
    """What the lines of one rate make together."""

    rate: str
    net: int
    vat: int

    @property
    def gross(self) -> int:
        return self.net + self.vat


class Counted(Protocol):
    """A line, as far as sums ask."""

    @property
    def rate(self) -> str: ...
    @property
    def net(self) -> int: ...
    @property
    def vat(self) -> int: ...
    @property
    def gross(self) -> int: ...
    @property
    def before(self) -> bool: ...


def by_line(lines: Iterable[Counted]) -> tuple[Total, ...]:
    """The sums of the lines as they stand: a row for each rate, in the order of :data:`RATES`; unknown ones last."""
    sums: dict[str, list[int]] = {}
    for line in lines:
        sign = -1 if line.before else 1
        own = sums.setdefault(line.rate, [0, 0])
        own[0] += sign * line.net
        own[1] += sign * line.vat
    return tuple(Total(rate, *sums[rate]) for rate in sorted(sums, key=lambda rate: (_ORDER.get(rate, 99), rate)))


def on_sum(lines: Iterable[Counted], gross: Sequence[bool]) -> tuple[Total, ...]:
    """With VAT on the sum of each rate; ``gross`` says of each line whether its price is a gross one. From net prices
    the tax is that of their sum, from gross ones it is taken out of theirs (art. 106e sec. 7)."""
    nets: dict[str, int] = {}
    grosses: dict[str, int] = {}
    for line, priced_gross in zip(lines, gross, strict=True):
        sums, amount = (grosses, line.gross) if priced_gross else (nets, line.net)
        sums[line.rate] = sums.get(line.rate, 0) + (-amount if line.before else amount)
    totals = []
    for rate in sorted(nets.keys() | grosses.keys(), key=lambda rate: (_ORDER.get(rate, 99), rate)):
        percent, net, whole = RATES[rate], nets.get(rate, 0), grosses.get(rate, 0)
        inside = rounded(Decimal(whole * percent) / (100 + percent))
        totals.append(Total(rate, net + whole - inside, rounded(Decimal(net * percent) / 100) + inside))
    return tuple(totals)


def ways(lines: Sequence[Counted], gross: Sequence[bool]) -> Iterator[tuple[Total, ...]]:
    """Every way in which the law lets a seller count it, the commonest first. What a correction changes is the sum of
    the differences, or the difference of what stands after it and before."""
    yield by_line(lines)
    yield on_sum(lines, gross)
    if any(line.before for line in lines):
        parts = [
            on_sum(*_chosen(lines, gross, before=before))  # of the lines before, the sums are below zero
            for before in (True, False)
        ]
        yield _together(*parts)


def _chosen(lines: Sequence[Counted], gross: Sequence[bool], *, before: bool) -> tuple[list[Counted], list[bool]]:
    own = [(line, priced_gross) for line, priced_gross in zip(lines, gross, strict=True) if line.before == before]
    return [line for line, _gross in own], [priced_gross for _line, priced_gross in own]


def _together(*parts: tuple[Total, ...]) -> tuple[Total, ...]:
    sums: dict[str, Total] = {}
    for total in (total for part in parts for total in part):
        known = sums.get(total.rate, Total(total.rate, 0, 0))
        sums[total.rate] = Total(total.rate, known.net + total.net, known.vat + total.vat)
    return tuple(sums[rate] for rate in sorted(sums, key=lambda rate: (_ORDER.get(rate, 99), rate)))

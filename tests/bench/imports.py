"""``imports``: rows a second and peak memory of the imports of subscribers, lines, invoices, payments, usage and
contracts.

Each import runs in a process of its own, which says the most memory it ever had (VmHWM) beside its target, and beside
what it had when it had only opened the desk. The desk is made by the imports before it, so that what is measured is
also what is there. A million lines are more than an operator has, so they are asked for:
``imports 1000000 --kinds lines --lines 1000000``.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.db.engine import GATE_DEADLINE, Gate
from tests.bench.report import line

SIZES = (1_000, 100_000, 1_000_000)
LARGEST = {"subscribers": 100_000, "lines": 100_000, "invoices": 1_000_000, "contracts": 100_000}
PEAK_MB = 160
"""So much at most, however long the file is."""
WHOLE_MB = 400
"""The same for contracts, whose rows are held and written all at once (:data:`core.imports.csv.pipeline.WHOLE`)."""
HEADS = {
    "subscribers": "customer_number;name;kind;pesel;tax_id;street;postcode;town;email;phone;language;bank_account;"
    "contract_number;valid_from;valid_until;monthly_fee",
    "lines": "customer_number;contract_number;line;product;down_mbit;up_mbit;addresses;pppoe_login;pppoe_password;"
    "activated_on;street;postcode;town",
    "invoices": "invoice_number;customer_number;contract_number;issued_on;sold_on;due_on;name;quantity;unit;net_price;"
    "vat_rate;total_gross",
    "payments": "payment;customer_number;paid_on;amount;title;invoice_number",
    "usage": "line;day;down;up",
    "contracts": "contract_number;activation_code;company;support_level;valid_from;valid_until;category;vendor;product;"
    "identifier",
}
_WEIGHTS = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench imports")
    parser.add_argument("sizes", nargs="*", type=int, default=list(SIZES))
    parser.add_argument("--kinds", default=",".join(HEADS))
    parser.add_argument("--most-lines", type=int, default=LARGEST["lines"], help="several for each subscriber")
    parser.add_argument("--child", nargs=3, metavar=("KIND", "FOLDER", "FILE"))
    args = parser.parse_args(arguments)
    if args.child:
        _child(*args.child)
        return
    for size in args.sizes:
        with tempfile.TemporaryDirectory(prefix="okienko-bench-") as folder:
            _measure(size, Path(folder), args.kinds.split(","), {**LARGEST, "lines": args.most_lines})


def _measure(size: int, folder: Path, kinds: list[str], largest: dict[str, int]) -> None:
    """All kinds one after the other; of subscribers, lines and contracts never more than an operator has, unless more
    lines are asked for."""
    people = min(size, largest["subscribers"])
    needed = {"subscribers", *kinds} | ({"lines"} if "usage" in kinds else set())
    for kind in HEADS:
        if kind not in needed:
            continue
        rows = min(size, largest.get(kind, size))
        file = folder / f"{kind}.csv"
        with file.open("w", encoding="utf-8") as out:
            out.write(HEADS[kind] + "\n")
            out.writelines(";".join(map(str, row)) + "\n" for row in _rows(kind, rows, people))
        told = subprocess.run(
            [sys.executable, "-m", "tests.bench", "imports", "--child", kind, str(folder / "desk"), str(file)],
            check=True,
            capture_output=True,
            text=True,
        )
        found = json.loads(told.stdout.splitlines()[-1])
        if kind in kinds:
            target = WHOLE_MB if kind == "contracts" else PEAK_MB
            file_mb = round(file.stat().st_size / 2**20, 1)
            line("imports", kind=kind, rows=rows, file_mb=file_mb, **found, peak_target_mb=target)
        file.unlink()


def _child(kind: str, folder: str, file: str) -> None:
    """Bring the file in, twice: the second time nothing is new."""
    from core.clock import MovableClock
    from core.imports.csv.source import Source
    from core.service.desk import Desk
    from core.service.settings import Settings
    from tests.core.imports.csv.streams import KINDS, SELLER
    from tests.factories.desks import START, make_desk

    made = Path(folder)
    settings = Settings(data_dir=made, seller=SELLER)
    there = (made / "desk.db").exists()
    desk = Desk.open(settings, MovableClock(START)) if there else make_desk(made, seller=SELLER)
    system, use_case = desk.as_system(), KINDS[kind][0]
    before = _kb("VmRSS")
    taken, busy, parts, kept = [], [], [], []
    desk.store.gate = held = _Held(desk.store.gate)
    for _turn in range(2):
        begun, worked, held.seconds, held.busy = time.perf_counter(), time.process_time(), 0.0, 0.0
        ticks = _Ticks()
        report = system.do(use_case, Source(Path(file)), progress=ticks)
        taken.append(time.perf_counter() - begun)
        busy.append(time.process_time() - worked)
        parts.append(ticks.times)
        kept.append((held.seconds, held.busy))
        assert not report.errors, [slip.say.text() for slip in report.errors[:3]]
    print(
        json.dumps(
            {
                "seconds": round(taken[0], 2),
                "rows_per_second": round(report.rows / taken[0]),
                "lock_seconds": round(kept[0][0], 2),
                "lock_cpu_seconds": round(kept[0][1], 2),
                "cpu_seconds": round(busy[0], 2),
                "again_seconds": round(taken[1], 2),
                "again_lock_seconds": round(kept[1][0], 2),
                "again_cpu_seconds": round(busy[1], 2),
                "steadiness": _steadiness(parts[0]),
                "peak_mb": round(_kb("VmHWM") / 1024, 1),
                "grown_mb": round((_kb("VmHWM") - before) / 1024, 1),
            }
        )
    )
    desk.close()


class _Held(Gate):
    """The desk's gate, with a watch on it: how long others wait while this import writes, and how much of that is
    its own work (the rest is the disk, and what else this machine does)."""

    def __init__(self, gate: Gate) -> None:
        super().__init__(gate._path)
        self.seconds = self.busy = 0.0

    @contextmanager
    def held(self, deadline: float = GATE_DEADLINE) -> Iterator[None]:
        with super().held(deadline):
            begun, worked = time.perf_counter(), time.process_time()
            try:
                yield
            finally:
                self.seconds += time.perf_counter() - begun
                self.busy += time.process_time() - worked


class _Ticks:
    """Notes after how much work of the processor how much was done: what else this machine does is left out."""

    def __init__(self) -> None:
        self.times: list[tuple[float, int]] = []

    def __call__(self, done: int, _of: int) -> None:
        self.times.append((time.process_time(), done))


def _steadiness(ticks: list[tuple[float, int]]) -> float | None:
    """The pace of the last third of the writing pass by that of its first third; 1 is steady."""
    whole = ticks[-1][1] if ticks else 0
    writing = [(at, done) for at, done in ticks if done >= whole / 2]
    if len(writing) < 9:
        return None
    third = len(writing) // 3
    first, last = writing[:third], writing[-third - 1 : -1]
    paces = [(part[-1][1] - part[0][1]) / (part[-1][0] - part[0][0]) for part in (first, last)]
    return round(paces[1] / paces[0], 2)


def _kb(name: str) -> int:
    for found in Path("/proc/self/status").read_text().splitlines():
        if found.startswith(f"{name}:"):
            return int(found.split()[1])
    return 0


def _rows(kind: str, number: int, people: int) -> Iterable[tuple[object, ...]]:
    makers = {
        "subscribers": _subscribers,
        "lines": _lines,
        "invoices": _invoices,
        "payments": _payments,
        "usage": _usage,
        "contracts": _contracts,
    }
    return makers[kind](number, people)


def _pesel(at: int) -> str:
    digits = f"{50 + at % 49:02}{1 + at % 12:02}{1 + at % 28:02}{at % 10_000:04}"
    return f"{digits}{-sum(int(sign) * weight for sign, weight in zip(digits, _WEIGHTS, strict=True)) % 10}"


def _subscribers(number: int, _people: int) -> Iterator[tuple[object, ...]]:
    for at in range(number):
        home = (f"ul. Łączna {at}", "05-121", "Święta Góra", f"osoba{at}@poczta.example", "600 100 200", "pl", "")
        contract = (f"UA/{at}/2024", "2024-01-01", "", "69,00")
        yield (f"K-{at}", f"Bronisława Łącka {at}", "person", _pesel(at), "", *home, *contract)


def _lines(number: int, people: int) -> Iterator[tuple[object, ...]]:
    """One for each, and further ones by the same contracts where there are more."""
    for at in range(number):
        who = at % people
        addresses = f"10.{at >> 16}.{at >> 8 & 255}.{at & 255} 2001:db8:{at >> 12:x}:{(at & 4095) << 4:x}::/60"
        login = (f"l{at}@wiatrolap", f"hasło-{at}", "2024-01-01", "", "", "")
        yield (f"K-{who}", f"UA/{who}/2024", f"PN-{at:08}", "Światło 300", 300, 50, addresses, *login)


def _invoices(number: int, people: int) -> Iterator[tuple[object, ...]]:
    """Two lines each, many months."""
    for at in range(number):
        invoice = at // 2
        who, month = invoice % people, invoice // people
        day = dt.date(2026 - month // 12, 12 - month % 12, 2)
        head = (f"FV/{invoice}", f"K-{who}", f"UA/{who}/2024", day, day, day + dt.timedelta(days=14))
        price = "56,10" if at % 2 == 0 else "9,76"
        yield (*head, "Dostęp do internetu" if at % 2 == 0 else "Adres IPv4", "1", "mies.", price, "23", "81,00")


def _payments(number: int, people: int) -> Iterator[tuple[object, ...]]:
    for at in range(number):
        day = dt.date(2026, 11, 10) - dt.timedelta(days=at // people * 30)
        yield (f"BANK{at:012}", f"K-{at % people}", day, "69,00", f"abonament {at}", "")


def _usage(number: int, people: int) -> Iterator[tuple[object, ...]]:
    """A year of some lines, the days one after the other."""
    those = max(min(number // 30, people), 1)
    for at in range(number):
        day = dt.date(2026, 11, 1) - dt.timedelta(days=at // those)
        yield (f"PN-{at % those:08}", day, at * 1_000_003, at * 7_001)


def _contracts(number: int, _people: int) -> Iterator[tuple[object, ...]]:
    """Two devices each."""
    for at in range(number):
        head = (
            f"OK-{at // 2}",
            f"ABCD-{at // 2}",
            f"Tarnina {at // 20} sp. z o.o.",
            "gold",
            "2026-01-01",
            "2026-12-31",
        )
        yield (*head, "firewall", "Barwa", "Barwa Mur 40", f"BM40{at:08}")

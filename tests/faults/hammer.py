"""A process that writes to a desk and says what was acknowledged: ``hammer FOLDER NAME COUNT``."""

from __future__ import annotations

import sys
from pathlib import Path

from core.models.companies import Company
from core.service.desk import Desk
from core.service.settings import Settings
from core.service.unit_of_work import UnitOfWork


def write(work: UnitOfWork, name: str) -> None:
    """A row, a letter's worth of more rows, and an entry in the journal: all of it or nothing."""
    made = work.add(Company, name=name, name_key=name, created_at=work.now)
    work.add_all(
        Company, [{"name": f"{name}/{part}", "name_key": f"{name}/{part}", "created_at": work.now} for part in range(3)]
    )
    work.record("hammer", "company", made)


def main(folder: str, name: str, count: str) -> None:
    desk = Desk.open(Settings(data_dir=Path(folder)))
    for number in range(int(count)):
        desk.do(write, f"{name}-{number}")
        sys.stdout.write(f"{name}-{number}\n")
        sys.stdout.flush()
    desk.close()


if __name__ == "__main__":
    main(*sys.argv[1:])

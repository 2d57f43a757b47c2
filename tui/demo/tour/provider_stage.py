"""What a scenario about subscribers finds: the operator's files, brought in by the importers that the command line
uses, the catalogue of services, and subscribers who have signed up already."""

from __future__ import annotations

import shutil
from typing import Any

from core import resources
from core.billing import catalogue
from core.contracts.number import number_key
from core.demo import data, provider
from core.imports import registry
from core.imports.csv.report import Report
from core.models.subscribers import Subscriber
from core.service.desk import Desk
from core.service.settings import Department, SellerSection, SubscribersSection
from core.service.unit_of_work import UnitOfWork, table

_subscriber = table(Subscriber)


def settings(stage: dict[str, Any]) -> dict[str, Any]:
    """The provider's sections: who issues invoices, whom to call, from where one may sign up."""
    return {
        "seller": SellerSection(**provider.facts()["seller"]),
        "contact": tuple(Department.model_validate(each) for each in data.world()["contact"]),
        "subscribers": SubscribersSection(line_rule=stage.get("line_rule", "require")),
    }


def take_in(desk: Desk, name: str, text: str) -> Report:
    """A file of the operator's, of the kind with this name, as ``okienko import`` takes it."""
    kind = registry.KINDS[name]
    file = desk.settings.data_dir / f"{name}.csv"
    file.write_text(text.strip() + "\n", encoding="utf-8")
    report = desk.as_system().do(kind.use_case(), kind.open(file))
    file.unlink()
    return report


def open_shop(desk: Desk) -> None:
    """The demo's catalogue of services."""
    shutil.copyfile(resources.folder("demo") / catalogue.FILE, desk.settings.data_dir / catalogue.FILE)


def belongs_to(work: UnitOfWork, number: str, account_id: int) -> None:
    """This account has signed up as the subscriber with this number."""
    work.change(Subscriber, _subscriber.c.number_key == number_key(number), account_id=account_id)

"""What somebody brought who wants to be in a company: its name as they typed it, and the contract that shows for it.

It outlives the answer: whoever was turned away and registers another contract is still of the company they named.
"""

from sqlalchemy.dialects import postgresql, sqlite

from core.models.companies import MembershipClaim
from core.service.unit_of_work import ReadContext, UnitOfWork, table

_claim = table(MembershipClaim)


def file_claim(work: UnitOfWork, account_id: int, contract_id: int, company_name: str = "") -> None:
    """Write down what an account brought. A later contract takes the place of the one before; the name stays."""
    kind = postgresql if work.connection.dialect.name == "postgresql" else sqlite
    row = kind.insert(_claim).values(account_id=account_id, company_name=company_name, contract_id=contract_id)
    later = row.on_conflict_do_update(index_elements=["account_id"], set_={"contract_id": row.excluded.contract_id})
    work.connection.execute(later)


def find_claim(look: ReadContext, account_id: int) -> MembershipClaim | None:
    """What an account brought; None for one that never named a company nor brought a contract."""
    return look.unscoped(MembershipClaim, _claim.c.account_id == account_id)

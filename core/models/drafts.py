"""What people have typed and not sent yet."""

import datetime as dt

from sqlmodel import Field, SQLModel

from core.db.columns import part_of_key


class UnsentForm(SQLModel, table=True):
    """One form's fields as an account has left them: see :mod:`core.accounts.drafts`."""

    __tablename__ = "draft"

    account_id: int = part_of_key("account.id")
    form: str = Field(primary_key=True, max_length=120)
    """Which form, and what it is about: ``ticket.reply:1042``."""
    content: str = Field(repr=False)
    """The fields as JSON, sealed with the desk's key."""
    changed_at: dt.datetime = Field(index=True)

"""Searches that people keep: saved ones, of which they are told."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, Model


class SavedSearch(Entity):
    """One person's. They are told of every listing version that fits and is published later."""

    __tablename__ = "saved_search"
    __table_args__ = (
        Index(
            "uq_saved_search_person_id_name",
            "person_id",
            "name",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str]
    criteria: Mapped[dict[str, Any]]
    """`finding.criteria.Criteria`, without what was not asked."""
    query: Mapped[str]
    """The query of the search page's address that asks the same."""
    deleted_at: Mapped[datetime | None]


class SavedSearchCursor(Model):
    """How far in the feed of events people have been told: one row."""

    __tablename__ = "saved_search_cursor"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int]
    """`event.position` of the last event that was looked at."""
    moved_at: Mapped[datetime]

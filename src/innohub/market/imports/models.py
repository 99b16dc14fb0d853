"""A supplier's catalogue as it was handed in at once, and what became of each item."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, one_of


class ImportState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"


class ItemOutcome(StrEnum):
    WAITING = "waiting"
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class CatalogueImport(Entity):
    """One list of items. Its work is leased: a worker that dies loses it after a while."""

    __tablename__ = "catalogue_import"
    __table_args__ = (
        one_of("state", ImportState),
        Index("ix_catalogue_import_due", "due_at", postgresql_where=text("state <> 'done'")),
    )

    supplier_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    person_id: Mapped[int | None]
    client_id: Mapped[int | None]
    """Who handed it in, a person or an API client: each item is theirs to do."""
    by_name: Mapped[str]
    submit: Mapped[bool]
    """Whether each item is submitted for review as well."""
    dry_run: Mapped[bool]
    """Each item is tried and taken back."""
    state: Mapped[ImportState]
    total: Mapped[int]
    due_at: Mapped[datetime | None]
    """When a worker may take it on; None once it is done."""
    finished_at: Mapped[datetime | None]


class ImportItem(Entity):
    """One listing as the supplier's system has it."""

    __tablename__ = "import_item"
    __table_args__ = (
        UniqueConstraint("import_id", "position"),
        one_of("outcome", ItemOutcome),
    )

    import_id: Mapped[int] = mapped_column(ForeignKey("catalogue_import.id"))
    supplier_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    """The import's supplier, kept here because who may read an item hangs on it."""
    position: Mapped[int]
    """Its place in the list, from 1."""
    reference: Mapped[str]
    content: Mapped[dict[str, Any]]
    """What is to stand in the listing; empty where it was refused at once."""
    outcome: Mapped[ItemOutcome]
    submitted: Mapped[bool]
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """Of a refused item: `message`, and `field` where it is about one."""
    technology_id: Mapped[int | None] = mapped_column(ForeignKey("technology.id"))
    settled_at: Mapped[datetime | None]

"""A locked search: what was asked, what was found at that moment, and why this supplier."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, Model


class LockedSearch(Entity):
    """A force's record of a choice. The database refuses to change or delete it, or its results."""

    __tablename__ = "locked_search"

    force_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    locked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    locked_by_name: Mapped[str]
    title: Mapped[str]
    criteria: Mapped[dict[str, Any]]
    """`finding.criteria.Criteria`, without what was not asked."""
    query: Mapped[str]
    """The query of the search page's address that asks the same."""
    read_as: Mapped[str]
    """The words of the search, typing errors mended."""
    total: Mapped[int]
    """How many were found; the first hundred are kept."""
    reason: Mapped[str]
    hash: Mapped[str]
    """SHA-256 over the canonical JSON of `content`."""
    content: Mapped[dict[str, Any]]
    """All of the above and the results, as they were hashed."""


class LockedResult(Model):
    """One result of a locked search, with the numbers that gave it its place."""

    __tablename__ = "locked_result"
    __table_args__ = (CheckConstraint("place > 0", name="place"),)

    locked_search_id: Mapped[int] = mapped_column(ForeignKey("locked_search.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    technology_id: Mapped[int] = mapped_column(ForeignKey("technology.id"))
    listing_version_id: Mapped[int] = mapped_column(ForeignKey("listing_version.id"))
    name: Mapped[str]
    supplier: Mapped[str]
    version: Mapped[int]
    content_hash: Mapped[str]
    """Of the listing version."""
    fit: Mapped[int]
    """How well it fitted the words, 0 to 4; 4 where none were asked."""
    evidence: Mapped[int]
    """The number that ordered those that fitted alike: see `Technology.evidence`."""
    why: Mapped[str]
    chosen: Mapped[bool]

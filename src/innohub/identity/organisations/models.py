"""What organisations were called, and whose a slug is for good."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, Model


class OrganisationSlug(Model):
    """A slug that is or was an organisation's. It is nobody else's ever again, so that an address
    that somebody kept leads where it always did; a trigger notes every one. Of a supplier that
    became part of another they are its successor's."""

    __tablename__ = "organisation_slug"

    slug: Mapped[str] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)


class FormerEntry(Entity):
    """How an organisation stood in the directory until `created_at`."""

    __tablename__ = "former_entry"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str]
    slug: Mapped[str]
    force_kind: Mapped[str | None]
    nation: Mapped[str | None]
    region: Mapped[str | None]

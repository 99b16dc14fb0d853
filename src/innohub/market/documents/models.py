"""Files that suppliers and forces hand in, and pointers to those that may not be stored here."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, Model, one_of
from innohub.market.machine import Machine


class DocumentKind(StrEnum):
    IMAGE = "image"
    DOCUMENT = "document"
    POINTER = "pointer"
    """Marked SENSITIVE: its title and who holds it, without a byte of it."""


class DocumentState(StrEnum):
    AWAITING_SCAN = "awaiting_scan"
    CLEAN = "clean"
    INFECTED = "infected"
    NOT_SCANNED = "not_scanned"
    """This hub has no scanner: nobody looked."""
    HELD_ELSEWHERE = "held_elsewhere"
    """A pointer: there is nothing to scan."""


S = DocumentState
SCAN = Machine(
    "document",
    [
        ("find_clean", {S.AWAITING_SCAN}, S.CLEAN),
        ("find_infected", {S.AWAITING_SCAN}, S.INFECTED),
        ("leave_unscanned", {S.AWAITING_SCAN}, S.NOT_SCANNED),
    ],
)
RELEASED = frozenset({S.CLEAN, S.NOT_SCANNED, S.HELD_ELSEWHERE})
"""States in which others than its owner may see a document."""


class Document(Entity):
    """What is known of a file. Its bytes stand apart, so that lists do not carry them."""

    __tablename__ = "document"
    __table_args__ = (
        one_of("kind", DocumentKind),
        one_of("state", DocumentState),
        CheckConstraint("(kind = 'pointer') = (holder IS NOT NULL)", name="holder"),
        CheckConstraint("(kind = 'pointer') = (sha256 IS NULL)", name="sha256"),
        CheckConstraint("(kind = 'pointer') = (state = 'held_elsewhere')", name="pointer"),
        CheckConstraint("(kind = 'image') = (alternative_text IS NOT NULL)", name="alternative"),
        CheckConstraint(
            "num_nonnulls(technology_id, pilot_id, assurance_item_id) = 1", name="one_place"
        ),
        CheckConstraint("(pilot_id IS NULL) = (by_name IS NULL)", name="by_name"),
        Index("ix_document_technology_id", "technology_id"),
        Index("ix_document_pilot_id", "pilot_id"),
        Index("ix_document_assurance_item_id", "assurance_item_id"),
        Index(
            "ix_document_scan", "scan_at", postgresql_where=text("state = 'awaiting_scan'")
        ),
    )  # fmt: skip

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    """Whose it is."""
    technology_id: Mapped[int | None] = mapped_column(ForeignKey("technology.id"))
    """The listing that it belongs to; or else it is of a pilot or an assurance item."""
    pilot_id: Mapped[int | None] = mapped_column(ForeignKey("pilot.id"))
    assurance_item_id: Mapped[int | None] = mapped_column(ForeignKey("assurance_item.id"))
    by_name: Mapped[str | None]
    """Who added it, of a pilot's: its two sides know each other. Readers of listings do not."""
    kind: Mapped[DocumentKind]
    state: Mapped[DocumentState]
    title: Mapped[str]
    alternative_text: Mapped[str | None]
    """What an image shows, for those who do not see it."""
    holder: Mapped[str | None]
    """Who holds what a pointer points to."""
    file_name: Mapped[str | None]
    """Letters, digits, dots, hyphens and underscores; its ending is that of the content's type."""
    media_type: Mapped[str | None]
    """Found in the content, never taken from the sender."""
    size: Mapped[int | None]
    """Bytes."""
    sha256: Mapped[str | None]
    """Of the bytes as they are served, in hexadecimal."""
    width: Mapped[int | None]
    height: Mapped[int | None]
    """Pixels, of an image."""
    scan_at: Mapped[datetime | None]
    """When the next look at it falls due: a lease while one goes on, a pause after one that failed.
    None where nothing is to be scanned."""
    scan_tries: Mapped[int] = mapped_column(server_default=text("0"))
    scanned_at: Mapped[datetime | None]
    finding: Mapped[str | None]
    """The scanner's name for what it found."""


class DocumentContent(Model):
    """The bytes; removed with the document, and once a scanner found something in them."""

    __tablename__ = "document_content"

    document_id: Mapped[int] = mapped_column(
        ForeignKey("document.id", ondelete="CASCADE"), primary_key=True
    )
    body: Mapped[bytes] = mapped_column(LargeBinary)

"""Documents and pictures, their bytes apart.

The bytes are stored as they come, uncompressed: files of these kinds are compressed already.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "document",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("technology_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("alternative_text", sa.Text(), nullable=True),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("width", sa.BigInteger(), nullable=True),
        sa.Column("height", sa.BigInteger(), nullable=True),
        sa.Column("scan_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scan_tries", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('image', 'document', 'pointer')", name=op.f("ck_document_kind")
        ),
        sa.CheckConstraint(
            "state IN ('awaiting_scan', 'clean', 'infected', 'not_scanned', 'held_elsewhere')",
            name=op.f("ck_document_state"),
        ),
        sa.CheckConstraint(
            "(kind = 'pointer') = (holder IS NOT NULL)", name=op.f("ck_document_holder")
        ),
        sa.CheckConstraint(
            "(kind = 'pointer') = (sha256 IS NULL)", name=op.f("ck_document_sha256")
        ),
        sa.CheckConstraint(
            "(kind = 'pointer') = (state = 'held_elsewhere')", name=op.f("ck_document_pointer")
        ),
        sa.CheckConstraint(
            "(kind = 'image') = (alternative_text IS NOT NULL)",
            name=op.f("ck_document_alternative"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_document_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["technology_id"], ["technology.id"], name=op.f("fk_document_technology_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    op.create_index(op.f("ix_document_organisation_id"), "document", ["organisation_id"])
    op.create_index("ix_document_technology_id", "document", ["technology_id"])
    op.create_index(
        "ix_document_scan",
        "document",
        ["scan_at"],
        postgresql_where=sa.text("state = 'awaiting_scan'"),
    )
    op.create_table(
        "document_content",
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["document.id"],
            name=op.f("fk_document_content_document_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_document_content")),
    )
    op.execute("ALTER TABLE document_content ALTER COLUMN body SET STORAGE EXTERNAL")


def downgrade() -> None:
    op.drop_table("document_content")
    op.drop_table("document")

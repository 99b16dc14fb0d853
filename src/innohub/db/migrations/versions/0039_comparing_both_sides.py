"""comparing both sides of a connection

Safe while the hub runs? Tables of its own, which the previous release does not know.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0039"
down_revision: str | None = "0038"


def upgrade() -> None:
    op.create_table(
        "reconciliation",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("connection_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("phase", sa.String(length=40), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("nightly", sa.Boolean(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("trail_mark", sa.Text(), nullable=True),
        sa.Column("pages", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("listed", sa.BigInteger(), nullable=False),
        sa.Column("same", sa.BigInteger(), nullable=False),
        sa.Column("moving", sa.BigInteger(), nullable=False),
        sa.Column("missing", sa.BigInteger(), nullable=False),
        sa.Column("stale", sa.BigInteger(), nullable=False),
        sa.Column("ahead", sa.BigInteger(), nullable=False),
        sa.Column("foreign", sa.BigInteger(), nullable=False),
        sa.Column("duplicate", sa.BigInteger(), nullable=False),
        sa.Column("mended", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "phase IN ('gathering', 'comparing', 'unknown', 'retiring')",
            name=op.f("ck_reconciliation_phase"),
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_reconciliation_state")
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connection.id"], name=op.f("fk_reconciliation_connection_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_reconciliation_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation")),
    )
    op.create_index(
        "ix_reconciliation_connection_id_id",
        "reconciliation",
        ["connection_id", sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "uq_reconciliation_open",
        "reconciliation",
        ["connection_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.create_table(
        "discrepancy",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("reconciliation_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("record_key", sa.Text(), nullable=True),
        sa.Column("stream", sa.Text(), nullable=True),
        sa.Column("remote_id", sa.Text(), nullable=True),
        sa.Column("our_revision", sa.BigInteger(), nullable=True),
        sa.Column("their_revision", sa.BigInteger(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("mend", sa.String(length=40), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('missing', 'stale', 'ahead', 'foreign', 'duplicate')",
            name=op.f("ck_discrepancy_kind"),
        ),
        sa.CheckConstraint(
            "mend IN ('none', 'lined_up', 'adopted', 'retiring', 'retired')",
            name=op.f("ck_discrepancy_mend"),
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name=op.f("fk_discrepancy_delivery_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_discrepancy_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["reconciliation_id"],
            ["reconciliation.id"],
            name=op.f("fk_discrepancy_reconciliation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discrepancy")),
    )
    op.create_index(
        "ix_discrepancy_organisation_id_id",
        "discrepancy",
        ["organisation_id", sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_discrepancy_reconciliation_id_id",
        "discrepancy",
        ["reconciliation_id", sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "shown_record",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("reconciliation_id", sa.BigInteger(), nullable=False),
        sa.Column("record_key", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("copies", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reconciliation_id"],
            ["reconciliation.id"],
            name=op.f("fk_shown_record_reconciliation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shown_record")),
        sa.UniqueConstraint(
            "reconciliation_id",
            "record_key",
            "remote_id",
            name=op.f("uq_shown_record_reconciliation_id_record_key_remote_id"),
        ),
    )


def downgrade() -> None:
    op.drop_table("shown_record")
    op.drop_table("discrepancy")
    op.drop_table("reconciliation")

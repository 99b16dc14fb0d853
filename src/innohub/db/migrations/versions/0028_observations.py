"""observations: files that are looked at before they count, and the rows they hold

Safe while the hub runs? New tables, and three columns without a default that the previous release
does not read.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0028"
down_revision: str | None = "0027"

STATES = "'open', 'queued', 'checking', 'refused', 'checked', 'recorded', 'abandoned'"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _uploads()
    op.create_table(
        "trial_upload_part",
        sa.Column("upload_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"],
            ["trial_upload.id"],
            name=op.f("fk_trial_upload_part_upload_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("upload_id", "position", name=op.f("pk_trial_upload_part")),
    )
    # Pieces live for minutes: squeezing them costs more than it saves.
    op.execute("ALTER TABLE trial_upload_part ALTER COLUMN body SET STORAGE EXTERNAL")
    _observations()
    _datasets()


def _uploads() -> None:
    op.create_table(
        "trial_upload",
        sa.Column("pilot_id", sa.BigInteger(), nullable=False),
        sa.Column("force_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("bytes_read", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rows_read", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("problem_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("problems", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("understood", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("began_on", sa.Date(), nullable=False),
        sa.Column("cells", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("observations_hash", sa.Text(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('totals', 'observations')", name=op.f("ck_trial_upload_kind")),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("ck_trial_upload_state")),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_trial_upload_pilot_id")),
        sa.ForeignKeyConstraint(
            ["force_id"], ["organisation.id"], name=op.f("fk_trial_upload_force_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_trial_upload_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial_upload")),
    )
    op.create_index(op.f("ix_trial_upload_pilot_id"), "trial_upload", ["pilot_id"])
    for name in ("due", "expires"):
        op.create_index(
            f"ix_trial_upload_{name}",
            "trial_upload",
            [f"{name}_at"],
            postgresql_where=sa.text(f"{name}_at IS NOT NULL"),
        )


def _observations() -> None:
    op.create_table(
        "trial_observation",
        sa.Column(
            "upload_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('innohub.upload')::bigint"),
            nullable=False,
        ),
        sa.Column("arm", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=True),
        sa.Column("observed_on", sa.Date(), nullable=True),
        sa.Column("site", sa.Text(), nullable=True),
        sa.Column("cluster", sa.Text(), nullable=True),
        sa.Column("unit_id", sa.Text(), nullable=True),
        sa.Column("event", sa.SmallInteger(), nullable=True),
        sa.Column("events", sa.BigInteger(), nullable=True),
        sa.Column("exposure", sa.Numeric(), nullable=True),
        sa.Column("value", sa.Numeric(), nullable=True),
    )
    op.create_index(
        "ix_trial_observation_upload_id",
        "trial_observation",
        ["upload_id"],
        postgresql_using="brin",
        postgresql_with={"autosummarize": "on"},
    )


def _datasets() -> None:
    op.add_column("trial_dataset", sa.Column("upload_id", sa.BigInteger(), nullable=True))
    op.add_column("trial_dataset", sa.Column("observation_count", sa.BigInteger(), nullable=True))
    op.add_column("trial_dataset", sa.Column("observations_hash", sa.Text(), nullable=True))
    op.create_unique_constraint(op.f("uq_trial_dataset_upload_id"), "trial_dataset", ["upload_id"])
    op.create_foreign_key(
        op.f("fk_trial_dataset_upload_id"),
        "trial_dataset",
        "trial_upload",
        ["upload_id"],
        ["id"],
    )


def downgrade() -> None:
    op.drop_column("trial_dataset", "observations_hash")
    op.drop_column("trial_dataset", "observation_count")
    op.drop_column("trial_dataset", "upload_id")
    op.drop_table("trial_observation")
    op.drop_table("trial_upload_part")
    op.drop_table("trial_upload")

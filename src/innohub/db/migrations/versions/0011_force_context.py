"""Context sheets of forces, and the reference lists that they speak in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from innohub.db import reference

revision: str = "0011"
down_revision: str | None = "0010"


def upgrade() -> None:
    op.create_table(
        "force_context",
        sa.Column("force_id", sa.BigInteger(), nullable=False),
        sa.Column("peer_group", sa.Text()),
        sa.Column("size", sa.VARCHAR(length=40)),
        sa.Column("rms_platform", sa.Text()),
        sa.Column("command_and_control", sa.Text()),
        sa.Column("digital_evidence_system", sa.Text()),
        sa.Column("networks", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("device_fleet", sa.Text()),
        sa.Column(
            "hosting_policy", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column("max_classification", sa.VARCHAR(length=40)),
        sa.Column("vetting_required", sa.VARCHAR(length=40)),
        sa.Column("union_consultation_days", sa.BigInteger()),
        sa.Column("ethics_committee", sa.Boolean()),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "size IN ('small', 'medium', 'large', 'very_large')", name="ck_force_context_size"
        ),
        sa.CheckConstraint(
            "max_classification IN ('official', 'official_sensitive')",
            name="ck_force_context_max_classification",
        ),
        sa.CheckConstraint(
            "vetting_required IN ('none', 'nppv1', 'nppv2_abbreviated', 'nppv2_full', 'nppv3')",
            name="ck_force_context_vetting_required",
        ),
        sa.CheckConstraint(
            "union_consultation_days BETWEEN 0 AND 365", name="ck_force_context_consultation"
        ),
        sa.ForeignKeyConstraint(
            ["force_id"], ["organisation.id"], name="fk_force_context_force_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_force_context"),
        sa.UniqueConstraint("force_id", name="uq_force_context_force_id"),
    )
    reference.load(op.get_bind())


def downgrade() -> None:
    op.drop_table("force_context")
    op.execute("DELETE FROM reference_value WHERE list = 'peer_group'")

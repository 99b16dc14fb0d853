"""open contracting data: releases as they went out, and registered numbers of organisations

Safe while the hub runs? Tables of their own, and columns that may be empty: the previous release
knows none of them.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0065"
down_revision: str | None = "0046"

FOR_GOOD = """
    CREATE FUNCTION ocds_release_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'A release that went out is never changed or deleted.'
            USING ERRCODE = 'restrict_violation';
    END $$
"""
GUARD = """
    CREATE TRIGGER stays BEFORE UPDATE OR DELETE ON ocds_release
    FOR EACH ROW EXECUTE FUNCTION ocds_release_stays()
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "ocds_release",
        sa.Column("process_kind", sa.String(length=40), nullable=False),
        sa.Column("process_number", sa.BigInteger(), nullable=False),
        sa.Column("ocid", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("release_id", sa.Text(), nullable=False),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "process_kind IN ('challenge', 'technology')",
            name=op.f("ck_ocds_release_process_kind"),
        ),
        sa.CheckConstraint("sequence >= 1", name=op.f("ck_ocds_release_sequence")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ocds_release")),
        sa.UniqueConstraint(
            "process_kind",
            "process_number",
            "sequence",
            name=op.f("uq_ocds_release_process_kind_process_number_sequence"),
        ),
        sa.UniqueConstraint("release_id", name=op.f("uq_ocds_release_release_id")),
    )
    op.create_index("ix_ocds_release_ocid_id", "ocds_release", ["ocid", "id"])
    op.execute(FOR_GOOD)
    op.execute(GUARD)
    op.create_table(
        "ocds_position",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("audit_seq", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_ocds_position_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ocds_position")),
    )
    for column in ("company_number", "procurement_number"):
        op.add_column("organisation", sa.Column(column, sa.Text(), nullable=True))


def downgrade() -> None:
    for column in ("procurement_number", "company_number"):
        op.drop_column("organisation", column)
    op.drop_table("ocds_position")
    op.drop_table("ocds_release")
    op.execute("DROP FUNCTION ocds_release_stays()")

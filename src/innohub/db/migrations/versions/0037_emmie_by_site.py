"""EMMIE by site

Safe while the hub runs? A table of its own, which the previous release does not know.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0037"
down_revision: str | None = "0036"

NOTES = ("mechanism", "moderators", "implementation", "economics")


def upgrade() -> None:
    notes: list[sa.Column[object]] = []
    for name in NOTES:
        notes.append(sa.Column(name, sa.Text(), nullable=True))
        notes.append(
            sa.Column(f"{name}_quality", sa.BigInteger(), server_default="0", nullable=False)
        )
    op.create_table(
        "emmie_record",
        sa.Column("pilot_id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        *notes,
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("recorded_by_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.CheckConstraint(
                f"{name}_quality BETWEEN 0 AND 4 AND ({name} IS NULL) = ({name}_quality = 0)",
                name=op.f(f"ck_emmie_record_{name}_quality"),
            )
            for name in NOTES
        ),
        sa.CheckConstraint(
            f"coalesce({', '.join(NOTES)}) IS NOT NULL", name=op.f("ck_emmie_record_says_something")
        ),
        sa.ForeignKeyConstraint(
            ["pilot_id"], ["pilot.id"], name=op.f("fk_emmie_record_pilot_id_pilot")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["person.id"], name=op.f("fk_emmie_record_recorded_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["pilot_site.id"], name=op.f("fk_emmie_record_site_id_pilot_site")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emmie_record")),
        sa.UniqueConstraint("site_id", "version", name=op.f("uq_emmie_record_site_id_version")),
    )
    op.create_index(op.f("ix_emmie_record_pilot_id"), "emmie_record", ["pilot_id"])


def downgrade() -> None:
    op.drop_table("emmie_record")

"""reviews of the board's decisions

Safe while the hub runs? A table of its own; the previous release does not know it.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0054"
down_revision: str | None = "0062"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "board_review",
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("ground", sa.String(length=40), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("window_until", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("outcome_reason", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "ground IN ('factual_error', 'process_not_followed', 'undisclosed_conflict', 'new_evidence')",
            name=op.f("ck_board_review_ground"),
        ),
        sa.CheckConstraint(
            "outcome IN ('upheld_rescore', 'partly_upheld', 'not_upheld', 'out_of_time')",
            name=op.f("ck_board_review_outcome"),
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (decided_at IS NULL)", name=op.f("ck_board_review_decided")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_board_review_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["round_item.id"], name=op.f("fk_board_review_item_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_board_review_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_review")),
    )
    op.create_index(
        "uq_board_review_waiting",
        "board_review",
        ["item_id", "organisation_id"],
        unique=True,
        postgresql_where=sa.text("outcome IS NULL OR outcome = 'out_of_time'"),
    )


def downgrade() -> None:
    op.drop_index(
        "uq_board_review_waiting",
        table_name="board_review",
        postgresql_where=sa.text("outcome IS NULL OR outcome = 'out_of_time'"),
    )
    op.drop_table("board_review")

"""decisions passed on, and invitations to co-sponsor that were declined

Safe while the hub runs? A table of its own, and two empty columns that the previous release neither
reads nor writes; the check holds for every row it makes.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0061"
down_revision: str | None = "0058"

KINDS = (
    "'approve_scope', 'approve_joining', 'decide_result', 'resume_pilot', 'explain_overdue', "
    "'cosponsor_challenge'"
)
DECLINED = (
    "(declined_at IS NULL) = (declined_reason IS NULL)"
    " AND (declined_at IS NULL OR joined_at IS NULL)"
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "decision_delegation",
        sa.Column("decision_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("force_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("acted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_decision_delegation_kind")),
        sa.CheckConstraint("person_id <> by_id", name=op.f("ck_decision_delegation_to_another")),
        sa.CheckConstraint(
            "acted_at IS NULL OR ended_at IS NULL",
            name=op.f("ck_decision_delegation_acted_or_ended"),
        ),
        sa.ForeignKeyConstraint(
            ["force_id"], ["organisation.id"], name=op.f("fk_decision_delegation_force_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_decision_delegation_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_decision_delegation_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_delegation")),
    )
    op.create_index(
        "uq_decision_delegation_counts",
        "decision_delegation",
        ["decision_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL AND acted_at IS NULL"),
    )
    for column in ("person_id", "force_id"):
        op.create_index(f"ix_decision_delegation_{column}", "decision_delegation", [column])
    op.add_column(
        "challenge_force", sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("challenge_force", sa.Column("declined_reason", sa.Text(), nullable=True))
    op.create_check_constraint(op.f("ck_challenge_force_declined"), "challenge_force", DECLINED)


def downgrade() -> None:
    op.drop_constraint(op.f("ck_challenge_force_declined"), "challenge_force")
    op.drop_column("challenge_force", "declined_reason")
    op.drop_column("challenge_force", "declined_at")
    op.drop_table("decision_delegation")

"""seats on a round that end or are taken over, recusals from a whole round, sorts of interests

Safe while the hub runs? Columns without a value or with a constant default, which rewrite no table;
checks that let more through than before.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0084"
down_revision: str | None = "0068"

INTERESTS = (
    "'personal', 'professional', 'financial', 'family', 'employment_past_2y', "
    "'employer_force_runs_pilot', 'gift_hospitality', 'prior_involvement'"
)
ACTION = "ck_interest_action"
BEFORE = "'none_needed', 'disclose_only', 'recuse_item'"
STANDING_DOWN = "'recuse_round', 'replace_member'"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("interest", sa.Column("conflict_interest", sa.String(length=40), nullable=True))
    op.create_check_constraint(
        op.f("ck_interest_conflict_interest"), "interest", f"conflict_interest IN ({INTERESTS})"
    )
    op.drop_constraint(op.f(ACTION), "interest", type_="check")
    op.create_check_constraint(op.f(ACTION), "interest", f"action IN ({BEFORE}, {STANDING_DOWN})")
    op.add_column("round_member", sa.Column("in_place_of_id", sa.BigInteger(), nullable=True))
    for name in ("seated_late", "recused"):
        op.add_column(
            "round_member",
            sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()),
        )
    op.add_column("round_member", sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("round_member", sa.Column("left_because", sa.Text(), nullable=True))
    op.create_foreign_key(
        op.f("fk_round_member_in_place_of_id"),
        "round_member",
        "round_member",
        ["in_place_of_id"],
        ["id"],
    )
    op.create_unique_constraint(
        op.f("uq_round_member_in_place_of_id"), "round_member", ["in_place_of_id"]
    )
    op.create_check_constraint(
        op.f("ck_round_member_left"), "round_member", "(left_at IS NULL) = (left_because IS NULL)"
    )
    op.create_check_constraint(
        op.f("ck_round_member_recused"), "round_member", "NOT recused OR left_at IS NOT NULL"
    )


def downgrade() -> None:
    for name in ("recused", "left"):
        op.drop_constraint(op.f(f"ck_round_member_{name}"), "round_member", type_="check")
    op.drop_constraint(op.f("uq_round_member_in_place_of_id"), "round_member", type_="unique")
    op.drop_constraint(op.f("fk_round_member_in_place_of_id"), "round_member", type_="foreignkey")
    for name in ("left_because", "left_at", "recused", "seated_late", "in_place_of_id"):
        op.drop_column("round_member", name)
    op.execute(
        "UPDATE interest SET action = 'recuse_item' "
        "WHERE action IN ('recuse_round', 'replace_member')"
    )
    op.drop_constraint(op.f(ACTION), "interest", type_="check")
    op.create_check_constraint(op.f(ACTION), "interest", f"action IN ({BEFORE})")
    op.drop_constraint(op.f("ck_interest_conflict_interest"), "interest", type_="check")
    op.drop_column("interest", "conflict_interest")

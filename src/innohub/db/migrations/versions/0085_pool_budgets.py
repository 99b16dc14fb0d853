"""the budget behind a quantity in a pool is a decision of the force's leadership

Safe while the hub runs? A column without a value, and a check that takes one kind more; it is added
without a look at the rows there are, which the older one has looked at.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0085"
down_revision: str | None = "0077"

BEFORE = (
    "'approve_scope', 'approve_joining', 'decide_result', 'resume_pilot', 'explain_overdue', "
    "'cosponsor_challenge', 'sign_saving'"
)
PERSON = "fk_pool_commitment_decided_by_id"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _allow(f"{BEFORE}, 'approve_pool_budget'")
    op.add_column("pool_commitment", sa.Column("decided_by_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f(PERSON), "pool_commitment", "person", ["decided_by_id"], ["id"])


def downgrade() -> None:
    op.drop_constraint(op.f(PERSON), "pool_commitment", type_="foreignkey")
    op.drop_column("pool_commitment", "decided_by_id")
    op.execute("DELETE FROM decision_delegation WHERE kind = 'approve_pool_budget'")
    _allow(BEFORE)


def _allow(kinds: str) -> None:
    op.execute("ALTER TABLE decision_delegation DROP CONSTRAINT ck_decision_delegation_kind")
    op.execute(
        "ALTER TABLE decision_delegation ADD CONSTRAINT ck_decision_delegation_kind"
        f" CHECK (kind IN ({kinds})) NOT VALID"
    )
    op.execute("ALTER TABLE decision_delegation VALIDATE CONSTRAINT ck_decision_delegation_kind")

"""a saving to sign for is a decision that can be passed on

Safe while the hub runs? The check takes what it took before and one kind more. It is added without
a look at the rows there are, which the older one has looked at.
"""

from alembic import op

revision: str = "0064"
down_revision: str | None = "0067"

BEFORE = (
    "'approve_scope', 'approve_joining', 'decide_result', 'resume_pilot', 'explain_overdue', "
    "'cosponsor_challenge'"
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _allow(f"{BEFORE}, 'sign_saving'")


def downgrade() -> None:
    op.execute("DELETE FROM decision_delegation WHERE kind = 'sign_saving'")
    _allow(BEFORE)


def _allow(kinds: str) -> None:
    op.execute("ALTER TABLE decision_delegation DROP CONSTRAINT ck_decision_delegation_kind")
    op.execute(
        "ALTER TABLE decision_delegation ADD CONSTRAINT ck_decision_delegation_kind"
        f" CHECK (kind IN ({kinds})) NOT VALID"
    )
    op.execute("ALTER TABLE decision_delegation VALIDATE CONSTRAINT ck_decision_delegation_kind")

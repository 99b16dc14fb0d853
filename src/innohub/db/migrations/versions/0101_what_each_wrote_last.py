"""The newest entry of the audit trail that somebody wrote is found at once

A read from a standby asks for it each time. Safe while the hub runs? Yes: indexes, built while others
write.
"""

from alembic import op
from sqlalchemy import text

revision: str = "0101"
down_revision: str | None = "0093"

BY = ("person_id", "client_id")


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for who in BY:
            op.create_index(
                f"ix_audit_entry_{who}_seq",
                "audit_entry",
                [who, "seq"],
                postgresql_where=text(f"{who} IS NOT NULL"),
                postgresql_concurrently=True,
                if_not_exists=True,
            )


def downgrade() -> None:
    for who in BY:
        op.drop_index(f"ix_audit_entry_{who}_seq", "audit_entry")

"""clients of the sandbox

Safe while the hub runs? A column with a default that the previous release does not read. It would take
a sandbox's client for a live one: register none before every process runs this release.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0094"
down_revision: str | None = "0098"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "oauth_client",
        sa.Column("sandbox", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )


def downgrade() -> None:
    # To the release before, a client of the sandbox would be one of the market.
    op.execute("UPDATE oauth_client SET revoked_at = coalesce(revoked_at, now()) WHERE sandbox")
    op.drop_column("oauth_client", "sandbox")

"""how a consent was proved, and clients that always hand their requests over beforehand

Safe while the hub runs? Columns with defaults that the previous release does not read. To it no
client is bound to pushed requests, and nothing is known of how older consents were proved.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0093"
down_revision: str | None = "0092"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "oauth_grant",
        sa.Column(
            "methods", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
    )
    op.add_column(
        "oauth_client",
        sa.Column("par_required", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("oauth_client", "par_required")
    op.drop_column("oauth_grant", "methods")

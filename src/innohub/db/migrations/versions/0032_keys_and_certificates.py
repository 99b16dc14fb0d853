"""keys and certificates of connections

Safe while the hub runs? The check of a credential's kind takes two values more, and the new column
stays empty until the new release writes it. Access tokens that the previous release sealed are
fetched anew by the new one, and the other way round.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0032"
down_revision: str | None = "0031"

NAME = "ck_credential_kind"
BEFORE = "'client_secret', 'signing_secret', 'access_token'"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("credential", sa.Column("basic_encoding", sa.Text(), nullable=True))
    op.drop_constraint(op.f(NAME), "credential", type_="check")
    op.create_check_constraint(
        op.f(NAME), "credential", f"kind IN ({BEFORE}, 'private_key', 'client_certificate')"
    )


def downgrade() -> None:
    op.execute("DELETE FROM credential WHERE kind IN ('private_key', 'client_certificate')")
    op.drop_constraint(op.f(NAME), "credential", type_="check")
    op.create_check_constraint(op.f(NAME), "credential", f"kind IN ({BEFORE})")
    op.drop_column("credential", "basic_encoding")

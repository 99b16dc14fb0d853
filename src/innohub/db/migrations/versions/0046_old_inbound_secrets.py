"""Secrets of what comes back that end while a new one begins

Safe while the hub runs? Yes: one more kind of credential. A process of the previous release passes
over it, and takes what is signed with the new secret alone.
"""

from alembic import op

revision: str = "0046"
down_revision: str | None = "0052"

NAME = "ck_credential_kind"
BEFORE = (
    "'client_secret', 'private_key', 'client_certificate', 'signing_secret', "
    "'old_signing_secret', 'access_token', 'inbound_secret'"
)


def upgrade() -> None:
    _hold_to(f"{BEFORE}, 'old_inbound_secret'")


def downgrade() -> None:
    op.execute("DELETE FROM credential WHERE kind = 'old_inbound_secret'")
    _hold_to(BEFORE)


def _hold_to(kinds: str) -> None:
    op.drop_constraint(op.f(NAME), "credential", type_="check")
    op.create_check_constraint(op.f(NAME), "credential", f"kind IN ({kinds})")

"""Signing secrets that end while a new one begins

Safe while the hub runs? Yes: one more kind of credential. A worker of the previous release passes
over it, and signs with the new secret alone.
"""

from alembic import op

revision: str = "0041"
down_revision: str | None = "0040"

KINDS = ("client_secret", "private_key", "client_certificate", "signing_secret", "access_token")
NEW = ("client_secret", "private_key", "client_certificate", "signing_secret",
       "old_signing_secret", "access_token")  # fmt: skip
NAME = "ck_credential_kind"


def upgrade() -> None:
    _hold_to(NEW)


def downgrade() -> None:
    op.execute("DELETE FROM credential WHERE kind = 'old_signing_secret'")
    _hold_to(KINDS)


def _hold_to(kinds: tuple[str, ...]) -> None:
    op.drop_constraint(op.f(NAME), "credential", type_="check")
    allowed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f(NAME), "credential", f"kind IN ({allowed})")

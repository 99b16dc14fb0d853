"""open contracting data of pools: tenders, awards and contracts

Safe while the hub runs? A check lets more through than before.
"""

from alembic import op

revision: str = "0067"
down_revision: str | None = "0063"

NAME = "ck_ocds_release_process_kind"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_constraint(op.f(NAME), "ocds_release", type_="check")
    op.create_check_constraint(
        op.f(NAME), "ocds_release", "process_kind IN ('challenge', 'technology', 'pool')"
    )


def downgrade() -> None:
    op.drop_constraint(op.f(NAME), "ocds_release", type_="check")
    op.execute("ALTER TABLE ocds_release DISABLE TRIGGER stays")
    op.execute("DELETE FROM ocds_release WHERE process_kind = 'pool'")
    op.execute("ALTER TABLE ocds_release ENABLE TRIGGER stays")
    op.create_check_constraint(
        op.f(NAME), "ocds_release", "process_kind IN ('challenge', 'technology')"
    )

"""What a pilot costs and how its contract is made; the procurement thresholds and routes.

Safe while the hub runs: nullable columns and reference data.
"""

import sqlalchemy as sa
from alembic import op

from innohub.db import reference

revision: str = "0013"
down_revision: str | None = "0012"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in ("cost_pence", "options_pence", "vat_pence"):
        op.add_column("pilot", sa.Column(name, sa.BigInteger(), nullable=True))
    op.add_column("pilot", sa.Column("procurement_route", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_pilot_costs"), "pilot", "least(cost_pence, options_pence, vat_pence) >= 0"
    )
    reference.load(op.get_bind())


def downgrade() -> None:
    for name in ("procurement_route", "vat_pence", "options_pence", "cost_pence"):
        op.drop_column("pilot", name)

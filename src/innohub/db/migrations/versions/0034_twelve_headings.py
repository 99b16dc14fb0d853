"""the twelve headings of a protocol

Safe while the hub runs? Columns without a default, or with a constant one, which the previous release
does not read. Plans that were locked before keep their hash and lack what nobody was asked for; a draft
is completed before its lock.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0034"
down_revision: str | None = "0033"

CHOSEN = {
    "unit_of_analysis": (
        "incident", "person", "officer", "shift", "device", "beat", "station", "bcu", "force",
        "month", "case_file",
    ),
    "delivery_framework": ("in_house", "dual_partnership", "multi_agency", "independent"),
}  # fmt: skip


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name, values in CHOSEN.items():
        kind = sa.Enum(*values, name=name.replace("_", ""), native_enum=False, length=40)
        op.add_column("protocol", sa.Column(name, kind, nullable=True))
        allowed = ", ".join(f"'{value}'" for value in values)
        op.create_check_constraint(
            op.f(f"ck_protocol_{name}"), "protocol", f"{name} IN ({allowed})"
        )
    op.add_column(
        "protocol",
        sa.Column(
            "sections",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
        ),
    )


def downgrade() -> None:
    op.drop_column("protocol", "sections")
    for name in reversed(CHOSEN):
        op.drop_constraint(op.f(f"ck_protocol_{name}"), "protocol", type_="check")
        op.drop_column("protocol", name)

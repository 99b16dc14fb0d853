"""Further forces and sites of a pilot, and the gates of each force's reviewers.

Safe while the hub runs: new tables, and columns that are nullable or have a constant default.
"""

import sqlalchemy as sa
from alembic import op

from innohub.db import reference

revision: str = "0012"
down_revision: str | None = "0011"

REVIEWERS = (
    "data_protection_officer", "senior_information_risk_owner", "information_security_officer",
    "equality_adviser", "legal", "ethics_committee",
)  # fmt: skip
TURNS = (
    "request", "choose_overlap", "answer_request", "approve_scope", "sign_assurance",
    "write_protocol", "lock_protocol", "start", "finish", "agree_to_resume", "resume_or_stop",
    "record_data", "compute_result", "confirm_result", "comment", "decide",
)  # fmt: skip


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "membership",
        sa.Column(
            "reviewer_types", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
    )
    # Until now, whoever reviewed assurance signed for all of it.
    op.execute(
        "UPDATE membership SET reviewer_types = ARRAY['data_protection_officer', "
        "'senior_information_risk_owner', 'information_security_officer', 'equality_adviser', "
        "'legal', 'ethics_committee'] WHERE role = 'force_assurance_reviewer'"
    )
    op.add_column("pilot", sa.Column("joined_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_pilot_joined_id"), "pilot", "pilot", ["joined_id"], ["id"])
    _turn_kinds(("approve_joining", *TURNS))
    _tables()
    reference.load(op.get_bind())
    op.execute(
        "INSERT INTO pilot_site (pilot_id, force_id, name, role, created_at) "
        "SELECT id, force_id, site, 'treatment', created_at FROM pilot WHERE force_id IS NOT NULL"
    )


def _tables() -> None:
    op.create_table(
        "pilot_site",
        *_of_force("pilot_site"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.CheckConstraint(
            _one_of("role", ("treatment", "comparison")), name=op.f("ck_pilot_site_role")
        ),
        sa.UniqueConstraint(
            "pilot_id", "force_id", "name", name=op.f("uq_pilot_site_pilot_id_force_id_name")
        ),
    )
    op.create_table(
        "pilot_force",
        *_of_force("pilot_force"),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("assured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_reason", sa.Text(), nullable=True),
        sa.UniqueConstraint("pilot_id", "force_id", name=op.f("uq_pilot_force_pilot_id_force_id")),
    )
    op.create_index("ix_pilot_force_force_id_pilot_id", "pilot_force", ["force_id", "pilot_id"])
    op.create_table(
        "pilot_gate",
        *_of_force("pilot_gate"),
        sa.Column("reviewer", sa.String(40), nullable=False),
        sa.Column("covered_by", sa.Text(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(_one_of("reviewer", REVIEWERS), name=op.f("ck_pilot_gate_reviewer")),
        sa.ForeignKeyConstraint(
            ["signed_by_id"], ["person.id"], name=op.f("fk_pilot_gate_signed_by_id")
        ),
        sa.UniqueConstraint(
            "pilot_id",
            "force_id",
            "reviewer",
            name=op.f("uq_pilot_gate_pilot_id_force_id_reviewer"),
        ),
    )


def _of_force(table: str) -> tuple[sa.Column[object] | sa.Constraint, ...]:
    """What each row of one force in one pilot begins with."""
    return (
        sa.Column("pilot_id", sa.BigInteger(), nullable=False),
        sa.Column("force_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f(f"fk_{table}_pilot_id")),
        sa.ForeignKeyConstraint(
            ["force_id"], ["organisation.id"], name=op.f(f"fk_{table}_force_id")
        ),
    )


def _turn_kinds(kinds: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_pilot_turn_kind"), "pilot_turn")
    op.create_check_constraint(op.f("ck_pilot_turn_kind"), "pilot_turn", _one_of("kind", kinds))


def _one_of(column: str, values: tuple[str, ...]) -> str:
    allowed = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({allowed})"


def downgrade() -> None:
    for table in ("pilot_gate", "pilot_force", "pilot_site"):
        op.drop_table(table)
    op.execute("DELETE FROM pilot_turn WHERE kind = 'approve_joining'")
    _turn_kinds(TURNS)
    op.drop_column("pilot", "joined_id")
    op.drop_column("membership", "reviewer_types")

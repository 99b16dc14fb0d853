"""Whose turn a pilot is, who paused it, its frozen data, EMMIE's notes, departures from the plan.

Safe while the hub runs: columns are added nullable or with a constant default, and one table.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"

PAUSED_BY = ("force", "assurance_officer", "stop_rule")
KINDS = (
    "request", "choose_overlap", "answer_request", "approve_scope", "sign_assurance",
    "write_protocol", "lock_protocol", "start", "finish", "agree_to_resume", "resume_or_stop",
    "record_data", "compute_result", "confirm_result", "comment", "decide",
)  # fmt: skip
ROLES = (
    "supplier_admin", "supplier_editor", "supplier_viewer", "integration_client",
    "force_innovation_lead", "force_analyst", "force_senior_responsible_owner",
    "force_chief_officer", "force_assurance_reviewer", "force_commercial", "force_viewer",
    "catalogue_reviewer", "assurance_officer", "commercial_manager", "programme_officer",
    "platform_admin", "board_chair", "board_member", "board_secretary",
    "technical_adviser_nonvoting", "evaluation_adviser", "ethics_adviser", "auditor_readonly",
)  # fmt: skip
ON_PILOT: dict[str, sa.types.TypeEngine[Any]] = {
    "paused_by": sa.String(40),
    "resume_agreed_at": sa.DateTime(timezone=True),
    "started_on": sa.Date(),
    "ended_on": sa.Date(),
    "data_frozen_at": sa.DateTime(timezone=True),
    "no_data_reason": sa.Text(),
    "mechanism": sa.Text(),
    "moderators": sa.Text(),
    "implementation": sa.Text(),
    "economics": sa.Text(),
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name, kind in ON_PILOT.items():
        op.add_column("pilot", sa.Column(name, kind, nullable=True))
    op.create_check_constraint(op.f("ck_pilot_paused_by"), "pilot", _one_of("paused_by", PAUSED_BY))
    # Who paused it was not kept: the force resumed its pilots alone until now.
    op.execute("UPDATE pilot SET paused_by = 'force' WHERE state = 'paused'")
    _days_that_were()
    op.add_column(
        "result",
        sa.Column(
            "deviations", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
    )
    op.create_table(
        "pilot_turn",
        sa.Column("pilot_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(_one_of("kind", KINDS), name=op.f("ck_pilot_turn_kind")),
        sa.CheckConstraint(_one_of("role", ROLES), name=op.f("ck_pilot_turn_role")),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_pilot_turn_pilot_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_pilot_turn_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pilot_turn")),
        sa.UniqueConstraint(
            "pilot_id",
            "kind",
            "organisation_id",
            "role",
            name=op.f("uq_pilot_turn_pilot_id_kind_organisation_id_role"),
        ),
    )


def _days_that_were() -> None:
    """Begin and end as the steps tell them."""
    op.execute("""
        UPDATE pilot SET started_on = s.began, ended_on = s.ended
        FROM (
            SELECT pilot_id,
                   max((created_at AT TIME ZONE 'Europe/London')::date)
                       FILTER (WHERE verb = 'start') AS began,
                   max((created_at AT TIME ZONE 'Europe/London')::date)
                       FILTER (WHERE verb IN ('finish', 'stop')) AS ended
            FROM pilot_step GROUP BY pilot_id
        ) s
        WHERE s.pilot_id = pilot.id
    """)


def _one_of(column: str, values: tuple[str, ...]) -> str:
    allowed = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({allowed})"


def downgrade() -> None:
    op.drop_table("pilot_turn")
    op.drop_column("result", "deviations")
    for name in reversed(ON_PILOT):
        op.drop_column("pilot", name)

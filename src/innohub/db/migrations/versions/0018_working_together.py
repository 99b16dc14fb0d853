"""working together: tasks, messages, checkpoints, stop rules with numbers

Safe while the hub runs? New tables, and a column with a constant default.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0018"
down_revision: str | None = "0017"

NEVER_CHANGES = """
CREATE FUNCTION never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a row of % never changes', TG_TABLE_NAME;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "checkpoint",
        sa.Column("pilot_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column(
            "rating",
            sa.Enum("red", "amber", "green", name="checkpointrating", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("readings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("written_rule_met", sa.Boolean(), nullable=False),
        sa.Column("breached", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "rating IN ('red', 'amber', 'green')", name=op.f("ck_checkpoint_rating")
        ),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_checkpoint_pilot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkpoint")),
        sa.UniqueConstraint("pilot_id", "number", name=op.f("uq_checkpoint_pilot_id_number")),
    )
    op.create_table(
        "pilot_message",
        sa.Column("pilot_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "side",
            sa.Enum("force", "supplier", name="pilotside", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("side IN ('force', 'supplier')", name=op.f("ck_pilot_message_side")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_pilot_message_person_id")
        ),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_pilot_message_pilot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pilot_message")),
    )
    op.create_index(
        "ix_pilot_message_pilot_id_id", "pilot_message", ["pilot_id", "id"], unique=False
    )
    op.create_table(
        "pilot_task",
        sa.Column("pilot_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column(
            "side",
            sa.Enum("force", "supplier", name="pilotside", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "done", "reopened", name="taskstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("overdue_told_on", sa.Date(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'done') = (done_at IS NOT NULL)", name=op.f("ck_pilot_task_done")
        ),
        sa.CheckConstraint("side IN ('force', 'supplier')", name=op.f("ck_pilot_task_side")),
        sa.CheckConstraint(
            "state IN ('open', 'done', 'reopened')", name=op.f("ck_pilot_task_state")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_pilot_task_owner_id")),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_pilot_task_pilot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pilot_task")),
        sa.UniqueConstraint("pilot_id", "key", name=op.f("uq_pilot_task_pilot_id_key")),
    )
    op.create_index(
        "ix_pilot_task_due_on",
        "pilot_task",
        ["due_on"],
        unique=False,
        postgresql_where=sa.text("state <> 'done'"),
    )
    op.add_column(
        "protocol",
        sa.Column(
            "stop_limits",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="[]",
            nullable=False,
        ),
    )
    op.execute(NEVER_CHANGES)
    for table in ("pilot_message", "checkpoint"):
        op.execute(
            f"CREATE TRIGGER {table}_never_changes BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION never_changes()"
        )


def downgrade() -> None:
    op.drop_column("protocol", "stop_limits")
    for table in ("checkpoint", "pilot_message", "pilot_task"):
        op.drop_table(table)
    op.execute("DROP FUNCTION never_changes()")

"""The assurance passport: items in full, and what each force makes of them."""

import sqlalchemy as sa
from alembic import op

from innohub.db import reference

revision: str = "0005"
down_revision: str | None = "0004"

HELD = "status IN ('declared', 'evidence_uploaded', 'verified')"
METHODS = ("issuers_register", "issuer_asked", "evidence_read", "seen_at_holder", "site_visit")
CLASSIFICATIONS = ("official", "official_sensitive")
RESPONSES = (
    "accepted_as_is",
    "accepted_with_local_addendum",
    "needs_local_assessment",
    "rejected",
)


def upgrade() -> None:
    _item_columns()
    _item_constraints()
    _responses()
    _additions()
    reference.load(op.get_bind())


def _item_columns() -> None:
    for name in ("scope", "level", "holder", "evidence", "judgement"):
        op.add_column("assurance_item", sa.Column(name, sa.Text(), nullable=True))
    for name in ("renews_id", "verified_by_id", "warned_days"):
        op.add_column("assurance_item", sa.Column(name, sa.BigInteger(), nullable=True))
    op.add_column(
        "assurance_item",
        sa.Column("verification_method", _words("verificationmethod", METHODS), nullable=True),
    )
    op.add_column(
        "assurance_item",
        sa.Column(
            "classification",
            _words("classification", CLASSIFICATIONS),
            nullable=False,
            server_default="official",
        ),
    )
    op.add_column(
        "assurance_item",
        sa.Column("revision", sa.BigInteger(), nullable=False, server_default="1"),
    )
    op.alter_column("assurance_item", "classification", server_default=None)
    op.alter_column("assurance_item", "revision", server_default=None)


def _item_constraints() -> None:
    op.drop_constraint("uq_assurance_item_technology_id_type_reference", "assurance_item")
    _check("assurance_item", "classification", CLASSIFICATIONS)
    _check("assurance_item", "verification_method", METHODS)
    op.create_check_constraint(
        op.f("ck_assurance_item_pointer_only"),
        "assurance_item",
        "classification = 'official' OR (holder IS NOT NULL AND evidence IS NULL)",
    )
    for column, target in (("renews_id", "assurance_item"), ("verified_by_id", "person")):
        op.create_foreign_key(
            op.f(f"fk_assurance_item_{column}"), "assurance_item", target, [column], ["id"]
        )
    op.create_index("ix_assurance_item_technology_id", "assurance_item", ["technology_id"])
    op.create_index(
        "uq_assurance_item_held",
        "assurance_item",
        ["technology_id", "type", "reference", "issued_on"],
        unique=True,
        postgresql_where=sa.text(HELD),
    )
    op.create_index(
        "uq_assurance_item_renewal",
        "assurance_item",
        ["renews_id"],
        unique=True,
        postgresql_where=sa.text(HELD),
    )
    op.create_index(
        "ix_assurance_item_expiry",
        "assurance_item",
        ["expires_on"],
        postgresql_where=sa.text(HELD),
    )


def _responses() -> None:
    op.create_table(
        "assurance_response",
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("technology_id", sa.BigInteger(), nullable=False),
        sa.Column("force_id", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("response", _words("passportresponse", RESPONSES), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("latest", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            _among("response", RESPONSES), name=op.f("ck_assurance_response_response")
        ),
        _points("assurance_response", "item_id", "assurance_item"),
        _points("assurance_response", "technology_id", "technology"),
        _points("assurance_response", "force_id", "organisation"),
        _points("assurance_response", "by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assurance_response")),
    )
    op.create_index(
        "uq_assurance_response_latest",
        "assurance_response",
        ["item_id", "force_id"],
        unique=True,
        postgresql_where=sa.text("latest"),
    )
    op.create_index("ix_assurance_response_technology_id", "assurance_response", ["technology_id"])


def _additions() -> None:
    op.create_table(
        "assurance_addition",
        sa.Column("response_id", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("technology_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        _points("assurance_addition", "response_id", "assurance_response"),
        _points("assurance_addition", "technology_id", "technology"),
        sa.PrimaryKeyConstraint("response_id", "part", name=op.f("pk_assurance_addition")),
    )


def _words(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=40)


def _among(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def _check(table: str, column: str, values: tuple[str, ...]) -> None:
    op.create_check_constraint(op.f(f"ck_{table}_{column}"), table, _among(column, values))


def _points(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def downgrade() -> None:
    op.drop_table("assurance_addition")
    op.drop_table("assurance_response")
    for name in (
        "ix_assurance_item_technology_id",
        "uq_assurance_item_held",
        "uq_assurance_item_renewal",
        "ix_assurance_item_expiry",
    ):
        op.drop_index(name, "assurance_item")
    op.drop_constraint(op.f("ck_assurance_item_pointer_only"), "assurance_item")
    for name in (
        "scope",
        "level",
        "holder",
        "evidence",
        "judgement",
        "renews_id",
        "verified_by_id",
        "warned_days",
        "verification_method",
        "classification",
        "revision",
    ):
        op.drop_column("assurance_item", name)
    op.create_unique_constraint(
        "uq_assurance_item_technology_id_type_reference",
        "assurance_item",
        ["technology_id", "type", "reference"],
    )

"""organisations' own identity providers, and where passwords are allowed

Safe while the hub runs? Columns with constant defaults, which rewrite no table, and tables of their
own. Whoever signs in with a password today goes on doing so: organisations that there are keep
passwords, those added from now on get them only where an operator says so.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0077"
down_revision: str | None = "0056"

MOMENT = sa.DateTime(timezone=True)
TEXTS = sa.ARRAY(sa.Text())


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "organisation",
        sa.Column("passwords_allowed", sa.Boolean(), nullable=False, server_default="true"),
    )
    op.alter_column("organisation", "passwords_allowed", server_default="false")
    op.add_column(
        "membership",
        sa.Column("from_provider", sa.Boolean(), nullable=False, server_default="false"),
    )
    op.create_table(
        "identity_provider",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary()),
        sa.Column("key_id", sa.Text()),
        sa.Column("tenant", sa.Text()),
        sa.Column("groups_claim", sa.Text(), nullable=False),
        sa.Column("acr_values", TEXTS, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        *_entity("identity_provider"),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_identity_provider_organisation_id"),
        ),
        sa.UniqueConstraint("organisation_id", name=op.f("uq_identity_provider_organisation_id")),
        sa.CheckConstraint(
            "(ciphertext IS NULL) = (key_id IS NULL)", name=op.f("ck_identity_provider_sealed")
        ),
    )
    op.create_table(
        "provider_domain",
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        *_of_provider("provider_domain"),
        sa.PrimaryKeyConstraint("domain", name=op.f("pk_provider_domain")),
    )
    op.create_index("ix_provider_domain_provider_id", "provider_domain", ["provider_id"])
    op.create_table(
        "provider_group",
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        *_of_provider("provider_group"),
        *_entity("provider_group"),
        sa.UniqueConstraint(
            "provider_id", "name", "role", name=op.f("uq_provider_group_provider_id_name_role")
        ),
    )
    op.create_table(
        "provider_subject",
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        *_of_provider("provider_subject"),
        *_entity("provider_subject"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_provider_subject_person_id")
        ),
        sa.UniqueConstraint(
            "provider_id", "subject", name=op.f("uq_provider_subject_provider_id_subject")
        ),
    )
    op.create_index("ix_provider_subject_person_id", "provider_subject", ["person_id"])


def _of_provider(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.ForeignKeyConstraint(
            ["provider_id"], ["identity_provider.id"], name=op.f(f"fk_{table}_provider_id")
        ),
    )


def _entity(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def downgrade() -> None:
    for table in ("provider_subject", "provider_group", "provider_domain", "identity_provider"):
        op.drop_table(table)
    op.drop_column("membership", "from_provider")
    op.drop_column("organisation", "passwords_allowed")

"""observations in order: each row has a number, and their hash is that of their lines, one by one

Safe while the hub runs? Not for observations: the previous release can neither store nor read them
beside the new table. Hand none in until the new release runs. The table is written anew, in the
order in which its rows lie. The audit trail keeps the hashes of the old kind that it was told.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0048"
down_revision: str | None = "0050"

BACK = """
    INSERT INTO trial_observation
        (number, arm, period, observed_on, site, cluster, unit_id, event, events, exposure, value)
    SELECT number, arm, period, observed_on, site, cluster, unit_id, event, events, exposure, value
    FROM held ORDER BY number
"""
LINE = "concat_ws(',', {values}) || E'\\n'"
VALUE = """
    CASE WHEN strpos({name}::text, ',') > 0 THEN '"' || {name}::text || '"'
    ELSE coalesce({name}::text, '') END
"""
HASHED = """
    UPDATE trial_upload SET observations_hash = encode(sha256(convert_to((
        SELECT string_agg({line}, '' ORDER BY number) FROM trial_observation
        JOIN trial_observation_run ON number >= first AND number < first + rows
        WHERE upload_id = :id
    ), 'UTF8')), 'hex') WHERE id = :id
"""
OF_DATASETS = """
    UPDATE trial_dataset SET observations_hash = trial_upload.observations_hash
    FROM trial_upload WHERE trial_dataset.upload_id = trial_upload.id
    AND trial_dataset.observations_hash IS NOT NULL
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "trial_observation_run",
        sa.Column("upload_id", sa.BigInteger(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"],
            ["trial_upload.id"],
            name=op.f("fk_trial_observation_run_upload_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("upload_id", "first", name=op.f("pk_trial_observation_run")),
    )
    _numbered()
    _hashed()


def _numbered() -> None:
    op.execute("LOCK TABLE trial_observation")
    op.execute(
        "CREATE TEMPORARY TABLE held ON COMMIT DROP AS SELECT *, "
        "row_number() OVER (ORDER BY upload_id, ctid) AS number FROM trial_observation"
    )
    op.execute("TRUNCATE trial_observation")
    op.drop_index("ix_trial_observation_upload_id", "trial_observation")
    op.drop_column("trial_observation", "upload_id")
    op.execute("CREATE SEQUENCE trial_observation_number CACHE 2000000")
    op.execute(
        "ALTER TABLE trial_observation ADD COLUMN number bigint NOT NULL "
        "DEFAULT nextval('trial_observation_number')"
    )
    op.create_index(
        "ix_trial_observation_number",
        "trial_observation",
        ["number"],
        postgresql_using="brin",
        postgresql_with={"autosummarize": "on"},
    )
    op.execute(BACK)
    op.execute(
        "INSERT INTO trial_observation_run (upload_id, first, rows) "
        "SELECT upload_id, min(number), count(*) FROM held JOIN trial_upload "
        "ON trial_upload.id = upload_id GROUP BY upload_id"
    )
    op.execute(
        "SELECT setval('trial_observation_number', max(number)) FROM held HAVING count(*) > 0"
    )


def _hashed() -> None:
    op.execute("SET LOCAL datestyle = 'ISO'")
    wanted = sa.text(
        "SELECT id, understood -> 'columns' FROM trial_upload WHERE observations_hash IS NOT NULL"
    )
    for upload_id, columns in op.get_bind().execute(wanted).all():
        names = ["observed_on" if name == "on" else name for name in columns if name != "unit"]
        line = LINE.format(values=", ".join(VALUE.format(name=name) for name in names))
        op.get_bind().execute(sa.text(HASHED.format(line=line)), {"id": upload_id})
    op.execute(OF_DATASETS)


def downgrade() -> None:
    op.execute("LOCK TABLE trial_observation")
    op.add_column("trial_observation", sa.Column("upload_id", sa.BigInteger()))
    op.execute(
        "UPDATE trial_observation SET upload_id = trial_observation_run.upload_id "
        "FROM trial_observation_run WHERE number >= first AND number < first + rows"
    )
    op.execute("DELETE FROM trial_observation WHERE upload_id IS NULL")
    op.alter_column(
        "trial_observation",
        "upload_id",
        server_default=sa.text("current_setting('innohub.upload')::bigint"),
        nullable=False,
    )
    op.drop_index("ix_trial_observation_number", "trial_observation")
    op.create_index(
        "ix_trial_observation_upload_id",
        "trial_observation",
        ["upload_id"],
        postgresql_using="brin",
        postgresql_with={"autosummarize": "on"},
    )
    op.drop_column("trial_observation", "number")
    op.execute("DROP SEQUENCE trial_observation_number")
    op.drop_table("trial_observation_run")

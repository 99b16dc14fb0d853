"""a backup can be restored: the place by evidence finds the function that it calls

`pg_restore` looks up nothing by a search path, and the column that is computed by `search_evidence`
is filled as the rows arrive. A body in the standard's own form is bound to what it calls when it is
made, not when it runs.

Safe while the hub runs? Same name, same arguments, same answers: nothing that stands is computed anew.
"""

from alembic import op

revision: str = "0056"
down_revision: str | None = "0070"

PLACE = """
    ((((CASE WHEN search_favour(verdict) >= 6 THEN 3 WHEN search_favour(verdict) >= 2 THEN 2
             WHEN verdict IS NULL THEN 1 ELSE 0 END)::bigint
       * 10 + coalesce(grade, 0))
      * 10 + coalesce(search_favour(verdict), 0))
     * 100 + least(forces, 99))
    * 1000 + round(rating::numeric * 100)::bigint
"""
SIGNATURE = """
    CREATE OR REPLACE FUNCTION
    search_evidence(verdict text, grade bigint, forces bigint, rating double precision)
    RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
"""


def upgrade() -> None:
    op.execute(f"{SIGNATURE} RETURN {PLACE}")


def downgrade() -> None:
    op.execute(f"{SIGNATURE} AS $$ SELECT {PLACE} $$")

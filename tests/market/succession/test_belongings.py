"""Nothing of a supplier's is forgotten when it becomes part of another."""

from innohub.db.migrate import load_models
from innohub.db.model import Model
from innohub.market.succession.belongings import BELONGINGS, STAYS

FORCES = "force_id"


def test_every_column_that_points_at_an_organisation_goes_over_or_stays_for_a_reason() -> None:
    load_models()
    named = {f"{one.table}.{one.column}" for one in BELONGINGS} | STAYS.keys()
    columns = [
        (f"{table.name}.{column.name}", column.name)
        for table in Model.metadata.tables.values()
        for column in table.columns
        if any(key.column.table.name == "organisation" for key in column.foreign_keys)
    ]
    pointing = {place for place, name in columns if name != FORCES}
    # The events' supplier is no foreign key, so that the outbox stands below identity.
    assert named - {"event.supplier_id"} == pointing
    known = {f"{one.table}.{one.column}" for one in BELONGINGS}
    assert known <= {
        f"{table.name}.{column.name}"
        for table in Model.metadata.tables.values()
        for column in table.columns
    }

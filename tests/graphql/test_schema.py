"""The committed schema is the schema that runs."""

from pathlib import Path

from innohub.graphql.schema import export

ROOT = Path(__file__).parents[2]


def test_schema_graphql_is_what_the_code_exports() -> None:
    assert (ROOT / "schema.graphql").read_text() == export(), (
        "run `innohub schema > schema.graphql`"
    )

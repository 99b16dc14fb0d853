"""Documents and templates that cannot work are found before anybody sees them."""

import pytest
from graphql import GraphQLError

from innohub.db import identifiers
from innohub.db.away import is_away
from innohub.errors import NotFound
from innohub.graphql.operations import Operations
from innohub.graphql.schema import schema
from innohub.web import routes
from innohub.web.reading import Document, ReadFailed, failure, global_id


@pytest.fixture
def operations() -> Operations:
    return Operations(schema._schema)


def test_every_page_has_a_template_and_a_document_that_the_schema_accepts(
    operations: Operations,
) -> None:
    routes.check(operations)


def test_a_field_that_the_schema_lacks_stops_the_hub_from_starting(operations: Operations) -> None:
    with pytest.raises(ReadFailed, match="broken/page"):
        Document("{ technologies { nodes { nmae } } }", "broken/page").check(operations)


def test_a_document_that_does_not_parse_stops_it_too() -> None:
    with pytest.raises(GraphQLError):
        Document("{ technologies {", "broken/page")


def test_shared_fragments_need_no_definition(operations: Operations) -> None:
    document = Document("{ technologies { nodes { ...Card } pageInfo { ...Turn } } }", "page")
    document.check(operations)
    assert document.source.count("fragment Card on") == 1


def test_what_took_too_long_is_a_busy_database_and_no_fault_of_the_page() -> None:
    error = GraphQLError("This took too long.", extensions={"code": "timeout"})
    document = Document("{ technologies { totalCount } }", "page")
    assert is_away(failure(error, document))
    assert isinstance(failure(GraphQLError("broken"), document), ReadFailed)


def test_no_two_pages_share_an_address() -> None:
    paths = [page.path for page in routes.PAGES]
    assert len(set(paths)) == len(paths)


@pytest.mark.parametrize("number", [0, -1, 2**63])
def test_a_number_that_no_row_has_is_not_found(number: int) -> None:
    with pytest.raises(NotFound):
        global_id("Pilot", number)


def test_a_number_leads_to_its_global_id() -> None:
    assert identifiers.decode(global_id("Pilot", 12)) == ("Pilot", 12)

"""Documents by hash: remembered ones, registered ones, and a hub that runs nothing else."""

import pytest
from graphql import GraphQLError

from innohub.graphql.documents import NOT_FOUND, Documents, digest
from tests.graphql.conftest import Client

QUERY = '{ force(slug: "kent") { name } }'


def by_hash(text: str) -> dict[str, object]:
    return {"persistedQuery": {"version": 1, "sha256Hash": digest(text)}}


async def test_a_client_sends_the_text_once_and_the_hash_ever_after(api: Client) -> None:
    client = api()
    unknown = await client.post("/graphql", json={"extensions": by_hash(QUERY)})
    assert unknown.json()["errors"][0]["extensions"]["code"] == NOT_FOUND
    first = await client.post("/graphql", json={"query": QUERY, "extensions": by_hash(QUERY)})
    again = await client.post("/graphql", json={"extensions": by_hash(QUERY)})
    assert first.json() == again.json() == {"data": {"force": {"name": "Kent Police"}}}


async def test_a_hash_that_is_not_the_querys_is_refused(api: Client) -> None:
    answer = await api().post("/graphql", json={"query": QUERY, "extensions": by_hash("{a}")})
    assert (answer.status_code, "data" in answer.json()) == (400, False)


@pytest.mark.parametrize(
    "given",
    [7, {}, {"version": 2, "sha256Hash": "a"}, {"version": 1}, {"version": 1, "sha256Hash": 7}],
)
def test_a_malformed_persisted_query_is_refused(given: object) -> None:
    with pytest.raises(GraphQLError, match="persistedQuery"):
        Documents().text(QUERY, {"persistedQuery": given})


def test_in_strict_mode_only_registered_documents_run() -> None:
    documents = Documents([QUERY], strict=True)
    assert documents.text(QUERY, {}) == QUERY
    assert documents.text(None, by_hash(QUERY)) == QUERY
    for query, extensions in (("{ __typename }", {}), ("{ a }", by_hash("{ a }"))):
        with pytest.raises(GraphQLError, match="registered"):
            documents.text(query, extensions)


def test_registered_documents_are_known_from_the_start() -> None:
    assert Documents([QUERY]).text(None, by_hash(QUERY)) == QUERY

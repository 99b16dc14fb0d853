"""What the engine was once wrong about, or could be: each answered as graphql-core answers it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg
import orjson
import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from innohub.db import identifiers
from innohub.db.engine import ReadPool, create_engine, read_url
from innohub.db.unit_of_work import Database
from innohub.graphql.context import Context
from innohub.graphql.operations import Answer, Operations
from innohub.graphql.preparing import Operation
from innohub.graphql.read.build import MOST_PAIRS
from innohub.graphql.schema import schema
from innohub.identity.actor import STRANGER, Actor
from innohub.identity.models import Organisation, OrganisationKind, Person, Role
from innohub.settings import Settings
from tests.conftest import empty
from tests.factories import actor_of
from tests.graphql.market import Market, build

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@dataclass
class Stage:
    """A stored market, and both ways of answering."""

    market: Market
    database: Database
    reads: ReadPool
    url: str

    def __post_init__(self) -> None:
        self.operations = Operations(schema._schema)

    async def ask(self, text: str, actor: Actor = STRANGER, **variables: Any) -> Answer:
        """The engine's answer, which is graphql-core's as well."""
        prepared = self.operations.prepare(text)
        assert prepared.planned
        context = Context(actor, None, self.database, self.reads)  # type: ignore[arg-type]
        with capture_logs() as logs:
            ours = await self.operations.execute(prepared, variables, context)
        assert "graphql.read_twice" not in {entry["event"] for entry in logs}
        theirs = await self.operations._execute(prepared, variables, context)
        assert ours.data == orjson.loads(orjson.dumps(theirs.data))
        assert [e.path for e in ours.errors] == [e.path for e in theirs.errors or ()]
        return ours

    def officers(self) -> list[Actor]:
        """Somebody of each force."""
        person = self.market.of(Person)[0]
        return [
            actor_of(person, (organisation, Role.FORCE_VIEWER))
            for organisation in self.market.of(Organisation)
            if organisation.kind == OrganisationKind.FORCE
        ]

    def suppliers(self) -> list[Actor]:
        """An administrator of each supplier."""
        person = self.market.of(Person)[0]
        return [
            actor_of(person, (organisation, Role.SUPPLIER_ADMIN))
            for organisation in self.market.of(Organisation)
            if organisation.kind == OrganisationKind.SUPPLIER
        ]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(migrated_url: str) -> AsyncIterator[Stage]:
    settings = Settings(database_url=migrated_url)
    database = Database(create_engine(migrated_url, settings))
    reads = ReadPool(migrated_url, settings)
    await empty(database)
    yield Stage(await build(database, seed=7, now=NOW), database, reads, migrated_url)
    await reads.close()
    await database.engine.dispose()


@pytest.mark.parametrize(
    "selection",
    [
        "totalCount",
        "pageInfo { __typename }",
        "pageInfo { hasPreviousPage }",
        "edges { __typename }",
        "__typename",
        "facets { __typename }",
        "facets { category { __typename } }",
        "facets { rating { label count } } totalCount",
        "a: nodes { id } b: nodes { slug } edges { cursor node { name } other: node { trl } }",
    ],
)
async def test_any_part_of_a_connection_may_be_asked_for_alone(
    stage: Stage, selection: str
) -> None:
    for size in ("first: 0", "first: 2", "last: 2", "last: 0"):
        answer = await stage.ask(f"{{ technologies({size}) {{ {selection} }} }}")
        assert not answer.errors


async def test_the_last_rows_come_in_order_with_the_cursors_of_their_ends(stage: Stage) -> None:
    text = """query ($before: String) { technologies(last: 3, before: $before, orderBy: RATING) {
        edges { cursor } pageInfo { startCursor endCursor hasPreviousPage hasNextPage } } }"""
    page = (await stage.ask(text)).data["technologies"]
    cursors = [edge["cursor"] for edge in page["edges"]]
    assert len(cursors) == 3
    info = page["pageInfo"]
    assert (info["startCursor"], info["endCursor"]) == (cursors[0], cursors[-1])
    assert (info["hasPreviousPage"], info["hasNextPage"]) == (True, False)
    earlier = (await stage.ask(text, before=cursors[0])).data["technologies"]
    assert earlier["pageInfo"]["hasNextPage"]
    assert not {edge["cursor"] for edge in earlier["edges"]} & set(cursors)


async def test_facets_leave_out_their_own_filter_and_keep_the_others(stage: Stage) -> None:
    text = """query ($filter: TechnologyFilter) { technologies(filter: $filter) {
        totalCount facets { category { value label count } trl { value count }
        pilotedBy { value count } rating { value count } } } }"""
    whole = (await stage.ask(text)).data["technologies"]
    chosen = whole["facets"]["category"][0]
    narrow = {"category": [chosen["value"]]}
    found = (await stage.ask(text, filter=narrow)).data["technologies"]
    assert found["totalCount"] == chosen["count"]
    assert found["facets"]["category"] == whole["facets"]["category"]
    assert sum(each["count"] for each in found["facets"]["trl"]) == chosen["count"]


async def test_an_object_may_have_more_keys_than_a_function_has_arguments(stage: Stage) -> None:
    keys = [f"k{number}" for number in range(2 * MOST_PAIRS - 1)]
    fields = " ".join(f"{key}: name" for key in keys)
    answer = await stage.ask(f"{{ technologies(first: 1) {{ nodes {{ {fields} }} }} }}")
    assert list(answer.data["technologies"]["nodes"][0]) == keys


async def test_nodes_come_in_the_order_of_their_ids_with_null_for_what_is_not_there(
    stage: Stage,
) -> None:
    ids = [
        identifiers.encode(kind, number)
        for kind, number in [("Supplier", 10**9), ("Technology", 1), ("Nothing", 1), ("Force", 1)]
    ]
    text = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
    answer = await stage.ask(text, ids=[*ids, ids[1]])
    assert [node and node["id"] for node in answer.data["nodes"]][:1] == [None]
    assert len(answer.data["nodes"]) == len(ids) + 1
    assert (await stage.ask(text, ids=[])).data == {"nodes": []}


async def test_a_union_is_read_from_the_table_of_whichever_type_it_is(stage: Stage) -> None:
    text = """{ integrations { nodes { deliveries { nodes { stream subject { __typename
        ... on Node { id } ... on Technology { name } ... on Pilot { title } } } } } } }"""
    seen = set()
    for supplier in stage.suppliers():
        for integration in (await stage.ask(text, supplier)).data["integrations"]["nodes"]:
            for delivery in integration["deliveries"]["nodes"]:
                subject = delivery["subject"]
                if subject is not None:
                    kind, number = identifiers.decode(subject["id"])
                    assert kind == subject["__typename"]
                    assert delivery["stream"].endswith(f"/{number}")
                    seen.add(kind)
    assert {"Pilot", "Integration"} <= seen


async def test_an_empty_list_of_an_enumeration_is_a_list(stage: Stage) -> None:
    text = "{ pilots { nodes { protocol { unanswered } } } }"
    protocols = [
        pilot["protocol"]
        for actor in stage.officers()
        for pilot in (await stage.ask(text, actor)).data["pilots"]["nodes"]
    ]
    assert {bool(found["unanswered"]) for found in protocols if found} == {True, False}


@pytest.mark.parametrize("known", [True, False])
async def test_what_is_declared_is_read_by_a_statement_beside_what_is_not(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    text = """query ($slug: String!, $left: Boolean = false, $from: Int = 1) {
        change: listingDifference(slug: $slug, since: $from, to: 1) { __typename }
        gone: forces @include(if: $left) { id }
        ...Shop
    }
    fragment Shop on Query { technology(slug: $slug) { name supplier { name } } __typename }"""
    operation = stage.operations.prepare(text)
    assert operation.parts is not None
    by_statement = []
    read = stage.operations._read

    async def seen(operation: Operation, *rest: Any) -> Answer | None:
        by_statement.append(operation)
        return await read(operation, *rest)

    monkeypatch.setattr(stage.operations, "_read", seen)
    slug = "technology-1" if known else "nothing"

    context = Context(STRANGER, None, stage.database, stage.reads)  # type: ignore[arg-type]
    ours = await stage.operations.execute(operation, {"slug": slug}, context)

    theirs = await stage.operations._execute(operation, {"slug": slug}, context)
    assert by_statement == [operation.parts[0]]
    assert ours.data == theirs.data
    assert list(ours.data or ()) == list(theirs.data or ())
    assert [error.path for error in ours.errors] == [error.path for error in theirs.errors or ()]


async def test_a_null_that_must_not_be_is_an_error_with_its_path(stage: Stage) -> None:
    connection = await asyncpg.connect(read_url(stage.url))
    try:
        await connection.execute(
            "UPDATE technology SET price_from_pence = 1, price_to_pence = 2, price_unit = NULL "
            "WHERE id = (SELECT min(id) FROM technology WHERE state = 'published')"
        )
    finally:
        await connection.close()
    answer = await stage.ask("{ technologies(first: 100) { nodes { id price { unit } } } }")
    paths = [error.path for error in answer.errors]
    assert len(paths) == 1
    assert paths[0] is not None
    assert paths[0][-2:] == ["price", "unit"]

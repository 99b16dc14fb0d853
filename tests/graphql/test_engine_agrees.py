"""The engine and graphql-core's executor answer every operation alike, for every role."""

import asyncio
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any

import orjson
import pytest
from graphql import GraphQLObjectType, is_required_argument
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from innohub.db import identifiers
from innohub.db.engine import ReadPool, create_engine
from innohub.db.unit_of_work import Database
from innohub.graphql.context import Context
from innohub.graphql.operations import Answer, Operations
from innohub.graphql.read import reads
from innohub.graphql.read.reads import MAX_PAGE
from innohub.graphql.read.rows import origin_of, read_of, source_of
from innohub.graphql.refusals import Refused
from innohub.graphql.schema import schema
from innohub.identity.actor import STRANGER, Actor
from innohub.identity.models import Membership, Organisation, Person
from innohub.settings import Settings
from tests.conftest import empty
from tests.factories import actor_of
from tests.graphql.generate import Operation, Pools, operation
from tests.graphql.market import WORDS, Market, build

EXAMPLES = int(os.environ.get("INNOHUB_OPERATIONS", "200"))
PAGES = 3
"""How many pages of one operation's connections are turned."""
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


class Stage:
    """A stored market with both ways of answering, on an event loop of its own."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        market: Market,
        database: Database,
        pool: ReadPool,
    ) -> None:
        self.loop, self.market, self.database = loop, market, database
        self.reads = pool
        self.operations = Operations(schema._schema)
        self.actors = actors_of(market)

    def answers(self, operation: Operation, actor: Actor) -> tuple[Any, Any, Any]:
        return self.loop.run_until_complete(self._answers(operation, actor))

    async def _answers(self, operation: Operation, actor: Actor) -> tuple[Any, Any, Any]:
        prepared = self.operations.prepare(operation.text)
        assert prepared.planned
        with capture_logs() as logs:
            ours = await self.operations.execute(prepared, operation.variables, self.context(actor))
        # Where the engine gives up, graphql-core answers, and what is compared is compared with
        # itself: it may give up where there is an error to be found, and nowhere else.
        assert "graphql.read_twice" not in {entry["event"] for entry in logs}
        theirs = await self.operations._execute(prepared, operation.variables, self.context(actor))
        return ours, theirs.data, theirs.errors

    def read(self, text: str, actor: Actor, *, whole: bool = False, **variables: Any) -> Any:
        """The engine's own answer; `whole`: with lists read to their end, as for an export."""
        operations = self.operations.whole if whole else self.operations
        asked = operations.execute(operations.prepare(text), variables, self.context(actor))
        answer = self.loop.run_until_complete(asked)
        assert not answer.errors, answer.errors
        return answer.data

    def context(self, actor: Actor) -> Context:
        return Context(actor, None, self.database, self.reads)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def stage(migrated_url: str) -> Iterator[Stage]:
    settings_ = Settings(database_url=migrated_url)
    loop = asyncio.new_event_loop()
    database = Database(create_engine(migrated_url, settings_))
    pool = ReadPool(migrated_url, settings_)

    async def prepare() -> Market:
        await empty(database)
        return await build(database, seed=7, now=NOW)

    yield Stage(loop, loop.run_until_complete(prepare()), database, pool)

    async def end() -> None:
        await pool.close()
        await database.engine.dispose()

    loop.run_until_complete(end())
    loop.close()


def actors_of(market: Market) -> list[Actor]:
    organisations = {o.id: o for o in market.of(Organisation)}
    people = {p.id: p for p in market.of(Person)}
    found = [
        actor_of(people[m.person_id], (organisations[m.organisation_id], m.role))
        for m in market.of(Membership)
    ]
    return [STRANGER, *found]


def pools_of(market: Market) -> Pools:
    ids = [
        identifiers.encode(kind, number)
        for kind in ("Technology", "Pilot", "Round", "Integration", "Delivery", "Force", "Result")
        for number in (1, 2, 5, 9)
    ]
    force = next(o for o in market.of(Organisation) if o.slug == "kent")
    ids += [identifiers.encode("Force", force.id), identifiers.encode("Nothing", 1), "%%%"]
    slugs = ["kent", "essex", "technology-1", "technology-7", "supplier-0"]
    return Pools(
        ids, [*WORDS[:4], *slugs, "category", "kpi", "use_of_force", "drone_uas", "-drone"]
    )


def normal(data: Any) -> Any:
    """As a client sees it."""
    return orjson.loads(orjson.dumps(data, default=str))


@given(seed=st.integers(0, 2**32))
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
)
def test_any_operation_gets_the_same_answer_from_the_engine_and_from_graphql_core(
    stage: Stage, seed: int
) -> None:
    drawn: Operation | None = operation(schema._schema, pools_of(stage.market), seed)
    actor = stage.actors[seed % len(stage.actors)]
    turns = 0
    while drawn is not None and turns < PAGES:
        note(f"{actor.name}: {drawn.text}\n{drawn.variables}")
        try:
            data = agreed(*stage.answers(drawn, actor))
        except Refused as refused:
            codes = {error.extensions["code"] for error in refused.errors}
            assert codes == {"too_costly"}, refused  # noqa: PT017 - either outcome is right
            return
        drawn = drawn.turned(data, Random(seed))
        turns += 1


def agreed(ours: Answer, theirs: Any, errors: Any) -> Any:
    """The answer's data, once it is seen to be the same from both."""
    data = normal(ours.data)
    assert data == normal(theirs)
    assert [error.path for error in ours.errors] == [error.path for error in errors or ()]
    return data


def nested() -> list[tuple[str, str]]:
    """Every connection below a node, by type and field."""
    return [
        (type_.name, name)
        for type_ in schema._schema.type_map.values()
        if isinstance(type_, GraphQLObjectType) and hasattr(origin_of(type_), "__read__")
        for name, field in type_.fields.items()
        if isinstance(read_of(field), reads.Paged)
        and not any(map(is_required_argument, field.args.values()))
        and "id" in type_.fields
    ]


@given(
    of=st.sampled_from(nested()),
    size=st.integers(1, 7),
    back=st.booleans(),
    eyes=st.integers(min_value=0),
)
@settings(
    max_examples=EXAMPLES // 2,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
)
def test_a_list_below_a_node_is_walked_to_its_end_by_pages_of_any_size(
    stage: Stage, of: tuple[str, str], size: int, back: bool, eyes: int
) -> None:
    actor = stage.actors[eyes % len(stage.actors)]
    kind, name = of
    longest = _longest(stage, actor, kind, name)
    if longest is None:
        return
    note(f"{actor.name}: {kind}.{name} of {longest}, {size} at a time")
    body = "edges { cursor node { __typename } }"
    text = (
        f"query ($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ list: {name} {{ {body} }} }} }} }}"
    )
    whole = stage.read(text, actor, whole=True, id=longest)["node"]["list"]["edges"]
    asked, more = ("last: $n, before: $c", "Previous") if back else ("first: $n, after: $c", "Next")
    end = "startCursor" if back else "endCursor"
    body += f" pageInfo {{ more: has{more}Page end: {end} }}"
    text = (
        f"query ($id: ID!, $n: Int!, $c: String) {{ node(id: $id) {{ ... on {kind} {{"
        f" list: {name}({asked}) {{ {body} }} }} }} }}"
    )
    walked: list[Any] = []
    cursor, further = None, True
    while further:
        page = stage.read(text, actor, id=longest, n=size, c=cursor)["node"]["list"]
        assert 0 < len(page["edges"]) <= size
        walked = page["edges"] + walked if back else walked + page["edges"]
        cursor, further = page["pageInfo"]["end"], page["pageInfo"]["more"]
    assert walked == whole
    assert len({edge["cursor"] for edge in walked}) == len(walked)


def _longest(stage: Stage, actor: Actor, kind: str, name: str) -> str | None:
    """The id of the row with the most of them; None where the actor sees none."""
    table = source_of(schema._schema, schema._schema.get_type(kind)).table
    ids = [identifiers.encode(kind, row.id) for row in stage.market.of(table)][:MAX_PAGE]
    text = (
        f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {kind} {{"
        f" id list: {name} {{ totalCount }} }} }} }}"
    )
    found = [one for one in stage.read(text, actor, ids=ids)["nodes"] if one and one.get("id")]
    held = max(found, key=lambda one: one["list"]["totalCount"], default=None)
    return held["id"] if held and held["list"]["totalCount"] else None

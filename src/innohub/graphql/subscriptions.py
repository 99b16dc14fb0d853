"""Subscriptions: what happens, read through the engine by whoever follows it.

The feed says that something happened; each follower's own statement then reads it, in the form that
was asked for and as far as the viewer may see it. What is invisible is not sent.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, cast

import orjson
import strawberry
from graphql import GraphQLField, get_nullable_type

from innohub.db import identifiers
from innohub.errors import Denied, NotFound, NotSignedIn
from innohub.graphql.context import Context, Shaped
from innohub.graphql.events_feed import Fact, Feed, Follower, of_person
from innohub.graphql.read import engine
from innohub.graphql.read.arguments import Variables
from innohub.graphql.read.compile import STORED_ID
from innohub.graphql.read.reads import Stored
from innohub.graphql.read.selection import Document, Selected
from innohub.graphql.types.events import Event, is_among
from innohub.graphql.types.notices import Notice
from innohub.graphql.types.pilots import Pilot
from innohub.graphql.types.pools import Pool
from innohub.identity.permissions import Permission

Told = AsyncGenerator[Any, None]


@dataclass(kw_only=True)
class Following(Context):
    """The context of one subscription, with what has to be let go at its end."""

    feed: Feed
    closing: AsyncExitStack

    async def follow(self, wanted: Callable[[Fact], bool]) -> Follower:
        """Raises NotListening."""
        await self.feed.ready()
        return self.closing.enter_context(self.feed.follow(wanted))


class _ById:
    """The read declaration of a subscription's field, whose rows the feed names."""

    read = Stored("id")


class Selection:
    """What a subscription's field selects of its node: planned once, run for each event."""

    def __init__(self, info: strawberry.Info) -> None:
        raw: Any = info._raw_info
        self._context = cast(Following, info.context)
        self._variables = raw.variable_values
        self._key = raw.path.key
        declared: GraphQLField = raw.parent_type.fields[raw.field_name]
        # Nullable here: a row that the viewer may not see is no fault, it is just not sent.
        nullable: Any = get_nullable_type(declared.type)
        field = GraphQLField(nullable, extensions={"strawberry-definition": _ById()})
        one = Selected(self._key, raw.field_name, raw.field_nodes, field)
        document = Document(raw.schema, raw.fragments, {**self._variables, STORED_ID: 0})
        self._plan = engine.plan(document, raw.parent_type, [one], self._context.viewer)

    async def read(self, id: int, fact: Fact | None = None) -> Any:
        """What is selected of row `id`, as it is after `fact`; None where the viewer does not see
        it."""
        variables = {**self._variables, STORED_ID: id}
        if fact is None:
            answer = await self._asked(variables)
        else:
            values = self._plan.values(variables, self._context.viewer)
            key = (fact.stream, fact.position, fact.id, self._plan.sql, repr(values))
            answer = await self._context.feed.answers.of(key, lambda: self._asked(variables))
        return orjson.loads(answer)[self._key]

    async def _asked(self, variables: Variables) -> str:
        context = self._context
        async with context.reads.connection() as connection:
            return await engine.run(self._plan, variables, context.viewer, connection)


async def _events(info: strawberry.Info, types: list[str] | None = None) -> Told:
    context = cast(Following, info.context)
    context.actor.require(Permission.CONNECTION_READ)
    own = frozenset(context.actor.with_permission(Permission.CONNECTION_READ))
    named = None if types is None else frozenset(types)
    selection = Selection(info)
    follower = await context.follow(
        lambda fact: fact.supplier_id in own and (named is None or is_among(fact.type, named))
    )
    return _read_each(selection, follower, lambda fact: fact.id)


async def _pilot(info: strawberry.Info, id: strawberry.ID) -> Told:
    kind, number = identifiers.decode(id)
    selection = Selection(info)
    follower = await cast(Following, info.context).follow(
        lambda fact: fact.stream == f"pilot/{number}"
    )
    if kind != "Pilot" or await selection.read(number) is None:
        raise NotFound("This pilot does not exist.")
    return _read_each(selection, follower, lambda fact: number)


async def _pool(info: strawberry.Info, id: strawberry.ID) -> Told:
    kind, number = identifiers.decode(id)
    selection = Selection(info)
    follower = await cast(Following, info.context).follow(
        lambda fact: fact.stream == f"pool/{number}"
    )
    if kind != "Pool" or await selection.read(number) is None:
        raise NotFound("This pool does not exist.")
    return _read_each(selection, follower, lambda fact: number)


async def _notice_arrived(info: strawberry.Info) -> Told:
    context = cast(Following, info.context)
    if not context.actor.signed_in:
        raise NotSignedIn("Sign in to be told of notices.")
    if context.actor.person_id is None:
        raise Denied("Only people have notices.")
    selection = Selection(info)
    own = of_person(context.actor.person_id)
    follower = await context.follow(lambda fact: fact.stream == own)
    return _read_each(selection, follower, lambda fact: fact.id)


async def _read_each(selection: Selection, follower: Follower, id: Callable[[Fact], int]) -> Told:
    async for fact in follower:
        found = await selection.read(id(fact), fact)
        if found is not None:
            yield Shaped(found)


def _stream(resolve: Any, of: Any, description: str) -> Any:
    resolve.__annotations__["return"] = AsyncGenerator[of, None]
    return strawberry.subscription(resolve, description=description)


@strawberry.type(
    description="Over a WebSocket at /graphql (graphql-transport-ws), or by server-sent events at "
    "/graphql/stream. What happens while nobody is connected is in the query's `events`."
)
class Subscription:
    events: Event = _stream(
        _events,
        Event,
        "What happens to the viewer's own technologies and pilots, as it happens; of some types "
        "only, where they or their families (`pilot.*`) are named.",
    )
    notice_arrived: Notice = _stream(
        _notice_arrived,
        Notice,
        "Each notice to the viewer in person, as it is told. Those that came while nobody was "
        "connected are in the query's `notices`.",
    )
    pilot: Pilot = _stream(
        _pilot, Pilot, "The pilot as it is now, whenever something happens to it."
    )
    pool: Pool = _stream(
        _pool,
        Pool,
        "The pooled demand room as it is now, whenever a force commits or it goes a step on.",
    )

"""What a GraphQL request carries: who asks, the database, and the way to read."""

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from graphql import GraphQLObjectType

from innohub.db.engine import ReadPool
from innohub.db.idempotency import RequestKey
from innohub.db.replica import Replica
from innohub.db.unit_of_work import Database
from innohub.graphql.read.compile import STORED_ID
from innohub.graphql.read.engine import Plans, plan, run
from innohub.graphql.read.reads import Read, Stored
from innohub.graphql.read.reference import Resolver
from innohub.graphql.read.selection import Document, Selected
from innohub.hub.wiring import Hub
from innohub.identity.actor import Actor
from innohub.identity.actors import Proof
from innohub.identity.viewer import Viewer


class Shaped:
    """A value that is finished: the executor passes it on as it is."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


@dataclass
class Context:
    actor: Actor
    hub: Hub
    database: Database
    reads: ReadPool
    request_id: str | None = None
    proof: Proof | None = None
    """Where the actor is the one whom the credential proved last: to be proven by the read."""
    ask_again: Callable[[], Awaitable[Actor]] | None = None
    """Looks the actor up; what it raises is the answer to a credential that does not count."""
    plans: Plans = field(default_factory=Plans)
    """Of the operation that runs, and what decides which of them fits this request."""
    shape: Hashable = None
    copy: Replica | None = None
    """Where queries are read, where it is as good as the database for the actor."""
    once: RequestKey | None = None
    """The key under which this request's changes are made once."""
    steps: list[str] = field(default_factory=list)
    """Those of its changes that were made under the key, now or before."""
    _resolver: Resolver | None = None

    @property
    def viewer(self) -> Viewer:
        return Viewer(self.actor)

    async def proven(self) -> "Context":
        """This request, by an actor who was looked up for it."""
        if self.proof is None or self.ask_again is None:
            return self
        return replace(self, actor=await self.ask_again(), proof=None)

    async def read(self, read: Read, source: Any, info: Any) -> Any:
        """Resolve one declared field under graphql-core."""
        raw = info._raw_info
        if isinstance(read, Stored):
            return await self._stored(read, source, raw)
        if self._resolver is None:
            self._resolver = Resolver(self.database, raw.schema, raw.variable_values, self.viewer)
        return await self._resolver.resolve(read, source, raw)

    async def _stored(self, read: Stored, source: Any, raw: Any) -> Shaped:
        """A node that a payload names: its whole selection in one statement."""
        variables = {**raw.variable_values, STORED_ID: getattr(source, read.attribute)}
        document = Document(raw.schema, raw.fragments, variables)
        key = raw.path.key
        one = Selected(key, raw.field_name, raw.field_nodes, raw.parent_type.fields[raw.field_name])
        parent: GraphQLObjectType = raw.parent_type
        viewer = self.viewer
        made = self.plans.get(
            (self.shape, *raw.path.as_list()), lambda: plan(document, parent, [one], viewer)
        )
        async with self.reads.connection() as connection:
            data = orjson.loads(await run(made, variables, viewer, connection))
        return Shaped(data[key])

"""A hub with everybody in it, asked as whom one likes, for real or as a rehearsal."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import update

from innohub.db import identifiers
from innohub.db.engine import ReadPool
from innohub.db.model import Model
from innohub.db.unit_of_work import Database, UnitOfWork
from innohub.errors import InnoHubError
from innohub.graphql.context import Context
from innohub.graphql.operations import Operations
from innohub.graphql.schema import schema
from innohub.hub.wiring import Hub
from tests.fingerprints import Fingerprints
from tests.graphql.matrix.everybody import Everybody

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
REFUSALS = {"denied", "not_found", "not_signed_in"}


class Rehearsed(InnoHubError):
    """Ends a unit of work that went well, in place of its commit."""

    code = "rehearsed"


async def take_back(work: UnitOfWork) -> None:
    """A `before_commit` hook, the last: everything was done, and nothing is stored."""
    raise Rehearsed("It would have been stored.")


@dataclass
class World:
    database: Database
    rehearsal: Database
    """The same, but that nothing is stored."""
    pool: ReadPool
    hub: Hub
    everybody: Everybody

    def __post_init__(self) -> None:
        self.operations = Operations(schema._schema)
        self.fingerprints = Fingerprints[dict[str, tuple[int, str]]]()

    async def add(self, *rows: Model) -> None:
        """Store rows in this order, each with what it needs for it."""
        async with self.database.session() as session, session.begin():
            for row in rows:
                session.add(row)
                await session.flush()

    async def change(self, row: Any, **columns: Any) -> None:
        """Set columns of a stored row, past its revision."""
        table = type(row).__table__
        async with self.database.session() as session, session.begin():
            await session.execute(update(table).where(table.c.id == row.id).values(**columns))

    async def code(self, who: str, mutation: str, input: Any, *, rehearse: bool) -> str:
        """What came of it: the code of the failure, "rehearsed", or "stored"."""
        answer = await self._ask(who, mutation, input, rehearse=rehearse)
        return str(answer["code"]) if answer["__typename"] == "Failure" else "stored"

    async def stored(self, who: str, mutation: str, input: Any) -> dict[str, Any]:
        """The payload of a change made for real."""
        return await self._ask(who, mutation, input, rehearse=False)

    async def _ask(self, who: str, mutation: str, input: Any, *, rehearse: bool) -> Any:
        context = Context(
            self.everybody.actors[who],
            self.hub,
            self.rehearsal if rehearse else self.database,
            self.pool,
            "matrix",
        )
        operation = self.operations.prepare(document(mutation))
        answer = await self.operations.execute(operation, {"input": input}, context)
        assert not answer.errors, (who, mutation, answer.errors)
        assert answer.data is not None
        return answer.data["change"]

    async def fingerprint(self) -> dict[str, tuple[int, str]]:
        """For each table, how many rows it has and a hash over all of them."""
        async with self.pool.connection() as connection:

            async def compute() -> dict[str, tuple[int, str]]:
                rows = await connection.fetch(FINGERPRINT)
                return {row["name"]: (row["count"], row["hash"]) for row in rows}

            return await self.fingerprints.of(connection.fetchval, compute)


FINGERPRINT = " UNION ALL ".join(
    f"SELECT '{table}' AS name, count(*) AS count, "
    f"coalesce(sum(hashtextextended(t::text, 0)), 0)::text AS hash FROM {table} t"
    for table in sorted(Model.metadata.tables)
)


def document(mutation: str) -> str:
    """The mutation with a selection that shows its failure, or that its node can be read."""
    root = schema._schema.mutation_type
    assert root is not None
    field = root.fields[mutation]
    payload, failure = field.type.of_type.types
    assert failure.name == "Failure"
    node = next(name for name, inner in payload.fields.items() if "id" in _fields(inner.type))
    return (
        f"mutation ($input: {field.args['input'].type}) {{ change: {mutation}(input: $input) {{"
        f" __typename ... on Failure {{ code message }}"
        f" ... on {payload.name} {{ node: {node} {{ id }} }} }} }}"
    )


def _fields(type_: Any) -> Any:
    return getattr(type_, "fields", {})


def gid(kind: str, row: Any) -> str:
    """The global id of a stored row."""
    return identifiers.encode(kind, row.id)

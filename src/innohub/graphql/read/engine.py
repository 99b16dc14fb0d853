"""Plans and runs: compiled once for each shape of request, then bound and fetched."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from graphql import GraphQLObjectType
from sqlalchemy.dialects.postgresql.asyncpg import PGCompiler_asyncpg, PGDialect_asyncpg

from innohub.graphql.read.arguments import Variables
from innohub.graphql.read.binding import Getter
from innohub.graphql.read.compile import Compiler
from innohub.graphql.read.selection import Document, Selected
from innohub.identity.actors import Proof
from innohub.identity.viewer import Viewer
from innohub.telemetry import metrics, tracing


class _Statements(PGCompiler_asyncpg):
    """Writes constants into the text: only a request's and a viewer's values are parameters.

    So a condition such as `state = 'published'` meets the partial index made for it, whatever plan
    PostgreSQL keeps for the statement.
    """

    def visit_bindparam(self, bindparam: Any, *args: Any, **kwargs: Any) -> str:
        if not bindparam.key.startswith(("given_", "viewer_")):
            kwargs["literal_binds"] = True
        return super().visit_bindparam(bindparam, *args, **kwargs)  # type: ignore[no-any-return, no-untyped-call]


class _Dialect(PGDialect_asyncpg):
    statement_compiler = _Statements


DIALECT = _Dialect()  # type: ignore[no-untyped-call]

STATEMENT = {"db.system.name": "postgresql"}
NAMED = 5
"""So many fields name a statement in traces, at most."""

Bind = Callable[[Variables, Viewer], Any]


@dataclass(frozen=True)
class Plan:
    """One compiled selection: the text and the parameters of its statement."""

    sql: str
    binds: Sequence[Bind]
    checks: Sequence[Getter]
    """Values that fell out of the statement (`false AND id = $1`) and are still to be judged."""
    name: str = "read"
    """For traces: the fields of the schema that it reads, without any value."""
    cost: int = 0
    _proving: dict[str, str] = field(default_factory=dict)

    def proving(self, question: str) -> str:
        """The statement with a second value: the testimony for the parameters after its own."""
        found = self._proving.get(question)
        if found is None:
            after = len(self.binds)
            asked = question.format(key=f"${after + 1}", now=f"${after + 2}")
            found = self._proving[question] = f"SELECT ({self.sql}), ({asked})"
        return found

    def values(self, variables: Variables, viewer: Viewer) -> list[Any]:
        """The statement's parameters. Raises Invalid for identifiers and cursors that are none."""
        for check in self.checks:
            check(variables)
        return [bind(variables, viewer) for bind in self.binds]


def plan(
    document: Document, type_: GraphQLObjectType, selected: Sequence[Selected], viewer: Viewer
) -> Plan:
    """Compile a selection on a root type. Raises Invalid where an argument is out of range."""
    compiler = Compiler(document, viewer)
    compiled = compiler.root(type_, selected).compile(dialect=DIALECT)
    names, getters = compiled.positiontup or (), compiler.binder.getters
    binds = [_bind(name, getters) for name in names]
    checks = [getter for name, getter in getters.items() if name not in names]
    fields = sorted({one.name for one in selected})
    return Plan(str(compiled), binds, checks, f"read {', '.join(fields[:NAMED])}")


def _bind(name: str, getters: Mapping[str, Getter]) -> Bind:
    getter = getters.get(name)
    if getter is not None:
        return lambda variables, _: getter(variables)
    return lambda _, viewer: viewer.value(name)


class Unproven(Exception):
    """The viewer is no longer who they were taken for: their roles changed, or all is over."""


async def run(
    plan: Plan,
    variables: Variables,
    viewer: Viewer,
    connection: "asyncpg.Connection[Any]",
    proof: Proof | None = None,
) -> str:
    """The response's data as JSON, in one round trip.

    Raises asyncpg.DataError where the answer breaks the schema's promise, Invalid for identifiers
    and cursors that are none, Unproven where the statement's own snapshot contradicts `proof`.
    """
    values = plan.values(variables, viewer)
    began = time.perf_counter()
    with tracing.span(plan.name, "CLIENT", STATEMENT):
        found = await _fetched(plan, values, connection, proof)
    metrics.read_seconds.observe(time.perf_counter() - began)
    return found


async def _fetched(
    plan: Plan,
    values: list[Any],
    connection: "asyncpg.Connection[Any]",
    proof: Proof | None,
) -> str:
    found: str
    if proof is None:
        found = await connection.fetchval(plan.sql, *values)
        return found
    credential = proof.credential
    row = await connection.fetchrow(
        plan.proving(credential.question), *values, credential.key, proof.now
    )
    assert row is not None
    if row[1] != proof.testimony:
        raise Unproven
    found = row[0]
    return found


class Plans:
    """A bounded cache of plans; the least recently used goes first."""

    def __init__(self, size: int = 1_000) -> None:
        self._size = size
        self._plans: OrderedDict[Hashable, Plan] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Plan]) -> Plan:
        found = self._plans.get(key)
        if found is None:
            metrics.plan_miss.inc()
            found = self._plans[key] = make()
            if len(self._plans) > self._size:
                self._plans.popitem(last=False)
        else:
            metrics.plan_hit.inc()
            self._plans.move_to_end(key)
        return found

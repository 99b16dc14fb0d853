"""From a request's text to an answer: parse, validate and plan once; then bind and fetch.

A query whose every root field is declared runs as one statement; of one that mixes in others, the
declared part does. Mutations, introspection and what no declaration covers go to graphql-core,
which reads nodes through the same engine.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import asyncpg
import orjson
import structlog
from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    execute,
    specified_rules,
)
from graphql.execution.values import get_variable_values

from innohub.errors import InnoHubError, Invalid
from innohub.graphql import copies, limits
from innohub.graphql.context import Context
from innohub.graphql.dividing import together
from innohub.graphql.documents import Documents
from innohub.graphql.execution import Executor
from innohub.graphql.preparing import OTHER, Operation, Preparation, name_of
from innohub.graphql.read import engine
from innohub.graphql.read.arguments import Variables
from innohub.graphql.read.rows import NotPlanned
from innohub.graphql.read.selection import Document
from innohub.graphql.refusals import MAX_VALIDATION_ERRORS, Refused, checked, coded, told
from innohub.identity.viewer import Viewer
from innohub.telemetry import metrics, tracing

log = structlog.get_logger()

NOT_WHOLE = "This cannot be read to its end by one statement."
TOO_SLOW = "This took too long. Ask for less: fewer rows, fewer fields, a narrower filter."
ELSEWHERE = (
    "Subscribe over a WebSocket at /graphql (graphql-transport-ws), "
    "or by server-sent events at /graphql/stream."
)


@dataclass(frozen=True)
class Answer:
    """The outcome of an execution, its data as JSON; null where an error reached the root."""

    json: bytes | str
    errors: list[GraphQLError]
    cost: int = 0

    @classmethod
    def of(cls, result: ExecutionResult, cost: int) -> "Answer":
        """What graphql-core's executor found."""
        return cls(orjson.dumps(result.data), [told(e) for e in result.errors or ()], cost)

    @property
    def data(self) -> Any:
        """Nested dicts and lists, as the client will read them."""
        return orjson.loads(self.json)


class Operations:
    """Prepares and executes operations, and remembers what it prepared."""

    def __init__(
        self,
        schema: GraphQLSchema,
        *,
        documents: Documents | None = None,
        introspection: bool = True,
        size: int = 1_000,
        whole: bool = False,
    ) -> None:
        """`whole`: for queries of ours alone; see `whole` below."""
        self.schema = schema
        self._whole = whole
        self.documents = documents or Documents()
        unwanted = [] if introspection else [NoSchemaIntrospectionCustomRule]
        self._preparation = Preparation(schema, self.documents, [*specified_rules, *unwanted])
        self._size = size
        self._known: OrderedDict[tuple[str, str | None], Operation] = OrderedDict()

    @cached_property
    def whole(self) -> "Operations":
        """Those that read lists to their end, whatever their usual bound: for exports, which are
        nothing if they are not whole. No request is ever answered by them."""
        return Operations(self.schema, whole=True)

    def prepare(self, text: str, name: str | None = None) -> Operation:
        """The operation of that name. Raises Refused for anything that may not be executed."""
        key = (text, name)
        found = self._known.get(key)
        if found is not None:
            self._known.move_to_end(key)
            return found
        try:
            made = self._known[key] = self._preparation.operation(text, name)
        except Refused:
            metrics.operations.labels(OTHER, "unknown", "refused").observe(0.0)
            raise
        if len(self._known) > self._size:
            self._known.popitem(last=False)
        return made

    async def execute(
        self, operation: Operation, given: Mapping[str, Any] | None, context: Context
    ) -> Answer:
        """Answer a query or mutation for one viewer. Raises Refused for variables that do not fit,
        and for a subscription, which has more than one answer; InnoHubError where it was to be read
        whole and cannot be."""
        kind = operation.definition.operation.value
        label = operation.label
        told = {"graphql.operation.name": label, "graphql.operation.type": kind}
        with (
            metrics.operation_measured(label, kind) as observed,
            tracing.span(f"{kind} {label}", attributes=told) as span,
        ):
            try:
                answer = await self._answer(operation, given, context)
            except Refused:
                observed.outcome = "refused"
                raise
            except asyncio.CancelledError:
                observed.outcome = "gone"
                raise
            observed.outcome = "errors" if answer.errors else "ok"
            tracing.note(span, {"innohub.outcome": observed.outcome})
            return answer

    async def _answer(
        self, operation: Operation, given: Mapping[str, Any] | None, context: Context
    ) -> Answer:
        if operation.is_subscription:
            raise Refused([GraphQLError(ELSEWHERE, extensions={"code": "needs_a_stream"})])
        variables = self._coerced(operation, given)
        if operation.planned:
            try:
                answer = await self._read(operation, variables, context)
            except engine.Unproven:
                context = await context.proven()
                answer = await self._read(operation, variables, context)
            if answer is not None:
                return answer
        if self._whole:
            raise InnoHubError(NOT_WHOLE)
        context = await context.proven()
        cost = self._cost(operation, variables)
        if operation.parts is not None:
            answer = await self._read_in_parts(operation, given, variables, context)
            if answer is not None:
                return replace(answer, cost=cost)
        if not operation.is_query:
            shape = operation.shape(variables, context.viewer)
            context = replace(context, plans=operation.plans, shape=shape)
        result = await self._execute(operation, given, context)
        if (operation.planned or operation.parts) and not result.errors:
            # The right answer, but a slow one: the engine took a value for missing that is there.
            log.warning("graphql.read_twice", operation=name_of(operation))
        return Answer.of(result, cost)

    async def _read_in_parts(
        self,
        operation: Operation,
        given: Mapping[str, Any] | None,
        variables: Variables,
        context: Context,
    ) -> Answer | None:
        """The declared part from one statement, the others from graphql-core; None where an error
        has to be found, which may reach beyond its part."""
        assert operation.parts is not None
        declared, others = operation.parts
        answer = await self._read(declared, variables, context)
        if answer is None or answer.errors:
            return answer
        rest = await self._execute(others, given, context)
        if rest.errors or rest.data is None:
            return None
        definition, fragments = operation.definition, operation.fragments
        data = together(definition, fragments, (answer.data, rest.data))
        return Answer(orjson.dumps(data), [])

    def cost(self, operation: Operation, given: Mapping[str, Any] | None) -> int:
        """What one answer costs. Raises Refused for too much, and for variables that do not fit."""
        return self._cost(operation, self._coerced(operation, given))

    def _coerced(self, operation: Operation, given: Mapping[str, Any] | None) -> Variables:
        definitions = operation.definition.variable_definitions
        if not definitions:
            return {}
        values = get_variable_values(
            self.schema,
            definitions,
            dict(given or {}),
            max_errors=MAX_VALIDATION_ERRORS,
            hide_suggestions=True,
        )
        if isinstance(values, list):
            raise Refused([coded(error, "invalid_variables") for error in values])
        return values.coerced

    def _cost(self, operation: Operation, variables: Variables) -> int:
        """Raises Refused for an operation that asks for too much."""
        meter = limits.Meter(self.schema, operation.fragments, variables)
        measured = meter.operation(operation.definition)
        checked(measured)
        return measured.cost

    async def _read(
        self, operation: Operation, variables: Variables, context: Context
    ) -> Answer | None:
        """The answer in one round trip; None where graphql-core has to find the exact error."""
        viewer = context.viewer
        try:
            plan = operation.plans.get(
                operation.shape(variables, viewer), lambda: self._plan(operation, variables, viewer)
            )
            json = await copies.fetched(plan, variables, context)
            return Answer(json, [], plan.cost)
        except (Invalid, NotPlanned, asyncpg.DataError):
            return None
        except asyncpg.QueryCanceledError:
            return Answer(b"null", [GraphQLError(TOO_SLOW, extensions={"code": "timeout"})])

    def _plan(self, operation: Operation, variables: Variables, viewer: Viewer) -> engine.Plan:
        cost = self._cost(operation, variables)
        root = self.schema.query_type
        assert root is not None
        document = Document(self.schema, operation.fragments, variables, self._whole)
        selected = document.select(root, [operation.definition.selection_set])
        return replace(engine.plan(document, root, selected, viewer), cost=cost)

    async def _execute(
        self, operation: Operation, given: Mapping[str, Any] | None, context: Context
    ) -> ExecutionResult:
        result = execute(
            self.schema,
            operation.document,
            context_value=context,
            variable_values=dict(given or {}),
            operation_name=name_of(operation),
            executor_class=Executor,
            hide_suggestions=True,
        )
        if isinstance(result, ExecutionResult):
            return result
        return await result

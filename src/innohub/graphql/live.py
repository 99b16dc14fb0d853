"""What the streaming transports share: from a request's parameters to a stream of answers."""

from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from inspect import isawaitable
from time import monotonic
from typing import Any, ClassVar

from graphql import ExecutionResult, GraphQLError, subscribe
from starlette.requests import HTTPConnection

from innohub.errors import InnoHubError, NotSignedIn
from innohub.graphql.context import Context
from innohub.graphql.events_feed import Feed
from innohub.graphql.execution import Executor
from innohub.graphql.operations import Answer, Operations
from innohub.graphql.parameters import Parameters
from innohub.graphql.preparing import Operation
from innohub.graphql.refusals import Refused, told
from innohub.graphql.subscriptions import Following
from innohub.identity.actor import Actor
from innohub.identity.actors import Caller

Who = tuple[int | None, int | None] | None
"""A person's id, or a client's; neither for strangers, None for who did not say yet."""
Identify = Callable[[HTTPConnection, str | None], Awaitable[Caller]]
"""Who calls, by the access token given, else by the connection's headers; asked afresh each time.
Raises NotSignedIn for a token that does not count."""
MOST = 2_000
"""How many streams and sockets a process holds open: the rest of its connections stays free. What
they cost is measured by bench/subscriptions.py."""
MOST_EACH = 20
MOST_STRANGERS = 100


class Full(InnoHubError):
    code: ClassVar[str] = "unavailable"
    status: ClassVar[int] = 503


@dataclass
class Live:
    """The parts of a process that answers over time."""

    operations: Operations
    feed: Feed
    identify: Identify
    context_of: Callable[[HTTPConnection, Caller], Context]
    clock: Callable[[], datetime]
    recheck_seconds: float = 60.0
    """How often a caller's right to be connected is looked at again."""
    most: int = MOST
    most_each: int = MOST_EACH
    """Of one person or client."""
    most_strangers: int = MOST_STRANGERS
    """Of everybody who does not say who they are."""
    here: Callable[[HTTPConnection], "Live"] | None = None
    """What answers over a connection once it is known who calls: a token that comes late may lead
    to the sandbox."""
    open: Counter[Who] = field(default_factory=Counter, init=False)

    @contextmanager
    def place(self, actor: Actor | None) -> Iterator[None]:
        """One of the connections that are held open; of nobody known yet, without an actor.
        Raises Full."""
        who = None if actor is None else (actor.person_id or actor.on_behalf_of, actor.client_id)
        most = self.most
        if actor is not None:
            most = self.most_each if actor.signed_in else self.most_strangers
        if self.open.total() >= self.most or self.open[who] >= most:
            raise Full("Too many streams are open. Close some, or try again later.")
        self.open[who] += 1
        try:
            yield
        finally:
            self.open[who] -= 1
            self.open += Counter()

    def operation(self, asked: Parameters) -> Operation:
        """Raises Refused."""
        try:
            text = self.operations.documents.text(asked.query, asked.extensions)
        except GraphQLError as error:
            raise Refused([error]) from None
        return self.operations.prepare(text, asked.operation_name)

    @asynccontextmanager
    async def answers(
        self, operation: Operation, asked: Parameters, context: Context
    ) -> AsyncIterator[AsyncIterator[Answer]]:
        """One answer for a query or mutation, one for each event of a subscription.

        Raises Refused on entering, and in the middle where a subscription cannot go on.
        """
        if not operation.is_subscription:
            yield _once(await self.operations.execute(operation, asked.variables, context))
            return
        cost = self.operations.cost(operation, asked.variables)
        async with AsyncExitStack() as closing:
            following = Following(
                context.actor,
                context.hub,
                context.database,
                context.reads,
                context.request_id,
                feed=self.feed,
                closing=closing,
            )
            stream = await self._subscribe(operation, asked, following)
            closing.push_async_callback(stream.aclose)
            yield _each(stream, cost)

    async def _subscribe(
        self, operation: Operation, asked: Parameters, following: Following
    ) -> AsyncGenerator[ExecutionResult, None]:
        name = operation.definition.name
        found: Any = subscribe(
            self.operations.schema,
            operation.document,
            context_value=following,
            variable_values=dict(asked.variables),
            operation_name=name.value if name else None,
            executor_class=Executor,
            hide_suggestions=True,
        )
        if isawaitable(found):
            found = await found
        if isinstance(found, ExecutionResult):
            raise Refused([told(error) for error in found.errors or ()])
        stream: AsyncGenerator[ExecutionResult, None] = found
        return stream


async def _once(answer: Answer) -> AsyncIterator[Answer]:
    yield answer


async def _each(stream: AsyncIterator[ExecutionResult], cost: int) -> AsyncIterator[Answer]:
    try:
        async for result in stream:
            yield Answer.of(result, cost)
    except Exception as error:
        raise Refused([told(GraphQLError(str(error), original_error=error))]) from error


class Admission:
    """A caller's right to be connected, looked at again from time to time."""

    def __init__(
        self, live: Live, connection: HTTPConnection, token: str | None, caller: Caller
    ) -> None:
        self._live, self._connection, self._token = live, connection, token
        self.caller = caller
        self._due = self._next()

    @classmethod
    async def of(
        cls, live: Live, connection: HTTPConnection, token: str | None = None
    ) -> "Admission":
        """Raises NotSignedIn."""
        return cls(live, connection, token, await live.identify(connection, token))

    @property
    def seconds(self) -> float:
        """Until `check` is due; not above the next check, not below zero."""
        return max(0.0, self._due - monotonic())

    async def check(self) -> None:
        """Raises NotSignedIn where the proof ended, or stands for other permissions than before."""
        expires = self.caller.expires_at
        if expires is not None and self._live.clock() >= expires:
            raise NotSignedIn("The access token or session has expired.")
        if self.caller.actor.signed_in:
            found = await self._live.identify(self._connection, self._token)
            if found.actor != self.caller.actor:
                raise NotSignedIn("What you may do has changed. Connect again.")
            self.caller = found
        self._due = self._next()

    def _next(self) -> float:
        seconds = self._live.recheck_seconds
        expires = self.caller.expires_at
        if expires is not None:
            seconds = min(seconds, (expires - self._live.clock()).total_seconds())
        return monotonic() + max(0.0, seconds)

"""One trace, from a page through the outbox to the request that a supplier's system receives."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from innohub.cli.receiver import Inbox, create_receiver
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub
from innohub.telemetry import tracing
from tests.hub.conftest import clock, outbound
from tests.hub.scene import (
    CLIENT_ID,
    CLIENT_SECRET,
    Receiving,
    Supplied,
    a_connection,
    a_courier,
    attempts,
    served,
)
from tests.web.visitor import Visitor

__all__ = ["clock", "outbound"]

CALLED = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
PAGE = "/integrations/{number:int}"
TRACE = int("4bf92f3577b34da6a3ce929d0e0e4736", 16)


@dataclass
class Listening:
    """A supplier's system that notes what came with each event."""

    app: ASGIApp
    heard: list[str | None] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/events":
            self.heard.append(Headers(scope=scope).get("traceparent"))
        await self.app(scope, receive, send)


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = tracing.provider_of(1.0, "test")
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.use(provider)
    try:
        yield exporter
    finally:
        tracing.use(None)
        provider.shutdown()


@pytest_asyncio.fixture
async def system() -> AsyncIterator[tuple[Receiving, Listening]]:
    inbox = Inbox(CLIENT_ID, CLIENT_SECRET, signing_secret="")
    listening = Listening(create_receiver(inbox))
    async with served(listening) as url:
        yield Receiving(url, inbox), listening


async def a_sample(visitor: Visitor, supplied: Supplied, headers: dict[str, str]) -> None:
    """Asked for by the supplier's administrator, at the connection's page."""
    await visitor.sign_in_as(supplied.admin.person)
    visitor.client.headers.update(headers)
    page = await visitor.send(f"/integrations/{supplied.connection.id}", "test", {})
    assert page.flash.startswith("A sample is on its way.")
    for name in headers:
        del visitor.client.headers[name]


async def test_a_trace_goes_from_a_page_through_the_outbox_to_the_suppliers_system(
    visitor: Visitor,
    outbound: Outbound,
    system: tuple[Receiving, Listening],
    exporter: InMemorySpanExporter,
) -> None:
    database, hub = visitor.app.state.database, visitor.app.state.hub
    receiving, listening = system
    supplied = await a_connection(database, hub, receiving.url)
    receiving.trust(supplied)
    await a_sample(visitor, supplied, {"traceparent": CALLED})
    await a_courier(database, hub, outbound).drain()

    spans = [s for s in exporter.get_finished_spans() if s.context.trace_id == TRACE]
    by_name = {span.name: span for span in spans}
    pressed = by_name[f"POST {PAGE}"]
    delivered = by_name["deliver connector.test"]
    (request,) = (s for s in spans if s.name == "POST" and s.parent == delivered.context)
    assert pressed.attributes["http.response.status_code"] == 303
    assert delivered.parent.span_id == delivered.links[0].context.span_id
    assert delivered.parent.span_id == pressed.context.span_id
    assert listening.heard == [
        f"00-{request.context.trace_id:032x}-{request.context.span_id:016x}-01"
    ]
    (attempt,) = await attempts(database)
    assert attempt.request_headers["traceparent"] == listening.heard[0], "the supplier finds it"

    shown = by_name[f"GET {PAGE}"]
    (operation,) = (s for s in spans if s.parent == shown.context)
    assert operation.name.startswith("query ")
    (statement,) = (s for s in spans if s.parent == operation.context)
    assert statement.name.startswith("read ")
    _holds_nothing_of(
        exporter.get_finished_spans(),
        supplied.admin.person.email,
        supplied.admin.person.name,
        supplied.supplier.name,
        supplied.signing_secret,
        CLIENT_ID,
        CLIENT_SECRET,
        visitor.client.cookies[next(iter(visitor.client.cookies))],
        receiving.url,
        *receiving.inbox.tokens,
    )


async def test_what_fails_is_told_by_its_class_and_never_by_its_text(
    visitor: Visitor, exporter: InMemorySpanExporter
) -> None:
    with pytest.raises(ValueError, match="secret"), tracing.span("work"):
        raise ValueError("the secret of Ada Lovelace")
    await visitor.client.get("/nobody/ada@lovelace.example?token=secret")
    query = {"query": 'query Ada { node(id: "secret") { id } }'}
    await visitor.client.post("/graphql", json=query)

    spans = exporter.get_finished_spans()
    assert spans[0].attributes["error.type"] == "ValueError"
    assert not spans[0].status.is_ok
    assert {"request", "POST /graphql", "query other"} <= {span.name for span in spans}
    _holds_nothing_of(spans, "secret", "Ada", "lovelace")


async def test_nothing_is_traced_unless_an_endpoint_is_named(
    visitor: Visitor, hub: Hub, outbound: Outbound, system: tuple[Receiving, Listening]
) -> None:
    receiving, listening = system
    database = visitor.app.state.database
    assert tracing.start(visitor.app.state.settings, "web") is None
    supplied = await a_connection(database, hub, receiving.url)
    receiving.trust(supplied)
    await a_sample(visitor, supplied, {"traceparent": CALLED})
    await a_courier(database, hub, outbound).drain()
    assert listening.heard == [None]


@pytest.fixture
def hub(visitor: Visitor) -> Hub:
    found: Hub = visitor.app.state.hub
    return found


def _holds_nothing_of(spans: tuple[ReadableSpan, ...], *values: str) -> None:
    told = "\n".join(span.to_json() for span in spans)
    for value in values:
        assert value not in told, value

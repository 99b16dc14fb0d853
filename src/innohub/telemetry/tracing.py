"""Traces: one line from a page or an API call, through the outbox, to the request that a supplier's
system receives. Off unless an endpoint is named, and then free: nothing of OpenTelemetry is loaded.

A span holds names that this code or its operator chose, numbers of rows, and classes of outcome.
Never a value: no address as it was asked for, no parameter of a statement, no text of an error.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal

from innohub.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, Tracer

HEADER = "traceparent"
"""W3C Trace Context, level 1."""
Kind = Literal["INTERNAL", "SERVER", "CLIENT", "CONSUMER"]
Attribute = str | int | bool

_tracer: "Tracer | None" = None


def start(settings: Settings, process: str) -> "TracerProvider | None":
    """Begin to trace where the settings name an endpoint. `process`: web or worker."""
    if settings.otlp_endpoint is None:
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = provider_of(settings.trace_ratio, process)
    exporter = OTLPSpanExporter(endpoint=f"{settings.otlp_endpoint}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    use(provider)
    return provider


def use(provider: "TracerProvider | None") -> None:
    """Trace by this provider from now on; None: no more."""
    global _tracer
    _tracer = provider.get_tracer("innohub") if provider is not None else None


def on() -> bool:
    return _tracer is not None


_NOTHING: nullcontext[None] = nullcontext()


def span(
    name: str,
    kind: Kind = "INTERNAL",
    attributes: Mapping[str, Attribute] | None = None,
    *,
    within: str | None = None,
) -> AbstractContextManager["Span | None"]:
    """A span around the block; None where nothing is traced. `within`: the `traceparent` that it
    goes on from, in place of the span in hand, and is linked to.

    What is raised is told by its class: its text may hold anything.
    """
    if _tracer is None:
        return _NOTHING
    return _span(_tracer, name, kind, attributes, within)


@contextmanager
def _span(
    tracer: "Tracer",
    name: str,
    kind: Kind,
    attributes: Mapping[str, Attribute] | None,
    within: str | None,
) -> Iterator["Span | None"]:
    from opentelemetry.trace import Link, SpanKind, Status, StatusCode

    context = _context_of(within) if within is not None else None
    links = [Link(found)] if context is not None and (found := _origin(context)) else []
    with tracer.start_as_current_span(
        name,
        context,
        SpanKind[kind],
        attributes,
        links,
        record_exception=False,
        set_status_on_exception=False,
    ) as begun:
        try:
            yield begun
        except BaseException as error:
            begun.set_attribute("error.type", type(error).__name__)
            begun.set_status(Status(StatusCode.ERROR))
            raise


def note(span: "Span | None", attributes: Mapping[str, Attribute]) -> None:
    """Add to a span that may be none."""
    if span is not None:
        span.set_attributes(attributes)


def failed(span: "Span | None", kind: str) -> None:
    """What the span tells of did not go well: `kind` is the class of the failure."""
    if span is not None:
        from opentelemetry.trace import Status, StatusCode

        span.set_attribute("error.type", kind)
        span.set_status(Status(StatusCode.ERROR))


def traceparent() -> str | None:
    """Of the span in hand, to be handed on; None where nothing is traced."""
    if _tracer is None:
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get(HEADER)


def _context_of(given: str) -> Any:
    """The context that a `traceparent` names; an empty one where it names none."""
    from opentelemetry.context import Context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract({HEADER: given}, context=Context())


def _origin(context: Any) -> Any:
    from opentelemetry.trace import get_current_span

    found = get_current_span(context).get_span_context()
    return found if found.is_valid else None


def provider_of(ratio: float, process: str) -> "TracerProvider":
    """Keeps that share of traces; whoever calls it adds where they go."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

    sampled = TraceIdRatioBased(ratio)
    resource = Resource(
        {
            "service.name": f"innohub-{process}",
            "service.version": version("innohub"),
        }
    )
    # A caller's wish to be sampled is not ours to follow: strangers would choose what we keep.
    return TracerProvider(
        sampler=ParentBased(sampled, remote_parent_sampled=sampled), resource=resource
    )

"""What each process counts, for Prometheus: rate, errors and duration of what it serves.

Every label takes its values from this code or from the operator's own documents and connectors,
never from what a client sends: a stranger cannot make the series grow.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from prometheus_client import Counter, Gauge, Histogram

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Edges of the buckets. A page answers within tens of milliseconds, and a delivery has ten
seconds: docs/alerts says which of them matter."""

requests = Histogram(
    "innohub_request_seconds",
    "Until the first byte of the answer, by the template of the address and the class of status.",
    ["route", "method", "status"],
    buckets=SECONDS,
)
operations = Histogram(
    "innohub_operation_seconds",
    "GraphQL operations, by name where the document is registered (pages, the operator's folder), "
    "else `other`; outcome: ok, errors, refused, gone or "
    "failed.",
    ["operation", "type", "outcome"],
    buckets=SECONDS,
)
plans = Counter(
    "innohub_plans",
    "Look-ups of a read plan: found in the cache, or made anew.",
    ["found"],
)
plan_hit, plan_miss = plans.labels("cached"), plans.labels("made")
reads = Counter(
    "innohub_reads",
    "Queries where a standby is set, by who answered: the copy, or the database because the copy "
    "was away, behind, or had not seen what the reader wrote.",
    ["source", "why"],
)
read_seconds = Histogram(
    "innohub_read_seconds",
    "The one statement of a query, from its sending until the answer is here.",
    buckets=SECONDS,
)
chain_seconds = Histogram(
    "innohub_chain_wait_seconds",
    "How long a change took to get its turn at the audit trail, the last step before its commit.",
    buckets=SECONDS,
)
loop_lag = Histogram(
    "innohub_loop_lag_seconds",
    "How much later than due this process woke: what everything else in it waits, too.",
    buckets=SECONDS,
)
deliveries = Counter(
    "innohub_deliveries",
    "Tries of deliveries, by the connector and the class of their outcome.",
    ["connector", "outcome"],
)
delivery_seconds = Histogram(
    "innohub_delivery_seconds",
    "One try of a delivery with all its requests.",
    ["connector"],
    buckets=SECONDS,
)
sweeps = Histogram(
    "innohub_sweep_seconds",
    "Rounds of the worker's regular work, by name; outcome: ok or failed.",
    ["sweep", "outcome"],
    buckets=(*SECONDS, 60.0),
)
sweep_ended = Gauge(
    "innohub_sweep_last_success_timestamp_seconds",
    "When a round of the worker's regular work last ended well.",
    ["sweep"],
)

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GRANTS = {
    "authorization_code": "authorization_code",
    "client_credentials": "client_credentials",
    "refresh_token": "refresh_token",
    JWT_BEARER: "jwt_bearer",
}


def grant_label(grant_type: str | None) -> str:
    """How a grant is counted: what a client made up itself counts as `other`."""
    return "none" if grant_type is None else GRANTS.get(grant_type, "other")


@dataclass
class Observed:
    """How what is being measured went; whoever measures it sets this before it ends."""

    outcome: str = "ok"


@contextmanager
def operation_measured(operation: str, type_: str) -> Iterator[Observed]:
    """Count one execution of a GraphQL operation. What is raised counts as failed, unless it was
    said to be refused."""
    observed, began = Observed("failed"), time.perf_counter()
    try:
        yield observed
    finally:
        took = time.perf_counter() - began
        operations.labels(operation, type_, observed.outcome).observe(took)

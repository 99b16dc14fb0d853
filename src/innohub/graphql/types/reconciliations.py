"""Both sides of a supplier's connection compared: each run, and what differed."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from innohub.graphql.read.declare import Connection, Node, among, column, node, one, paged, where
from innohub.hub import policy
from innohub.hub.reconcile import models as rows
from innohub.hub.reconcile.models import Kind, Mend, Phase, RunState

if TYPE_CHECKING:
    from innohub.graphql.types.integrations import Delivery, Integration

strawberry.enum(RunState, name="ReconciliationState")
strawberry.enum(Phase, name="ReconciliationPhase")
strawberry.enum(Kind, name="DiscrepancyKind")
strawberry.enum(Mend, name="DiscrepancyMend")


@node(rows.Discrepancy, policy.visible, name="Discrepancy")
class Discrepancy(Node):
    """A record that the two sides do not hold alike."""

    kind: Kind = column(rows.Discrepancy.kind)
    record_key: str | None = column(rows.Discrepancy.record_key, "The hub's key that it bears.")
    stream: str | None = column(rows.Discrepancy.stream)
    remote_id: str | None = column(rows.Discrepancy.remote_id, "What their system calls it.")
    our_revision: int | None = column(rows.Discrepancy.our_revision)
    their_revision: int | None = column(rows.Discrepancy.their_revision)
    detail: str = column(rows.Discrepancy.detail)
    mend: Mend = column(rows.Discrepancy.mend, "What became of it.")
    found_at: datetime = column(rows.Discrepancy.created_at)
    delivery: (
        Annotated["Delivery", strawberry.lazy("innohub.graphql.types.integrations")] | None
    ) = one(lambda row, other: other.id == row.delivery_id)


@strawberry.input
class DiscrepancyFilter:
    kind: list[Kind] | None = where(lambda row, value: among(row.kind, value))
    mend: list[Mend] | None = where(lambda row, value: among(row.mend, value))


@node(rows.Reconciliation, policy.visible, name="Reconciliation")
class Reconciliation(Node):
    """One comparison of what the hub remembers with what the supplier's system holds."""

    number: int = column(rows.Reconciliation.id)
    state: RunState = column(rows.Reconciliation.state)
    phase: Phase = column(rows.Reconciliation.phase, "How far it has come.")
    dry_run: bool = column(rows.Reconciliation.dry_run, "It compares and changes nothing.")
    nightly: bool = column(rows.Reconciliation.nightly)
    detail: str | None = column(rows.Reconciliation.detail, "Why it waits or failed.")
    asked_at: datetime = column(rows.Reconciliation.created_at)
    started_at: datetime | None = column(rows.Reconciliation.started_at)
    ended_at: datetime | None = column(rows.Reconciliation.ended_at)
    next_at: datetime = column(rows.Reconciliation.next_at, "While it is open: when it goes on.")
    pages: int = column(rows.Reconciliation.pages)
    listed: int = column(rows.Reconciliation.listed, "Records that their system showed.")
    same: int = column(rows.Reconciliation.same, "Records that both sides hold alike.")
    moving: int = column(rows.Reconciliation.moving, "On their way meanwhile: left to the next.")
    missing: int = column(rows.Reconciliation.missing, "Ours that they do not hold.")
    stale: int = column(rows.Reconciliation.stale, "Theirs are older, or were changed.")
    ahead: int = column(rows.Reconciliation.ahead, "Theirs are newer than the hub remembers.")
    foreign: int = column(rows.Reconciliation.foreign, "Theirs that the hub did not write.")
    duplicate: int = column(rows.Reconciliation.duplicate, "Further records of one key.")
    mended: int = column(rows.Reconciliation.mended)
    integration: (
        Annotated["Integration", strawberry.lazy("innohub.graphql.types.integrations")] | None
    ) = one(lambda row, other: other.id == row.connection_id)
    discrepancies: Connection[Discrepancy] = paged(
        lambda row, other: other.reconciliation_id == row.id, filter=DiscrepancyFilter
    )

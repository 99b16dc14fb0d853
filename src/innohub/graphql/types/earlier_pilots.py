"""Pilots that forces ran without the hub, in their own words."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import strawberry
from sqlalchemy import literal_column

from innohub.graphql.read.declare import (
    Connection,
    Node,
    Row,
    Term,
    among,
    column,
    node,
    one,
    paged,
    where,
)
from innohub.graphql.types.catalogue import Technology
from innohub.graphql.types.organisations import Force, by_slugs
from innohub.graphql.types.reference import label_of
from innohub.market.evidence.models import Verdict
from innohub.market.pilots.earlier import models as rows
from innohub.market.pilots.earlier import policy
from innohub.market.pilots.models import PilotDecision


@node(rows.EarlierPilot, policy.visible, name="EarlierPilot")
class EarlierPilot(Node):
    """A pilot that was over before the hub knew of it, as its force tells it. Nothing was
    registered before it began, so that it can earn no verdict and counts in no pooled effect."""

    reference: str = column(rows.EarlierPilot.reference, "The force's own.")
    product: str = column(rows.EarlierPilot.product)
    supplier_name: str = column(rows.EarlierPilot.supplier_name)
    title: str = column(rows.EarlierPilot.title)
    question: str = column(rows.EarlierPilot.question)
    kpi: str = column(rows.EarlierPilot.kpi)
    kpi_label: str = column(lambda row: label_of("kpi", row.kpi))
    start_on: date = column(rows.EarlierPilot.start_on)
    end_on: date = column(rows.EarlierPilot.end_on)
    found: str = column(rows.EarlierPilot.found, "What came of it, in the force's words.")
    decision: PilotDecision | None = column(rows.EarlierPilot.decision)
    source_url: str | None = column(rows.EarlierPilot.source_url, "Where a report can be read.")
    verdict: Verdict = column(
        lambda row: literal_column(f"'{Verdict.NOT_ASSESSABLE.value}'"),
        "Always that it cannot be assessed: what would count as success was not registered.",
    )
    force: Force | None = one(lambda row, other: other.id == row.force_id)
    technology: Technology | None = one(lambda row, other: other.id == row.technology_id)


@node(rows.EarlierOverlap, policy.overlap_visible, name="EarlierOverlap")
class EarlierOverlap:
    """An earlier pilot like it, as it was shown to the force that asked."""

    because: str = column(rows.EarlierOverlap.because)
    earlier: EarlierPilot | None = one(lambda row, other: other.id == row.earlier_id)


@strawberry.input
class EarlierPilotFilter:
    force: list[str] | None = where(
        lambda row, value: row.force_id.in_(by_slugs(value)), "Slugs of forces."
    )
    kpi: list[str] | None = where(lambda row, value: among(row.kpi, value))
    technology: strawberry.ID | None = where(
        lambda row, value: row.technology_id == value, id_of="Technology"
    )


def newest_first(row: Row, given: Mapping[str, Any]) -> list[Term]:
    return [Term(row.end_on, descending=True)]


EarlierPilotConnection = Connection[EarlierPilot]


def all_of_them(description: str) -> Any:
    """The connection of a root field."""
    return paged(None, description, filter=EarlierPilotFilter, order=newest_first)

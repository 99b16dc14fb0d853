"""The register of pilots: what it is filtered by, and its orders."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

import strawberry
from sqlalchemy import Date, Integer, case, func, literal_column, or_, select, type_coerce
from sqlalchemy.orm import aliased

from innohub.graphql.read.declare import Connection, Row, Term, among, where
from innohub.graphql.types.organisations import by_slugs
from innohub.graphql.types.pilots import Pilot
from innohub.market.forces import peers
from innohub.market.pilots import models as rows
from innohub.market.pilots import register
from innohub.market.pilots.models import PilotState
from innohub.market.pilots.register import Reporting


@strawberry.input
class PilotFilter:
    state: list[PilotState] | None = where(lambda row, value: among(row.state, value))
    kpi: list[str] | None = where(lambda row, value: among(row.kpi, value))
    force: list[str] | None = where(
        lambda row, value: row.force_id.in_(by_slugs(value)), "Slugs of forces."
    )
    taking_part: list[str] | None = where(
        lambda row, value: _takes_part(row, value),
        "Slugs of forces: the pilots that they lead, and those that they joined.",
    )
    forces_like: strawberry.ID | None = where(
        lambda row, value: peers.like(value, row.force_id),
        "A force's id: only by forces like it.",
        id_of="Force",
    )
    supplier: list[str] | None = where(
        lambda row, value: row.supplier_id.in_(by_slugs(value)), "Slugs of suppliers."
    )
    technology: strawberry.ID | None = where(
        lambda row, value: row.technology_id == value, id_of="Technology"
    )
    registered: bool | None = where(
        lambda row, value: register.registered(row) == value,
        "Only (or no) pilots of forces in the public register: those with a locked protocol.",
    )
    reporting: list[Reporting] | None = where(
        lambda row, value: among(register.reporting(row), value),
        "By how they stand with the result that they owe.",
    )
    unreported: bool | None = where(
        lambda row, value: register.unreported(row) == value,
        "Only (or no) pilots whose result is 30 days overdue.",
    )
    literature: bool | None = where(
        lambda row, value: row.citation.is_not(None) == value,
        "Only (or no) published trials from the literature.",
    )


def _takes_part(row: Row, slugs: Any) -> Any:
    further = aliased(rows.PilotForce)
    joined = (
        select(literal_column("1"))
        .select_from(further)
        .where(
            further.pilot_id == row.id,
            further.left_at.is_(None),
            further.force_id.in_(by_slugs(slugs)),
        )
        .correlate_except(further)
        .exists()
    )
    return or_(row.force_id.in_(by_slugs(slugs)), joined)


@strawberry.enum
class PilotOrder(Enum):
    NEWEST = "newest"
    ENDING = "ending"
    OWED = "owed"


def _newest(row: Row, given: Mapping[str, Any]) -> list[Term]:
    return [Term(row.created_at, descending=True)]


def _ending(row: Row, given: Mapping[str, Any]) -> list[Term]:
    ran = case((row.state == rows.PilotState.RUNNING, 0), else_=1)
    return [Term(ran), Term(row.end_on)]


def _owed(row: Row, given: Mapping[str, Any]) -> list[Term]:
    """What is owed longest first, then what is due next; what was reported last, newest first."""
    rank = case(
        (row.reported_at.is_not(None), 2),
        (register.reporting(row) == literal_column(f"'{Reporting.NOT_DUE}'"), 1),
        else_=0,
    )
    # Without a locked protocol nothing is owed: its planned end stands in, to have an order at all.
    since = literal_column("date '2000-01-01'", Date)
    due = type_coerce(func.coalesce(register.due_on(row), row.end_on) - since, Integer)
    return [Term(rank), Term(case((row.reported_at.is_not(None), -due), else_=due))]


PILOT_ORDERS = {
    PilotOrder.NEWEST: _newest,
    PilotOrder.ENDING: _ending,
    PilotOrder.OWED: _owed,
}
PilotConnection = Connection[Pilot]

"""Browsing challenges: how they are narrowed down and ordered."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

import strawberry
from sqlalchemy import Date, Integer, case, func, literal_column, select, type_coerce
from sqlalchemy.orm import aliased

from innohub.graphql.read.declare import (
    Connection,
    Row,
    Term,
    among,
    where,
)
from innohub.graphql.types.challenges import Challenge
from innohub.graphql.types.organisations import by_slugs
from innohub.market.challenges import models as rows
from innohub.market.challenges import policy
from innohub.market.challenges.models import RESPONDING, ChallengeState
from innohub.market.constants import in_states

ENGLISH: Any = literal_column("'english'")


@strawberry.input
class ChallengeFilter:
    state: list[ChallengeState] | None = where(lambda row, value: among(row.state, value))
    kpi: list[str] | None = where(lambda row, value: among(row.kpi, value))
    category: list[str] | None = where(lambda row, value: among(row.category, value))
    force: list[str] | None = where(
        lambda row, value: _sponsored_by(row, value),
        "Slugs of forces: the challenges that they own or co-sponsor.",
    )
    search: str | None = where(
        lambda row, value: row.search.bool_op("@@")(func.websearch_to_tsquery(ENGLISH, value)),
        "Words of the title and the problem, as in a search engine.",
    )


def _sponsored_by(row: Row, slugs: Any) -> Any:
    joined, ids = aliased(rows.ChallengeForce), by_slugs(slugs)
    further = (
        select(policy.ONE)
        .select_from(joined)
        .where(
            joined.challenge_id == row.id,
            joined.joined_at.is_not(None),
            joined.force_id.in_(ids),
        )
        .correlate_except(joined)
        .exists()
    )
    return row.force_id.in_(ids) | further


@strawberry.enum(description="DEADLINE: what suppliers can respond to, the next deadline first.")
class ChallengeOrder(Enum):
    NEWEST = "newest"
    DEADLINE = "deadline"


def _newest(row: Row, given: Mapping[str, Any]) -> list[Term]:
    return [Term(row.created_at, descending=True)]


def _deadline(row: Row, given: Mapping[str, Any]) -> list[Term]:
    open_ = case((in_states(row.state, RESPONDING), 0), else_=1)
    since = literal_column("date '2000-01-01'", Date)
    due = func.coalesce(row.respond_by, literal_column("date '2099-12-31'", Date)) - since
    return [Term(open_), Term(type_coerce(due, Integer))]


CHALLENGE_ORDERS = {ChallengeOrder.NEWEST: _newest, ChallengeOrder.DEADLINE: _deadline}
ChallengeConnection = Connection[Challenge]

"""Challenges: what forces need, and what comes of it."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any

import strawberry
from sqlalchemy import Date, Integer, case, func, literal_column, select, type_coerce
from sqlalchemy.orm import aliased

from innohub.graphql.read.declare import (
    Connection,
    Node,
    Row,
    Term,
    among,
    column,
    many,
    node,
    one,
    where,
)
from innohub.graphql.types.catalogue import Technology
from innohub.graphql.types.challenge_matches import (
    AnyChallenge,
    ListingMatch,
    PilotMatch,
    SimilarChallenge,
)
from innohub.graphql.types.organisations import Force, Supplier, by_slugs
from innohub.graphql.types.pilots import Pilot
from innohub.graphql.types.reference import label_of
from innohub.graphql.types.scalars import Pence
from innohub.graphql.types.synthesis import PooledEffect
from innohub.graphql.types.versions import ListingVersion
from innohub.identity.models import ReferenceValue
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.challenges import models as rows
from innohub.market.challenges import policy
from innohub.market.challenges.models import RESPONDING, ChallengeState
from innohub.market.constants import in_states

strawberry.enum(ChallengeState)

ENGLISH: Any = literal_column("'english'")
SHOWN = 10
"""Of what is like a challenge."""


@node(rows.ChallengeForce, policy.force_visible, name="ChallengeForce")
class ChallengeForce(Node):
    """A further force: a co-sponsor, or invited to be one."""

    invited_at: datetime | None = column(rows.ChallengeForce.invited_at)
    joined_at: datetime | None = column(
        rows.ChallengeForce.joined_at, "Null until it joins: invited only."
    )
    statement: str | None = column(rows.ChallengeForce.statement)
    declined_at: datetime | None = column(
        rows.ChallengeForce.declined_at, "When it said that it does not join."
    )
    force: Force | None = one(lambda row, force: force.id == row.force_id)


@node(rows.ChallengeMerger, policy.merger_visible, name="ChallengeMerger")
class ChallengeMerger(Node):
    """A proposal to make two challenges one. Both owners agree before it is done."""

    reason: str = column(rows.ChallengeMerger.reason)
    agreed_at: datetime | None = column(
        rows.ChallengeMerger.agreed_at, "By the owner of the one that ends."
    )
    into_agreed_at: datetime | None = column(
        rows.ChallengeMerger.into_agreed_at, "By the owner of the one that goes on."
    )
    merged_at: datetime | None = column(rows.ChallengeMerger.merged_at)
    challenge: AnyChallenge | None = one(lambda row, other: other.id == row.challenge_id)
    into: AnyChallenge | None = one(lambda row, other: other.id == row.into_id)


@node(rows.ChallengeQuestion, policy.question_visible, name="ChallengeQuestion")
class ChallengeQuestion(Node):
    """A question of a supplier and its answer, for everybody. Who asked is not told."""

    question: str = column(rows.ChallengeQuestion.question)
    asked_at: datetime = column(rows.ChallengeQuestion.created_at)
    answer: str | None = column(rows.ChallengeQuestion.answer)
    answered_at: datetime | None = column(rows.ChallengeQuestion.answered_at)
    mine: bool = column(
        lambda row, viewer: viewer.among(row.supplier_id, Permission.CHALLENGE_ASK),
        "Whether the viewer's supplier asked.",
    )


@node(rows.ChallengeResponse, policy.response_visible, name="ChallengeResponse")
class ChallengeResponse(Node):
    """What a supplier offers. It is its own and the sponsors'; from the deadline on the board reads
    it, too."""

    proposal: str = column(rows.ChallengeResponse.proposal)
    delivery: str = column(rows.ChallengeResponse.delivery)
    price_from_pence: Pence | None = column(rows.ChallengeResponse.price_from_pence, "Without VAT.")
    price_to_pence: Pence | None = column(rows.ChallengeResponse.price_to_pence)
    responded_at: datetime = column(rows.ChallengeResponse.created_at)
    changed_at: datetime = column(rows.ChallengeResponse.changed_at)
    withdrawn_at: datetime | None = column(rows.ChallengeResponse.withdrawn_at)
    revision: int = column(rows.ChallengeResponse.revision, "Send it back with a change.")
    mine: bool = column(
        lambda row, viewer: viewer.among(row.supplier_id, Permission.CHALLENGE_READ),
        "Whether it is of the viewer's supplier.",
    )
    supplier: Supplier | None = one(lambda row, supplier: supplier.id == row.supplier_id)
    technology: Technology | None = one(lambda row, other: other.id == row.technology_id)
    version: ListingVersion | None = one(lambda row, other: other.id == row.listing_version_id)
    challenge: AnyChallenge | None = one(lambda row, other: other.id == row.challenge_id)


@node(rows.Challenge, policy.visible, name="Challenge")
class Challenge(Node):
    """A need that a force posts: the outcome it wants, from where it stands today."""

    number: int = column(rows.Challenge.id, "As in the page's address.")
    title: str = column(rows.Challenge.title)
    problem: str = column(rows.Challenge.problem)
    kpi: str = column(rows.Challenge.kpi)
    kpi_label: str = column(lambda row: label_of("kpi", row.kpi))
    kpi_unit: str | None = column(lambda row: _unit_of(row.kpi))
    category: str = column(rows.Challenge.category)
    category_label: str = column(lambda row: label_of("category", row.category))
    baseline_value: float | None = column(
        rows.Challenge.baseline_value,
        "Of the KPI today, in its own unit as people count it: 42 for 42 per cent.",
    )
    baseline_source: str | None = column(rows.Challenge.baseline_source)
    constraints: str | None = column(rows.Challenge.constraints)
    budget_from_pence: Pence | None = column(rows.Challenge.budget_from_pence, "Without VAT.")
    budget_to_pence: Pence | None = column(rows.Challenge.budget_to_pence)
    state: ChallengeState = column(rows.Challenge.state)
    drafted_at: datetime = column(rows.Challenge.created_at)
    invited_at: datetime | None = column(rows.Challenge.invited_at)
    cosponsors_until: date | None = column(
        rows.Challenge.cosponsors_until, "The last day on which a force may co-sponsor."
    )
    respond_by: date | None = column(
        rows.Challenge.respond_by, "The last day on which suppliers may respond."
    )
    published_at: datetime | None = column(rows.Challenge.published_at)
    notice_text: str | None = column(
        rows.Challenge.notice_text,
        "The draft of the preliminary market engagement notice (UK2), for the sponsors.",
        shown=lambda row, viewer: policy.sponsoring(row, viewer, Permission.CHALLENGE_READ),
    )
    closed_at: datetime | None = column(rows.Challenge.closed_at)
    closing_reason: str | None = column(rows.Challenge.closing_reason)
    demonstration: bool = column(rows.Challenge.demonstration)
    revision: int = column(rows.Challenge.revision)
    following: bool = column(
        lambda row, viewer: _following(row, viewer), "Whether the viewer is told of it."
    )
    sponsoring: bool = column(
        lambda row, viewer: policy.sponsoring(row, viewer, Permission.CHALLENGE_READ),
        "Whether a force of the viewer owns or co-sponsors it.",
    )
    sponsor_count: int = column(lambda row: _sponsors(row), "The owner counts, too.")
    question_count: int = column(lambda row: _questions(row))
    force: Force | None = one(lambda row, force: force.id == row.force_id, "The owner.")
    merged_into: AnyChallenge | None = one(lambda row, other: other.id == row.merged_into_id)
    further_forces: list[ChallengeForce] = many(
        lambda row, force: force.challenge_id == row.id,
        lambda force: [force.joined_at.asc().nulls_last(), force.id],
        "Co-sponsors in the order in which they came, then those that are invited only.",
    )
    questions: list[ChallengeQuestion] = many(
        lambda row, question: question.challenge_id == row.id,
        lambda question: [question.id],
        "In the order in which they were asked.",
    )
    responses: list[ChallengeResponse] = many(
        lambda row, response: response.challenge_id == row.id,
        lambda response: [response.id],
        "Those that the viewer may read: a supplier its own, a sponsor all.",
    )
    pilots: list[Pilot] = many(
        lambda row, pilot: pilot.challenge_id == row.id,
        lambda pilot: [pilot.id.desc()],
        "Pilots that were asked for because of it, the newest first.",
    )
    pooled_effects: list[PooledEffect] = many(
        lambda row, pooled: pooled.challenge_id == row.id,
        lambda pooled: [pooled.grade_at_least, pooled.independent_only, pooled.id],
        "What the published results of its pilots say together of its KPI, in each view.",
    )
    mergers: list[ChallengeMerger] = many(
        lambda row, merger: (merger.challenge_id == row.id) | (merger.into_id == row.id),
        lambda merger: [merger.id.desc()],
        "Proposals to merge it with another one.",
        limit=20,
    )
    similar: list[SimilarChallenge] = many(
        lambda row, pair: pair.challenge_id == row.id,
        lambda pair: [pair.points.desc(), pair.other_id.desc()],
        "Open challenges like it, the likest first.",
        limit=SHOWN,
    )
    matching_listings: list[ListingMatch] = many(
        lambda row, match: match.challenge_id == row.id,
        lambda match: [match.points.desc(), match.technology_id],
        "Published listings that may answer it, the best match first.",
        limit=SHOWN,
    )
    past_pilots: list[PilotMatch] = many(
        lambda row, match: match.challenge_id == row.id,
        lambda match: [match.points.desc(), match.pilot_id.desc()],
        "Registered pilots and published trials like it, the best match first.",
        limit=SHOWN,
    )


def _unit_of(kpi: Any) -> Any:
    value = aliased(ReferenceValue)
    return (
        select(value.detail["unit"].astext)
        .where(value.list == literal_column("'kpi'"), value.id == kpi)
        .correlate_except(value)
        .scalar_subquery()
    )


def _following(row: Row, viewer: Viewer) -> Any:
    follower = aliased(rows.ChallengeFollower)
    return (
        select(policy.ONE)
        .select_from(follower)
        .where(follower.challenge_id == row.id, viewer.is_person(follower.person_id))
        .correlate_except(follower)
        .exists()
    )


def _sponsors(row: Row) -> Any:
    joined = aliased(rows.ChallengeForce)
    further = (
        select(func.count())
        .select_from(joined)
        .where(joined.challenge_id == row.id, joined.joined_at.is_not(None))
        .correlate_except(joined)
        .scalar_subquery()
    )
    return further + literal_column("1", Integer)


def _questions(row: Row) -> Any:
    asked = aliased(rows.ChallengeQuestion)
    return (
        select(func.count())
        .select_from(asked)
        .where(asked.challenge_id == row.id)
        .correlate_except(asked)
        .scalar_subquery()
    )


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

"""Challenges: what forces need, and what comes of it."""

from datetime import date, datetime
from typing import Any

import strawberry
from sqlalchemy import Integer, func, literal_column, select
from sqlalchemy.orm import aliased

from innohub.graphql.read.declare import (
    Connection,
    Node,
    Row,
    column,
    many,
    node,
    oldest,
    one,
    paged,
)
from innohub.graphql.types.challenge_matches import (
    AnyChallenge,
    ListingMatch,
    PilotMatch,
    SimilarChallenge,
)
from innohub.graphql.types.challenge_parts import (
    ChallengeForce,
    ChallengeMerger,
    ChallengeQuestion,
    ChallengeResponse,
)
from innohub.graphql.types.organisations import Force
from innohub.graphql.types.pilots import Pilot
from innohub.graphql.types.reference import label_of
from innohub.graphql.types.scalars import Pence
from innohub.graphql.types.synthesis import PooledEffect
from innohub.identity.models import ReferenceValue
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.challenges import models as rows
from innohub.market.challenges import policy
from innohub.market.challenges.models import ChallengeState

strawberry.enum(ChallengeState)

SHOWN = 10
"""Of what is like a challenge."""


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
        "Each force once.",
        "Co-sponsors in the order in which they came, then those that are invited only.",
    )
    questions: Connection[ChallengeQuestion] = paged(
        lambda row, question: question.challenge_id == row.id,
        "In the order in which they were asked.",
        order=oldest,
    )
    responses: Connection[ChallengeResponse] = paged(
        lambda row, response: response.challenge_id == row.id,
        "Those that the viewer may read: a supplier its own, a sponsor all.",
        order=oldest,
    )
    pilots: Connection[Pilot] = paged(
        lambda row, pilot: pilot.challenge_id == row.id,
        "Pilots that were asked for because of it, the newest first.",
    )
    pooled_effects: list[PooledEffect] = many(
        lambda row, pooled: pooled.challenge_id == row.id,
        lambda pooled: [pooled.grade_at_least, pooled.independent_only, pooled.id],
        "One for each view.",
        "What the published results of its pilots say together of its KPI, in each view.",
    )
    mergers: Connection[ChallengeMerger] = paged(
        lambda row, merger: (merger.challenge_id == row.id) | (merger.into_id == row.id),
        "Proposals to merge it with another one.",
    )
    similar: list[SimilarChallenge] = many(
        lambda row, pair: pair.challenge_id == row.id,
        lambda pair: [pair.points.desc(), pair.other_id.desc()],
        "The best ten.",
        "Open challenges like it, the likest first.",
        best=SHOWN,
    )
    matching_listings: list[ListingMatch] = many(
        lambda row, match: match.challenge_id == row.id,
        lambda match: [match.points.desc(), match.technology_id],
        "The best ten.",
        "Published listings that may answer it, the best match first.",
        best=SHOWN,
    )
    past_pilots: list[PilotMatch] = many(
        lambda row, match: match.challenge_id == row.id,
        lambda match: [match.points.desc(), match.pilot_id.desc()],
        "The best ten.",
        "Registered pilots and published trials like it, the best match first.",
        best=SHOWN,
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

"""Rounds of the innovation board."""

from datetime import date, datetime
from typing import Any

import strawberry
from sqlalchemy import case, func, select, text
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
    where,
)
from innohub.graphql.types.catalogue import Technology
from innohub.graphql.types.judging import BoardReview, GateCheck, ModerationRecord, RankVariation
from innohub.graphql.types.organisations import Supplier
from innohub.graphql.types.people import name_of
from innohub.graphql.types.reference import label_of
from innohub.graphql.types.scalars import Pence
from innohub.graphql.types.together import Colleague
from innohub.graphql.types.versions import ListingVersion
from innohub.identity.viewer import Viewer
from innohub.market.board import models as rows
from innohub.market.board import policy
from innohub.market.board.models import (
    BoardDecision,
    ConflictInterest,
    DeclineReason,
    InterestAction,
    InterestKind,
    RoundState,
    TieRule,
)
from innohub.market.board.recusal import of_board, recused_from_all
from innohub.market.board.seats import models as seats
from innohub.market.board.seats import policy as sight
from innohub.market.catalogue.former_suppliers import supplier_then

strawberry.enum(RoundState)
strawberry.enum(BoardDecision)
strawberry.enum(InterestKind)
strawberry.enum(InterestAction)
strawberry.enum(ConflictInterest)
strawberry.enum(DeclineReason)
strawberry.enum(TieRule)


@node(rows.RoundCriterion, policy.criterion_visible, name="RoundCriterion")
class RoundCriterion:
    criterion: str = column(rows.RoundCriterion.criterion)
    label: str = column(lambda row: label_of("board_criterion", row.criterion))
    weight: int = column(rows.RoundCriterion.weight, "Of 100.")


@node(rows.Interest, policy.interest_visible, name="Interest")
class Interest(Node):
    """What a member declared about one item."""

    kind: InterestKind = column(rows.Interest.kind)
    conflict_interest: ConflictInterest | None = column(
        rows.Interest.conflict_interest, "What sort of interest; null where there is none."
    )
    detail: str | None = column(rows.Interest.detail)
    action: InterestAction | None = column(rows.Interest.action)
    member: str = column(lambda row: name_of(row.person_id))
    mine: bool = column(lambda row, viewer: func.coalesce(viewer.is_person(row.person_id), False))


@node(rows.Score, policy.score_visible, name="Score")
class Score(Node):
    """One member's score, 0 to 5, on one criterion of one item."""

    criterion: str = column(rows.Score.criterion)
    label: str = column(lambda row: label_of("board_criterion", row.criterion))
    value: int = column(rows.Score.value)
    reason: str = column(rows.Score.reason)
    mine: bool = column(lambda row, viewer: func.coalesce(viewer.is_person(row.person_id), False))


@node(rows.RoundItem, policy.item_visible, name="RoundItem")
class RoundItem(Node):
    """A candidate of a round, pinned to the version the board saw."""

    evidence_cap: int = column(
        rows.RoundItem.evidence_cap, "The highest evidence score its best published grade allows."
    )
    number: int = column(rows.RoundItem.id, "As in the page's address, and in the lot.")
    total: float | None = column(
        rows.RoundItem.total,
        "Weighted mean of the scores, of 100; of a moderated criterion the agreed score counts. "
        "Null for members who may yet score it, before its publication.",
        shown=policy.scores_open,
    )
    flagged: list[str] = column(
        lambda row, viewer: _flagged(row, viewer),
        "Criteria whose scores lie two or more apart: to be moderated. Empty where the total is "
        "not shown.",
    )
    whole_life_pence: Pence | None = column(
        rows.RoundItem.whole_life_pence,
        "What its standing quote costs one force over the term, for the least quantity, without "
        "VAT.",
    )
    rank: int | None = column(rows.RoundItem.rank)
    tie: TieRule | None = column(
        rows.RoundItem.tie, "The rule that set it apart from another of equal total."
    )
    lot: str | None = column(
        rows.RoundItem.lot, "SHA-256 of the round's lotSeed, a colon and the number, in hex."
    )
    decision: BoardDecision | None = column(rows.RoundItem.decision)
    decision_reason: str | None = column(rows.RoundItem.decision_reason)
    decline_reason: DeclineReason | None = column(
        rows.RoundItem.decline_reason, "Null also where a failed gate is the reason."
    )
    technology: Technology | None = one(lambda row, other: other.id == row.technology_id)
    supplier_then: Supplier | None = one(
        lambda row, other: other.id == supplier_then(row.technology_id, _published(row)),
        "Under whose name it was decided on and published, where they are part of the technology's "
        "supplier of today.",
    )
    version: ListingVersion | None = one(lambda row, other: other.id == row.listing_version_id)
    interests: list[Interest] = many(
        lambda row, interest: interest.item_id == row.id,
        lambda interest: [interest.id],
        "One for each member.",
    )
    scores: list[Score] = many(
        lambda row, score: score.item_id == row.id,
        lambda score: [score.criterion, score.id],
        "One for each member and criterion.",
    )
    gates: list[GateCheck] = many(
        lambda row, check: check.item_id == row.id,
        lambda check: [check.id],
        "One for each gate and time at which it is checked.",
    )
    moderation: list[ModerationRecord] = many(
        lambda row, record: record.item_id == row.id,
        lambda record: [record.criterion],
        "One for each criterion.",
    )
    reviews: Connection[BoardReview] = paged(
        lambda row, review: review.item_id == row.id, order=oldest
    )
    variations: list[RankVariation] = many(
        lambda row, other: other.item_id == row.id,
        lambda other: [other.id],
        "Two for each criterion: its weight a fifth more, and a fifth less.",
    )


def _published(item: Row) -> Any:
    round_ = aliased(rows.Round)
    return (
        select(round_.published_at)
        .where(round_.id == item.round_id)
        .correlate_except(round_)
        .scalar_subquery()
    )


def _flagged(row: Row, viewer: Viewer) -> Any:
    return case((policy.scores_open(row, viewer), row.flagged), else_=text("'{}'::text[]"))


@node(seats.RoundMember, sight.member_visible, name="RoundMember")
class RoundMember(Node):
    """Somebody's seat on a round, for its board. A seat that ended is shown as one."""

    person: Colleague | None = one(lambda row, other: other.id == row.person_id)
    member: str = column(lambda row: name_of(row.person_id))
    in_place_of: str | None = column(
        lambda row: _member_of(row.in_place_of_id), "Whose seat this one replaces."
    )
    mine: bool = column(lambda row, viewer: func.coalesce(viewer.is_person(row.person_id), False))
    seated_late: bool = column(
        seats.RoundMember.seated_late, "Seated after the scoring closed; scores blind all the same."
    )
    seated_at: datetime = column(seats.RoundMember.created_at)
    left_at: datetime | None = column(seats.RoundMember.left_at)
    left_because: str | None = column(
        seats.RoundMember.left_because,
        "Not shown to whoever is recused from a candidate.",
        shown=sight.seat_reason_visible,
    )
    recused: bool = column(seats.RoundMember.recused, "From the whole round.")


def _member_of(seat_id: Any) -> Any:
    seat = aliased(seats.RoundMember)
    person = select(seat.person_id).where(seat.id == seat_id).correlate_except(seat)
    return name_of(person.scalar_subquery())


@node(rows.Round, policy.visible, name="Round")
class Round(Node):
    """One shortlisting round, its rules locked at opening."""

    number: int = column(rows.Round.id, "As in the page's address.")
    title: str = column(rows.Round.title)
    purpose: str = column(rows.Round.purpose)
    state: RoundState = column(rows.Round.state)
    quorum: int = column(rows.Round.quorum)
    min_scores_per_item: int = column(rows.Round.min_scores_per_item)
    threshold_total: float = column(rows.Round.threshold_total)
    threshold_any_criterion: float = column(rows.Round.threshold_any_criterion)
    places: int = column(rows.Round.places)
    standstill_days: int = column(rows.Round.standstill_days)
    suppliers_masked: bool = column(
        rows.Round.suppliers_masked, "The scoring pages show no supplier's name."
    )
    standstill_until: date | None = column(rows.Round.standstill_until)
    opened_at: datetime | None = column(rows.Round.opened_at)
    published_at: datetime | None = column(rows.Round.published_at)
    lot_seed: str | None = column(
        rows.Round.lot_seed, "SHA-256 over all blind scores: what lots are drawn from."
    )
    cancelled_because: str | None = column(rows.Round.cancelled_because)
    demonstration: bool = column(rows.Round.demonstration)
    revision: int = column(rows.Round.revision)
    criteria: list[RoundCriterion] = many(
        lambda row, criterion: criterion.round_id == row.id,
        lambda criterion: [criterion.weight.desc(), criterion.id],
        "Each of the board's criteria once.",
    )
    members: list[RoundMember] = many(
        lambda row, seat: seat.round_id == row.id,
        lambda seat: [seat.id],
        "At most 50, and those who took the place of one.",
    )
    items: list[RoundItem] = many(
        lambda row, item: item.round_id == row.id,
        lambda item: [item.rank.asc().nulls_last(), item.id],
        "As many as one ranking decides: at most 200.",
    )
    of_board: bool = column(
        lambda row, viewer: func.coalesce(of_board(row, viewer), False),
        "Whether the viewer reads with its board.",
    )
    seated: bool = column(
        lambda row, viewer: _seated(row, viewer), "Whether the viewer sits on it now."
    )
    recused: bool = column(
        lambda row, viewer: func.coalesce(recused_from_all(row, viewer), False),
        "Whether the viewer is recused from the whole of it.",
    )


def _seated(row: Row, viewer: Viewer) -> Any:
    member = aliased(seats.RoundMember)
    return (
        select(member.id)
        .where(
            member.round_id == row.id, member.left_at.is_(None), viewer.is_person(member.person_id)
        )
        .correlate_except(member)
        .exists()
    )


@strawberry.input
class RoundFilter:
    technology: strawberry.ID | None = where(
        lambda row, value: _among_items(row, value),
        "Rounds in which this technology stood.",
        id_of="Technology",
    )


def _among_items(row: Row, technology_id: Any) -> Any:
    item = aliased(rows.RoundItem)
    return (
        select(item.id)
        .where(item.round_id == row.id, item.technology_id == technology_id)
        .correlate_except(item)
        .exists()
    )


RoundConnection = Connection[Round]

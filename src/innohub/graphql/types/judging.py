"""What the board found out about a candidate beside its scores: gates, moderation, stability."""

from datetime import datetime

import strawberry
from sqlalchemy import func

from innohub.graphql.read.declare import Follows, Node, column, many, node
from innohub.graphql.types.organisations import name_of_organisation
from innohub.graphql.types.people import name_of
from innohub.graphql.types.reference import label_of
from innohub.market.board import models as board
from innohub.market.board import policy
from innohub.market.board.gating import models as gating
from innohub.market.board.gating.models import Gate, GateStage
from innohub.market.board.moderation import models as moderation
from innohub.market.board.reviews import models as reviews
from innohub.market.board.reviews.models import ReviewGround, ReviewOutcome

strawberry.enum(Gate)
strawberry.enum(GateStage)
strawberry.enum(ReviewGround)
strawberry.enum(ReviewOutcome)

OF_ITEM = Follows(board.RoundItem, "item_id")
"""Visible whenever its item is: `board.policy.follows_item`."""


@node(gating.GateCheck, policy.follows_item, name="GateCheck", follows=OF_ITEM)
class GateCheck:
    """Whether a candidate passed one gate, as it was found at its entry or at the ranking."""

    gate: Gate = column(gating.GateCheck.gate)
    stage: GateStage = column(gating.GateCheck.stage)
    passed: bool = column(gating.GateCheck.passed)
    detail: str = column(gating.GateCheck.detail)


@node(moderation.ModerationApproval, policy.approval_visible, name="ModerationApproval")
class ModerationApproval(Node):
    """What one member of the panel says of the wording as it stands."""

    approves: bool = column(moderation.ModerationApproval.approves)
    reason: str | None = column(moderation.ModerationApproval.reason)
    member: str | None = column(
        lambda row: name_of(row.person_id), "For the board.", shown=policy.approver_visible
    )
    mine: bool = column(lambda row, viewer: func.coalesce(viewer.is_person(row.person_id), False))


@node(moderation.ModerationRecord, policy.moderation_visible, name="ModerationRecord")
class ModerationRecord(Node):
    """How the panel came to one score where the blind ones lay far apart."""

    criterion: str = column(moderation.ModerationRecord.criterion)
    label: str = column(lambda row: label_of("board_criterion", row.criterion))
    every_subcriterion_discussed: bool = column(
        moderation.ModerationRecord.every_subcriterion_discussed
    )
    who_said_what: str = column(moderation.ModerationRecord.who_said_what)
    decisive_reasons_and_weight: str = column(
        moderation.ModerationRecord.decisive_reasons_and_weight
    )
    conflicting_points_reconciled: str = column(
        moderation.ModerationRecord.conflicting_points_reconciled
    )
    scores_before: list[int] = column(
        moderation.ModerationRecord.scores_before, "As given blind, the lowest first."
    )
    score_after: int = column(moderation.ModerationRecord.score_after, "The one that counts.")
    no_bid_to_bid_comparatives: bool = column(
        moderation.ModerationRecord.no_bid_to_bid_comparatives
    )
    written_at: datetime = column(moderation.ModerationRecord.written_at)
    revision: int = column(
        moderation.ModerationRecord.revision, "Each wording is approved by itself."
    )
    approvals: list[ModerationApproval] = many(
        lambda row, approval: approval.record_id == row.id,
        lambda approval: [approval.id],
        "One for each member.",
    )


@node(board.RankVariation, policy.follows_item, name="RankVariation", follows=OF_ITEM)
class RankVariation:
    """Where a candidate would have ended, had one criterion weighed a fifth more or less."""

    criterion: str = column(board.RankVariation.criterion)
    change_percent: int = column(board.RankVariation.change_percent)
    rank: int = column(board.RankVariation.rank)
    total: float = column(board.RankVariation.total)


@node(reviews.BoardReview, policy.review_visible, name="BoardReview")
class BoardReview(Node):
    """A decision that is challenged before its publication, and what came of it."""

    ground: ReviewGround = column(reviews.BoardReview.ground)
    statement: str = column(reviews.BoardReview.statement)
    requested_by: str = column(
        lambda row: name_of_organisation(row.organisation_id), "The organisation's name."
    )
    requested_at: datetime = column(reviews.BoardReview.created_at)
    outcome: ReviewOutcome | None = column(
        reviews.BoardReview.outcome, "Null until somebody independent decides."
    )
    outcome_reason: str | None = column(reviews.BoardReview.outcome_reason)
    decided_at: datetime | None = column(reviews.BoardReview.decided_at)

"""Changes to rounds of the innovation board."""

import strawberry

from innohub.graphql.mutations.write import write
from innohub.graphql.read.declare import stored
from innohub.graphql.types.board import Interest, Round, RoundItem
from innohub.graphql.types.debarments import Debarment
from innohub.graphql.types.judging import BoardReview, ModerationRecord
from innohub.market.board import commands
from innohub.market.board import service as board
from innohub.market.board.gating import commands as gating
from innohub.market.board.moderation import commands as moderation
from innohub.market.board.reviews import commands as reviews
from innohub.market.board.seats import commands as seats


@strawberry.type
class RoundPayload:
    id: strawberry.Private[int]
    round: Round | None = stored("id")


@strawberry.type
class RoundItemPayload:
    id: strawberry.Private[int]
    item: RoundItem | None = stored("id")


@strawberry.type
class InterestPayload:
    id: strawberry.Private[int]
    interest: Interest | None = stored("id")


@strawberry.type
class ModerationRecordPayload:
    id: strawberry.Private[int]
    record: ModerationRecord | None = stored("id")


@strawberry.type
class BoardReviewPayload:
    id: strawberry.Private[int]
    review: BoardReview | None = stored("id")


@strawberry.type
class DebarmentPayload:
    id: strawberry.Private[int]
    debarment: Debarment | None = stored("id")


@strawberry.type
class BoardMutations:
    plan_round = write(board.plan_round, commands.PlanRound, RoundPayload)
    add_round_item = write(board.add_item, commands.AddItem, RoundItemPayload)
    remove_round_item = write(board.remove_item, commands.RemoveItem, RoundPayload)
    open_round = write(board.open_round, commands.OpenRound, RoundPayload)
    close_entries = write(board.close_entries, commands.CloseEntries, RoundPayload)
    declare_interest = write(board.declare_interest, commands.DeclareInterest, InterestPayload)
    resolve_interest = write(board.resolve_interest, commands.ResolveInterest, InterestPayload)
    replace_member = write(board.replace_member, seats.ReplaceMember, RoundPayload)
    recuse_member = write(board.recuse_member, seats.RecuseMember, RoundPayload)
    start_scoring = write(board.start_scoring, commands.StartScoring, RoundPayload)
    score_item = write(board.score, commands.ScoreItem, RoundItemPayload)
    close_scoring = write(board.close_scoring, commands.CloseScoring, RoundPayload)
    moderate_criterion = write(
        board.moderate, moderation.ModerateCriterion, ModerationRecordPayload
    )
    answer_moderation = write(board.answer, moderation.AnswerModeration, ModerationRecordPayload)
    rank_round = write(board.rank, commands.RankRound, RoundPayload)
    start_standstill = write(board.start_standstill, commands.StartStandstill, RoundPayload)
    request_review = write(board.request_review, reviews.RequestReview, BoardReviewPayload)
    decide_review = write(board.decide_review, reviews.DecideReview, BoardReviewPayload)
    finish_round = write(board.finish, commands.FinishRound, RoundPayload)
    cancel_round = write(board.cancel, commands.CancelRound, RoundPayload)
    debar_supplier = write(board.debar_supplier, gating.DebarSupplier, DebarmentPayload)
    lift_debarment = write(board.lift_debarment, gating.LiftDebarment, DebarmentPayload)

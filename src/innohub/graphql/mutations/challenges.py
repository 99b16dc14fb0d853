"""Changes to challenges."""

import strawberry

from innohub.graphql.mutations.write import write
from innohub.graphql.read.declare import stored
from innohub.graphql.types.challenge_parts import (
    ChallengeMerger,
    ChallengeQuestion,
    ChallengeResponse,
)
from innohub.graphql.types.challenges import Challenge
from innohub.market.challenges import commands
from innohub.market.challenges import service as challenges
from innohub.market.evidence import service as evidence
from innohub.market.pilots.for_challenges import service as with_pilots


@strawberry.type
class ChallengePayload:
    id: strawberry.Private[int]
    challenge: Challenge | None = stored("id")


@strawberry.type
class ChallengeMergerPayload:
    id: strawberry.Private[int]
    merger: ChallengeMerger | None = stored("id")


@strawberry.type
class ChallengeQuestionPayload:
    id: strawberry.Private[int]
    question: ChallengeQuestion | None = stored("id")


@strawberry.type
class ChallengeResponsePayload:
    id: strawberry.Private[int]
    response: ChallengeResponse | None = stored("id")


@strawberry.type
class ChallengeMutations:
    draft_challenge = write(challenges.draft, commands.DraftChallenge, ChallengePayload)
    edit_challenge = write(challenges.edit, commands.EditChallenge, ChallengePayload)
    open_challenge = write(challenges.open_to_forces, commands.OpenChallenge, ChallengePayload)
    cosponsor_challenge = write(challenges.cosponsor, commands.CosponsorChallenge, ChallengePayload)
    decline_invitation = write(
        challenges.decline_invitation, commands.DeclineInvitation, ChallengePayload
    )
    leave_challenge = write(challenges.leave, commands.LeaveChallenge, ChallengePayload)
    propose_merger = write(
        challenges.propose_merger, commands.ProposeMerger, ChallengeMergerPayload
    )
    agree_to_merger = write(
        challenges.agree_to_merger, commands.AgreeToMerger, ChallengeMergerPayload
    )
    merge_challenges = write(challenges.merge, commands.MergeChallenges, ChallengePayload)
    publish_challenge = write(with_pilots.publish, commands.PublishChallenge, ChallengePayload)
    move_deadline = write(challenges.move_deadline, commands.MoveDeadline, ChallengePayload)
    ask_question = write(challenges.ask, commands.AskQuestion, ChallengeQuestionPayload)
    answer_question = write(challenges.answer, commands.AnswerQuestion, ChallengeQuestionPayload)
    respond_to_challenge = write(
        challenges.respond, commands.RespondToChallenge, ChallengeResponsePayload
    )
    withdraw_response = write(
        challenges.withdraw_response, commands.WithdrawResponse, ChallengeResponsePayload
    )
    withdraw_challenge = write(
        challenges.withdraw_challenge, commands.WithdrawChallenge, ChallengePayload
    )
    close_challenge_unmet = write(
        with_pilots.close_unmet, commands.CloseChallengeUnmet, ChallengePayload
    )
    start_challenge_piloting = write(
        with_pilots.start_piloting, commands.StartChallengePiloting, ChallengePayload
    )
    mark_challenge_answered = write(
        evidence.mark_answered, commands.MarkChallengeAnswered, ChallengePayload
    )
    follow_challenge = write(challenges.follow, commands.FollowChallenge, ChallengePayload)
    unfollow_challenge = write(challenges.unfollow, commands.UnfollowChallenge, ChallengePayload)

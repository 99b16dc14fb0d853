"""What hangs on a challenge: further forces, mergers, what suppliers ask and what they offer."""

from datetime import datetime

from innohub.graphql.read.declare import (
    Node,
    column,
    node,
    one,
)
from innohub.graphql.types.catalogue import Technology
from innohub.graphql.types.challenge_matches import (
    AnyChallenge,
)
from innohub.graphql.types.organisations import Force, Supplier
from innohub.graphql.types.scalars import Pence
from innohub.graphql.types.versions import ListingVersion
from innohub.identity.permissions import Permission
from innohub.market.challenges import models as rows
from innohub.market.challenges import policy


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

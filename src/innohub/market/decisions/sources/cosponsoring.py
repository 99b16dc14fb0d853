"""Challenges of other forces that the force is invited to co-sponsor."""

from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import aliased

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.actor import Actor
from innohub.identity.models import Organisation
from innohub.identity.permissions import Permission
from innohub.market.challenges import service as challenges
from innohub.market.challenges.commands import CosponsorChallenge, DeclineInvitation
from innohub.market.challenges.models import JOINING, Challenge, ChallengeForce
from innohub.market.constants import in_states, said
from innohub.market.decisions.models import DecisionKind, DecisionSection
from innohub.market.decisions.sources.evidence import on_kpi
from innohub.market.decisions.sources.shape import Act, Given, Source, shaped

KIND, NUMBER, SECTION = DecisionKind.COSPONSOR_CHALLENGE, 6, DecisionSection.OPPORTUNITY


def waiting() -> Select[Any]:
    row, challenge, owner = aliased(ChallengeForce), aliased(Challenge), aliased(Organisation)
    select: Select[Any] = (
        shaped(
            KIND, NUMBER, SECTION, row.id,
            force_id=row.force_id, challenge_id=challenge.id, revision=challenge.revision,
            line=said("“") + challenge.title + said("”, a challenge of ") + owner.name,
            ask=said("Co-sponsor it, so that suppliers answer to both forces at once."),
            if_silent=said("Your force does not join."),
            due_on=challenge.cosponsors_until, closes_on=challenge.cosponsors_until,
            money_pence=challenge.budget_to_pence, evidence=on_kpi(challenge.kpi),
        )
        .select_from(row)
        .join(challenge, challenge.id == row.challenge_id)
        .join(owner, owner.id == challenge.force_id)
        .where(
            in_states(challenge.state, JOINING), row.invited_at.is_not(None),
            row.joined_at.is_(None), row.declined_at.is_(None),
        )
    )  # fmt: skip
    return select


async def approve(work: UnitOfWork, actor: Actor, row: Any, given: Given) -> Any:
    command = CosponsorChallenge(
        challenge_id=row.challenge_id, force_id=row.force_id, revision=given.revision,
        statement=given.reason,
    )  # fmt: skip
    return await challenges.cosponsor(work, actor, command)


async def decline(work: UnitOfWork, actor: Actor, row: Any, given: Given) -> Any:
    command = DeclineInvitation(
        challenge_id=row.challenge_id, force_id=row.force_id, revision=given.revision,
        reason=given.reason,
    )  # fmt: skip
    return await challenges.decline_invitation(work, actor, command)


SOURCE = Source(
    KIND,
    NUMBER,
    SECTION,
    Permission.CHALLENGE_SPONSOR,
    waiting,
    Act(approve, "Co-sponsor it"),
    Act(decline, "Decline the invitation"),
    "of budget at the most, without VAT",
)

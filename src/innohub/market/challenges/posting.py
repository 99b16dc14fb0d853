"""A need is written down, changed, and opened to the other forces."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid, Problem, WrongState
from innohub.identity.actor import Actor
from innohub.identity.models import Organisation, OrganisationKind
from innohub.identity.permissions import Permission
from innohub.market.challenges import alerts
from innohub.market.challenges.commands import DraftChallenge, EditChallenge, Need, OpenChallenge
from innohub.market.challenges.loading import held, move
from innohub.market.challenges.models import Challenge, ChallengeForce, ChallengeState
from innohub.market.forces.peers import ForcePeer
from innohub.market.reference_lists import chosen_from
from innohub.market.working_days import add_working_days, london_date
from innohub.outbox.service import record

INVITED_FOR = 10
"""Working days; the vocabulary's."""
WRITTEN = tuple(Need.model_fields)
NEEDED = {
    "baseline_value": "Say where the KPI stands today.",
    "constraints": "Say what a solution must keep to.",
    "budget_from_pence": "Give the band of the budget.",
}
"""What a draft may lack, and a challenge that others see may not."""
EDITABLE = {ChallengeState.DRAFT, ChallengeState.OPEN_FOR_COSPONSORS}


async def draft(work: UnitOfWork, actor: Actor, command: DraftChallenge) -> Challenge:
    """Write down a need, for colleagues alone.

    Raises Denied without `challenge:post`, Invalid for a KPI or a category that is in no list.
    """
    force_id = command.force_id or actor.only_organisation(Permission.CHALLENGE_POST)
    actor.require(Permission.CHALLENGE_POST, force_id)
    await _of_the_lists(work, command)
    force = await work.session.get_one(Organisation, force_id)
    challenge = Challenge(
        **command.model_dump(include=set(WRITTEN)),
        force_id=force_id,
        state=ChallengeState.DRAFT,
        demonstration=force.demonstration,
        created_at=work.now,
    )
    work.session.add(challenge)
    await record(work, "challenge:draft", challenge, detail={"title": command.title})
    return challenge


async def edit(work: UnitOfWork, actor: Actor, command: EditChallenge) -> Challenge:
    """Write it anew. Raises NotFound, Denied, WrongState once it is published, Invalid also where
    it would lack what other forces have read, Conflict on a stale revision."""
    challenge = await held(work, actor, command.challenge_id, command.revision)
    actor.require(Permission.CHALLENGE_POST, challenge.force_id)
    if challenge.state not in EDITABLE:
        raise WrongState("A challenge is changed until it is published. Answer a question instead.")
    await _of_the_lists(work, command)
    changed = [name for name in WRITTEN if getattr(challenge, name) != getattr(command, name)]
    for name in WRITTEN:
        setattr(challenge, name, getattr(command, name))
    if challenge.state is not ChallengeState.DRAFT:
        _whole(challenge)
    await record(work, "challenge:edit", challenge, detail={"fields": changed})
    return challenge


async def open_to_forces(work: UnitOfWork, actor: Actor, command: OpenChallenge) -> Challenge:
    """Show it to the other forces and invite peers to co-sponsor, for ten working days from the
    day after. Where the hub knows of no peers, every force is invited.

    Raises NotFound, Denied without `challenge:post`, WrongState, Invalid where something is
    missing, Conflict on a stale revision.
    """
    challenge = await held(work, actor, command.challenge_id, command.revision)
    actor.require(Permission.CHALLENGE_POST, challenge.force_id)
    _whole(challenge)
    challenge.invited_at = work.now
    challenge.cosponsors_until = add_working_days(london_date(work.now), INVITED_FOR)
    invited = await _peers(work, challenge.force_id)
    detail = {"until": challenge.cosponsors_until, "invited": len(invited)}
    await move(work, challenge, "open", detail=detail)
    if invited:
        rows = [
            {"challenge_id": challenge.id, "force_id": id, "invited_at": work.now,
             "created_at": work.now}
            for id in invited
        ]  # fmt: skip
        await work.session.execute(insert(ChallengeForce).values(rows))
    await alerts.invited(work, challenge, invited)
    return challenge


async def _of_the_lists(work: UnitOfWork, need: Need) -> None:
    kpis = await chosen_from(work, "kpi", [need.kpi], field="kpi")
    await chosen_from(work, "category", [need.category], field="category")
    value = need.baseline_value
    if value is not None and kpis[need.kpi].detail["unit"] == "percent" and not 0 <= value <= 100:
        raise Invalid("The baseline must be from 0 to 100 per cent.", field="baseline_value")


def _whole(challenge: Challenge) -> None:
    missing = [
        Problem(words, name) for name, words in NEEDED.items() if getattr(challenge, name) is None
    ]
    if missing:
        raise Invalid(missing[0].message, field=missing[0].field, problems=missing)


async def _peers(work: UnitOfWork, force_id: int) -> Sequence[int]:
    today = (Organisation.kind == OrganisationKind.FORCE) & Organisation.valid_to.is_(None)
    peers = await work.session.scalars(
        select(ForcePeer.peer_id)
        .join(Organisation, Organisation.id == ForcePeer.peer_id)
        .where(ForcePeer.force_id == force_id, today)
        .order_by(ForcePeer.peer_id)
    )
    found = peers.all()
    if found:
        return found
    every = select(Organisation.id).where(today, Organisation.id != force_id)
    return (await work.session.scalars(every.order_by(Organisation.id))).all()

"""Challenges and what belongs to them, as the actor may see it, locked for a change."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, true

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, NotFound
from innohub.identity.actor import Actor, ActorKind
from innohub.identity.models import Organisation
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.challenges import policy
from innohub.market.challenges.models import CHALLENGE, Challenge, ChallengeForce
from innohub.outbox.service import DomainEvent, record


async def held(
    work: UnitOfWork,
    actor: Actor,
    challenge_id: int,
    revision: int | None = None,
    *,
    shared: bool = False,
) -> Challenge:
    """The challenge, its row locked until the end of the unit of work; `shared` with others who
    change nothing of it but need it to stay as it is.

    Raises NotFound where the actor may not see it, Conflict on a stale revision. The hub itself
    sees every challenge: it has no seat that a policy could look at.
    """
    is_hub = actor.kind is ActorKind.SYSTEM
    visible = true() if is_hub else policy.visible(Challenge, Viewer(actor))
    found = await work.session.scalars(
        select(Challenge)
        .where(Challenge.id == challenge_id, visible)
        .with_for_update(read=shared)
        .execution_options(populate_existing=True)
    )
    challenge = found.one_or_none()
    if challenge is None:
        raise NotFound("There is no such challenge.")
    if revision is not None and revision != challenge.revision:
        raise Conflict("Somebody else changed this challenge meanwhile. Load it again.")
    return challenge


async def move(
    work: UnitOfWork,
    challenge: Challenge,
    verb: str,
    *,
    reason: str | None = None,
    detail: dict[str, Any] | None = None,
    event: DomainEvent | None = None,
) -> None:
    """Take the machine's step `verb` and record it. Raises WrongState where it is not allowed."""
    before = challenge.state
    challenge.state = CHALLENGE.after(verb, before)
    moved = {"from": before, "to": challenge.state} | (detail or {})
    await record(work, f"challenge:{verb}", challenge, detail=moved, reason=reason, event=event)


async def sponsors_of(work: UnitOfWork, challenge: Challenge) -> list[int]:
    """Ids of the forces that sponsor it, the owner first, then in the order in which they came."""
    joined = await work.session.scalars(
        select(ChallengeForce.force_id)
        .where(ChallengeForce.challenge_id == challenge.id, ChallengeForce.joined_at.is_not(None))
        .order_by(ChallengeForce.joined_at, ChallengeForce.id)
    )
    return [challenge.force_id, *joined]


async def require_sponsor(
    work: UnitOfWork, actor: Actor, permission: Permission, challenge: Challenge
) -> None:
    """Raise NotSignedIn or Denied unless the actor holds the permission in a sponsoring force."""
    sponsors = await sponsors_of(work, challenge)
    if not any(actor.may(permission, id) for id in sponsors):
        actor.require(permission, challenge.force_id)


async def row_of(work: UnitOfWork, challenge: Challenge, force_id: int) -> ChallengeForce | None:
    """The further force's row, invited or joined."""
    return await work.session.scalar(
        select(ChallengeForce).where(
            ChallengeForce.challenge_id == challenge.id, ChallengeForce.force_id == force_id
        )
    )


async def name_of(work: UnitOfWork, organisation_id: int) -> str:
    return (await work.session.get_one(Organisation, organisation_id)).name


async def names_of(work: UnitOfWork, ids: Sequence[int]) -> list[str]:
    """The organisations' names, in the order of `ids`."""
    rows = await work.session.execute(
        select(Organisation.id, Organisation.name).where(Organisation.id.in_(ids))
    )
    names = {row.id: row.name for row in rows}
    return [names[id] for id in ids]

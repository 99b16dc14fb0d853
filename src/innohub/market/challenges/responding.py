"""What suppliers offer, until the deadline."""

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Invalid, NotFound
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.catalogue.models import ListingState, Technology
from innohub.market.challenges import alerts, policy
from innohub.market.challenges.asking import still_open
from innohub.market.challenges.commands import RespondToChallenge, WithdrawResponse
from innohub.market.challenges.loading import held
from innohub.market.challenges.models import Challenge, ChallengeResponse
from innohub.outbox.service import record

OFFERED = ("technology_id", "proposal", "delivery", "price_from_pence", "price_to_pence")


async def respond(work: UnitOfWork, actor: Actor, command: RespondToChallenge) -> ChallengeResponse:
    """Offer something, or change what was offered. A supplier has one response to a challenge; it
    names the version of the listing that is current now.

    Raises NotFound, Denied without `challenge:respond`, WrongState where it is not open to
    suppliers, Invalid for a listing that is not the supplier's own and published, Conflict where
    somebody changed the response, or wrote the first one, meanwhile.
    """
    # Shared: suppliers who respond at once do not wait for each other, but the deadline does.
    challenge = await held(work, actor, command.challenge_id, shared=True)
    supplier_id = command.supplier_id or actor.only_organisation(Permission.CHALLENGE_RESPOND)
    actor.require(Permission.CHALLENGE_RESPOND, supplier_id)
    still_open(work, challenge, "Responses")
    response = await _own(work, challenge, supplier_id)
    first = response is None or response.withdrawn_at is not None
    if response is None:
        if command.revision is not None:
            raise Conflict("Somebody else changed this response meanwhile. Load it again.")
        response = ChallengeResponse(
            challenge_id=challenge.id, supplier_id=supplier_id, created_at=work.now
        )
        work.session.add(response)
    elif command.revision != response.revision:
        raise Conflict("Your supplier has responded already. Load the response and change that.")
    for name in OFFERED:
        setattr(response, name, getattr(command, name))
    response.listing_version_id = await _version(work, supplier_id, command.technology_id)
    response.changed_at, response.withdrawn_at = work.now, None
    detail = {"challenge_id": challenge.id, "technology_id": command.technology_id}
    await record(work, "challenge_response:respond", response, detail=detail)
    if first:
        await alerts.responded(work, challenge, response)
    return response


async def withdraw(work: UnitOfWork, actor: Actor, command: WithdrawResponse) -> ChallengeResponse:
    """Take a response back. Raises NotFound, Denied, WrongState after the deadline, Conflict on a
    stale revision or where it was taken back before."""
    seen = policy.response_visible(ChallengeResponse, Viewer(actor))
    query = select(ChallengeResponse).where(ChallengeResponse.id == command.response_id, seen)
    response = await work.session.scalar(query)
    if response is None:
        raise NotFound("There is no such response.")
    actor.require(Permission.CHALLENGE_RESPOND, response.supplier_id)
    challenge = await held(work, actor, response.challenge_id, shared=True)
    still_open(work, challenge, "Changes to responses")
    await work.session.refresh(response, with_for_update=True)
    if command.revision is not None and command.revision != response.revision:
        raise Conflict("Somebody else changed this response meanwhile. Load it again.")
    if response.withdrawn_at is not None:
        raise Conflict("This response is withdrawn already.")
    response.withdrawn_at = response.changed_at = work.now
    detail = {"challenge_id": challenge.id}
    await record(work, "challenge_response:withdraw", response, detail=detail)
    return response


async def _own(
    work: UnitOfWork, challenge: Challenge, supplier_id: int
) -> ChallengeResponse | None:
    return await work.session.scalar(
        select(ChallengeResponse)
        .where(
            ChallengeResponse.challenge_id == challenge.id,
            ChallengeResponse.supplier_id == supplier_id,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def _version(work: UnitOfWork, supplier_id: int, technology_id: int | None) -> int | None:
    """The version of the listing that is current now."""
    if technology_id is None:
        return None
    technology = await work.session.scalar(
        select(Technology).where(
            Technology.id == technology_id, Technology.supplier_id == supplier_id
        )
    )
    if technology is None:
        raise Invalid("Offer a listing of your own.", field="technology_id")
    if technology.state is not ListingState.PUBLISHED:
        raise Invalid("Only a listing that is published now can be offered.", field="technology_id")
    return technology.current_version_id

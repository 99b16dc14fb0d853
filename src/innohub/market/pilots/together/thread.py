"""The thread between forces and supplier: who said what, and when, for good."""

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.actor import Actor
from innohub.market.canonical import digest
from innohub.market.pilots.timeline import held
from innohub.market.pilots.together.commands import PostMessage
from innohub.market.pilots.together.models import PilotMessage
from innohub.market.pilots.together.people import own_parties, page_of, tell_all
from innohub.outbox.service import record


async def post(work: UnitOfWork, actor: Actor, command: PostMessage) -> PilotMessage:
    """Write a message; those who lead the pilot in every party are told. The audit trail keeps its
    hash, so that a changed one would show. Raises NotFound, Denied."""
    pilot = await held(work, actor, command.pilot_id)
    party = (await own_parties(work, actor, pilot))[0]
    message = PilotMessage(
        pilot_id=pilot.id,
        person_id=actor.person_id,
        side=party.side,
        force_id=party.force_id,
        by_name=actor.name,
        body=command.body,
        created_at=work.now,
    )
    work.session.add(message)
    detail = {"pilot": pilot.id, "hash": digest({"body": command.body})}
    await record(work, "pilot:message", message, detail=detail)
    await tell_all(
        work,
        pilot,
        text=f"{actor.name} wrote about the pilot “{pilot.title}”.",
        path=page_of(pilot, "messages"),
        key=f"pilot/{pilot.id}/message/{message.id}",
        but=actor.person_id,
    )
    return message

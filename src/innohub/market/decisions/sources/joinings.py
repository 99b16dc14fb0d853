"""Other forces' pilots that the force's lead wants to join with a site of its own."""

from typing import Any

from sqlalchemy import Select, null

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.constants import said
from innohub.market.decisions.models import DecisionKind, DecisionSection
from innohub.market.decisions.sources.evidence import best_of_technology, label
from innohub.market.decisions.sources.of_pilots import on_turn
from innohub.market.decisions.sources.shape import Act, Given, Source
from innohub.market.pilots import service as pilots
from innohub.market.pilots.commands import ApproveJoining, LeavePilot
from innohub.market.pilots.models import TurnKind

KIND, NUMBER, SECTION = DecisionKind.APPROVE_JOINING, 2, DecisionSection.DECIDE


def waiting() -> Select[Any]:
    return on_turn(TurnKind.APPROVE_JOINING, KIND, NUMBER, SECTION, best_of_technology, _said)


def _said(pilot: Any, lead: Any, result: Any) -> dict[str, Any]:
    return {
        "ask": said("Approve that your force joins the pilot of ") + lead.name + said("."),
        "if_silent": said("Your force is left out when the protocol is locked."),
        # What the pilot costs is the leading force's to say and to pay.
        "money_pence": null(),
        "evidence": label(result, none="No published result of this technology yet"),
    }


async def approve(work: UnitOfWork, actor: Actor, row: Any, given: Given) -> Any:
    command = ApproveJoining(
        pilot_id=row.pilot_id, force_id=row.force_id, revision=given.revision, reason=given.reason
    )
    return await pilots.approve_joining(work, actor, command)


async def decline(work: UnitOfWork, actor: Actor, row: Any, given: Given) -> Any:
    command = LeavePilot(
        pilot_id=row.pilot_id, force_id=row.force_id, revision=given.revision, reason=given.reason
    )
    return await pilots.leave(work, actor, command)


SOURCE = Source(
    KIND,
    NUMBER,
    SECTION,
    Permission.PILOT_APPROVE,
    waiting,
    Act(approve, "Approve that we join"),
    Act(decline, "Do not join"),
)

"""Pilots that are paused, and go on at the owner's word once whoever paused them agrees."""

from typing import Any

from sqlalchemy import Select, func

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.constants import said
from innohub.market.decisions.models import DecisionKind, DecisionSection
from innohub.market.decisions.sources.evidence import best_of_technology, label
from innohub.market.decisions.sources.of_pilots import on_turn
from innohub.market.decisions.sources.shape import Act, Given, Source
from innohub.market.pilots import service as pilots
from innohub.market.pilots.commands import ResumePilot
from innohub.market.pilots.models import TurnKind

KIND, NUMBER, SECTION = DecisionKind.RESUME_PILOT, 4, DecisionSection.RISK


def waiting() -> Select[Any]:
    return on_turn(TurnKind.RESUME_OR_STOP, KIND, NUMBER, SECTION, best_of_technology, _said)


def _said(pilot: Any, lead: Any, result: Any) -> dict[str, Any]:
    paused = said("It is paused: ") + func.coalesce(pilot.closing_reason, said("no reason given."))
    return {
        "ask": paused + said(" Let it go on, or stop it on its own page."),
        "if_silent": said("It stays paused."),
        "evidence": label(result, none="No published result of this technology yet"),
    }


async def approve(work: UnitOfWork, actor: Actor, row: Any, given: Given) -> Any:
    command = ResumePilot(pilot_id=row.pilot_id, revision=given.revision, reason=given.reason)
    return await pilots.resume(work, actor, command)


SOURCE = Source(
    KIND,
    NUMBER,
    SECTION,
    Permission.PILOT_PAUSE,
    waiting,
    Act(approve, "Let it go on"),
    # Stopping asks what data there are: the pilot's own page does.
    None,
)

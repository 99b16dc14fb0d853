"""Results that are in: what follows from them is decided."""

from typing import Any

from sqlalchemy import Select

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.constants import said
from innohub.market.decisions.models import DecisionKind, DecisionSection
from innohub.market.decisions.sources.evidence import label, of_pilot
from innohub.market.decisions.sources.of_pilots import on_turn
from innohub.market.decisions.sources.shape import Act, Given, Source
from innohub.market.evidence import service as evidence
from innohub.market.evidence.commands import DecidePilot
from innohub.market.pilots.models import PilotDecision, TurnKind

KIND, NUMBER, SECTION = DecisionKind.DECIDE_RESULT, 3, DecisionSection.DECIDE
D = PilotDecision
GOES_ON: dict[str, str] = {
    D.ADOPT: "Adopt it",
    D.ADOPT_WITH_CONDITIONS: "Adopt it, with conditions",
    D.EXTEND_ONCE: "Extend the pilot once",
    D.REPLICATE_ELSEWHERE: "Have it replicated elsewhere",
}
STOPS: dict[str, str] = {
    D.STOP_NO_BENEFIT: "Stop: no benefit",
    D.STOP_UNSAFE: "Stop: not safe",
    D.STOP_NOT_DELIVERABLE: "Stop: cannot be delivered",
    D.STOP_EXTERNAL: "Stop: reasons outside the pilot",
}


def waiting() -> Select[Any]:
    return on_turn(TurnKind.DECIDE, KIND, NUMBER, SECTION, of_pilot, _said)


def _said(pilot: Any, lead: Any, result: Any) -> dict[str, Any]:
    return {
        "ask": said("Decide what follows from its result: adopt it, extend it or stop it."),
        "if_silent": said("Nothing follows from the pilot, and its result stays unpublished."),
        "evidence": label(result, none="It ended without a result"),
    }


async def decide(work: UnitOfWork, actor: Actor, row: Any, given: Given) -> Any:
    command = DecidePilot.parse(
        {
            "pilot_id": row.pilot_id,
            "revision": given.revision,
            "decision": given.choice,
            "reason": given.reason,
            "implementation": given.learned,
        }
    )
    return await evidence.decide(work, actor, command)


SOURCE = Source(
    KIND,
    NUMBER,
    SECTION,
    Permission.PILOT_DECIDE,
    waiting,
    Act(decide, "Go on with it", GOES_ON, learns=True),
    Act(decide, "Stop here", STOPS, learns=True),
)

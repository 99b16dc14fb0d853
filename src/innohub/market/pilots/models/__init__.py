"""Pilots from request to publication, and the protocol that is locked before they start."""

from innohub.market.pilots.models.pilot import (
    ACTIVE,
    NEVER_RAN,
    PILOT,
    EvaluatedBy,
    OverlapChoice,
    PausedBy,
    Pilot,
    PilotDecision,
    PilotOverlap,
    PilotState,
    PilotStep,
    S,
    StopReason,
)
from innohub.market.pilots.models.protocol import Direction, Protocol, StopComparison, StopMeasure
from innohub.market.pilots.models.sites import PilotForce, PilotGate, PilotSite, SiteRole
from innohub.market.pilots.models.turns import PilotTurn, TurnKind

__all__ = [
    "ACTIVE",
    "NEVER_RAN",
    "PILOT",
    "Direction",
    "EvaluatedBy",
    "OverlapChoice",
    "PausedBy",
    "Pilot",
    "PilotDecision",
    "PilotForce",
    "PilotGate",
    "PilotOverlap",
    "PilotSite",
    "PilotState",
    "PilotStep",
    "PilotTurn",
    "Protocol",
    "S",
    "SiteRole",
    "StopComparison",
    "StopMeasure",
    "StopReason",
    "TurnKind",
]

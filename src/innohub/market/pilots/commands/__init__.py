"""What forces, suppliers and advisers may ask of a pilot."""

from innohub.market.pilots.commands.joining import (
    AddSite,
    ApproveJoining,
    JoinPilot,
    LeavePilot,
    OfForce,
    RemoveSite,
    SignAssurance,
)
from innohub.market.pilots.commands.literature import EnterLiterature
from innohub.market.pilots.commands.parts import Number, PilotCommand
from innohub.market.pilots.commands.protocols import (
    LockProtocol,
    ProposeProtocol,
    ProtocolSections,
    StopLimit,
)
from innohub.market.pilots.commands.running import (
    AgreeContinuation,
    AgreeToResume,
    ExplainOverdue,
    FinishPilot,
    LapsePilot,
    PausePilot,
    ResumePilot,
    StartPilot,
    StopPilot,
    TendPilot,
)
from innohub.market.pilots.commands.scoping import (
    AcceptPilot,
    ApprovePilot,
    CheckOverlap,
    ChooseOverlap,
    Costs,
    DeclinePilot,
    ProposePilot,
    RequestPilot,
    SetCosts,
)

__all__ = [
    "AcceptPilot",
    "AddSite",
    "AgreeContinuation",
    "AgreeToResume",
    "ApproveJoining",
    "ApprovePilot",
    "CheckOverlap",
    "ChooseOverlap",
    "Costs",
    "DeclinePilot",
    "EnterLiterature",
    "ExplainOverdue",
    "FinishPilot",
    "JoinPilot",
    "LapsePilot",
    "LeavePilot",
    "LockProtocol",
    "Number",
    "OfForce",
    "PausePilot",
    "PilotCommand",
    "ProposePilot",
    "ProposeProtocol",
    "ProtocolSections",
    "RemoveSite",
    "RequestPilot",
    "ResumePilot",
    "SetCosts",
    "SignAssurance",
    "StartPilot",
    "StopLimit",
    "StopPilot",
    "TendPilot",
]

"""From the start of a pilot to its end, and what the hub sees to itself."""

from innohub.market.command import Reason
from innohub.market.pilots.commands.parts import PilotCommand
from innohub.market.pilots.models import StopReason


class StartPilot(PilotCommand):
    pass


class PausePilot(PilotCommand):
    reason: Reason


class ResumePilot(PilotCommand):
    """`reason` says what cleared the cause of the pause."""

    reason: Reason


class AgreeToResume(PilotCommand):
    """The assurance officer's word that what paused the pilot is cleared."""

    reason: Reason


class AgreeContinuation(PilotCommand):
    """The force's word on how its pilot goes on when the technology is taken off the market:
    `reason` says how."""

    reason: Reason


class StopPilot(PilotCommand):
    """Stop for good. Where no data were recorded, `no_data_reason` says why there are none: it is
    published in place of a result."""

    stop_reason: StopReason
    reason: Reason
    no_data_reason: Reason | None = None


class FinishPilot(PilotCommand):
    """The end of the running time: what follows is analysis."""


class ExplainOverdue(PilotCommand):
    """Say in public why the result is overdue: until then, or until it is reported, the force
    begins nothing new with the supplier."""

    reason: Reason


class TendPilot(PilotCommand):
    """Do what the calendar asks of the hub itself."""


class LapsePilot(PilotCommand):
    """End a pilot that nobody moved on."""

    reason: Reason

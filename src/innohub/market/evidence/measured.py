"""What a pilot's data count: the primary KPI of its locked protocol, or one of its further ones."""

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import WrongState
from innohub.market.pilots import service as pilots
from innohub.market.pilots.models import Pilot, Protocol
from innohub.market.pilots.outcomes.models import ProtocolOutcome


async def locked_protocol(work: UnitOfWork, pilot: Pilot) -> Protocol:
    """Raises WrongState where the protocol is not locked."""
    protocol = await pilots.protocol_of(work, pilot)
    if protocol is None or protocol.locked_at is None:
        raise WrongState("The protocol is not locked: results cannot come before the plan.")
    return protocol


async def measured_of(
    work: UnitOfWork, pilot: Pilot, outcome_id: int | None
) -> Protocol | ProtocolOutcome:
    """Raises WrongState where the protocol is not locked, NotFound where it has no such KPI."""
    protocol = await locked_protocol(work, pilot)
    return protocol if outcome_id is None else await pilots.outcome_of(work, pilot, outcome_id)


async def name_of(work: UnitOfWork, measured: Pilot | ProtocolOutcome) -> str:
    """The KPI's label, with the group that it is measured for."""
    kpi = await pilots.kpi_of(work, measured.kpi)
    if isinstance(measured, ProtocolOutcome) and measured.population:
        return f"{kpi.label}, {measured.population}"
    return kpi.label

"""Stopping a pilot: with what was found until then, or with the word that there is nothing."""

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid
from innohub.identity.actor import SYSTEM, Actor
from innohub.market.evidence.recording import datasets_of
from innohub.market.pilots import service as pilots
from innohub.market.pilots.commands import StopPilot
from innohub.market.pilots.models import Pilot


async def stop(work: UnitOfWork, actor: Actor, command: StopPilot) -> Pilot:
    """End a pilot early and for good. What was found until then is still analysed and published.

    With no data at all there is nothing to analyse: the reason for that is the report, on which the
    supplier may comment as on a result. Raises NotFound, Denied, WrongState, Conflict on a stale
    revision; Invalid, field `no_data_reason`, where there are no data and no word about it, and
    where there are data after all.
    """
    pilot = await pilots.stop(work, actor, command)
    recorded = bool(await datasets_of(work, pilot))
    if recorded and command.no_data_reason is not None:
        raise Invalid("Data were recorded: they are analysed.", field="no_data_reason")
    if recorded:
        return pilot
    if command.no_data_reason is None:
        raise Invalid(
            "Record what was found until now, or say why there is nothing.", field="no_data_reason"
        )
    await pilots.analyse_stopped(work, pilot)
    await pilots.report(work, SYSTEM, pilot, pilots.comment_due_on(work))
    return pilot

"""An estimate that the analysts supply, for a design that totals cannot answer: kept like data."""

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.evidence.commands import SupplyEstimate
from innohub.market.evidence.estimators.supplied import Supplied
from innohub.market.evidence.estimators.trial import kpi_type_of
from innohub.market.evidence.models import DataSource, TrialDataset
from innohub.market.evidence.recording import handing_in, next_version
from innohub.market.pilots import service as pilots
from innohub.market.pilots.protocols import SUPPLIED_DESIGNS


async def supply(work: UnitOfWork, actor: Actor, command: SupplyEstimate) -> TrialDataset:
    """Store the estimate as the pilot's next version of data, of all its forces together: of the
    primary KPI, or of the further one that is named.

    The same estimate again gives back the stored version. Raises Denied to everybody but the force
    that runs the pilot, WrongState before the lock and after the report, Invalid for a design that
    the hub computes, for an estimate that cannot be, and for a correction without its reason.
    """
    pilot = await pilots.held(work, actor, command.pilot_id)
    pilots.require_force(actor, Permission.RESULT_RECORD, pilot)
    handing = await handing_in(
        work,
        actor,
        pilot.id,
        force_id=pilot.force_id,
        outcome_id=command.outcome_id,
        revision=command.revision,
    )
    measured = handing.measured
    if measured.design not in SUPPLIED_DESIGNS:
        raise Invalid(
            "The hub computes the effect of this design itself: record the figures.", field="design"
        )
    about = {"pilot_id", "outcome_id", "revision", "correction_reason"}
    given = command.model_dump(exclude=about, mode="json")
    rows = Supplied(kpi_type=kpi_type_of(measured.kpi_type), **given).rows()
    source = DataSource.ANALYST
    return await next_version(work, actor, handing, rows, source, command.correction_reason)

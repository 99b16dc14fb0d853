"""Whether a dataset's totals still follow from the observations that they were added up from."""

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict
from innohub.market.evidence.measured import measured_of
from innohub.market.evidence.models import TrialDataset
from innohub.market.evidence.observing.models import TrialUpload
from innohub.market.evidence.observing.receiving import rules_of
from innohub.market.evidence.observing.stored import read_stored
from innohub.market.pilots.models import Pilot


async def prove(work: UnitOfWork, pilot: Pilot, dataset: TrialDataset) -> int:
    """How many observations were added up again; 0 for totals that came as such.

    Raises Conflict where they are no longer those that were recorded, or come to other totals.
    """
    if dataset.observation_count is None or dataset.upload_id is None:
        return 0
    upload = await work.session.get_one(TrialUpload, dataset.upload_id)
    measured = await measured_of(work, pilot, upload.outcome_id)
    rules = rules_of(pilot, measured, upload)
    columns = tuple(upload.understood["columns"])
    reading = await read_stored(await work.session.connection(), upload.id, columns, rules)
    told = f"The observations of version {dataset.version}"
    if reading.problems:
        raise Conflict(f"{told} have a problem: {reading.problems.kept[0].message}")
    if reading.tally.rows != dataset.observation_count:
        raise Conflict(f"{told} are {reading.tally.rows:,}, not {dataset.observation_count:,}.")
    if reading.fingerprint.hexdigest() != dataset.observations_hash:
        raise Conflict(f"{told} do not fit the hash they were recorded with.")
    if reading.trial().rows() != dataset.cells:
        raise Conflict(f"{told} come to other totals than were recorded.")
    return reading.tally.rows

"""The shared dictionary of indicators: one id means one measurement in every force."""

from dataclasses import dataclass

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid
from innohub.market.pilots.models import Direction
from innohub.market.reference_lists import in_force

COMPUTED_TYPES = frozenset({"proportion", "count_rate", "mean"})
"""The types for which the results engine has an effect."""


@dataclass(frozen=True)
class Kpi:
    id: str
    label: str
    type: str
    direction: str
    unit: str


async def kpi_of(work: UnitOfWork, id: str) -> Kpi:
    """An indicator that is in force today. Raises Invalid, field `kpi`, where there is none."""
    value = next((kpi for kpi in await in_force(work, "kpi") if kpi.id == id), None)
    if value is None:
        raise Invalid(f"“{id[:60]}” is not in the KPI dictionary.", field="kpi")
    detail = value.detail
    return Kpi(value.id, value.label, detail["type"], detail["direction"], detail["unit"])


async def measured_kpi_of(work: UnitOfWork, id: str) -> Kpi:
    """An indicator that the results engine can measure. Raises Invalid, field `kpi`."""
    kpi = await kpi_of(work, id)
    if kpi.type not in COMPUTED_TYPES:
        raise Invalid(f"No effect is computed for “{kpi.label}”.", field="kpi")
    return kpi


async def primary_kpi_of(work: UnitOfWork, id: str) -> Kpi:
    """An indicator that can carry a pilot. Raises Invalid, field `kpi`, where no effect on it is
    computed or no direction is the better one."""
    kpi = await kpi_of(work, id)
    if kpi.type not in COMPUTED_TYPES or kpi.direction not in set(Direction):
        raise Invalid(
            f"“{kpi.label}” cannot be the primary KPI: no effect is computed for it.", field="kpi"
        )
    return kpi

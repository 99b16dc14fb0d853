"""What a protocol registers beside its primary KPI, read back."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import NotFound
from innohub.market.pilots.models import Pilot
from innohub.market.pilots.outcomes.models import ProtocolOutcome

REGISTERED = (
    "role", "kpi", "population", "kpi_type", "direction", "unit", "design",
    "minimum_important_effect", "limit_low", "limit_high",
)  # fmt: skip


async def outcomes_of(work: UnitOfWork, pilot: Pilot) -> list[ProtocolOutcome]:
    """All that are registered, in the order in which they were."""
    found = await work.session.scalars(
        select(ProtocolOutcome)
        .where(ProtocolOutcome.pilot_id == pilot.id)
        .order_by(ProtocolOutcome.id)
    )
    return list(found)


async def outcome_of(work: UnitOfWork, pilot: Pilot, outcome_id: int) -> ProtocolOutcome:
    """Raises NotFound where it is another pilot's."""
    outcome = await work.session.get(ProtocolOutcome, outcome_id)
    if outcome is None or outcome.pilot_id != pilot.id:
        raise NotFound("The protocol registers no such KPI.")
    return outcome


def registered(outcomes: Iterable[ProtocolOutcome]) -> list[dict[str, Any]]:
    """What the protocol's hash covers of them."""
    return [{name: getattr(outcome, name) for name in REGISTERED} for outcome in outcomes]

"""The overlap check among the pilots that were over before the hub knew of them."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.identity.viewer import Viewer
from innohub.market.pilots.earlier import policy
from innohub.market.pilots.earlier.models import EarlierPilot
from innohub.market.pilots.overlap import LIMIT, MONTHS, Because, Overlap, months_before


def alike(row: Any, technology_id: Any, kpi: Any, since: Any) -> ColumnElement[bool]:
    """Earlier pilots of one technology or of one KPI that ended on the day `since` or after it, of
    any force: the vocabulary's rule asks for pilots, and not for registered ones."""
    same = or_(row.technology_id == technology_id, row.kpi == kpi)
    return and_(same, row.end_on >= since)


async def similar(
    session: AsyncSession, viewer: Viewer, technology_id: int, kpi: str, *, today: date
) -> list[Overlap]:
    """Those that the viewer may see: same technology first, then the last to end. At most 200."""
    same = EarlierPilot.technology_id.is_not_distinct_from(technology_id)
    found = await session.scalars(
        select(EarlierPilot)
        .where(
            alike(EarlierPilot, technology_id, kpi, months_before(today, MONTHS)),
            policy.visible(EarlierPilot, viewer),
        )
        .order_by(same.desc(), EarlierPilot.end_on.desc(), EarlierPilot.id.desc())
        .limit(LIMIT)
    )
    return [Overlap(pilot, _because(pilot, technology_id)) for pilot in found]


def _because(pilot: EarlierPilot, technology_id: int) -> Because:
    """The stronger reason."""
    own = pilot.technology_id == technology_id
    return Because.SAME_TECHNOLOGY if own else Because.SAME_KPI

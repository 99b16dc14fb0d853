"""The overlap check: which pilots are like the one somebody is about to ask for."""

from calendar import monthrange
from collections import Counter
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.identity.viewer import Viewer
from innohub.market.constants import in_states
from innohub.market.pilots import policy
from innohub.market.pilots.earlier.models import EarlierPilot
from innohub.market.pilots.models import NEVER_RAN, Pilot

MONTHS = 36
LIMIT = 200


class Because(StrEnum):
    SAME_TECHNOLOGY = "same_technology"
    SAME_CHALLENGE = "same_challenge"
    SAME_KPI = "same_kpi"


@dataclass(frozen=True)
class Overlap:
    """A pilot like the one in question, and what makes it so."""

    pilot: Pilot | EarlierPilot
    because: Because


def alike(
    row: Any, technology_id: Any, kpi: Any, since: Any, challenge_id: Any = None
) -> ColumnElement[bool]:
    """Pilots of one technology, for one challenge or of one KPI that ran, or were to run, after the
    day `since`.

    Any force counts, and trials from the literature; the declined and the lapsed do not.
    """
    same = [row.technology_id == technology_id, row.kpi == kpi]
    if challenge_id is not None:
        same.append(row.challenge_id == challenge_id)
    return and_(
        or_(*same),
        ~in_states(row.state, NEVER_RAN),
        row.end_on >= since,
    )


async def similar(
    session: AsyncSession,
    viewer: Viewer,
    technology_id: int,
    kpi: str,
    *,
    today: date,
    months: int = MONTHS,
    challenge_id: int | None = None,
) -> list[Overlap]:
    """The pilots like it that the viewer may see: same technology first, then the newest.

    At most 200: a force that is shown more reads none.
    """
    found = await session.scalars(
        select(Pilot)
        .where(
            alike(Pilot, technology_id, kpi, months_before(today, months), challenge_id),
            policy.visible(Pilot, viewer),
        )
        .order_by((Pilot.technology_id == technology_id).desc(), Pilot.id.desc())
        .limit(LIMIT)
    )
    return [Overlap(pilot, _because(pilot, technology_id, challenge_id)) for pilot in found]


def _because(pilot: Pilot, technology_id: int, challenge_id: int | None) -> Because:
    """The strongest reason."""
    if pilot.technology_id == technology_id:
        return Because.SAME_TECHNOLOGY
    if challenge_id is not None and pilot.challenge_id == challenge_id:
        return Because.SAME_CHALLENGE
    return Because.SAME_KPI


def months_before(day: date, months: int) -> date:
    """The same day `months` earlier, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def counted(overlaps: list[Overlap]) -> dict[str, int]:
    """How many there are for each reason, by the reason's name; all of them are named."""
    counts = Counter(overlap.because for overlap in overlaps)
    return {because.value: counts[because] for because in Because}

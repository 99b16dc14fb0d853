"""Forces like each other: which, and why.

Two forces are peers where they share the peer group, or two of the others: records system, size,
region. The rule is ours; each of the four is something that forces themselves name when they ask
whether a result elsewhere would hold at home. Symmetric, and never of a force with itself.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Integer,
    and_,
    case,
    cast,
    func,
    select,
    type_coerce,
)
from sqlalchemy.orm import Mapped, aliased

from innohub.db.model import Model
from innohub.identity.models import Organisation, OrganisationKind
from innohub.market.forces.models import ForceContext

WEIGHTS = {"same_peer_group": 2, "same_records_system": 1, "same_size": 1, "same_region": 1}
ENOUGH = 2


def _pairs() -> Any:
    """Every two forces that are peers, both ways, with what they share."""
    mine, other = aliased(Organisation), aliased(Organisation)
    my, their = aliased(ForceContext), aliased(ForceContext)
    shared = {
        "same_peer_group": my.peer_group == their.peer_group,
        "same_records_system": func.lower(my.rms_platform) == func.lower(their.rms_platform),
        "same_size": my.size == their.size,
        "same_region": mine.region == other.region,
    }
    points: Any = sum(
        (case((same, WEIGHTS[name]), else_=0) for name, same in shared.items()),
        start=cast(0, Integer),
    )
    return (
        select(
            mine.id.label("force_id"),
            other.id.label("peer_id"),
            points.label("points"),
            *(
                type_coerce(func.coalesce(same, False), Boolean).label(name)
                for name, same in shared.items()
            ),
        )
        .select_from(mine)
        .join(
            other,
            and_(
                other.id != mine.id,
                mine.kind == OrganisationKind.FORCE,
                other.kind == OrganisationKind.FORCE,
            ),
        )
        .outerjoin(my, my.force_id == mine.id)
        .outerjoin(their, their.force_id == other.id)
        .where(points >= ENOUGH)
        .subquery("force_peer")
    )


_PAIRS = _pairs()


class ForcePeer(Model):
    """One force as the peer of another. Not stored: worked out from the sheets as they are."""

    __table__ = _PAIRS
    __mapper_args__ = {"primary_key": [_PAIRS.c.force_id, _PAIRS.c.peer_id]}

    force_id: Mapped[int]
    peer_id: Mapped[int]
    points: Mapped[int]
    same_peer_group: Mapped[bool]
    same_records_system: Mapped[bool]
    same_size: Mapped[bool]
    same_region: Mapped[bool]


def like(force_id: Any, other_id: Any) -> ColumnElement[bool]:
    """SQL: whether the two are peers."""
    pair = aliased(ForcePeer)
    return (
        select(cast(1, BigInteger))
        .select_from(pair)
        .where(pair.force_id == force_id, pair.peer_id == other_id)
        .correlate_except(pair)
        .exists()
    )

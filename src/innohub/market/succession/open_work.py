"""What a force has open: what would have nobody to carry it on, were the force to end now."""

from typing import Any

from sqlalchemy import Select, func, or_, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.market.challenges.models import Challenge, ChallengeState
from innohub.market.demand.models import Pool, PoolCommitment, PoolState
from innohub.market.pilots.models import Pilot, PilotForce, PilotState
from innohub.market.savings.models import Saving, SavingState

PILOTS = frozenset(PilotState) - {
    PilotState.PUBLISHED,
    PilotState.DECLINED,
    PilotState.LAPSED,
}
CHALLENGES = frozenset(ChallengeState) - {
    ChallengeState.ANSWERED,
    ChallengeState.CLOSED_UNMET,
    ChallengeState.MERGED,
    ChallengeState.WITHDRAWN,
}
POOLS = frozenset(PoolState) - {PoolState.CLOSED, PoolState.FAILED}


async def open_work(work: UnitOfWork, force_id: int) -> dict[str, int]:
    """How much is open, by what it is in words; nothing where the force could end today."""
    found = {
        words: await work.session.scalar(query) or 0 for words, query in _asked(force_id).items()
    }
    return {words: count for words, count in found.items() if count}


def _asked(force_id: int) -> dict[str, Select[Any]]:
    sites = select(PilotForce.pilot_id).where(PilotForce.force_id == force_id)
    pilots = select(func.count()).where(
        or_(Pilot.force_id == force_id, Pilot.id.in_(sites)), Pilot.state.in_(PILOTS)
    )
    challenges = select(func.count()).where(
        Challenge.force_id == force_id, Challenge.state.in_(CHALLENGES)
    )
    pools = (
        select(func.count(func.distinct(Pool.id)))
        .join(PoolCommitment, PoolCommitment.pool_id == Pool.id)
        .where(PoolCommitment.force_id == force_id, Pool.state.in_(POOLS))
    )
    savings = select(func.count()).where(
        Saving.force_id == force_id, Saving.state == SavingState.ENTERED
    )
    return {
        "pilots under way": pilots,
        "challenges not closed": challenges,
        "pools that it committed to": pools,
        "savings not signed": savings,
    }

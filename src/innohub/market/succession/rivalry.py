"""Where two suppliers compete for the same thing just now: as one they would do so with themselves.

Who judges or chooses there was told of two suppliers, and declared what interests they had in each.
So it is decided first. Afterwards, two candidates or offers of one supplier are its own affair.
"""

from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased

from innohub.db.unit_of_work import UnitOfWork
from innohub.market.board.models import BoardDecision, Round, RoundItem, RoundState
from innohub.market.catalogue.models import Technology
from innohub.market.challenges.models import (
    RESPONDING,
    Challenge,
    ChallengeResponse,
    ChallengeState,
)
from innohub.market.demand.models import Pool, PoolInvitation, PoolState

ROUNDS = frozenset(RoundState) - {RoundState.FINAL, RoundState.CANCELLED}
POOLS = frozenset({PoolState.QUOTING, PoolState.COMMITTING})
CHALLENGES = frozenset({*RESPONDING, ChallengeState.MATCHING})


async def rivalry(work: UnitOfWork, one_id: int, other_id: int) -> dict[str, list[str]]:
    """The titles of what both are in, by what it is in words; nothing where they can be one."""
    asked = {
        "board rounds": _rounds(one_id, other_id),
        "pools": _pools(one_id, other_id),
        "challenges": _challenges(one_id, other_id),
    }
    found = {words: list(await work.session.scalars(query)) for words, query in asked.items()}
    return {words: titles for words, titles in found.items() if titles}


def _rounds(*ids: int) -> Select[Any]:
    stands = or_(RoundItem.decision.is_(None), RoundItem.decision != BoardDecision.WITHDRAWN)
    candidates = (
        select(RoundItem.round_id)
        .join(Technology, Technology.id == RoundItem.technology_id)
        .where(Technology.supplier_id.in_(ids), stands)
        .group_by(RoundItem.round_id)
        .having(func.count(func.distinct(Technology.supplier_id)) == len(ids))
    )
    return _titles(Round, candidates, ROUNDS)


def _pools(*ids: int) -> Select[Any]:
    asked = (
        select(PoolInvitation.pool_id)
        .where(PoolInvitation.supplier_id.in_(ids))
        .group_by(PoolInvitation.pool_id)
        .having(func.count(func.distinct(PoolInvitation.supplier_id)) == len(ids))
    )
    return _titles(Pool, asked, POOLS)


def _challenges(one_id: int, other_id: int) -> Select[Any]:
    one, other = aliased(ChallengeResponse), aliased(ChallengeResponse)
    both = (
        select(one.challenge_id)
        .join(other, other.challenge_id == one.challenge_id)
        .where(one.supplier_id == one_id, other.supplier_id == other_id)
    )
    return _titles(Challenge, both, CHALLENGES)


def _titles(of: Any, ids: Select[Any], states: frozenset[Any]) -> Select[Any]:
    return select(of.title).where(of.id.in_(ids), of.state.in_(states)).order_by(of.id)

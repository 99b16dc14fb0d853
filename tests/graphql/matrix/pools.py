"""Stages for the mutations of pooled demand."""

from datetime import timedelta
from typing import Any

from innohub.market.catalogue.models import Technology
from innohub.market.demand.models import (
    CallOff,
    CommitmentStrength,
    Pool,
    PoolAward,
    PoolCommitment,
    PoolInvitation,
    PoolQuote,
    PoolShare,
    PoolState,
)
from innohub.market.quotes.models import PriceInterval, PriceUnit, Quote
from tests.graphql.matrix.listings import REASON, Stage, a_technology
from tests.graphql.matrix.quotes import LATER, TODAY, WIRED, a_quote
from tests.graphql.matrix.world import NOW, World, gid

S, C = PoolState, CommitmentStrength
SOON, PAST = TODAY + timedelta(days=30), TODAY - timedelta(days=1)
ROUTE = {"route": "framework_call_off", "routeReference": "Digital services 4", "reason": REASON}


async def a_pool(world: World, technology: Technology, state: PoolState, **given: Any) -> Pool:
    columns = {"quotes_by": SOON, "commit_by": SOON} | given
    pool = Pool(
        title="Redaction, together", specification="Faces and names.", unit=PriceUnit.OFFICER,
        interval=PriceInterval.YEAR, term_months=36, minimum_quantity=100, state=state,
        technology_id=technology.id, demonstration=True, created_at=NOW, **columns,
    )  # fmt: skip
    await world.add(pool)
    return pool


async def a_line(
    world: World, pool: Pool, side: str, strength: CommitmentStrength, quantity: int = 200
) -> None:
    await world.add(
        PoolCommitment(
            pool_id=pool.id, force_id=world.everybody.organisation("force", side).id,
            quantity=quantity, strength=strength, withdrawn=False, late=False, created_at=NOW,
        )
    )  # fmt: skip


async def quoted(
    world: World, state: PoolState, *, line: bool = True, **given: Any
) -> tuple[Pool, Quote]:
    """A pool with the own supplier's quote in it, and a binding quantity of the own force."""
    technology = await a_technology(world)
    pool = await a_pool(world, technology, state, **given)
    quote = await a_quote(world, technology, standalone=False)
    await world.add(
        PoolInvitation(
            pool_id=pool.id, technology_id=technology.id, supplier_id=technology.supplier_id,
            created_at=NOW,
        ),
        PoolQuote(pool_id=pool.id, quote_id=quote.id, created_at=NOW),
    )  # fmt: skip
    if line:
        await a_line(world, pool, "own", C.BINDING)
    return pool, quote


async def proposed(world: World, state: PoolState, *, agreed: bool) -> tuple[Pool, PoolAward]:
    pool, quote = await quoted(world, state)
    bound = state is not S.COMMITTING
    award = PoolAward(
        pool_id=pool.id, quote_id=quote.id, route="framework_call_off", route_reference="4",
        reason=REASON, quantity=200, tier_from_quantity=100, unit_price_pence=90_00,
        total_pence=200 * 90_00 * 3, vat_pence=40 * 90_00 * 3, created_at=NOW,
        awarded_at=NOW if bound else None, call_off_until=LATER if bound else None,
    )  # fmt: skip
    await world.add(award)
    await world.add(
        PoolShare(
            award_id=award.id, force_id=world.everybody.organisation("force").id, quantity=200,
            total_pence=200 * 90_00 * 3, vat_pence=40 * 90_00 * 3,
            agreed_at=NOW if agreed else None, created_at=NOW,
        )
    )  # fmt: skip
    return pool, award


def own_force(world: World) -> str:
    return gid("Force", world.everybody.organisation("force"))


async def to_open(world: World) -> dict[str, Any]:
    technology = await a_technology(world)
    return {
        "title": "Redaction, together", "specification": "Faces and names.", "unit": "OFFICER",
        "interval": "YEAR", "termMonths": 36, "technologyId": gid("Technology", technology),
    }  # fmt: skip


async def to_ask(world: World) -> dict[str, Any]:
    technology = await a_technology(world)
    pool = await a_pool(world, technology, S.COLLECTING, quotes_by=None, commit_by=None)
    for side in ("own", "other"):
        await a_line(world, pool, side, C.INDICATIVE_QUANTITY)
    ids = [gid("Technology", technology)]
    return {"poolId": gid("Pool", pool), "technologyIds": ids, "quotesBy": str(SOON)}


async def to_quote(world: World) -> dict[str, Any]:
    pool, quote = await quoted(world, S.QUOTING)
    technology = Technology(id=quote.technology_id)
    return {"poolId": gid("Pool", pool), "technologyId": gid("Technology", technology), **WIRED}


async def to_start(world: World) -> dict[str, Any]:
    pool, _ = await quoted(world, S.QUOTING, commit_by=None)
    return {"poolId": gid("Pool", pool), "commitBy": str(SOON)}


def by_force(state: PoolState, **fields: Any) -> Stage:
    async def stage(world: World) -> dict[str, Any]:
        pool, _ = await quoted(world, state)
        return {"poolId": gid("Pool", pool), "forceId": own_force(world), **fields}

    return stage


def on_award(state: PoolState, *, agreed: bool, force: bool = True, **fields: Any) -> Stage:
    async def stage(world: World) -> dict[str, Any]:
        pool, _ = await proposed(world, state, agreed=agreed)
        whose = {"forceId": own_force(world)} if force else {}
        return {"poolId": gid("Pool", pool), **whose, **fields}

    return stage


async def to_propose(world: World) -> dict[str, Any]:
    pool, quote = await quoted(world, S.COMMITTING)
    return {"poolId": gid("Pool", pool), "quoteId": gid("Quote", quote), **ROUTE}


async def to_fail(world: World) -> dict[str, Any]:
    pool, _ = await quoted(world, S.COMMITTING, line=False, commit_by=PAST)
    return {"poolId": gid("Pool", pool), "reason": REASON}


async def to_record(world: World) -> dict[str, Any]:
    pool, award = await proposed(world, S.CALLING_OFF, agreed=True)
    order = CallOff(
        pool_id=pool.id, award_id=award.id, force_id=world.everybody.organisation("force").id,
        number=1, quantity=10, ordered_on=TODAY, due_pence=10, once_pence=0, vat_pence=2,
        late=False, created_at=NOW,
    )  # fmt: skip
    await world.add(order)
    return {"callOffId": gid("CallOff", order), "paidPence": 12}


STAGES: dict[str, Stage] = {
    "openPool": to_open,
    "askForQuotes": to_ask,
    "quoteForPool": to_quote,
    "startCommitting": to_start,
    "commitToPool": by_force(S.COMMITTING, strength="BINDING", quantity=300),
    "withdrawCommitment": by_force(S.COMMITTING, reason=REASON),
    "proposeAward": to_propose,
    "agreeToAward": on_award(S.COMMITTING, agreed=False),
    "awardPool": on_award(S.COMMITTING, agreed=True, force=False),
    "failPool": to_fail,
    "joinPoolLate": on_award(S.AWARDED, agreed=True, quantity=50),
    "callOffFromPool": on_award(S.AWARDED, agreed=True, quantity=50),
    "recordPricePaid": to_record,
}

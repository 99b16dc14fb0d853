"""A pooled round from its opening to the end of its term; its bad inputs; and fifty at once."""

import asyncio
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from innohub.db import identifiers
from innohub.db.engine import ReadPool
from innohub.db.unit_of_work import Database
from innohub.errors import Conflict, InnoHubError, Invalid, WrongState
from innohub.graphql.context import Context
from innohub.graphql.operations import Operations
from innohub.graphql.schema import schema
from innohub.identity.models import Role
from innohub.market.demand import commands, service
from innohub.market.demand.loading import counted_of
from innohub.market.demand.models import Pool, PoolCommitment, PoolState
from innohub.market.demand.reckoning import Bargain
from innohub.market.quotes.service import schedules_of
from innohub.notices.models import Notice
from innohub.outbox.models import Event
from tests.factories import somebody, the_force
from tests.market.demand.stage import BUYERS, REASON, PoolStage, a_pool_stage

READ = """query ($id: ID!) { pool(id: $id) {
    state countedQuantity bindingQuantity wantedQuantity forceCount quoteCount
    commitments { quantity strength } ledger { nodes { id } }
    offers { unitPricePence reachedFrom nextFrom unitsToNext nextUnitPricePence totalPence sentence
        quote { number }
        parts { quantity totalPence atNextTierPence calledOff invoicedPence owedPence } }
    award { quantity totalPence shares { quantity totalPence agreedAt } }
    callOffs { nodes { number quantity duePence oncePence paidPence late } }
} }"""


@pytest.fixture
async def stage(database: Database) -> PoolStage:
    return await a_pool_stage(database)


async def seen(stage: PoolStage, reads: ReadPool, part: str, pool: Pool) -> dict[str, Any]:
    context = Context(stage.actors[part], None, stage.database, reads)  # type: ignore[arg-type]
    operations = Operations(schema._schema)
    variables = {"id": identifiers.encode("Pool", pool.id)}
    answer = await operations.execute(operations.prepare(READ), variables, context)
    assert not answer.errors, answer.errors
    found: dict[str, Any] = orjson.loads(orjson.dumps(answer.data, default=str))["pool"]
    return found


async def refused(rule: str, stage: PoolStage, attempt: Any) -> None:
    """It is refused by the rule's name, and nothing has changed."""
    before = await stage.fingerprint()
    with pytest.raises(InnoHubError) as caught:
        await attempt
    assert caught.value.rule == rule, caught.value.message
    assert await stage.fingerprint() == before


async def test_three_forces_and_a_late_joiner_reach_the_second_tier(
    stage: PoolStage, reads: ReadPool
) -> None:
    technology = await stage.published()
    pool, quote = await stage.committing(technology)
    await stage.commit("kent_buyer", pool, 900, "budget_approved")
    await stage.commit("essex_buyer", pool, 700)
    await stage.commit("durham_buyer", pool, 538)
    shown = await seen(stage, reads, "kent_buyer", pool)
    (offer,) = shown["offers"]
    assert (shown["countedQuantity"], shown["bindingQuantity"]) == (2_138, 1_238)
    assert offer["sentence"] == (
        "112 more units from any force: £13 off each unit, £29,250 saved across the pool."
    )
    assert (offer["unitPricePence"], offer["nextFrom"], offer["unitsToNext"]) == (
        126_00,
        2_250,
        112,
    )
    assert [part["totalPence"] for part in offer["parts"]] == [
        quantity * 126_00 for quantity in (900, 700, 538)
    ]
    assert offer["parts"][0]["atNextTierPence"] == 900 * 113_00
    outside = await seen(stage, reads, "rival_admin", pool)
    assert (outside["countedQuantity"], outside["quoteCount"]) == (2_138, 1)
    assert outside["offers"] == outside["commitments"] == outside["ledger"]["nodes"] == []

    await stage.commit("kent_buyer", pool, 900)
    await stage.propose(pool, quote)
    for part in BUYERS[:3]:
        await refused("each_binding_force_agrees", stage, stage.award(pool))
        await stage.agree(part, pool)
    await refused("what_was_agreed_stands", stage, stage.commit("kent_buyer", pool, 1))
    award = await stage.award(pool)
    assert (award.tier_from_quantity, award.total_pence) == (1_000, 2_138 * 126_00)
    first = await stage.call_off("kent_buyer", pool, 400, paid_pence=400 * 126_00)
    assert (first.due_pence, first.once_pence) == (400 * 126_00, 6_200_00)

    late = commands.JoinPoolLate(pool_id=pool.id, quantity=112)
    await stage.do("late_buyer", service.join_late, late)
    await refused("call_off_within_the_commitment", stage, stage.call_off("late_buyer", pool, 113))
    order = await stage.call_off("late_buyer", pool, 112)
    assert (order.due_pence, order.late) == (112 * 113_00, True)
    second = await stage.call_off("kent_buyer", pool, 500)
    assert (second.due_pence, second.once_pence) == (500 * 113_00, 0)
    shown = await seen(stage, reads, "manager", pool)
    (offer,) = shown["offers"]
    assert offer["sentence"] == "The lowest price that is quoted is reached: £113 a unit."
    kent = next(part for part in offer["parts"] if part["quantity"] == 900)
    assert kent["invoicedPence"] - kent["owedPence"] == 400 * 13_00
    assert sum(part["totalPence"] for part in offer["parts"]) == 2_250 * 113_00
    assert shown["state"] == "CALLING_OFF"

    async with stage.database.session() as session:
        events = list(await session.scalars(select(Event.type).order_by(Event.id)))
        reached = select(Notice.key).where(Notice.key.contains(":tier:"))
        told = set(await session.scalars(reached))
    assert events.count("pool.tier_reached") == 3
    assert events.count("quote.accepted") == 1
    assert told == {f"pool:{pool.id}:tier:{quote.id}:{begins}" for begins in (100, 1_000, 2_250)}

    stage.database.clock.pass_days(3 * 366)  # type: ignore[attr-defined]
    await refused("call_off_within_the_term", stage, stage.call_off("essex_buyer", pool, 1))
    assert await service.close_pools(stage.database) == 1
    assert (await stage.load(pool)).state is PoolState.CLOSED


@pytest.mark.parametrize("mode", ["incremental", "retrospective_rebate"])
async def test_shares_read_as_they_are_reckoned(
    stage: PoolStage, reads: ReadPool, mode: str
) -> None:
    pool, quote = await stage.committing(
        await stage.published(), tier_mode=mode, unit_price_pence=139_03,
        tiers=[{"from_quantity": 1_000, "unit_price_pence": 126_01},
               {"from_quantity": 2_250, "unit_price_pence": 113_00}],
    )  # fmt: skip
    for part, quantity in zip(BUYERS, (901, 477, 333, 500), strict=True):
        await stage.commit(part, pool, quantity)
    (offer,) = (await seen(stage, reads, "manager", pool))["offers"]
    async with stage.database.unit_of_work(stage.actors["manager"].signature()) as work:
        bargain = Bargain((await schedules_of(work, [quote]))[quote.id], quote.intervals)
        committed = await counted_of(work, pool)
    shares = bargain.shares(committed)
    assert {part["quantity"]: part["totalPence"] for part in offer["parts"]} == {
        committed[id]: share for id, share in shares.items()
    }
    assert offer["totalPence"] == bargain.total(committed) == sum(shares.values())
    said = {
        "incremental": "39 more units from any force: each unit from number 2,250 on costs £13.01 "
        "less.",
        "retrospective_rebate": "39 more units from any force: £13.01 paid back on each unit, "
        "£29,272.50 paid back across the pool.",
    }
    assert offer["sentence"] == said[mode]


async def test_what_breaks_a_rule_is_refused_by_its_name_and_changes_nothing(
    stage: PoolStage,
) -> None:
    technology = await stage.published()
    pool = await stage.opened(technology)
    ask = commands.AskForQuotes(
        pool_id=pool.id, technology_ids=[technology.id], quotes_by=stage.today + timedelta(days=9)
    )
    await stage.commit("kent_buyer", pool, 700, "indicative_quantity")
    await refused("two_forces_with_demand", stage, stage.do("manager", service.ask_for_quotes, ask))
    await refused(
        "firm_quantities_only_at_quoted_prices", stage, stage.commit("essex_buyer", pool, 700)
    )
    await stage.commit("essex_buyer", pool, None, "interested")
    await stage.do("manager", service.ask_for_quotes, ask)
    await refused("quotes_compare", stage, stage.quote(pool, technology, term_months=24))
    await refused(
        "price_fixed_for_the_term", stage, stage.quote(pool, technology, price_basis="variable")
    )
    await refused("price_not_below_zero", stage, stage.quote(pool, technology, unit_price_pence=-1))
    start = commands.StartCommitting(pool_id=pool.id, commit_by=stage.today + timedelta(days=30))
    await refused(
        "a_quote_stands_through_the_window",
        stage,
        stage.do("manager", service.start_committing, start),
    )
    quote = await stage.quote(pool, technology)
    await stage.do("manager", service.start_committing, start)
    await stage.commit("kent_buyer", pool, 600)
    await stage.commit("essex_buyer", pool, 900, "budget_approved")
    await refused(
        "binding_quantity_reaches_the_tier", stage,
        stage.propose(pool, quote, tier_from_quantity=1_000),
    )  # fmt: skip
    for route in ("none_pilot_only", "below_threshold"):
        await stage.commit("durham_buyer", pool, 2_000)
        await refused("lawful_route_recorded", stage, stage.propose(pool, quote, route=route))
    fail = commands.FailPool(pool_id=pool.id, reason=REASON)
    await refused("window_closed_below_the_minimum", stage, stage.do("manager", service.fail, fail))
    stage.database.clock.pass_days(31)  # type: ignore[attr-defined]
    await refused("commit_within_the_window", stage, stage.commit("late_buyer", pool, 10))
    take_back = commands.WithdrawCommitment(pool_id=pool.id, reason=REASON)
    await refused(
        "commit_within_the_window", stage, stage.do("kent_buyer", service.withdraw, take_back)
    )
    await refused("window_closed_below_the_minimum", stage, stage.do("manager", service.fail, fail))


async def test_a_pool_fails_below_its_least_quantity_and_a_quote_may_shut_late_joiners_out(
    stage: PoolStage,
) -> None:
    technology = await stage.published()
    pool, quote = await stage.committing(technology, open_to_late_joiners=False)
    await stage.commit("kent_buyer", pool, 600)
    await stage.commit("essex_buyer", pool, 400)
    take_back = commands.WithdrawCommitment(pool_id=pool.id, reason=REASON)
    await stage.do("essex_buyer", service.withdraw, take_back)
    with pytest.raises(WrongState):
        await stage.do("essex_buyer", service.withdraw, take_back)
    await stage.propose(pool, quote)
    await stage.commit("durham_buyer", pool, 50)
    await stage.agree("kent_buyer", pool)
    await refused("each_binding_force_agrees", stage, stage.award(pool))
    await stage.propose(pool, quote)
    await stage.agree("kent_buyer", pool)
    await stage.agree("durham_buyer", pool)
    with pytest.raises(Conflict):
        await stage.agree("durham_buyer", pool)
    await stage.award(pool)
    late = commands.JoinPoolLate(pool_id=pool.id, quantity=1)
    await refused(
        "quote_open_to_late_joiners", stage, stage.do("late_buyer", service.join_late, late)
    )
    other, _ = await stage.committing(technology)
    await stage.commit("kent_buyer", other, 499)
    stage.database.clock.pass_days(41)  # type: ignore[attr-defined]
    fail = commands.FailPool(pool_id=other.id, reason=REASON)
    assert (await stage.do("manager", service.fail, fail)).state is PoolState.FAILED
    for part in ("kent_buyer", "supplier_admin"):
        told = [n.text for n in await stage.all(Notice) if n.person_id == stage.people[part].id]
        assert "came to no award" in told[-1]


async def test_of_fifty_commitments_at_once_every_acknowledged_one_counts_once(
    stage: PoolStage,
) -> None:
    pool, _ = await stage.committing(await stage.published())
    slugs = [
        "avon-and-somerset", "bedfordshire", "cambridgeshire", "cleveland", "cumbria",
        "derbyshire", "dorset", "gloucestershire",
    ]  # fmt: skip
    for slug in slugs:
        buyer = await somebody(
            stage.database, await the_force(stage.database, slug), Role.FORCE_COMMERCIAL, slug
        )
        stage.actors[slug] = buyer.actor
    parts = [*BUYERS, *slugs]
    wanted = [(parts[turn % len(parts)], 10 + turn) for turn in range(50)]
    lines = await asyncio.gather(*(stage.commit(part, pool, units) for part, units in wanted))
    stored = {line.id: line for line in await stage.all(PoolCommitment)}
    assert all(stored[line.id].quantity == line.quantity for line in lines)
    newest = {line.force_id: line.quantity for line in sorted(lines, key=lambda line: line.id)}
    async with stage.database.unit_of_work(stage.actors["manager"].signature()) as work:
        counted = await counted_of(work, await work.session.get_one(Pool, pool.id))
    assert counted == newest
    assert len(counted) == len(parts)


async def test_one_source_and_a_quantity_with_every_strength_but_interest() -> None:
    with pytest.raises(Invalid):
        commands.OpenPool.parse(
            {"title": "A", "specification": "B", "unit": "site", "interval": "year",
             "term_months": 12}
        )  # fmt: skip
    for strength, quantity in (("interested", 5), ("binding", None)):
        with pytest.raises(Invalid):
            commands.CommitToPool.parse({"pool_id": 1, "strength": strength, "quantity": quantity})

"""Pooled demand: a room is opened, quoted in, committed to, awarded and called off from."""

from collections.abc import Iterator
from functools import partial

from innohub.identity.models import Role
from innohub.market.demand import commands
from innohub.market.demand import service as demand
from innohub.seed.pools import StoryAward, StoryCommitment, StoryOrder, StoryPool
from innohub.seed.telling.stage import COMPANY, Stage
from innohub.seed.telling.timetable import AFTERNOON, EVENING, MORNING, NOON, Step

ROOM = ("title", "specification", "unit", "interval", "term_months", "minimum_quantity")
BUYER = Role.FORCE_COMMERCIAL


def pool_steps(stage: Stage, row: StoryPool) -> Iterator[Step]:
    """From the opening to where the story has come."""
    said = f"“{row.title}”"
    yield Step(row.opened_day + MORNING, f"{said} is opened", partial(_open, stage, row))
    for one in row.commitments:
        what = f"{stage.story.name_of(one.force)} commits to {said}"
        yield Step(one.day + NOON, what, partial(_commit, stage, row, one))
    yield Step(row.asked_day + AFTERNOON, f"{said} asks for quotes", partial(_ask, stage, row))
    yield Step(row.quote.day + AFTERNOON, f"{said} is quoted for", partial(_quote, stage, row))
    at = row.committing_day + MORNING
    yield Step(at, f"{said} takes commitments", partial(_start, stage, row))
    if row.award is not None:
        yield from _award_steps(stage, row, row.award)
    for order in row.orders:
        what = f"{stage.story.name_of(order.force)} calls off from {said}"
        yield Step(order.day + NOON, what, partial(_call_off, stage, row, order))


def _award_steps(stage: Stage, row: StoryPool, award: StoryAward) -> Iterator[Step]:
    said = f"“{row.title}”"
    at = award.proposed_day + AFTERNOON
    yield Step(at, f"The award of {said} is proposed", partial(_propose, stage, row, award))
    yield Step(award.agreed_day + NOON, f"Forces agree on {said}", partial(_agree, stage, row))
    yield Step(award.day + EVENING, f"{said} is awarded", partial(_award, stage, row))


async def _open(stage: Stage, row: StoryPool) -> None:
    source = (
        {"technology_id": stage.technologies[row.technology]}
        if row.round is None
        else {"round_item_id": stage.candidates[row.round, row.technology]}
    )
    command = commands.OpenPool.parse({**row.model_dump(include=set(ROOM)), **source})
    manager = stage.holder(COMPANY, Role.COMMERCIAL_MANAGER)
    stage.pools[row.slug] = (await stage.do(manager, demand.open_pool, command)).id


async def _commit(stage: Stage, row: StoryPool, one: StoryCommitment) -> None:
    command = commands.CommitToPool(
        pool_id=stage.pools[row.slug],
        strength=one.strength,
        quantity=one.quantity,
        note=one.note,
    )
    await stage.do(stage.holder(one.force, BUYER), demand.commit, command)


async def _ask(stage: Stage, row: StoryPool) -> None:
    command = commands.AskForQuotes(
        pool_id=stage.pools[row.slug],
        technology_ids=[stage.technologies[row.technology]],
        quotes_by=stage.clock.date_of(row.quotes_by_day),
    )
    manager = stage.holder(COMPANY, Role.COMMERCIAL_MANAGER)
    await stage.do(manager, demand.ask_for_quotes, command)


async def _quote(stage: Stage, row: StoryPool) -> None:
    quote = row.quote
    given = quote.model_dump(exclude={"day", "valid_until_day", "tiers"})
    command = commands.QuoteForPool.parse(
        given
        | {
            "pool_id": stage.pools[row.slug],
            "technology_id": stage.technologies[row.technology],
            "unit": row.unit,
            "interval": row.interval,
            "term_months": row.term_months,
            "valid_until": stage.clock.date_of(quote.valid_until_day),
            "tiers": [
                {"from_quantity": begins, "unit_price_pence": price}
                for begins, price in quote.tiers.items()
            ],
        }
    )
    supplier = next(t.supplier for t in stage.story.technologies if t.slug == row.technology)
    await stage.do(stage.holder(supplier, Role.SUPPLIER_ADMIN), demand.quote, command)


async def _start(stage: Stage, row: StoryPool) -> None:
    command = commands.StartCommitting(
        pool_id=stage.pools[row.slug], commit_by=stage.clock.date_of(row.commit_by_day)
    )
    manager = stage.holder(COMPANY, Role.COMMERCIAL_MANAGER)
    await stage.do(manager, demand.start_committing, command)


async def _propose(stage: Stage, row: StoryPool, award: StoryAward) -> None:
    manager = stage.holder(COMPANY, Role.COMMERCIAL_MANAGER)
    async with stage.work_of(manager) as work:
        quote_id = await demand.only_quote(work, stage.pools[row.slug])
    command = commands.ProposeAward(
        pool_id=stage.pools[row.slug],
        quote_id=quote_id,
        route=award.route,
        route_reference=award.route_reference,
        reason=award.reason,
    )
    await stage.do(manager, demand.propose_award, command)


async def _agree(stage: Stage, row: StoryPool) -> None:
    binding = {one.force for one in row.commitments if one.strength == "binding"}
    for force in sorted(binding):
        command = commands.AgreeToAward(pool_id=stage.pools[row.slug])
        await stage.do(stage.holder(force, BUYER), demand.agree, command)


async def _award(stage: Stage, row: StoryPool) -> None:
    command = commands.AwardPool(pool_id=stage.pools[row.slug])
    manager = stage.holder(COMPANY, Role.COMMERCIAL_MANAGER)
    await stage.do(manager, demand.award_pool, command)


async def _call_off(stage: Stage, row: StoryPool, order: StoryOrder) -> None:
    buyer, pool_id = stage.holder(order.force, BUYER), stage.pools[row.slug]
    if order.joins is not None:
        late = commands.JoinPoolLate(pool_id=pool_id, quantity=order.joins)
        await stage.do(buyer, demand.join_late, late)
    command = commands.CallOffFromPool(
        pool_id=pool_id,
        quantity=order.quantity,
        reference=order.reference,
        paid_pence=order.paid_pence,
    )
    await stage.do(buyer, demand.call_off, command)

"""The savings ledger: baselines, what suppliers report, what forces enter and sign."""

from collections.abc import Iterator
from functools import partial

from sqlalchemy import select

from innohub.identity.models import Role
from innohub.market.demand.models import CallOff
from innohub.market.savings import commands
from innohub.market.savings import service as savings
from innohub.seed.savings import StoryLedger
from innohub.seed.telling.stage import Stage
from innohub.seed.telling.timetable import AFTERNOON, MORNING, NOON, Step

BUYER = Role.FORCE_COMMERCIAL


def savings_steps(stage: Stage, row: StoryLedger) -> Iterator[Step]:
    """From the baseline to the last signature."""
    force = stage.story.name_of(row.force)
    yield Step(row.declared_day + MORNING, f"{force} declares a baseline",
               partial(_declare, stage, row))  # fmt: skip
    yield Step(row.invoiced_day + NOON, f"What {force} paid is reported",
               partial(_report, stage, row))  # fmt: skip
    entered: dict[int, int] = {}
    for place, one in enumerate(row.savings):
        yield Step(one.day + AFTERNOON, f"{force} enters a saving",
                   partial(_enter, stage, row, place, entered))  # fmt: skip
        if one.signed_day is not None:
            yield Step(one.signed_day + NOON, f"{force} signs for a saving",
                       partial(_sign, stage, row, place, entered))  # fmt: skip


async def _declare(stage: Stage, row: StoryLedger) -> None:
    command = commands.DeclareBaseline(
        pool_id=stage.pools[row.pool],
        method=row.method,
        unit_price_pence=row.unit_price_pence,
        evidence=row.evidence,
    )
    await stage.do(stage.holder(row.force, BUYER), savings.declare, command)


async def _call_off(stage: Stage, row: StoryLedger) -> CallOff:
    """The force's first one."""
    force_id = stage.organisations[row.force].id
    async with stage.database.session() as session:
        found = await session.scalars(
            select(CallOff)
            .where(CallOff.pool_id == stage.pools[row.pool], CallOff.force_id == force_id)
            .order_by(CallOff.number)
        )
        return found.first() or _missing(row)


def _missing(row: StoryLedger) -> CallOff:
    raise LookupError(f"{row.force} called nothing off from {row.pool}")


async def _report(stage: Stage, row: StoryLedger) -> None:
    call_off = await _call_off(stage, row)
    pool = next(one for one in stage.story.pools if one.slug == row.pool)
    supplier = next(t.supplier for t in stage.story.technologies if t.slug == pool.technology)
    command = commands.ReportTransaction(
        call_off_id=call_off.id,
        reference=row.invoice,
        invoiced_on=stage.clock.date_of(row.invoiced_day),
        amount_pence=call_off.paid_pence or 0,
    )
    await stage.do(stage.holder(supplier, Role.SUPPLIER_ADMIN), savings.report, command)


async def _enter(stage: Stage, row: StoryLedger, place: int, entered: dict[int, int]) -> None:
    given = row.savings[place].model_dump(exclude={"day", "signed_day"})
    command = commands.EnterSaving(call_off_id=(await _call_off(stage, row)).id, **given)
    saving = await stage.do(stage.holder(row.force, BUYER), savings.enter, command)
    entered[place] = saving.id


async def _sign(stage: Stage, row: StoryLedger, place: int, entered: dict[int, int]) -> None:
    inflated = bool(row.savings[place].inflation_basis_points)
    command = commands.SignSaving(saving_id=entered[place], approve_inflation=inflated)
    await stage.do(stage.holder(row.force, Role.FORCE_CHIEF_OFFICER), savings.sign, command)

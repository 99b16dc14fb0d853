"""A quantity without a budget waits for the force's chief officer among the five decisions."""

import pytest
from sqlalchemy import select

from innohub.db.unit_of_work import Database
from innohub.errors import NotFound
from innohub.identity.models import Role
from innohub.market.decisions import commands, service
from innohub.market.decisions.done import DecisionDone
from innohub.market.decisions.sources import budgets
from innohub.market.decisions.sources.shape import KINDS
from innohub.market.decisions.waiting import Decision
from innohub.market.demand.models import PoolCommitment
from tests.conftest import Clock
from tests.market.demand.stage import PoolStage, a_pool_stage

REASON = "The finance board took it into the plan of this year."


@pytest.fixture
async def stage(database: Database) -> PoolStage:
    stage = await a_pool_stage(database)
    await stage.cast({"kent_chief": (stage.forces["kent_buyer"], Role.FORCE_CHIEF_OFFICER)})
    return stage


def of(line: PoolCommitment) -> int:
    return line.id * KINDS + budgets.NUMBER


async def test_the_chief_officer_approves_the_budget_and_the_units_count(stage: PoolStage) -> None:
    pool, _ = await stage.committing(await stage.published())
    await stage.commit("essex_buyer", pool, 500)
    line = await stage.commit("kent_buyer", pool, 500, "conditional_on_pilot")
    async with stage.database.session() as session:
        row = (await session.scalars(select(Decision).where(Decision.id == of(line)))).one()
    # A thousand units reach the second tier: its price, and what is paid once.
    assert row.money_pence == 500 * 126_00 + 6_500_00
    assert row.due_on == pool.commit_by
    approve = commands.ApproveDecision(decision_id=of(line), reason=REASON, revision=1)
    for part in ("kent_buyer", "essex_buyer"):
        with pytest.raises(NotFound):
            await stage.do(part, service.approve, approve)
    decided = await stage.do("kent_chief", service.approve, approve)
    assert decided.path == f"/pools/{pool.id}"
    newest = (await stage.all(PoolCommitment))[-1]
    assert (newest.quantity, newest.strength, newest.note) == (500, "budget_approved", REASON)
    with pytest.raises(NotFound):
        await stage.do("kent_chief", service.approve, approve)
    async with stage.database.session() as session:
        told = (await session.scalars(select(DecisionDone))).one()
    assert (told.what, told.path) == ("Approved", decided.path)


async def test_declined_the_units_are_taken_back_and_after_the_window_nothing_waits(
    stage: PoolStage, clock: Clock
) -> None:
    pool, _ = await stage.committing(await stage.published())
    line = await stage.commit("kent_buyer", pool, 500, "indicative_quantity")
    decline = commands.DeclineDecision(decision_id=of(line), reason=REASON, revision=1)
    clock.pass_days(41)
    with pytest.raises(NotFound):
        await stage.do("kent_chief", service.decline, decline)
    clock.pass_days(-41)
    await stage.do("kent_chief", service.decline, decline)
    newest = (await stage.all(PoolCommitment))[-1]
    assert (newest.withdrawn, newest.note) == (True, REASON)

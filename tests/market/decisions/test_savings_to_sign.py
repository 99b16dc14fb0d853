"""A saving that was entered waits for the force's chief officer among the five decisions."""

import pytest
from sqlalchemy import select

from innohub.db.unit_of_work import Database
from innohub.errors import NotFound
from innohub.market.decisions import commands, service
from innohub.market.decisions.done import DecisionDone
from innohub.market.decisions.sources import savings
from innohub.market.decisions.sources.shape import KINDS
from innohub.market.savings.models import Saving, SavingState
from tests.market.savings.purchases import some_buyers

REASON = "I have seen the invoices and the old contract."


async def test_the_chief_officer_signs_for_it_where_it_waits_and_nobody_else(
    database: Database,
) -> None:
    buyers = await some_buyers(database)
    saving = await buyers.enter(await buyers.bought())
    sign = commands.ApproveDecision(
        decision_id=saving.id * KINDS + savings.NUMBER, reason=REASON, revision=saving.revision
    )
    for part in ("commercial", "other commercial"):
        with pytest.raises(NotFound):
            await buyers.do(part, service.approve, sign)
    decided = await buyers.do("finance", service.approve, sign)
    assert decided.path == f"/savings/{saving.id}"
    with pytest.raises(NotFound):
        await buyers.do("finance", service.approve, sign)
    async with database.session() as session:
        assert (await session.get_one(Saving, saving.id)).state is SavingState.SIGNED
        told = (await session.scalars(select(DecisionDone))).one()
    assert (told.what, told.path) == ("Signed for", decided.path)


async def test_it_is_sent_back_with_the_reason(database: Database) -> None:
    buyers = await some_buyers(database)
    saving = await buyers.enter(await buyers.bought())
    refuse = commands.DeclineDecision(
        decision_id=saving.id * KINDS + savings.NUMBER, reason=REASON, revision=saving.revision
    )
    await buyers.do("finance", service.decline, refuse)
    async with database.session() as session:
        stored = await session.get_one(Saving, saving.id)
    assert (stored.state, stored.closing_reason) == (SavingState.SENT_BACK, REASON)

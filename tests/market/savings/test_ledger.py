"""The savings ledger: frozen baselines, net sums, somebody else's signature, and classes that are
never added together."""

import re
from collections import defaultdict
from pathlib import Path
from random import Random
from typing import Any

import pytest
import pytest_asyncio
from graphql import GraphQLObjectType
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

import innohub
from innohub.db.unit_of_work import Database
from innohub.errors import Conflict, Denied, InnoHubError, Invalid, NotFound, WrongState
from innohub.graphql.schema import schema
from innohub.identity.models import Role
from innohub.market.quotes.pricing import apportion
from innohub.market.savings import commands, service
from innohub.market.savings.models import Occurrence, Saving, SavingsClass, SavingState
from innohub.market.savings.rules import SavingsRule
from innohub.market.savings.sums import inflated, of_price
from innohub.market.savings.totals import SavedByClass, SavedByForce
from tests.factories import actor_of
from tests.market.savings.purchases import COSTS, Buyers, some_buyers

R = SavingsRule
PENCE = st.integers(0, 10**9)


@pytest_asyncio.fixture
async def buyers(database: Database) -> Buyers:
    return await some_buyers(database)


async def broken_by(doing: Any, kind: type[InnoHubError]) -> str | None:
    """The rule that it breaks."""
    with pytest.raises(kind) as refused:
        await doing
    return refused.value.rule


async def test_a_saving_is_net_of_all_that_it_took_and_counts_once_it_is_signed(
    buyers: Buyers,
) -> None:
    call_off = await buyers.bought(quantity=40)
    saving = await buyers.enter(call_off, implementation_pence=300_00)
    value, paid = 40 * 120_00 * 3, 40 * 90_00 * 3 + COSTS["setup_pence"]
    assert (saving.value_pence, saving.paid_pence) == (value, paid)
    assert saving.net_pence == value - paid - 300_00 - COSTS["exit_pence"]
    assert await totals(buyers) == {}
    signed = await buyers.sign(saving)
    assert (signed.state, signed.signed_by_id) == (
        SavingState.SIGNED, buyers.people["finance"].person.id,
    )  # fmt: skip
    assert await totals(buyers) == {SavingsClass.CASHABLE: saving.net_pence}
    reverse = commands.ReverseSaving.parse({"saving_id": saving.id, "reason": "Invoiced twice."})
    await buyers.do("finance", service.reverse, reverse)
    assert await totals(buyers) == {}
    await buyers.enter(call_off)


async def test_a_baseline_is_frozen_by_the_award(buyers: Buyers) -> None:
    pool = await buyers.pool()
    await buyers.declare(pool, unit_price_pence=110_00)
    baseline = await buyers.declare(pool, unit_price_pence=120_00)
    award = await buyers.award(pool, buyers.force)
    again = buyers.declare(pool, unit_price_pence=999_00)
    assert await broken_by(again, WrongState) == R.BASELINE_BEFORE_AWARD
    for attack in ("UPDATE savings_baseline SET unit_price_pence = 1",
                   "DELETE FROM savings_baseline"):  # fmt: skip
        with pytest.raises(IntegrityError, match="frozen by the award"):
            async with buyers.database.session() as session, session.begin():
                await session.execute(text(attack))
    late = await buyers.declare(pool, "other commercial")
    assert late.id != baseline.id
    await buyers.call_off(award, buyers.other)
    again = buyers.declare(pool, "other commercial")
    assert await broken_by(again, WrongState) == R.BASELINE_BEFORE_AWARD


async def test_what_breaks_a_rule_is_refused_by_its_name(buyers: Buyers) -> None:
    pool = await buyers.pool()
    award = await buyers.award(pool, buyers.force, buyers.other)
    unpaid = await buyers.call_off(award, buyers.other, paid=False)
    assert (
        await broken_by(buyers.enter(unpaid, "other commercial"), WrongState) == R.BASELINE_DECLARED
    )
    against_market = await buyers.bought(method="market_rate")
    call_off = await buyers.bought()
    for where, said, rule in (
        (against_market, {}, R.BASELINE_IS_PRICE_PAID),
        (call_off, {"value_pence": 5}, R.VALUE_OF_ITS_CLASS),
        (call_off, {"saving_class": "carbon"}, R.VALUE_OF_ITS_CLASS),
        (call_off, {"saving_class": "carbon", "value_pence": 5, "inflation_basis_points": 9},
         R.VALUE_OF_ITS_CLASS),
        (call_off, {"occurrence": "one_off", "deferred_spend": True}, R.NOT_DEFERRED),
    ):  # fmt: skip
        assert await broken_by(buyers.enter(where, **said), Invalid) == rule
    await buyers.enter(call_off)
    avoided = buyers.enter(call_off, saving_class="cost_avoidance")
    assert await broken_by(avoided, Conflict) == R.PRICE_CLAIMED_ONCE
    with pytest.raises(Denied):
        await buyers.enter(call_off, "other commercial")
    with pytest.raises(Denied):
        await buyers.enter(call_off, "finance")


async def test_another_person_signs_by_what_the_suppliers_books_show(buyers: Buyers) -> None:
    pool = await buyers.pool()
    await buyers.declare(pool)
    call_off = await buyers.call_off(await buyers.award(pool, buyers.force), buyers.force)
    saving = await buyers.enter(call_off, inflation_basis_points=250)
    assert await broken_by(buyers.sign(saving), Invalid) == R.INFLATION_APPROVED
    approved = {"approve_inflation": True}
    nothing = buyers.sign(saving, **approved)
    assert await broken_by(nothing, WrongState) == R.SUPPLIER_EVIDENCE
    await buyers.report(call_off, (call_off.paid_pence or 0) + 10_00)
    assert await broken_by(buyers.sign(saving, **approved), WrongState) == R.SUPPLIER_EVIDENCE
    with pytest.raises(Conflict):
        await buyers.report(call_off, 1)
    await buyers.report(call_off, -10_00, "CREDIT-1")
    with pytest.raises(NotFound):
        await buyers.sign(saving, "other finance", **approved)
    both = buyers.people["commercial"]
    seats = [(buyers.force, role) for role in (Role.FORCE_COMMERCIAL, Role.FORCE_CHIEF_OFFICER)]
    alone = actor_of(both.person, *seats)
    command = commands.SignSaving.parse({"saving_id": saving.id, **approved})
    with pytest.raises(Denied) as refused:
        async with buyers.database.unit_of_work(alone.signature()) as work:
            await service.sign(work, alone, command)
    assert refused.value.rule == R.ANOTHER_SIGNS
    signed = await buyers.sign(saving, **approved)
    assert signed.inflation_approved
    assert await broken_by(buyers.report(call_off, 1, "INV-2"), WrongState) == R.BEFORE_SIGNATURE


async def test_what_is_sent_back_or_withdrawn_counts_nowhere(buyers: Buyers) -> None:
    saving = await buyers.enter(await buyers.bought())
    fields = {"saving_id": saving.id, "reason": "The contract was for another item."}
    sent = await buyers.do("finance", service.send_back, commands.SendBackSaving.parse(fields))
    assert sent.state is SavingState.SENT_BACK
    with pytest.raises(WrongState):
        await buyers.sign(saving)
    await buyers.do("commercial", service.withdraw, commands.WithdrawSaving.parse(fields))
    assert await totals(buyers) == {}


@given(
    unit=st.integers(0, 10**7),
    shares=st.lists(st.integers(0, 5_000), min_size=1, max_size=12),
    paid=PENCE,
    implementation=PENCE,
    points=st.integers(0, 10_000),
)
def test_the_savings_of_forces_are_the_saving_of_the_whole_to_the_penny(
    unit: int, shares: list[int], paid: int, implementation: int, points: int
) -> None:
    """However a purchase is cut among forces: what each would have paid, less its share."""
    weights = dict(enumerate(shares)) if sum(shares) else {0: 1}
    of_paid, of_cost = apportion(paid, weights), apportion(implementation, weights)
    quantities = dict(enumerate(shares))
    parts = [
        of_price(unit_price=unit, quantity=quantities[id], intervals=3, paid=of_paid.get(id, 0),
                 implementation=of_cost.get(id, 0), exit=0, basis_points=points)
        for id in quantities
    ]  # fmt: skip
    whole = of_price(unit_price=unit, quantity=sum(shares), intervals=3, paid=paid,
                     implementation=implementation, exit=0, basis_points=points)  # fmt: skip
    assert sum(part.net for part in parts) == whole.net


@given(unit=st.integers(0, 10**9), points=st.integers(0, 10_000))
def test_inflation_is_rounded_once_and_by_half_a_penny_at_most(unit: int, points: int) -> None:
    exact = unit * (10_000 + points)
    assert abs(inflated(unit, points) * 10_000 - exact) * 2 <= 10_000
    assert inflated(unit, 0) == unit


async def test_in_each_class_the_forces_add_up_to_the_whole(buyers: Buyers) -> None:
    """Of two hundred random lines in every state: what is signed, and nothing else."""
    chance = Random(20261128)
    call_off, other = await buyers.bought(), buyers.other
    baseline = await buyers.declare(await buyers.pool())
    wanted: dict[tuple[Any, int], int] = defaultdict(int)
    now, finance = buyers.database.clock(), buyers.people["finance"].person.id
    async with buyers.database.session() as session, session.begin():
        for _ in range(200):
            kind = chance.choice(
                [c for c in SavingsClass if c not in ("cashable", "cost_avoidance")]
            )
            state, force = chance.choice(list(SavingState)), chance.choice([buyers.force, other])
            value, cost = chance.randrange(10**9), chance.randrange(10**9)
            signed = state in (SavingState.SIGNED, SavingState.REVERSED)
            session.add(
                Saving(
                    call_off_id=call_off.id, baseline_id=baseline.id, force_id=force.id,
                    saving_class=kind, driver="standardisation", deferred_spend=False,
                    occurrence=chance.choice(list(Occurrence)), inflation_basis_points=0,
                    inflation_approved=False, value_pence=value, paid_pence=0,
                    implementation_pence=cost, exit_pence=0, net_pence=value - cost,
                    evidence="x", state=state, created_at=now,
                    entered_by_id=buyers.people["commercial"].person.id,
                    signed_by_id=finance if signed else None, signed_at=now if signed else None,
                )
            )  # fmt: skip
            if state is SavingState.SIGNED:
                wanted[kind, force.id] += value - cost
        await session.flush()
        by_force = list(await session.scalars(select(SavedByForce)))
        by_class = list(await session.scalars(select(SavedByClass)))
    assert {(row.saving_class, row.force_id): row.net_pence for row in by_force} == wanted
    for row in by_class:
        own = [one for one in by_force if one.saving_class == row.saving_class]
        for name in ("net_pence", "one_off_pence", "recurring_pence", "entries"):
            assert getattr(row, name) == sum(getattr(one, name) for one in own), name
        assert row.net_pence == row.one_off_pence + row.recurring_pence
        assert row.forces == len(own)


async def totals(buyers: Buyers) -> dict[SavingsClass, int]:
    async with buyers.database.session() as session:
        rows = await session.scalars(select(SavedByClass))
        return {SavingsClass(row.saving_class): row.net_pence for row in rows}


def test_no_field_of_the_api_tells_a_sum_of_savings_without_its_class() -> None:
    tells = re.compile(r"(net|saved|saving|oneOff|recurring)\w*Pence$", re.IGNORECASE)
    about = re.compile(r"^(Sav|Saving)")
    found = 0
    for name, type_ in schema._schema.type_map.items():
        if not isinstance(type_, GraphQLObjectType) or not about.match(name):
            continue
        sums = [field for field in type_.fields if tells.search(field)]
        found += len(sums)
        if sums:
            assert str(type_.fields["savingClass"].type) == "SavingsClass!", name
    assert found >= 7
    assert not [name for name in schema._schema.query_type.fields if tells.search(name)]  # type: ignore[union-attr]


def test_every_sum_over_savings_in_the_code_is_grouped_by_class() -> None:
    """No statement adds the ledger up but those of `totals`, each of them class by class."""
    root = Path(innohub.__file__).parent
    added = re.compile(r"sum\([^)]*(net_pence|value_pence|netPence|net_?pence)", re.IGNORECASE)
    where = {
        str(path.relative_to(root))
        for path in root.rglob("*")
        if path.suffix in (".py", ".html", ".sql") and added.search(path.read_text())
        and "saving" in path.read_text().lower()
    }  # fmt: skip
    assert where == {"market/savings/totals.py"}
    text_ = (root / "market/savings/totals.py").read_text()
    statements = text_.split("BY_FORCE = (")[1].split("SPEND = (")[0].split("BY_CLASS = (")
    assert all(re.search(r"group_by\([^)]*saving_class", one) for one in statements)

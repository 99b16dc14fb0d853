"""Forces that buy together, as far as the savings ledger looks at it: pools, awards, call-offs."""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

from innohub.db.unit_of_work import Database
from innohub.identity.models import Organisation, OrganisationKind, Role
from innohub.market.catalogue.models import Technology
from innohub.market.demand.models import CallOff, Pool, PoolAward, PoolShare, PoolState
from innohub.market.quotes.models import PriceBasis, PriceInterval, PriceUnit, Quote
from innohub.market.quotes.pricing import TierMode
from innohub.market.savings import commands, service
from innohub.market.savings.models import Saving, SavingsBaseline
from tests.factories import Somebody, a_supplier, an_organisation, somebody, the_force
from tests.web.shelf import a_listing

UNIT_PRICE, INTERVALS = 90_00, 3
_numbers = count(1)
COSTS = {"setup_pence": 500_00, "training_pence": 0, "exit_pence": 250_00}
SAVED: dict[str, Any] = {
    "saving_class": "cashable", "driver": "new_volumes", "occurrence": "recurring",
    "evidence": "Contract 2024-17, schedule 3.",
}  # fmt: skip


@dataclass
class Buyers:
    """Two forces with their commercial lead and finance lead, a supplier, the company."""

    database: Database
    force: Organisation
    other: Organisation
    supplier: Organisation
    technology: Technology
    people: dict[str, Somebody] = field(default_factory=dict)

    async def do(self, part: str, operation: Any, command: Any) -> Any:
        actor = self.people[part].actor
        async with self.database.unit_of_work(actor.signature()) as work:
            return await operation(work, actor, command)

    async def add(self, row: Any) -> Any:
        async with self.database.session() as session, session.begin():
            session.add(row)
        return row

    async def pool(self, state: PoolState = PoolState.COMMITTING) -> Pool:
        now = self.database.clock()
        pool: Pool = await self.add(
            Pool(
                title=f"Body-worn video {next(_numbers)}", specification="As agreed.",
                unit=PriceUnit.OFFICER, interval=PriceInterval.YEAR, term_months=36,
                minimum_quantity=1, technology_id=self.technology.id, state=state,
                quotes_by=now.date(), commit_by=now.date(), created_at=now, demonstration=True,
            )
        )  # fmt: skip
        return pool

    async def declare(self, pool: Pool, part: str = "commercial", **given: Any) -> SavingsBaseline:
        fields = {
            "pool_id": pool.id, "method": "previous_price", "unit_price_pence": 120_00,
            "evidence": "Contract 2024-17, schedule 3.",
        } | given  # fmt: skip
        baseline: SavingsBaseline = await self.do(
            part, service.declare, commands.DeclareBaseline.parse(fields)
        )
        return baseline

    async def award(self, pool: Pool, *forces: Organisation, quantity: int = 100) -> PoolAward:
        """Each of the forces binds `quantity`."""
        now = self.database.clock()
        quote = await self.add(
            Quote(
                technology_id=self.technology.id, number=next(_numbers), standalone=False,
                listing_version_id=self.technology.current_version_id, vat_rate=20,
                supplier_id=self.supplier.id, tier_mode=TierMode.ALL_UNITS,
                unit=PriceUnit.OFFICER, interval=PriceInterval.YEAR, term_months=36,
                intervals=INTERVALS, extension_months=0, price_basis=PriceBasis.FIXED_FOR_TERM,
                data_return="As CSV.", valid_until=now.date() + timedelta(days=200),
                most_favoured_customer=False, open_to_late_joiners=True, accepted_at=now,
                demonstration=True, created_at=now, **COSTS,
            )
        )  # fmt: skip
        whole = quantity * len(forces)
        award: PoolAward = await self.add(
            PoolAward(
                pool_id=pool.id, quote_id=quote.id, route="framework_call_off",
                route_reference="Framework 1", reason="The lowest price of what fits.",
                quantity=whole, tier_from_quantity=1, unit_price_pence=UNIT_PRICE,
                total_pence=whole * UNIT_PRICE * INTERVALS, vat_pence=0, awarded_at=now,
                call_off_until=now.date() + timedelta(days=3 * 365), created_at=now,
            )
        )  # fmt: skip
        for force in forces:
            await self.add(
                PoolShare(
                    award_id=award.id, force_id=force.id, quantity=quantity,
                    total_pence=quantity * UNIT_PRICE * INTERVALS, vat_pence=0, agreed_at=now,
                    created_at=now,
                )
            )  # fmt: skip
        async with self.database.session() as session, session.begin():
            row = await session.get_one(Pool, pool.id)
            row.state = PoolState.CALLING_OFF
        return award

    async def call_off(
        self, award: PoolAward, force: Organisation, *, quantity: int = 40, paid: bool = True
    ) -> CallOff:
        """The first one of a force carries the set-up cost."""
        now = self.database.clock()
        due, once = quantity * UNIT_PRICE * INTERVALS, COSTS["setup_pence"]
        call_off: CallOff = await self.add(
            CallOff(
                pool_id=award.pool_id, award_id=award.id, force_id=force.id,
                number=next(_numbers), quantity=quantity, ordered_on=now.date(), due_pence=due,
                once_pence=once, vat_pence=0, late=False, created_at=now,
                paid_pence=due + once if paid else None, paid_recorded_at=now if paid else None,
            )
        )  # fmt: skip
        return call_off

    async def bought(self, quantity: int = 40, **baseline: Any) -> CallOff:
        """With a baseline, called off, paid, and in the supplier's books."""
        pool = await self.pool()
        await self.declare(pool, **baseline)
        call_off = await self.call_off(
            await self.award(pool, self.force), self.force, quantity=quantity
        )
        await self.report(call_off, call_off.paid_pence or 0)
        return call_off

    async def report(self, call_off: CallOff, amount: int, reference: str = "INV-1") -> Any:
        fields = {
            "call_off_id": call_off.id, "reference": reference, "amount_pence": amount,
            "invoiced_on": self.database.clock().date(),
        }  # fmt: skip
        return await self.do("supplier", service.report, commands.ReportTransaction.parse(fields))

    async def enter(self, call_off: CallOff, part: str = "commercial", **given: Any) -> Saving:
        fields = {"call_off_id": call_off.id, **SAVED, **given}
        saving: Saving = await self.do(part, service.enter, commands.EnterSaving.parse(fields))
        return saving

    async def sign(self, saving: Saving, part: str = "finance", **given: Any) -> Saving:
        command = commands.SignSaving.parse({"saving_id": saving.id, **given})
        signed: Saving = await self.do(part, service.sign, command)
        return signed


async def some_buyers(database: Database) -> Buyers:
    force, other = await the_force(database, "kent"), await the_force(database, "dorset")
    supplier = await a_supplier(database, "Plover Video")
    technology = await a_listing(database, "Chestcam", supplier=supplier)
    buyers = Buyers(database, force, other, supplier, technology)
    company = await an_organisation(database, OrganisationKind.COMPANY, "The company")
    for part, organisation, role in (
        ("commercial", force, Role.FORCE_COMMERCIAL),
        ("finance", force, Role.FORCE_CHIEF_OFFICER),
        ("other commercial", other, Role.FORCE_COMMERCIAL),
        ("other finance", other, Role.FORCE_CHIEF_OFFICER),
        ("supplier", supplier, Role.SUPPLIER_ADMIN),
        ("company", company, Role.COMMERCIAL_MANAGER),
    ):
        buyers.people[part] = await somebody(database, organisation, role)
    return buyers

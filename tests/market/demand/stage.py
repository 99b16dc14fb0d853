"""The people of a pool's story, and the steps that take it from state to state."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from innohub.db.unit_of_work import Database
from innohub.identity.models import Organisation, OrganisationKind, Role
from innohub.market.catalogue.models import Technology
from innohub.market.demand import commands, service
from innohub.market.demand.models import CallOff, Pool, PoolAward, PoolCommitment
from innohub.market.quotes.models import Quote
from tests.factories import an_organisation, the_force
from tests.market.catalogue.stage import Stage, a_stage

REASON = "A reason that somebody else will read."
TERMS: dict[str, Any] = {
    "unit_price_pence": 139_00, "unit": "officer", "interval": "one_off", "term_months": 36,
    "min_quantity": 100,
    "tiers": [{"from_quantity": 1_000, "unit_price_pence": 126_00},
              {"from_quantity": 2_250, "unit_price_pence": 113_00}],
    "setup_pence": 5_000_00, "training_pence": 1_200_00, "exit_pence": 300_00,
    "data_return": "As CSV files, within ten days.", "valid_until": "2027-12-31",
    "open_to_late_joiners": True,
}  # fmt: skip
BUYERS = ("kent_buyer", "essex_buyer", "durham_buyer", "late_buyer")


@dataclass
class PoolStage(Stage):
    forces: dict[str, Organisation] = field(default_factory=dict)
    """By the part that buys for them."""

    @property
    def today(self) -> date:
        return self.database.clock().date()

    async def opened(self, technology: Technology, **given: Any) -> Pool:
        command = commands.OpenPool.parse(
            {
                "title": "Redaction, together", "specification": "Faces and names blacked out.",
                "unit": "officer", "interval": "one_off", "term_months": 36,
                "minimum_quantity": 500, "technology_id": technology.id, **given,
            }
        )  # fmt: skip
        pool: Pool = await self.do("manager", service.open_pool, command)
        return pool

    async def quoting(self, technology: Technology, **given: Any) -> Pool:
        pool = await self.opened(technology, **given)
        for part in BUYERS[:2]:
            await self.commit(part, pool, 500, "indicative_quantity")
        command = commands.AskForQuotes(
            pool_id=pool.id,
            technology_ids=[technology.id],
            quotes_by=self.today + timedelta(days=20),
        )
        asked: Pool = await self.do("manager", service.ask_for_quotes, command)
        return asked

    async def quote(self, pool: Pool, technology: Technology, **given: Any) -> Quote:
        fields = {"pool_id": pool.id, "technology_id": technology.id, **TERMS, **given}
        command = commands.QuoteForPool.parse(fields)
        quote: Quote = await self.do("supplier_admin", service.quote, command)
        return quote

    async def committing(self, technology: Technology, **given: Any) -> tuple[Pool, Quote]:
        pool = await self.quoting(technology)
        quote = await self.quote(pool, technology, **given)
        commit_by = self.today + timedelta(days=40)
        command = commands.StartCommitting(pool_id=pool.id, commit_by=commit_by)
        started: Pool = await self.do("manager", service.start_committing, command)
        return started, quote

    async def commit(
        self, part: str, pool: Pool, quantity: int | None, strength: str = "binding"
    ) -> PoolCommitment:
        fields = {"pool_id": pool.id, "quantity": quantity, "strength": strength}
        command = commands.CommitToPool.parse(fields)
        line: PoolCommitment = await self.do(part, service.commit, command)
        return line

    async def propose(self, pool: Pool, quote: Quote, **given: Any) -> PoolAward:
        fields = {
            "pool_id": pool.id, "quote_id": quote.id, "route": "framework_call_off",
            "route_reference": "Digital services 4", "reason": REASON, **given,
        }  # fmt: skip
        command = commands.ProposeAward.parse(fields)
        award: PoolAward = await self.do("manager", service.propose_award, command)
        return award

    async def agree(self, part: str, pool: Pool) -> None:
        await self.do(part, service.agree, commands.AgreeToAward(pool_id=pool.id))

    async def award(self, pool: Pool) -> PoolAward:
        command = commands.AwardPool(pool_id=pool.id)
        award: PoolAward = await self.do("manager", service.award_pool, command)
        return award

    async def call_off(self, part: str, pool: Pool, quantity: int, **given: Any) -> CallOff:
        fields = {"pool_id": pool.id, "quantity": quantity, **given}
        command = commands.CallOffFromPool.parse(fields)
        order: CallOff = await self.do(part, service.call_off, command)
        return order


async def a_pool_stage(database: Database) -> PoolStage:
    plain = await a_stage(database)
    stage = PoolStage(**vars(plain))
    company = await an_organisation(database, OrganisationKind.COMPANY, "the buying company")
    forces = [stage.force, stage.other_force]
    forces += [await the_force(database, slug) for slug in ("durham", "cheshire")]
    stage.forces = dict(zip(BUYERS, forces, strict=True))
    await stage.cast({part: (force, Role.FORCE_COMMERCIAL) for part, force in stage.forces.items()})
    await stage.cast({"manager": (company, Role.COMMERCIAL_MANAGER)})
    return stage

"""Quotes and pools of a generated market, in every state that hides something or shows it."""

from datetime import date
from typing import Any

from innohub.identity.models import Organisation, OrganisationKind
from innohub.market.board.models import RoundItem
from innohub.market.catalogue.models import ListingVersion, Technology
from innohub.market.challenges.models import Challenge
from innohub.market.demand import models as demand
from innohub.market.quotes.models import PriceBasis, PriceInterval, PriceUnit, Quote, QuoteTier
from innohub.market.quotes.pricing import Schedule, Tier, TierMode

IN_DATE, OUT_OF_DATE = date(2099, 12, 31), date(2020, 1, 31)
"""Far from whatever day it is."""


async def offers(builder: Any) -> None:
    for technology in builder.market.of(Technology):
        versions = [
            v for v in builder.market.of(ListingVersion) if v.technology_id == technology.id
        ]
        for number, version in enumerate(versions[:2], start=1):
            await _quote(builder, technology, version, number)

    for number, state in enumerate([*demand.PoolState, demand.PoolState.COLLECTING]):
        await _pool(builder, number, state)


async def _pool(builder: Any, number: int, state: demand.PoolState) -> None:
    """With quotes that may be read and some that may not, and each force's lines in the ledger."""
    newest = {version.technology_id: version for version in builder.market.of(ListingVersion)}
    versions, items = list(newest.values()), builder.market.of(RoundItem)
    quotes = []
    for place in range(2):
        version = versions[(number * 2 + place) % len(versions)]
        owner = next(t for t in builder.market.of(Technology) if t.id == version.technology_id)
        quotes.append(await _quote(builder, owner, version, 10 + number * 2 + place))
    sources = [
        {"technology_id": quotes[0].technology_id},
        {"challenge_id": builder.market.of(Challenge)[number].id},
        {"round_item_id": items[number % len(items)].id},
    ]
    pool = await builder.add(
        demand.Pool(
            title=builder.text(3), specification=builder.text(6), unit=PriceUnit.OFFICER,
            interval=PriceInterval.YEAR, term_months=36, minimum_quantity=100, state=state,
            quotes_by=IN_DATE, commit_by=IN_DATE, demonstration=False, revision=1,
            created_at=builder.moment(), **sources[number % 3],
        )
    )  # fmt: skip
    for quote in quotes:
        await builder.add(
            demand.PoolInvitation(
                pool_id=pool.id, technology_id=quote.technology_id, created_at=builder.moment(),
                supplier_id=quote.supplier_id,
            )
        )  # fmt: skip
        await builder.add(
            demand.PoolQuote(pool_id=pool.id, quote_id=quote.id, created_at=builder.moment())
        )
    forces = [o for o in builder.market.of(Organisation) if o.kind == OrganisationKind.FORCE]
    for turn in range(2):
        for place, force in enumerate(forces):
            await _line(builder, pool, force, withdrawn=turn == 1 and place == number % 4)
    for place in range(2):
        await _award(builder, pool, quotes[0], forces, withdrawn=place == 0)


async def _line(builder: Any, pool: Any, force: Any, *, withdrawn: bool) -> None:
    strengths = list(demand.CommitmentStrength)[1:]
    await builder.add(
        demand.PoolCommitment(
            pool_id=pool.id, force_id=force.id, withdrawn=withdrawn, late=False,
            quantity=0 if withdrawn else builder.chance.randint(1, 400),
            strength=builder.chance.choice(strengths), created_at=builder.moment(),
        )
    )  # fmt: skip


async def _award(
    builder: Any, pool: Any, quote: Any, forces: list[Any], *, withdrawn: bool
) -> None:
    awarded = pool.state in demand.BOUND and not withdrawn
    award = await builder.add(
        demand.PoolAward(
            pool_id=pool.id, quote_id=quote.id, route="open_procedure", route_reference="A",
            reason="B", quantity=100, tier_from_quantity=100, unit_price_pence=9_000,
            total_pence=900_000, vat_pence=180_000, created_at=builder.moment(),
            awarded_at=builder.moment() if awarded else None,
            withdrawn_at=builder.moment() if withdrawn else None,
        )
    )  # fmt: skip
    for number, force in enumerate(forces[:3], start=1):
        await builder.add(
            demand.PoolShare(
                award_id=award.id, force_id=force.id, quantity=30, total_pence=300_000,
                vat_pence=60_000, agreed_at=builder.maybe(builder.moment()),
                created_at=builder.moment(),
            )
        )  # fmt: skip
        if awarded:
            await builder.add(
                demand.CallOff(
                    pool_id=pool.id, award_id=award.id, force_id=force.id, number=number,
                    quantity=1, ordered_on=IN_DATE, due_pence=9_000, once_pence=0, vat_pence=1_800,
                    late=False, paid_pence=builder.maybe(9_000), revision=1,
                    created_at=builder.moment(),
                )
            )  # fmt: skip


async def _quote(builder: Any, technology: Any, version: Any, number: int) -> Any:
    chance = builder.chance
    mode = chance.choice(list(TierMode))
    quote = await builder.add(
        Quote(
            technology_id=technology.id, listing_version_id=version.id, number=number,
            supplier_id=technology.supplier_id, standalone=number == 1, tier_mode=mode,
            unit=PriceUnit.OFFICER, interval=PriceInterval.YEAR, term_months=36, intervals=3,
            extension_months=12, price_basis=PriceBasis.FIXED_FOR_TERM, setup_pence=50_000,
            training_pence=12_345, exit_pence=0, data_return=builder.text(4), vat_rate=20,
            valid_until=chance.choice([IN_DATE, IN_DATE, OUT_OF_DATE]),
            most_favoured_customer=False, open_to_late_joiners=chance.random() < 0.5,
            superseded_at=None, withdrawn_at=builder.maybe(builder.moment()),
            accepted_at=builder.maybe(builder.moment()), demonstration=False, revision=1,
            created_at=builder.moment(),
        )
    )  # fmt: skip
    schedule = Schedule(mode, (Tier(1, 10_000), Tier(100, 9_000), Tier(500, 7_777)))
    for place, line in enumerate(schedule.lines(), start=1):
        await builder.add(
            QuoteTier(
                quote_id=quote.id, number=place, from_quantity=line.from_quantity,
                unit_price_pence=line.unit_price_pence, units_below=line.units_below,
                below_pence=line.below_pence, created_at=builder.moment(),
            )
        )  # fmt: skip
    return quote

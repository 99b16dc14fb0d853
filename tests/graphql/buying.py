"""Quotes of a generated market: of each listing that was submitted, in every state that hides
something or shows it."""

from datetime import date
from typing import Any

from innohub.market.catalogue.models import ListingVersion, Technology
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


async def _quote(builder: Any, technology: Any, version: Any, number: int) -> None:
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

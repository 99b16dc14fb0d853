"""Stages for the mutations of quotes."""

from datetime import timedelta
from typing import Any

from innohub.market.catalogue.models import Technology
from innohub.market.quotes.models import PriceBasis, PriceInterval, PriceUnit, Quote, QuoteTier
from innohub.market.quotes.pricing import TierMode
from tests.graphql.matrix.listings import Stage, a_technology
from tests.graphql.matrix.world import NOW, World, gid

TODAY = NOW.date()
LATER = TODAY + timedelta(days=200)
WIRED = {
    "unitPricePence": 100_00, "unit": "OFFICER", "interval": "YEAR", "termMonths": 36,
    "tierMode": "ALL_UNITS", "tiers": [{"fromQuantity": 100, "unitPricePence": 90_00}],
    "dataReturn": "As CSV files.", "validUntil": str(LATER),
}  # fmt: skip


async def a_quote(
    world: World, technology: Technology | None = None, *, standalone: bool = True, **columns: Any
) -> Quote:
    """The own supplier's, of two tiers: from 1 unit on, and from 100."""
    technology = technology or await a_technology(world)
    terms = {
        "tier_mode": TierMode.ALL_UNITS, "unit": PriceUnit.OFFICER, "interval": PriceInterval.YEAR,
        "term_months": 36, "intervals": 3, "extension_months": 0, "setup_pence": 0,
        "price_basis": PriceBasis.FIXED_FOR_TERM, "training_pence": 0, "exit_pence": 0,
        "data_return": "As CSV files.", "valid_until": LATER, "vat_rate": 20,
        "most_favoured_customer": False, "open_to_late_joiners": True,
    }  # fmt: skip
    quote = Quote(
        technology_id=technology.id, listing_version_id=technology.current_version_id, number=1,
        supplier_id=technology.supplier_id, standalone=standalone, demonstration=True,
        created_at=NOW, **(terms | columns),
    )  # fmt: skip
    await world.add(quote)
    for number, (begins, price) in enumerate([(1, 100_00), (100, 90_00)], start=1):
        await world.add(
            QuoteTier(
                quote_id=quote.id, number=number, from_quantity=begins, unit_price_pence=price,
                units_below=0, below_pence=0, created_at=NOW,
            )
        )  # fmt: skip
    return quote


async def to_submit(world: World) -> dict[str, Any]:
    return {"technologyId": gid("Technology", await a_technology(world)), **WIRED}


async def to_withdraw(world: World) -> dict[str, Any]:
    return {"quoteId": gid("Quote", await a_quote(world))}


STAGES: dict[str, Stage] = {"submitQuote": to_submit, "withdrawQuote": to_withdraw}

"""Suppliers quote for their listings, to any force that buys by itself."""

from functools import partial

from innohub.identity.models import Role
from innohub.market.quotes import service as quotes
from innohub.market.quotes.commands import SubmitQuote
from innohub.seed.quotes import StandingQuote
from innohub.seed.telling.stage import Stage
from innohub.seed.telling.timetable import NOON, Step


def quote_step(stage: Stage, row: StandingQuote) -> Step:
    """The supplier's administrator quotes."""
    name = stage.story.technology[row.technology].name
    return Step(row.day + NOON, f"{name} is quoted for", partial(_quote, stage, row))


async def _quote(stage: Stage, row: StandingQuote) -> None:
    given = row.model_dump(exclude={"day", "valid_until_day", "tiers", "technology"})
    tiers = [
        {"from_quantity": begins, "unit_price_pence": price} for begins, price in row.tiers.items()
    ]
    command = SubmitQuote.parse(
        given
        | {
            "technology_id": stage.technologies[row.technology],
            "valid_until": stage.clock.date_of(row.valid_until_day),
            "tiers": tiers,
        }
    )
    supplier = stage.story.technology[row.technology].supplier
    await stage.do(stage.holder(supplier, Role.SUPPLIER_ADMIN), quotes.submit, command)

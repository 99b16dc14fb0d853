"""A quote as its form asks for it: sums in pounds, tiers as rows of which some stay empty."""

from typing import Any

from innohub.market.catalogue.prices import PriceInterval, PriceUnit
from innohub.market.quotes.models import PriceBasis
from innohub.market.quotes.pricing import MONTHS, TierMode
from innohub.web.pages.listings.facts import pence
from innohub.web.wording import words

SUMS = ("unit_price_pence", "setup_pence", "training_pence", "exit_pence")
ROWS = range(4)
INTERVALS = [PriceInterval.ONE_OFF, *MONTHS]
MODES = {
    TierMode.ALL_UNITS: "Every unit costs what the tier says that is reached",
    TierMode.INCREMENTAL: "Each unit costs what the tier says that it lies in",
    TierMode.RETROSPECTIVE_REBATE: "Every unit is invoiced at the first price; the rest comes back",
}
CHOICES = {
    "rows": ROWS,
    "units": [(unit.value, words(unit)) for unit in PriceUnit],
    "intervals": [(one.value, words(one)) for one in INTERVALS],
    "bases": [(one.value, words(one)) for one in PriceBasis],
    "modes": [(mode.value, text) for mode, text in MODES.items()],
}


def as_stored(given: dict[str, Any]) -> dict[str, Any]:
    """The fields with sums in pence, and of the tiers those that are filled in."""
    stored = {
        name: _sum(value) if name in SUMS and isinstance(value, str) else value
        for name, value in given.items()
    }
    if isinstance(given.get("tiers"), list):
        stored["tiers"] = [_tier(row) for row in given["tiers"] if any(row.values())]
    return stored


def _tier(row: dict[str, str]) -> dict[str, Any]:
    filled = {name: value for name, value in row.items() if value}
    if "unit_price_pence" in filled:
        filled["unit_price_pence"] = _sum(filled["unit_price_pence"])
    return filled


def _sum(text: str) -> Any:
    """In pence; one below zero too, which the rule then refuses by its name."""
    below = text.strip().startswith(("-", "−"))
    found = pence(text.strip().removeprefix("-").removeprefix("−"))
    if not isinstance(found, int):
        return text
    return -found if below else found

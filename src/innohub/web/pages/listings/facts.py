"""The facts of a listing as its forms ask for them: prices in pounds, systems a line each."""

import re
from typing import Any

from innohub.market.catalogue.prices import PriceInterval, PriceUnit
from innohub.web.wording import words

POUNDS = re.compile(r"£?\s*(\d{1,3}(?:,\d{3})+|\d{1,11})(?:\.(\d{1,2}))?")
SUMS = ("price_from_pence", "price_to_pence")

UNITS = [(unit.value, words(unit)) for unit in PriceUnit]
INTERVALS = [(interval.value, words(interval)) for interval in PriceInterval]
LEVELS = [(str(level), f"TRL {level}") for level in range(1, 10)]
CHOICES = {"levels": LEVELS, "units": UNITS, "intervals": INTERVALS}


def as_stored(given: dict[str, Any]) -> dict[str, Any]:
    """The fields with sums in pence and a system of each line; what is no sum in pounds stays, for
    the command to refuse."""
    return {name: _stored(name, value) for name, value in given.items()}


def _stored(name: str, value: Any) -> Any:
    if name in SUMS and isinstance(value, str):
        return pence(value)
    if name == "integrations":
        return [line for text in value for line in text.splitlines() if line.strip()]
    return value


def pence(text: str) -> Any:
    found = POUNDS.fullmatch(text.strip())
    if found is None:
        return text
    return int(found[1].replace(",", "")) * 100 + int((found[2] or "").ljust(2, "0"))

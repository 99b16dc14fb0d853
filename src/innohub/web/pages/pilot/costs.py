"""What a pilot costs, as its form asks for it: in pounds."""

from typing import Any

from innohub.market.pilots.procurement import AMOUNTS
from innohub.web.pages.listings.facts import pence


def in_pence(given: dict[str, Any]) -> dict[str, Any]:
    """The fields with sums in pence; what is no sum in pounds stays, for the command to refuse."""
    return {
        name: pence(value) if name in AMOUNTS and isinstance(value, str) else value
        for name, value in given.items()
    }

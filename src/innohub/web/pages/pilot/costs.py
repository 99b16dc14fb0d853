"""What a pilot costs, as its form asks for it: in pounds."""

from collections.abc import Iterable, Mapping
from typing import Any

from innohub.market.pilots.procurement import AMOUNTS, THRESHOLD
from innohub.web.pages.listings.facts import pence


def in_pence(given: dict[str, Any]) -> dict[str, Any]:
    """The fields with sums in pence; what is no sum in pounds stays, for the command to refuse."""
    return {
        name: pence(value) if name in AMOUNTS and isinstance(value, str) else value
        for name, value in given.items()
    }


def threshold_in(values: Iterable[Mapping[str, Any]]) -> int:
    """Of the reference list `procurement_threshold`, the one for forces in pence."""
    return next((value["pence"] for value in values if value["value"] == THRESHOLD), 0)

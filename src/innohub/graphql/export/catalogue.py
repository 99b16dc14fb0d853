"""A listing in the form in which `upsertCatalogue` and `innohub import catalogue` take it."""

from collections.abc import Mapping
from typing import Any

FACTS = (
    "name", "summary", "category", "trl", "trlEvidence", "researchLines", "integrations", "hosting",
    "dataKinds", "aiRole",
)  # fmt: skip
PRICE = {
    "priceFromPence": "fromPence",
    "priceToPence": "toPence",
    "priceUnit": "unit",
    "priceInterval": "interval",
}


def item_of(listing: Mapping[str, Any]) -> dict[str, Any]:
    """The draft, where its supplier works on one, else what is live."""
    draft: Mapping[str, Any] = listing["draft"] or listing
    price = draft["price"] or {}
    capabilities = [one if isinstance(one, str) else one["value"] for one in draft["capabilities"]]
    item = {
        "supplierReference": listing["supplierReference"] or listing["slug"],
        **{name: draft[name] for name in FACTS},
        "capabilities": capabilities,
        **{name: _given(price.get(known)) for name, known in PRICE.items()},
        "sections": [{"section": one["section"], "body": one["body"]} for one in draft["sections"]],
    }
    return {name: value for name, value in item.items() if value not in (None, "", [])}


def _given(value: Any) -> Any:
    """Units and intervals stand as words in a draft, and are names in an input."""
    return value.upper() if isinstance(value, str) else value

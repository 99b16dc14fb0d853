"""The standard's own forms: parties, documents, sums and moments."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

Facts = Mapping[str, Any]
"""Of the API's answer."""
SCHEMES = (("companyNumber", "GB-COH"), ("procurementNumber", "GB-PPON"))
"""Numbers that an organisation may carry, and their schemes, as Find a Tender names them."""
PAGE, ENGLISH = "text/html", "en"


def without_nothing(content: Mapping[str, Any]) -> dict[str, Any]:
    """The standard leaves out what there is nothing to say of: no nulls, no empty lists."""
    return {key: value for key, value in content.items() if value not in (None, [], {}, "")}


def moment(value: str | None) -> str | None:
    """A moment of the API's, to the second; a day as its start, in UTC."""
    if value is None:
        return None
    if len(value) == len("2026-01-01"):
        return f"{date.fromisoformat(value).isoformat()}T00:00:00+00:00"
    return datetime.fromisoformat(value).isoformat(timespec="seconds")


def pounds(pence: int | None) -> dict[str, Any] | None:
    """A sum in pounds: exact, since pence are hundredths and JSON has decimal numbers."""
    if pence is None:
        return None
    whole, rest = divmod(pence, 100)
    return {"amount": float(f"{whole}.{rest:02}") if rest else whole, "currency": "GBP"}


def party_id(organisation: Facts) -> str:
    """By the number it carries in a register, else by its name in the hub's addresses."""
    for field, scheme in SCHEMES:
        if organisation[field]:
            return f"{scheme}-{organisation[field]}"
    return f"{organisation['__typename'].lower()}-{organisation['slug']}"


def reference(organisation: Facts) -> dict[str, Any]:
    """As other parts of a release name a party."""
    return {"id": party_id(organisation), "name": organisation["name"]}


class Parties:
    """Everybody who takes part, each once with all roles, in the order in which they come."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._found: dict[str, dict[str, Any]] = {}

    def add(self, organisation: Facts | None, role: str) -> None:
        """`role` is a code of the codelist partyRole."""
        if organisation is None:
            return
        party = self._found.setdefault(party_id(organisation), self._described(organisation))
        if role not in party["roles"]:
            party["roles"].append(role)

    @property
    def all(self) -> list[dict[str, Any]]:
        return list(self._found.values())

    def _described(self, organisation: Facts) -> dict[str, Any]:
        numbers = [
            {"scheme": scheme, "id": organisation[field], "legalName": organisation["name"]}
            for field, scheme in SCHEMES
            if organisation[field]
        ]
        kind = "forces" if organisation["__typename"] == "Force" else "suppliers"
        address = f"{self._base_url}/{kind}/{organisation['slug']}"
        return without_nothing(
            {
                **reference(organisation),
                "identifier": numbers[0] if numbers else None,
                "additionalIdentifiers": numbers[1:],
                "contactPoint": {"name": organisation["name"], "url": address},
                "roles": [],
            }
        ) | {"roles": []}


def document(
    id: str,
    kind: str,
    title: str,
    description: str | None,
    url: str,
    published: str | None,
) -> dict[str, Any]:
    """A page of the hub as a document; `kind` is a code of the codelist documentType."""
    return without_nothing(
        {
            "id": id,
            "documentType": kind,
            "title": title,
            "description": description,
            "url": url,
            "datePublished": moment(published),
            "format": PAGE,
            "language": ENGLISH,
        }
    )


def listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"

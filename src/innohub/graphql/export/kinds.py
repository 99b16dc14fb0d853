"""What an organisation owns, by its kind: which fields of the schema to read, and how deep."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from innohub.identity.models import OrganisationKind

Deeper = Mapping[str, "Deeper"]
"""What of a node is read whole beside its own plain fields."""

_FILES: Deeper = {"documents": {}}
_RESULT: Deeper = {"result": {"outcomeEffects": {}}}
_DRAFT: Deeper = {"draft": {"sections": {}, "price": {}}}
_PILOT: Deeper = {
    "citation": {}, "costs": {}, "protocol": {"sections": {}, "outcomes": {}}, **_RESULT,
    "appraisal": {}, "datasets": {}, "steps": {}, "sites": {"emmie": {}}, "furtherForces": {},
    "gates": {}, "overlaps": {}, "earlierOverlaps": {}, "ratings": {}, "tasks": {},
    "supplierNotes": {}, "messages": {}, "checkpoints": {}, "documents": {},
}  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """One file of the export: the rows of a root field."""

    name: str
    """Of the file."""
    root: str
    """The field of Query."""
    filter: str = ""
    """The field of its filter that takes the organisation's slug; without one, `owner` decides."""
    deeper: Deeper = field(default_factory=dict)
    owner: str = ""
    """The field that names the organisation whose row it is. Others' rows are left out."""
    page: int = 20


SUPPLIERS = (
    Kind(
        "listings", "listings", "supplier",
        {"price": {}, "capabilities": {}, "sections": {}, "versions": {}, **_DRAFT, **_FILES},
        "supplier",
    ),
    Kind("assurance", "assuranceItems", "supplier", {"responses": {}, **_FILES}),
    Kind("pilots", "pilots", "supplier", _PILOT, "supplier", page=5),
    Kind("quotes", "quotes", "supplier", {"tiers": {}}, "supplier"),
    Kind("challenge-responses", "challengeResponses", owner="supplier"),
    Kind("transactions", "supplierTransactions", owner="supplier"),
    Kind("integrations", "integrations", deeper={"mapping": {}}, owner="supplier"),
    Kind("imports", "catalogueImports", owner="supplier"),
    Kind("events", "events", page=100),
)  # fmt: skip
FORCES = (
    Kind("pilots", "pilots", "takingPart", _PILOT, page=5),
    Kind("earlier-pilots", "earlierPilots", "force", owner="force"),
    Kind(
        "challenges", "challenges", "force",
        {"furtherForces": {}, "questions": {}, "responses": {}, "mergers": {}}, "force",
    ),
    Kind("kpis", "localKpis", owner="force"),
    Kind("locked-searches", "lockedSearches", deeper={"results": {}}, owner="force"),
    Kind("savings", "savings", "force", owner="force"),
    Kind("savings-baselines", "savingsBaselines", owner="force"),
)  # fmt: skip
KINDS: dict[OrganisationKind, tuple[Kind, ...]] = {
    OrganisationKind.SUPPLIER: SUPPLIERS,
    OrganisationKind.FORCE: FORCES,
}

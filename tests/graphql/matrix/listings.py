"""Stages for the mutations of listings and their assurance."""

from collections.abc import Awaitable, Callable
from datetime import date
from itertools import count
from typing import Any

from innohub.market.assurance.models import AssuranceItem, AssuranceStatus
from innohub.market.catalogue.models import (
    ListingSection,
    ListingState,
    ListingVersion,
    Section,
    Technology,
    TechnologyCapability,
    VersionState,
)
from innohub.market.documents.models import (
    Document,
    DocumentContent,
    DocumentKind,
    DocumentState,
)
from tests.graphql.matrix.world import NOW, World, gid

Stage = Callable[[World], Awaitable[dict[str, Any]]]
"""Stores rows in which the mutation can be carried out, and gives its input."""

S = ListingState
REASON = "A reason that somebody else will read."
_numbers = count(1)
_REVIEWED = {
    S.IN_REVIEW: VersionState.IN_REVIEW,
    S.CHANGES_REQUESTED: VersionState.CHANGES_REQUESTED,
}


async def a_technology(world: World, state: ListingState = S.PUBLISHED) -> Technology:
    """The own supplier's listing, complete, with its version once it was submitted."""
    number = next(_numbers)
    technology = Technology(
        supplier_id=world.everybody.organisation("supplier").id, slug=f"listing-{number}",
        name=f"Listing {number}", summary="Finds what must be blacked out.",
        category="drone_uas", trl=7, state=state, price_from_pence=100, price_to_pence=200,
        price_unit="user", price_interval="year", demonstration=True, search_text="",
        best_grade=5, created_at=NOW,
    )  # fmt: skip
    await world.add(technology)
    parts: list[Any] = [
        ListingSection(
            technology_id=technology.id, section=name, body="Body", created_at=NOW, updated_at=NOW
        )
        for name in Section
    ]
    parts.append(TechnologyCapability(technology_id=technology.id, capability="response"))
    await world.add(*parts)
    if state is not S.DRAFT:
        await _submit(world, technology, _REVIEWED.get(state, VersionState.APPROVED))
    return technology


async def _submit(world: World, technology: Technology, state: VersionState) -> None:
    version = ListingVersion(
        technology_id=technology.id, number=1, state=state, content=CONTENT, content_hash="0" * 64,
        review_due_on=NOW, created_at=NOW,
    )  # fmt: skip
    await world.add(version)
    if state is VersionState.APPROVED:
        technology.current_version_id = version.id
        await world.change(technology, current_version_id=version.id, published_at=NOW)


def on(state: ListingState, **fields: Any) -> Stage:
    """The mutation's input names a listing in this state."""

    async def stage(world: World) -> dict[str, Any]:
        return {"technologyId": gid("Technology", await a_technology(world, state)), **fields}

    return stage


def on_item(status: AssuranceStatus = AssuranceStatus.DECLARED, **fields: Any) -> Stage:
    """The mutation's input names an assurance item in this state."""

    async def stage(world: World) -> dict[str, Any]:
        item = AssuranceItem(
            technology_id=(await a_technology(world)).id, type="dpia", issuer="Issuer",
            reference="R1", issued_on=date(2026, 1, 1), status=status,
            created_at=NOW,
        )  # fmt: skip
        await world.add(item)
        return {"itemId": gid("AssuranceItem", item), **fields}

    return stage


ANSWER = {"response": "ACCEPTED_AS_IS", "reason": REASON}


async def to_answer(world: World) -> dict[str, Any]:
    force = world.everybody.organisation("force")
    return await on_item(AssuranceStatus.VERIFIED, forceId=gid("Force", force), **ANSWER)(world)


async def on_document(world: World) -> dict[str, Any]:
    """The mutation's input names a document of a published listing."""
    technology = await a_technology(world)
    document = Document(
        technology_id=technology.id, organisation_id=technology.supplier_id,
        kind=DocumentKind.DOCUMENT, state=DocumentState.CLEAN, title="Guide", file_name="guide.pdf",
        media_type="application/pdf", size=4, sha256="e" * 64, created_at=NOW,
    )  # fmt: skip
    await world.add(document)
    await world.add(DocumentContent(document_id=document.id, body=b"%PDF"))
    return {"documentId": gid("Document", document), "reason": REASON}


async def on_evidence(world: World) -> dict[str, Any]:
    """The mutation's input names the document of an assurance item that waits for an officer."""
    technology = await a_technology(world)
    item = AssuranceItem(
        technology_id=technology.id, type="dpia", issuer="Issuer", reference="R1",
        issued_on=date(2026, 1, 1), status=AssuranceStatus.EVIDENCE_UPLOADED, created_at=NOW,
    )  # fmt: skip
    await world.add(item)
    document = Document(
        assurance_item_id=item.id, organisation_id=technology.supplier_id,
        kind=DocumentKind.DOCUMENT, state=DocumentState.CLEAN, title="R1", file_name="r1.pdf",
        media_type="application/pdf", size=4, sha256="e" * 64, created_at=NOW,
    )  # fmt: skip
    await world.add(document)
    return {"documentId": gid("Document", document)}


def proposed(**fields: Any) -> Stage:
    """The mutation's input names a published listing whose next version waits for review."""

    async def stage(world: World) -> dict[str, Any]:
        technology = await a_technology(world)
        await world.add(
            ListingVersion(
                technology_id=technology.id, number=2, state=VersionState.IN_REVIEW,
                content=CONTENT, content_hash="1" * 64, review_due_on=NOW, created_at=NOW,
            )
        )  # fmt: skip
        return {"technologyId": gid("Technology", technology), **fields}

    return stage


CONTENT = {
    "name": "Listing", "summary": "Finds what must be blacked out.", "category": "drone_uas",
    "trl": 7, "capabilities": ["response"], "sections": {}, "assurance": [],
}  # fmt: skip
DRAFT = {"name": "Night sight", "summary": "Sees.", "category": "drone_uas", "trl": 7}


async def to_draft(world: World) -> dict[str, Any]:
    return DRAFT | {"supplierId": gid("Supplier", world.everybody.organisation("supplier"))}


async def to_draft_for_oneself(world: World) -> dict[str, Any]:
    return DRAFT


async def to_declare_interest(world: World) -> dict[str, Any]:
    # Not the one whose listings the other trials review.
    supplier = world.everybody.organisation("supplier", "other")
    return {"supplierId": gid("Supplier", supplier), "reason": REASON}


async def to_upsert_for_oneself(world: World) -> dict[str, Any]:
    return {"items": [DRAFT | {"supplierReference": "NS-1"}]}


async def to_upsert(world: World) -> dict[str, Any]:
    supplier = gid("Supplier", world.everybody.organisation("supplier"))
    return await to_upsert_for_oneself(world) | {"supplierId": supplier}


async def to_upsert_and_submit(world: World) -> dict[str, Any]:
    return await to_upsert(world) | {"submit": True}


STAGES: dict[str, Stage] = {
    "upsertCatalogue": to_upsert,
    "upsertCatalogue without a supplier": to_upsert_for_oneself,
    "upsertCatalogue and submit": to_upsert_and_submit,
    "draftTechnology": to_draft,
    "draftTechnology without a supplier": to_draft_for_oneself,
    "editTechnology": on(S.DRAFT, summary="Sees at night."),
    "writeSection": on(S.DRAFT, section="SUPPORT", body="By telephone."),
    "submitTechnology": on(S.DRAFT),
    "submitTechnology of a published listing": on(S.PUBLISHED),
    "approveTechnology of a published listing": proposed(),
    "requestChanges of a published listing": proposed(reason=REASON),
    "approveTechnology": on(S.IN_REVIEW),
    "requestChanges": on(S.IN_REVIEW, reason=REASON),
    "suspendTechnology": on(S.PUBLISHED, reason=REASON),
    "reinstateTechnology": on(S.SUSPENDED, reason=REASON, evidence="Certificate 7"),
    "declareSupplierInterest": to_declare_interest,
    "withdrawTechnology": on(S.PUBLISHED, reason=REASON),
    "pointToDocument": on(S.PUBLISHED, title="Penetration test", holder="The supplier"),
    "removeDocument": on_document,
    "declareAssurance": on(
        S.PUBLISHED, type="sbom", issuer="Issuer", reference="R1", issuedOn="2026-01-01"
    ),
    "addAssuranceEvidence": on_item(evidence="https://issuer.example/certificates/1"),
    "removeAssuranceEvidence": on_evidence,
    "verifyAssurance": on_item(method="ISSUER_ASKED", reason=REASON),
    "rejectAssurance": on_item(reason=REASON),
    "respondToAssurance": to_answer,
    "respondToAssurance without a force": on_item(AssuranceStatus.VERIFIED, **ANSWER),
}

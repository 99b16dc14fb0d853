"""A few rows to look at: listings in any state, pilots, results and ratings of them."""

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select

from innohub.db.unit_of_work import Database
from innohub.identity.models import Organisation
from innohub.market.assurance.models import (
    AssuranceAddition,
    AssuranceItem,
    AssuranceResponse,
    AssuranceStatus,
    PassportResponse,
)
from innohub.market.catalogue.models import (
    ListingSection,
    ListingState,
    ListingVersion,
    Section,
    Technology,
    TechnologyCapability,
    VersionState,
)
from innohub.market.documents.files import examine
from innohub.market.documents.models import Document, DocumentContent, DocumentState
from innohub.market.evidence.models import DataSource, Result, TrialDataset, Verdict
from innohub.market.imports.models import (
    CatalogueImport,
    ImportItem,
    ImportState,
    ItemOutcome,
)
from innohub.market.pilots.models import Direction, Pilot, PilotState, Protocol
from innohub.market.ratings.models import Rating
from tests.factories import a_supplier
from tests.market.documents import samples

HOSTILE = "<script>alert('x')</script>\"><b>"
"""What an attacker would call anything that pages show."""

_numbers = count(1)


async def a_listing(
    database: Database,
    name: str = "Veilwright",
    *,
    supplier: Organisation | None = None,
    state: ListingState = ListingState.PUBLISHED,
    written: bool = True,
    **facts: Any,
) -> Technology:
    """A listing, with its sections, capability, price, version and one verified assurance item."""
    supplier = supplier or await a_supplier(database)
    now = database.clock()
    given: dict[str, Any] = {
        "slug": f"{name.lower().replace(' ', '-')}-{next(_numbers)}"[:60],
        "summary": f"{name} finds what must not be seen.",
        "category": "ai_model",
        "trl": 8,
        "price_from_pence": 125_000,
        "price_to_pence": 300_000,
        "price_unit": "user",
        "price_interval": "year",
        "published_at": now if state is ListingState.PUBLISHED else None,
    } | facts
    async with database.session() as session, session.begin():
        technology = Technology(
            supplier_id=supplier.id, name=name, state=state, created_at=now, **given
        )
        session.add(technology)
        await session.flush()
        if written:
            session.add_all(_parts(technology, now))
        if state is not ListingState.DRAFT:
            session.add(version := _version(technology, now))
            await session.flush()
            if version.state is VersionState.APPROVED:
                technology.current_version_id = version.id
    return technology


async def some_documents(database: Database, technology: Technology) -> None:
    """A picture, a guide, a pointer, and one that the scan found harm in."""
    here: dict[str, Any] = {
        "technology_id": technology.id, "organisation_id": technology.supplier_id,
        "created_at": database.clock(),
    }  # fmt: skip
    picture = examine(samples.picture("WEBP", (1_200, 900)), "mast.webp")
    guide = examine(samples.PDF, "guide.pdf")
    async with database.session() as session, session.begin():
        for file, title, words in ((picture, "On a mast", "A mast"), (guide, "Guide", None)):
            document = Document(
                kind=file.kind, state=DocumentState.CLEAN, title=title, alternative_text=words,
                file_name=file.name, media_type=file.media_type, size=len(file.content),
                sha256=file.sha256, width=file.width, height=file.height, **here,
            )  # fmt: skip
            session.add(document)
            await session.flush()
            session.add(DocumentContent(document_id=document.id, body=file.content))
        session.add(
            Document(
                kind="pointer", state=DocumentState.HELD_ELSEWHERE, title="Penetration test",
                holder="The supplier’s security office", **here,
            )
        )  # fmt: skip
        session.add(
            Document(
                kind="document", state=DocumentState.INFECTED, title="Brochure", file_name="b.pdf",
                media_type="application/pdf", size=9_000, sha256="0" * 64,
                finding="Eicar-Test-Signature", **here,
            )
        )  # fmt: skip


async def a_declared_item(database: Database, technology: Technology) -> int:
    """With a document as its evidence; the number of the item."""
    file = examine(samples.PDF, "statement.pdf")
    now = database.clock()
    async with database.session() as session, session.begin():
        item = AssuranceItem(
            technology_id=technology.id, type="sbom", issuer="An issuer", reference="SBOM-3",
            issued_on=date(2026, 10, 5), status=AssuranceStatus.EVIDENCE_UPLOADED, created_at=now,
        )  # fmt: skip
        session.add(item)
        await session.flush()
        document = Document(
            assurance_item_id=item.id, organisation_id=technology.supplier_id, kind=file.kind,
            state=DocumentState.NOT_SCANNED, title="SBOM-3", file_name=file.name,
            media_type=file.media_type, size=len(file.content), sha256=file.sha256, created_at=now,
        )  # fmt: skip
        session.add(document)
        await session.flush()
        session.add(DocumentContent(document_id=document.id, body=file.content))
    return item.id


async def an_import(database: Database, technology: Technology) -> CatalogueImport:
    """Half done: an item of each outcome, the refused one with two problems."""
    now = database.clock()
    problems = [
        {"message": "Input should be less than or equal to 9", "field": "trl"},
        {"message": "Not in the list “category”: nonsense.", "field": "category"},
    ]
    async with database.session() as session, session.begin():
        job = CatalogueImport(
            supplier_id=technology.supplier_id, by_name="Product system", submit=True,
            dry_run=False, state=ImportState.RUNNING, total=5, due_at=now, created_at=now,
        )  # fmt: skip
        session.add(job)
        await session.flush()
        for position, outcome in enumerate(ItemOutcome, start=1):
            refused = outcome is ItemOutcome.REFUSED
            settled = outcome not in (ItemOutcome.WAITING, ItemOutcome.REFUSED)
            session.add(
                ImportItem(
                    import_id=job.id, supplier_id=job.supplier_id, position=position,
                    reference=f"PV-{position:04}", content={}, outcome=outcome,
                    submitted=outcome is ItemOutcome.CREATED, problems=problems if refused else [],
                    technology_id=technology.id if settled else None, created_at=now,
                )
            )  # fmt: skip
    return job


def _parts(technology: Technology, now: datetime) -> list[Any]:
    id = technology.id
    return [
        *(
            ListingSection(
                technology_id=id,
                section=section,
                body=f"{technology.name}: {section}.\n\nA second paragraph.",
                updated_at=now,
                created_at=now,
            )
            for section in Section
        ),
        TechnologyCapability(technology_id=id, capability="investigation"),
        AssuranceItem(
            technology_id=id,
            type="dpia",
            issuer="An issuer",
            reference="DPIA-1",
            issued_on=date(2026, 1, 5),
            expires_on=date(2027, 1, 5),
            status=AssuranceStatus.VERIFIED,
            created_at=now,
        ),
    ]


def _version(technology: Technology, now: datetime) -> ListingVersion:
    states = {
        ListingState.IN_REVIEW: VersionState.IN_REVIEW,
        ListingState.CHANGES_REQUESTED: VersionState.CHANGES_REQUESTED,
    }
    state = states.get(technology.state, VersionState.APPROVED)
    return ListingVersion(
        technology_id=technology.id,
        number=1,
        state=state,
        content={},
        content_hash="0" * 64,
        review_due_on=now + timedelta(days=7),
        reviewed_at=None if state is VersionState.IN_REVIEW else now,
        live_at=now if state is VersionState.APPROVED else None,
        review_reason="Say where the footage is stored."
        if state is VersionState.CHANGES_REQUESTED
        else None,
        created_at=now,
    )


async def an_answer(database: Database, technology: Technology, force: Organisation) -> int:
    """What the force adds to the listing's assurance item; the number of the item."""
    now = database.clock()
    async with database.session() as session, session.begin():
        of = AssuranceItem.technology_id == technology.id
        item = (await session.scalars(select(AssuranceItem).where(of))).one()
        answer = AssuranceResponse(
            item_id=item.id,
            technology_id=technology.id,
            force_id=force.id,
            response=PassportResponse.ACCEPTED_WITH_LOCAL_ADDENDUM,
            reason="The assessment stands, with what is our own.",
            latest=True,
            created_at=now,
        )
        session.add(answer)
        await session.flush()
        session.add(
            AssuranceAddition(
                response_id=answer.id,
                part="retention",
                technology_id=technology.id,
                body="31 days, then it is reviewed.",
            )
        )
    return item.id


async def a_pilot(
    database: Database,
    technology: Technology,
    force: Organisation | None,
    state: PilotState = PilotState.RUNNING,
    **facts: Any,
) -> Pilot:
    """A pilot with a locked protocol; without a force, a trial from the literature."""
    now = database.clock()
    given: dict[str, Any] = {
        "title": "Redaction at headquarters",
        "question": "How many minutes does it save?",
        "site": "Headquarters",
        "kpi": "redaction_minutes_per_file",
        "start_on": date(2026, 3, 1),
        "end_on": date(2026, 9, 30),
        "published_at": now if state is PilotState.PUBLISHED else None,
        "citation": None if force else "An author (2015). A trial. A journal 31(3), 509-535.",
        "citation_url": None if force else "https://doi.org/10.0000/x",
    } | facts
    async with database.session() as session, session.begin():
        pilot = Pilot(
            technology_id=technology.id,
            supplier_id=technology.supplier_id,
            listing_version_id=await session.scalar(
                select(ListingVersion.id).where(ListingVersion.technology_id == technology.id)
            ),
            force_id=force and force.id,
            state=state,
            created_at=now,
            **given,
        )
        session.add(pilot)
        await session.flush()
        session.add(_protocol(pilot, now))
    return pilot


def _protocol(pilot: Pilot, now: datetime) -> Protocol:
    return Protocol(
        pilot_id=pilot.id,
        kpi=pilot.kpi,
        kpi_type="mean",
        direction=Direction.LOWER_IS_BETTER,
        unit="minutes",
        baseline_value=58.0,
        baseline_source="A timed sample",
        minimum_important_effect=10.0,
        design="individual_rct",
        sample_size=240,
        analysis_plan="Difference of means.",
        stop_rules="None.",
        result_due_on=date(2026, 10, 30),
        locked_at=now,
        hash="ab" * 32,
        created_at=now,
    )


async def a_result(
    database: Database, pilot: Pilot, verdict: Verdict = Verdict.WORKED, **facts: Any
) -> Result:
    """The pilot's result: published with the pilot, hidden before."""
    now = database.clock()
    given: dict[str, Any] = {
        "scale": "mean_difference",
        "effect": -24.4,
        "lower": -30.6,
        "upper": -18.2,
        "p_value": 0.0001,
        "grade": 5,
        "secondary": {},
        "notes": ["A note."],
        "finding": "Minutes to redact a file: 34.2 with the technology and 58.6 without it.",
        "published_at": now if pilot.state == PilotState.PUBLISHED else None,
    } | facts
    async with database.session() as session, session.begin():
        dataset = TrialDataset(
            pilot_id=pilot.id,
            version=1,
            source=DataSource.CSV,
            cells=[],
            cells_hash="0" * 64,
            created_at=now,
        )
        session.add(dataset)
        await session.flush()
        result = Result(
            pilot_id=pilot.id,
            technology_id=pilot.technology_id,
            supplier_id=pilot.supplier_id,
            force_id=pilot.force_id,
            dataset_id=dataset.id,
            revision=1,
            kpi=pilot.kpi,
            sample_size=238,
            method="welch_t",
            verdict=verdict,
            harm_signal=False,
            inputs_hash="0" * 64,
            libraries={},
            confirmed_at=now,
            created_at=now,
            **given,
        )
        session.add(result)
    return result


async def a_rating(database: Database, pilot: Pilot, comment: str = "We kept it.") -> Rating:
    """Four out of five in everything, counted into the technology's mean."""
    async with database.session() as session, session.begin():
        rating = Rating(
            technology_id=pilot.technology_id,
            listing_version_id=pilot.listing_version_id,
            pilot_id=pilot.id,
            force_id=pilot.force_id,
            affordability=4,
            capability=5,
            deployability=4,
            maintainability=3,
            usability=4,
            overall=4.0,
            comment=comment,
            created_at=database.clock(),
        )
        session.add(rating)
        technology = await session.get_one(Technology, pilot.technology_id)
        technology.rating_count = 1
        technology.rating_mean = 3.25
    return rating

"""A small market with something of everything in it, made from a seed without any service.

Rows of every state and owner stand side by side, so that what a policy hides is there to be leaked.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.unit_of_work import Database
from innohub.hub import models as hub
from innohub.hub.inbound.models import SupplierNote
from innohub.hub.mapping import ConnectionMapping
from innohub.hub.reconcile import models as reconcile
from innohub.identity.models import (
    CalendarFeed,
    ClientProof,
    Membership,
    OAuthClient,
    Organisation,
    OrganisationKind,
    Person,
    ReviewerType,
    Role,
    SignInSession,
)
from innohub.identity.oauth.models import OAuthGrant
from innohub.identity.organisations.models import FormerEntry
from innohub.identity.second_factor.models import Passkey
from innohub.market.assurance import models as assurance
from innohub.market.assurance.models import Classification
from innohub.market.board import models as board
from innohub.market.board.gating import models as gating
from innohub.market.board.moderation import models as moderation
from innohub.market.board.reviews import models as reviews
from innohub.market.board.seats import models as seats
from innohub.market.catalogue import models as catalogue
from innohub.market.challenges import models as challenges
from innohub.market.decisions.models import DecisionDelegation
from innohub.market.decisions.waiting import Decision
from innohub.market.documents import models as documents
from innohub.market.evidence import models as evidence
from innohub.market.evidence.appraisal import models as appraisal
from innohub.market.evidence.emmie import models as emmie
from innohub.market.evidence.observing import models as observing
from innohub.market.finding import kept, locked
from innohub.market.forces.models import ForceContext, ForceSize, Vetting
from innohub.market.imports import models as imported
from innohub.market.pilots import models as pilots
from innohub.market.pilots.earlier import models as earlier
from innohub.market.pilots.headings import WITH_TEXT, DeliveryFramework, UnitOfAnalysis
from innohub.market.pilots.local_kpis import models as local_kpis
from innohub.market.pilots.outcomes import models as outcomes
from innohub.market.pilots.together import models as working
from innohub.market.ratings import models as ratings
from innohub.notices.models import Channel, Notice, NoticeKind, NoticePreference
from innohub.outbox.models import Event
from tests.graphql import buying, ledger

SUBJECTS: list[tuple[str, Any]] = [
    ("pilot", pilots.Pilot),
    ("technology", catalogue.Technology),
    ("connection", hub.Connection),
]
CATEGORIES = ["drone_uas", "body_worn_video", "ai_model", "sensor"]
KPIS = ["recorded_crime", "use_of_force", "officer_assaults"]
WORDS = "camera drone redaction evidence triage search response officer custody alert".split()  # noqa: SIM905


@dataclass(repr=False)
class Market:
    """What was stored, by kind, for oracles that look at plain rows."""

    now: datetime
    rows: dict[type[Any], list[Any]] = field(default_factory=dict)

    def of(self, kind: type[Any]) -> list[Any]:
        return self.rows.get(kind, [])


BEFORE_OPENING = {board.RoundState.PLANNED, board.RoundState.CANCELLED}


class Builder:
    def __init__(self, session: AsyncSession, seed: int, now: datetime) -> None:
        self.session = session
        self.chance = Random(seed)
        self.market = Market(now)

    async def add(self, row: Any) -> Any:
        self.session.add(row)
        await self.session.flush()
        self.market.rows.setdefault(type(row), []).append(row)
        return row

    def text(self, length: int) -> str:
        return " ".join(self.chance.choices(WORDS, k=length))

    def moment(self) -> datetime:
        return self.market.now - timedelta(hours=self.chance.randrange(5_000))

    def maybe(self, value: Any) -> Any:
        return value if self.chance.random() < 0.6 else None

    async def tenants(self) -> None:
        for number, kind in enumerate(
            [OrganisationKind.SUPPLIER] * 4
            + [OrganisationKind.COMPANY, OrganisationKind.BOARD, OrganisationKind.INDEPENDENT]
        ):
            name = f"{kind.value.title()} {number}"
            await self.add(
                Organisation(
                    kind=kind, slug=f"{kind.value}-{number}", name=name,
                    summary=self.maybe("Summary"), demonstration=True, created_at=self.moment(),
                )
            )  # fmt: skip
        forces = select(Organisation).where(Organisation.slug.in_(["kent", "essex", "durham"]))
        self.market.rows[Organisation] += list(await self.session.scalars(forces))
        for force in self.market.of(Organisation)[-3:]:
            await self.sheet(force)

    async def sheet(self, force: Organisation) -> None:
        # Of its own, so that what is drawn after it stays as it was.
        mine = Random(force.slug)
        await self.add(
            ForceContext(
                force_id=force.id, peer_group=mine.choice(["rural", None]),
                size=mine.choice(list(ForceSize)),
                rms_platform=mine.choice(["Ledger", "ledger", "Daybook", None]),
                command_and_control=mine.choice(["Desk", None]), networks=["psn", "internet"],
                digital_evidence_system=mine.choice(["Shelf", None]),
                device_fleet=mine.choice(["Phones", None]),
                hosting_policy=mine.choice([[], ["force_cloud"]]),
                max_classification=mine.choice([Classification.OFFICIAL, None]),
                vetting_required=mine.choice([Vetting.NPPV3, None]),
                union_consultation_days=mine.choice([28, None]),
                ethics_committee=mine.choice([True, None]),
                updated_at=self.market.now, revision=1, created_at=self.market.now,
            )
        )  # fmt: skip

    def organisation(self, kind: OrganisationKind) -> Organisation:
        return self.chance.choice([o for o in self.market.of(Organisation) if o.kind == kind])

    async def people(self) -> None:
        kinds = {
            "supplier": OrganisationKind.SUPPLIER, "force": OrganisationKind.FORCE,
            "board": OrganisationKind.BOARD, "technical": OrganisationKind.BOARD,
        }  # fmt: skip
        independent = {Role.EVALUATION_ADVISER, Role.ETHICS_ADVISER, Role.AUDITOR_READONLY}
        for role in Role:
            kind = kinds.get(role.value.split("_")[0], OrganisationKind.COMPANY)
            kind = OrganisationKind.INDEPENDENT if role in independent else kind
            kind = OrganisationKind.SUPPLIER if role is Role.INTEGRATION_CLIENT else kind
            person = await self.add(
                Person(
                    name=role.value.replace("_", " ").title(), email=f"{role.value}@people.example",
                    password_hash=None, active=True, created_at=self.moment(),
                )
            )  # fmt: skip
            await self.add(
                Membership(
                    person_id=person.id, organisation_id=self.organisation(kind).id, role=role,
                    created_at=self.moment(),
                )
            )  # fmt: skip

    async def interests(self) -> None:
        """Every other person has one in the first supplier, which no service would store."""
        supplier = next(
            o for o in self.market.of(Organisation) if o.kind == OrganisationKind.SUPPLIER
        )
        for person in self.market.of(Person)[::2]:
            await self.add(
                catalogue.SupplierInterest(
                    person_id=person.id, supplier_id=supplier.id, detail="I hold shares.",
                    created_at=self.market.now,
                )
            )  # fmt: skip

    async def technologies(self, count: int) -> None:
        for number in range(count):
            state = self.chance.choice([*catalogue.ListingState, *["published"] * 12])
            priced = self.maybe(self.chance.randrange(1, 90_000))
            technology = await self.add(
                catalogue.Technology(
                    supplier_id=self.organisation(OrganisationKind.SUPPLIER).id,
                    slug=f"technology-{number}", supplier_reference=f"R{number}",
                    name=self.text(2), summary=self.text(6),
                    category=self.chance.choice(CATEGORIES), trl=self.chance.randint(4, 9),
                    state=catalogue.ListingState(state), price_from_pence=priced,
                    price_to_pence=priced and priced + 100, price_unit=priced and "user",
                    price_interval=priced and "year", demonstration=False,
                    published_at=self.moment() if state == "published" else None,
                    revision=1, created_at=self.moment(), best_grade=self.maybe(number % 6),
                    search_text=self.text(20),
                    rating_mean=self.chance.choice([2.5, 3.0, 3.75, 4.5]),
                    rating_count=self.chance.randrange(4),
                )
            )  # fmt: skip
            await self._parts(technology)

    async def _parts(self, technology: catalogue.Technology) -> None:
        for section in catalogue.Section:
            if self.chance.random() < 0.5:
                await self.add(
                    catalogue.ListingSection(
                        technology_id=technology.id, section=section, body=self.text(12),
                        updated_at=self.moment(), created_at=self.moment(),
                    )
                )  # fmt: skip
        for capability in self.chance.sample(["response", "custody", "roads"], 2):
            await self.add(
                catalogue.TechnologyCapability(technology_id=technology.id, capability=capability)
            )
        for number in range(1, self.chance.randint(2, 4)):
            version = await self.add(
                catalogue.ListingVersion(
                    technology_id=technology.id, number=number,
                    state=self.chance.choice(list(catalogue.VersionState)), content={},
                    content_hash="0" * 64, review_due_on=self.moment(), created_at=self.moment(),
                    changed=["price"], material=number % 2 == 0,
                )
            )  # fmt: skip
            if version.state is catalogue.VersionState.APPROVED:
                version.live_at = self.market.now
            technology.current_version_id = version.id
        if technology.id % 3:
            await self._draft(technology)
        await self.add(self._assurance(technology, "R1"))
        if self.chance.random() < 0.5:
            await self.add(self._assurance(technology, "R2"))

    def _assurance(self, technology: catalogue.Technology, reference: str) -> Any:
        sensitive = self.chance.random() < 0.3
        kinds = assurance.Classification
        judged = self.maybe(self.moment())
        older = self.market.of(assurance.AssuranceItem)[-1:] if reference == "R2" else []
        return assurance.AssuranceItem(
            technology_id=technology.id, type="dpia", issuer="Issuer", reference=reference,
            issued_on=date(2026, 1, 1), expires_on=self.maybe(date(2027, 1, 1)),
            status=self.chance.choice(list(assurance.AssuranceStatus)),
            classification=kinds.OFFICIAL_SENSITIVE if sensitive else kinds.OFFICIAL,
            holder="The supplier's safe" if sensitive else None,
            evidence=None if sensitive else self.maybe("https://issuer.example/1"),
            renews_id=older[0].id if older else None, verified_at=judged,
            verified_by_id=judged and self.chance.choice(self.market.of(Person)).id,
            verification_method=judged and assurance.VerificationMethod.ISSUER_ASKED,
            judgement=judged and self.text(4), created_at=self.moment(),
        )  # fmt: skip

    async def answers(self) -> None:
        """What two forces make of most items, some of them for the second time."""
        forces = [o for o in self.market.of(Organisation) if o.kind == OrganisationKind.FORCE]
        for item in self.market.of(assurance.AssuranceItem):
            for force in self.chance.sample(forces, 2):
                for latest in self.chance.choice([(), (True,), (False, True), (False, False)]):
                    await self._answer(item, force, latest=latest)

    async def _answer(
        self, item: assurance.AssuranceItem, force: Organisation, *, latest: bool
    ) -> None:
        answer = await self.add(
            assurance.AssuranceResponse(
                item_id=item.id, technology_id=item.technology_id, force_id=force.id,
                response=self.chance.choice(list(assurance.PassportResponse)),
                reason=self.text(5), latest=latest, created_at=self.moment(),
            )
        )  # fmt: skip
        for part in self.chance.sample(["lawful_basis", "retention"], self.chance.randrange(3)):
            await self.add(
                assurance.AssuranceAddition(
                    response_id=answer.id, part=part, technology_id=item.technology_id,
                    body=self.text(6),
                )
            )  # fmt: skip

    async def files(self) -> None:
        """One for every listing and state, so that each is there to be hidden."""
        for technology in self.market.of(catalogue.Technology):
            for state in documents.DocumentState:
                where = {"technology_id": technology.id, "organisation_id": technology.supplier_id}
                await self.add(self._document(state, where))

    async def papers(self) -> None:
        """Documents of pilots, by either side and by an adviser, and of assurance items."""
        adviser = self.organisation(OrganisationKind.INDEPENDENT)
        states = list(documents.DocumentState)
        for place, pilot in enumerate(self.market.of(pilots.Pilot)):
            sides = [pilot.force_id, pilot.supplier_id, adviser.id]
            for further, side in enumerate(id for id in sides if id is not None):
                where = {"pilot_id": pilot.id, "organisation_id": side, "by_name": "Somebody"}
                state = states[(place + further) % len(states)]
                await self.add(self._document(state, where))
        for place, item in enumerate(self.market.of(assurance.AssuranceItem)):
            technology = next(
                t for t in self.market.of(catalogue.Technology) if t.id == item.technology_id
            )
            where = {"assurance_item_id": item.id, "organisation_id": technology.supplier_id}
            for state in (states[place % len(states)], documents.DocumentState.CLEAN):
                await self.add(self._document(state, where))

    async def imports(self) -> None:
        suppliers = [o for o in self.market.of(Organisation) if o.kind == OrganisationKind.SUPPLIER]
        for supplier in suppliers:
            job = await self.add(
                imported.CatalogueImport(
                    supplier_id=supplier.id, by_name="System", submit=True, dry_run=False,
                    state=imported.ImportState.DONE, total=5, created_at=self.moment(),
                )
            )  # fmt: skip
            for position, outcome in enumerate(imported.ItemOutcome, start=1):
                technology = self.chance.choice(self.market.of(catalogue.Technology))
                await self.add(
                    imported.ImportItem(
                        import_id=job.id, supplier_id=supplier.id, position=position,
                        reference=f"R{position}", content={}, outcome=outcome, submitted=False,
                        problems=[], technology_id=technology.id, created_at=self.moment(),
                    )
                )  # fmt: skip

    def _document(
        self, state: documents.DocumentState, where: dict[str, Any]
    ) -> documents.Document:
        """`where`: what it is of, and whose it is."""
        here: dict[str, Any] = {
            "state": state, "title": self.text(3), "created_at": self.moment(), **where,
        }  # fmt: skip
        if state is documents.DocumentState.HELD_ELSEWHERE:
            return documents.Document(kind="pointer", holder="A force", **here)
        image = self.chance.random() < 0.5
        return documents.Document(
            kind="image" if image else "document", alternative_text="A mast" if image else None,
            file_name="a.png" if image else "a.pdf", size=7, sha256="d" * 64,
            media_type="image/png" if image else "application/pdf",
            width=self.maybe(640), height=480,
            finding="Eicar" if state is documents.DocumentState.INFECTED else None, **here,
        )  # fmt: skip

    async def _draft(self, technology: catalogue.Technology) -> None:
        now = self.market.now
        draft = await self.add(
            catalogue.ListingDraft(
                technology_id=technology.id, supplier_id=technology.supplier_id,
                name="A new name", summary="What comes next.", category=technology.category,
                trl=technology.trl, price_from_pence=None, capabilities=["custody"],
                missing=["price"], worth_adding=[], required=8, touched_at=now,
                created_at=now,
            )
        )  # fmt: skip
        for section in list(catalogue.Section)[:: 1 + technology.id % 3]:
            await self.add(
                catalogue.DraftSection(
                    draft_id=draft.id, section=section, body="About it.", by_name="Somebody",
                    updated_at=now, created_at=now,
                )
            )  # fmt: skip

    async def local_kpis(self) -> None:
        """In every state, of several forces."""
        for number in range(6):
            state = list(local_kpis.LocalKpiState)[number % 3]
            open_ = state is local_kpis.LocalKpiState.PROPOSED
            await self.add(
                local_kpis.LocalKpi(
                    force_id=self.organisation(OrganisationKind.FORCE).id, name=self.text(3),
                    definition=self.text(8), type=self.chance.choice(list(local_kpis.CountedAs)),
                    direction=self.chance.choice(list(outcomes.Aim)), unit="minutes", state=state,
                    kpi=f"kpi_{number}" if state is local_kpis.LocalKpiState.APPROVED else None,
                    decided_at=None if open_ else self.moment(),
                    decision_reason=None if open_ else "As decided.", created_at=self.moment(),
                )
            )  # fmt: skip

    async def earlier_pilots(self) -> None:
        """Of several forces, some of listed technologies."""
        for number in range(6):
            technology = self.maybe(self.chance.choice(self.market.of(catalogue.Technology)))
            await self.add(
                earlier.EarlierPilot(
                    force_id=self.organisation(OrganisationKind.FORCE).id, reference=f"P{number}",
                    technology_id=technology and technology.id, product=self.text(2),
                    supplier_name=self.text(2), title=self.text(3), question=self.text(5),
                    kpi=self.chance.choice(KPIS), start_on=date(2026, 1, 1),
                    end_on=date(2026, 6, 1 + number), found=self.text(6),
                    decision=self.maybe(self.chance.choice(list(pilots.PilotDecision))),
                    source_url=None, created_at=self.moment(),
                )
            )  # fmt: skip

    async def trials(self, count: int) -> None:
        technologies = [t for t in self.market.of(catalogue.Technology) if t.current_version_id]
        for number in range(count):
            technology = self.chance.choice(technologies)
            force = self.maybe(self.organisation(OrganisationKind.FORCE))
            pilot = await self.add(
                pilots.Pilot(
                    technology_id=technology.id, supplier_id=technology.supplier_id,
                    listing_version_id=technology.current_version_id,
                    force_id=force and force.id, citation=None if force else "A study (2015)",
                    site="A site", title=self.text(3), question=self.text(8),
                    kpi=self.chance.choice(KPIS), state=self.chance.choice(list(pilots.PilotState)),
                    start_on=date(2026, 1, 1), end_on=date(2026, 5, 1 + number % 9),
                    decision=self.maybe(self.chance.choice(list(pilots.PilotDecision))),
                    decision_reason=self.maybe(self.text(5)), mechanism=self.maybe(self.text(3)),
                    economics=self.maybe(self.text(3)), cost_pence=self.maybe(12_000_00),
                    options_pence=self.maybe(190_000_00), closing_reason=self.maybe("Closed"),
                    supplier_comment=self.maybe(self.text(4)), demonstration=False, revision=1,
                    comment_due_on=self.maybe(date(2026, 6, 1)), created_at=self.moment(),
                )
            )  # fmt: skip
            await self._trial(pilot)

    async def _trial(self, pilot: pilots.Pilot) -> None:
        locked = self.maybe(self.moment())
        whole = self.maybe(True)
        if self.chance.random() < 0.8:
            await self.add(
                pilots.Protocol(
                    pilot_id=pilot.id, kpi=pilot.kpi, kpi_type="count_rate",
                    direction=pilots.Direction.LOWER_IS_BETTER, unit="offences",
                    baseline_value=1.5, baseline_source="Records", minimum_important_effect=0.1,
                    design=self.chance.choice(["individual_rct", "before_after"]),
                    unit_of_analysis=UnitOfAnalysis.PERSON
                    if whole
                    else self.maybe(self.chance.choice(list(UnitOfAnalysis))),
                    delivery_framework=DeliveryFramework.IN_HOUSE
                    if whole
                    else self.maybe(DeliveryFramework.IN_HOUSE),
                    sections={
                        heading: self.text(3)
                        for heading in self.chance.sample(
                            WITH_TEXT, len(WITH_TEXT) if whole else 9
                        )
                    },
                    sample_size=100, analysis_plan="Plan",
                    stop_rules="Rules", result_due_on=date(2026, 9, 1), locked_at=locked,
                    proposed_by_id=self.maybe(self.chance.choice(self.market.of(Person)).id),
                    hash=locked and "a" * 64, canonical=None, revision=1, created_at=self.moment(),
                )
            )  # fmt: skip
        dataset = await self.add(
            evidence.TrialDataset(
                pilot_id=pilot.id, force_id=pilot.force_id, version=1,
                source=evidence.DataSource.CSV, cells=[{"n": 1}],
                recorded_by_id=self.maybe(self.chance.choice(self.market.of(Person)).id),
                cells_hash="b" * 64, created_at=self.moment(),
            )
        )  # fmt: skip
        outcome, counted = await self._outcome(pilot)
        if pilot.force_id:
            await self._upload(pilot, self.maybe(outcome.id))
        for version in range(1, self.chance.randint(1, 3)):
            await self.add(
                appraisal.Appraisal(
                    pilot_id=pilot.id, version=version, price_year=2026,
                    optimism_bias_percent=Decimal("12.5"),
                    years=[{"cost_pence": 5, "cashable_pence": 9, "non_cashable_pence": 0}],
                    assumptions=self.text(6), cost_pence=6, cashable_pence=9, non_cashable_pence=0,
                    benefit_cost_ratio=self.maybe(1.5), payback_months=self.maybe(7),
                    appraised_by_id=self.maybe(self.chance.choice(self.market.of(Person)).id),
                    created_at=self.moment(),
                )
            )  # fmt: skip
        for revision in range(1, self.chance.randint(1, 3)):
            result = await self.add(
                evidence.Result(
                    pilot_id=pilot.id, technology_id=pilot.technology_id,
                    supplier_id=pilot.supplier_id, force_id=pilot.force_id, dataset_id=dataset.id,
                    revision=revision, kpi=pilot.kpi, scale="rate_ratio", effect=0.8, lower=0.6,
                    upper=1.1, p_value=self.maybe(0.04), sample_size=900, method="rate_ratio",
                    grade=self.chance.randint(0, 5), harm_signal=False, finding="It fell.",
                    verdict=self.chance.choice(list(evidence.Verdict)), notes=["One", "Two"],
                    secondary={"a": {"value": 1}}, series=self.maybe([{"on": "2026-01-01"}]),
                    inputs_hash="c" * 64, libraries={"scipy": "1"}, breaches=["It broke."],
                    published_at=self.maybe(self.moment()), created_at=self.moment(),
                )
            )  # fmt: skip
            told = self.maybe({"scale": "rate_ratio", "effect": 1, "lower": 0.5, "upper": 2})
            await self.add(
                evidence.OutcomeEffect(
                    result_id=result.id, outcome_id=outcome.id, dataset_id=counted.id, grade=3,
                    finding="It rose.", notes=["One"], secondary={}, breach=self.maybe("Broke."),
                    sample_size=self.maybe(90), created_at=self.moment(), **(told or {}),
                )
            )  # fmt: skip
        for verb in ("request", "approve"):
            await self.add(
                pilots.PilotStep(
                    pilot_id=pilot.id,
                    verb=verb,
                    from_state=None,
                    to_state=pilot.state,
                    by_name="Somebody",
                    created_at=self.moment(),
                )
            )
        if pilot.force_id:
            await self._turn(pilot)
            await self._together(pilot)
        if pilot.force_id and self.chance.random() < 0.5:
            await self._rating(pilot)

    async def _outcome(
        self, pilot: pilots.Pilot
    ) -> tuple[outcomes.ProtocolOutcome, evidence.TrialDataset]:
        """A further KPI of its protocol, with data."""
        role = self.chance.choice(list(outcomes.OutcomeRole))
        outcome = await self.add(
            outcomes.ProtocolOutcome(
                pilot_id=pilot.id, role=role, kpi=self.chance.choice(KPIS), kpi_type="count_rate",
                population="Women" if role is outcomes.OutcomeRole.EQUALITY else "",
                direction=self.chance.choice(list(outcomes.Aim)), unit="offences",
                design="individual_rct", minimum_important_effect=self.maybe(0.1),
                limit_high=None if role is outcomes.OutcomeRole.SECONDARY else 5,
                created_at=self.moment(),
            )
        )  # fmt: skip
        dataset = await self.add(
            evidence.TrialDataset(
                pilot_id=pilot.id, force_id=pilot.force_id, outcome_id=outcome.id, version=2,
                source=evidence.DataSource.API, cells=[{"n": 2}], cells_hash="e" * 64,
                created_at=self.moment(),
            )
        )  # fmt: skip
        return outcome, dataset

    async def _upload(self, pilot: pilots.Pilot, outcome_id: int | None) -> None:
        state = self.chance.choice(list(observing.UploadState))
        recorded = state is observing.UploadState.RECORDED
        await self.add(
            observing.TrialUpload(
                pilot_id=pilot.id, force_id=pilot.force_id, by_name="Somebody", state=state,
                outcome_id=outcome_id,
                kind=self.chance.choice(list(observing.UploadKind)), began_on=date(2026, 1, 1),
                file_name=self.maybe("units.csv"), size=900, bytes_read=90, rows_read=9,
                problem_count=1, problems=[{"row": 2, "column": "on", "message": "Not a date."}],
                understood={"encoding": "UTF-8"}, cells=[{"n": 1}], tries=0,
                observations_hash=self.maybe("d" * 64), checked_at=self.maybe(self.moment()),
                expires_at=None if recorded else self.moment(), created_at=self.moment(),
            )
        )  # fmt: skip

    async def _together(self, pilot: pilots.Pilot) -> None:
        """Sites, gates, and sometimes a further force, which may have left."""
        forces = [o for o in self.market.of(Organisation) if o.kind == OrganisationKind.FORCE]
        further = self.chance.choice(forces)
        common = {"pilot_id": pilot.id, "created_at": self.moment()}
        if further.id != pilot.force_id:
            await self.add(
                pilots.PilotForce(
                    force_id=further.id, approved_at=self.maybe(self.moment()),
                    recorded_at=self.maybe(self.moment()),
                    left_at=self.maybe(self.moment()), left_reason="It had no time.", **common,
                )
            )  # fmt: skip
        for force_id in {pilot.force_id, further.id}:
            role = self.chance.choice(list(pilots.SiteRole))
            site = await self.add(
                pilots.PilotSite(force_id=force_id, name=self.text(2), role=role, **common)
            )
            for version in range(1, self.chance.randint(1, 4)):
                await self.add(
                    emmie.EmmieRecord(
                        site_id=site.id, version=version, mechanism=self.text(4),
                        mechanism_quality=self.chance.randint(1, 4),
                        reason=self.maybe("It was wrong."),
                        recorded_by_id=self.maybe(self.chance.choice(self.market.of(Person)).id),
                        **common,
                    )
                )  # fmt: skip
            for reviewer in self.chance.sample(list(ReviewerType), 2):
                await self.add(
                    pilots.PilotGate(
                        force_id=force_id, reviewer=reviewer, covered_by=self.maybe("dpia"),
                        signed_at=self.maybe(self.moment()), note=self.maybe("With care."),
                        **common,
                    )
                )  # fmt: skip

    async def _turn(self, pilot: pilots.Pilot) -> None:
        await self.add(
            pilots.PilotTurn(
                pilot_id=pilot.id, kind=self.chance.choice(list(pilots.TurnKind)),
                organisation_id=self.maybe(pilot.force_id),
                role=self.chance.choice([Role.FORCE_ANALYST, Role.FORCE_SENIOR_RESPONSIBLE_OWNER]),
                due_on=date(2026, 1 + self.chance.randint(0, 11), 5), created_at=self.moment(),
            )
        )  # fmt: skip

    async def _rating(self, pilot: pilots.Pilot) -> None:
        known = {(r.force_id, r.listing_version_id) for r in self.market.of(ratings.Rating)}
        if (pilot.force_id, pilot.listing_version_id) in known:
            return
        for _ in range(self.chance.randint(0, 2)):
            await self._said(pilot, self.moment())
        await self._said(pilot, None)

    async def _said(self, pilot: pilots.Pilot, superseded_at: datetime | None) -> None:
        scores = {name: self.chance.randint(1, 5) for name in ratings.DIMENSIONS}
        replied_at = self.maybe(self.moment())
        await self.add(
            ratings.Rating(
                technology_id=pilot.technology_id, listing_version_id=pilot.listing_version_id,
                pilot_id=pilot.id, force_id=pilot.force_id, overall=sum(scores.values()) / 5,
                comment=self.text(5), comment_hidden_because=self.maybe("Hidden"),
                reply=replied_at and "Thank you", replied_at=replied_at,
                reply_hidden_because=replied_at and self.maybe("Hidden"),
                superseded_at=superseded_at, demonstration=False, created_at=self.moment(),
                **scores,
            )
        )  # fmt: skip

    async def overlaps(self) -> None:
        found = self.market.of(pilots.Pilot)
        for one, other in zip(found, found[3:], strict=False):
            await self.add(
                pilots.PilotOverlap(pilot_id=one.id, other_id=other.id, because="same_kpi")
            )
        for one, before in zip(found, self.market.of(earlier.EarlierPilot), strict=False):
            await self.add(
                earlier.EarlierOverlap(
                    pilot_id=one.id, earlier_id=before.id, because="same_technology"
                )
            )

    async def pooled(self) -> None:
        """Of technologies with results: one effect, with a trial in it and others left out."""
        for technology in self.market.of(catalogue.Technology):
            results = [
                r for r in self.market.of(evidence.Result) if r.technology_id == technology.id
            ]
            if not results:
                continue
            pooled = await self.add(
                evidence.PooledEffect(
                    technology_id=technology.id, kpi=results[0].kpi, grade_at_least=1,
                    independent_only=self.chance.random() < 0.5, scale="rate_ratio", unit="a month",
                    direction="lower_is_better", trial_count=1, independent_count=0, best_grade=3,
                    effect=0.8, lower=0.6, upper=1.1, p_value=0.04,
                    prediction_lower=self.maybe(0.5),
                    verdict=self.chance.choice(list(evidence.Verdict)), because="A rule.",
                    models=[{"between": "reml"}], pooled_at=self.moment(), created_at=self.moment(),
                )
            )  # fmt: skip
            for place, result in enumerate(results[:3]):
                stands = {"excluded_because": "Too weak."} if place else {"weight": 1.0}
                await self.add(
                    evidence.PooledTrial(
                        pooled_effect_id=pooled.id, technology_id=technology.id, place=place,
                        result_id=result.id, role="secondary" if place else "primary", grade=3,
                        created_at=self.moment(), **stands,
                    )
                )  # fmt: skip

    async def needs(self) -> None:
        """In every state, with what belongs to them, whoever sees it."""
        for number, state in enumerate(challenges.ChallengeState):
            await self._challenge(number, state)
        for pilot in self.market.of(pilots.Pilot)[::3]:
            pilot.challenge_id = self.chance.choice(self.market.of(challenges.Challenge)).id
        await self._answers()
        one, into = self.market.of(challenges.Challenge)[:2]
        for pair in (
            (one, into),
            *zip(self.market.of(challenges.Challenge)[2:4], (one, into), strict=True),
        ):
            await self.add(
                challenges.ChallengeMerger(
                    challenge_id=pair[0].id, into_id=pair[1].id, reason="Alike.",
                    agreed_at=self.maybe(self.moment()), created_at=self.moment(),
                )
            )  # fmt: skip

    async def _answers(self) -> None:
        """What pilots for challenges show together, of each challenge."""
        result = self.market.of(evidence.Result)[0]
        for challenge in self.market.of(challenges.Challenge):
            pooled = await self.add(
                evidence.PooledEffect(
                    challenge_id=challenge.id, kpi=challenge.kpi, grade_at_least=1,
                    independent_only=False, scale="rate_ratio", unit="a month",
                    direction="lower_is_better", trial_count=1, independent_count=0, best_grade=3,
                    effect=0.8, lower=0.6, upper=1.1, p_value=0.04, because="A rule.",
                    verdict=self.chance.choice(list(evidence.Verdict)),
                    models=[{"between": "reml"}], pooled_at=self.moment(), created_at=self.moment(),
                )
            )  # fmt: skip
            await self.add(
                evidence.PooledTrial(
                    pooled_effect_id=pooled.id,
                    challenge_id=challenge.id,
                    place=0,
                    weight=1.0,
                    result_id=result.id,
                    role="primary",
                    grade=3,
                    created_at=self.moment(),
                )
            )

    async def passed_on(self) -> None:
        """Decisions passed on from one person of a force to another: in time or too late, ended,
        used, or by somebody who has nothing to pass on."""
        for place, row in enumerate(await self.session.scalars(select(Decision))):
            seats = self.seats_of(row.force_id)
            if len(seats) < 2 or place % 2:
                continue
            by, to = self.chance.sample(seats, 2)
            await self.add(
                DecisionDelegation(
                    decision_id=row.id, kind=row.kind, force_id=row.force_id, line=row.line,
                    person_id=to, by_id=by, reason=self.maybe("While I am away."),
                    until=self.chance.choice([date(2026, 1, 2), date(2099, 1, 2)]),
                    ended_at=self.moment() if place % 7 == 0 else None, created_at=self.moment(),
                )
            )  # fmt: skip

    def seats_of(self, organisation_id: int | None) -> list[int]:
        """Ids of the people of an organisation."""
        members = self.market.of(Membership)
        return sorted({m.person_id for m in members if m.organisation_id == organisation_id})

    async def _challenge(self, number: int, state: challenges.ChallengeState) -> None:
        s = challenges.ChallengeState
        told = state in challenges.RESPONDING | challenges.FROZEN
        merged = self.market.of(challenges.Challenge)[-1].id if state is s.MERGED else None
        challenge = await self.add(
            challenges.Challenge(
                force_id=self.organisation(OrganisationKind.FORCE).id, title=self.text(3),
                problem=self.text(8), kpi=self.chance.choice(KPIS),
                category=self.chance.choice(CATEGORIES), baseline_value=self.maybe(12.5),
                constraints=self.maybe(self.text(4)), budget_from_pence=10_000_00,
                budget_to_pence=50_000_00, state=state, merged_into_id=merged,
                invited_at=None if state is s.DRAFT else self.moment(),
                cosponsors_until=self.maybe(date(2026, 11, 16)),
                respond_by=date(2026, 12, 1 + number) if told else None,
                published_at=self.moment() if told else None,
                notice_text=self.maybe("A draft."), demonstration=False, revision=1,
                created_at=self.moment(),
            )
        )  # fmt: skip
        forces = [o for o in self.market.of(Organisation) if o.kind == OrganisationKind.FORCE]
        suppliers = [o for o in self.market.of(Organisation) if o.kind == OrganisationKind.SUPPLIER]
        for place, force in enumerate(o for o in forces if o.id != challenge.force_id):
            await self.add(
                challenges.ChallengeForce(
                    challenge_id=challenge.id, force_id=force.id, invited_at=self.moment(),
                    joined_at=None if (number + place) % 2 else self.moment(),
                    created_at=self.moment(),
                )
            )  # fmt: skip
        for place, supplier in enumerate(self.chance.sample(suppliers, 2)):
            answered = self.maybe(self.moment())
            await self.add(
                challenges.ChallengeQuestion(
                    challenge_id=challenge.id, supplier_id=supplier.id, question=self.text(5),
                    answer=answered and self.text(4), answered_at=answered,
                    created_at=self.moment(),
                )
            )  # fmt: skip
            await self.add(
                challenges.ChallengeResponse(
                    challenge_id=challenge.id, supplier_id=supplier.id, proposal=self.text(9),
                    delivery=self.text(5), price_from_pence=1_000_00, price_to_pence=2_000_00,
                    changed_at=self.moment(), revision=1, created_at=self.moment(),
                    withdrawn_at=self.moment() if (number + place) % 4 == 0 else None,
                )
            )  # fmt: skip
        for person in self.market.of(Person)[number::5]:
            await self.add(
                challenges.ChallengeFollower(
                    challenge_id=challenge.id, person_id=person.id, created_at=self.moment()
                )
            )

    async def rounds(self) -> None:
        members = self.chance.sample(self.market.of(Person), 8)
        for state in board.RoundState:
            round = await self.add(
                board.Round(
                    board_id=self.organisation(OrganisationKind.BOARD).id, title=self.text(3),
                    purpose=self.text(6), state=state, quorum=1, min_scores_per_item=1,
                    threshold_total=60, threshold_any_criterion=2, places=2, standstill_days=8,
                    opened_at=None if state in BEFORE_OPENING else self.moment(),
                    demonstration=False, revision=1, created_at=self.moment(),
                )
            )  # fmt: skip
            for person in members:
                await self.add(
                    seats.RoundMember(
                        round_id=round.id, person_id=person.id, created_at=self.moment(),
                        **self._ended(),
                    )
                )  # fmt: skip
            for criterion, weight in (("operational_need", 60), ("value_for_money", 40)):
                await self.add(
                    board.RoundCriterion(
                        round_id=round.id, criterion=criterion, weight=weight,
                        created_at=self.moment(),
                    )
                )  # fmt: skip
            for technology in self.chance.sample(self.market.of(catalogue.Technology), 3):
                if technology.current_version_id:
                    await self._item(round, technology, members)
        await self.debarments()
        await self.former_entries()

    def _ended(self) -> dict[str, Any]:
        """Some seats end, some of them for a conflict; some were taken late."""
        late = self.chance.random() < 0.3
        if self.chance.random() < 0.7:
            return {"seated_late": late}
        recused = self.chance.random() < 0.5
        return {
            "seated_late": late, "recused": recused, "left_at": self.moment(),
            "left_because": "Because",
        }  # fmt: skip

    async def _item(self, round: board.Round, technology: Any, members: list[Person]) -> None:
        item = await self.add(
            board.RoundItem(
                round_id=round.id, technology_id=technology.id,
                listing_version_id=technology.current_version_id, evidence_cap=3,
                total=self.maybe(61.5), rank=self.maybe(1), created_at=self.moment(),
                decision=self.maybe(self.chance.choice(list(board.BoardDecision))),
                decision_reason=self.maybe("Because"),
            )
        )  # fmt: skip
        for person in members:
            await self.add(
                board.Interest(
                    item_id=item.id, person_id=person.id, detail=None,
                    kind=self.chance.choice(list(board.InterestKind)),
                    conflict_interest=self.maybe(self.chance.choice(list(board.ConflictInterest))),
                    action=self.maybe(self.chance.choice(list(board.InterestAction))),
                    created_at=self.moment(),
                )
            )  # fmt: skip
            await self.add(
                board.Score(
                    item_id=item.id, person_id=person.id, criterion="operational_need",
                    value=self.chance.randint(0, 5), reason="r" * 80, created_at=self.moment(),
                )
            )  # fmt: skip
        await self._judged(item, members)

    async def _judged(self, item: board.RoundItem, members: list[Person]) -> None:
        """What the board finds out about an item beside its scores."""
        await self.add(
            gating.GateCheck(
                item_id=item.id, gate=self.chance.choice(list(gating.Gate)), passed=True,
                stage=gating.GateStage.ENTRY, detail="Found.", created_at=self.moment(),
            ),
        )  # fmt: skip
        await self.add(
            board.RankVariation(
                item_id=item.id, criterion="operational_need", change_percent=20, rank=1,
                total=61.5, created_at=self.moment(),
            ),
        )  # fmt: skip
        written = await self.add(
            moderation.ModerationRecord(
                item_id=item.id, criterion="operational_need", scores_before=[1, 4],
                every_subcriterion_discussed=True, no_bid_to_bid_comparatives=True,
                who_said_what=self.text(6), decisive_reasons_and_weight=self.text(6),
                conflicting_points_reconciled=self.text(6), score_after=3, revision=1,
                written_by_id=members[0].id, written_at=self.moment(), created_at=self.moment(),
            ),
        )  # fmt: skip
        await self.add(
            reviews.BoardReview(
                item_id=item.id, ground=self.chance.choice(list(reviews.ReviewGround)),
                organisation_id=self.organisation(OrganisationKind.SUPPLIER).id,
                statement=self.text(8), window_until=self.moment().date(),
                created_at=self.moment(),
            ),
        )  # fmt: skip
        for person in members[:3]:
            await self.add(
                moderation.ModerationApproval(
                    record_id=written.id, person_id=person.id, approves=True,
                    created_at=self.moment(),
                )
            )  # fmt: skip

    async def former_entries(self) -> None:
        for one in self.market.of(Organisation):
            for number in range(self.chance.choice([0, 0, 1, 2])):
                await self.add(
                    FormerEntry(
                        organisation_id=one.id, name=self.text(2), slug=f"{one.slug}-{number}",
                        created_at=self.moment(),
                    )
                )  # fmt: skip

    async def debarments(self) -> None:
        for one in self.market.of(Organisation):
            if one.kind == OrganisationKind.SUPPLIER and self.chance.random() < 0.3:
                await self.add(
                    gating.Debarment(
                        supplier_id=one.id, reason=self.text(4), from_on=self.moment().date(),
                        created_at=self.moment(),
                    )
                )  # fmt: skip

    async def deliveries(self) -> None:
        suppliers = [o for o in self.market.of(Organisation) if o.kind == OrganisationKind.SUPPLIER]
        for number in range(6):
            supplier = suppliers[number % len(suppliers)]
            connection = await self.add(
                hub.Connection(
                    organisation_id=supplier.id, connector="webhook", name=f"Connection {number}",
                    state=self.chance.choice(list(hub.ConnectionState)), event_types=["*"],
                    config={"endpoint": "https://x.example"}, max_attempts=5, revision=1,
                    mapping_version=number // 2, created_at=self.moment(),
                )
            )  # fmt: skip
            for version in range(1, connection.mapping_version + 1):
                await self.add(
                    ConnectionMapping(
                        organisation_id=supplier.id, connection_id=connection.id, version=version,
                        fields=[{"name": "title", "expression": "event.type"}],
                        note=self.maybe(self.text(3)), made_by_id=self.market.of(Person)[0].id,
                        created_at=self.moment(),
                    )
                )  # fmt: skip
            kind, table = SUBJECTS[number % len(SUBJECTS)]
            own = [connection] if table is hub.Connection else self.market.of(table)
            theirs = [row for row in own if getattr(row, "supplier_id", supplier.id) == supplier.id]
            about = self.chance.choice(theirs or own)
            event = Event(
                stream=f"{kind}/{about.id}", seq=number, type="pilot.accepted", schema_version=1,
                supplier_id=supplier.id, payload={"a": 1}, created_at=self.moment(),
            )  # fmt: skip
            await self.add(event)
            delivery = await self.add(
                hub.Delivery(
                    organisation_id=supplier.id, connection_id=connection.id, event_id=event.id,
                    event_type=event.type, stream=event.stream, seq=1, turn=1, external_key="k",
                    state=self.chance.choice(list(hub.DeliveryState)), created_at=self.moment(),
                )
            )  # fmt: skip
            await self.add(
                hub.Attempt(
                    organisation_id=supplier.id, connection_id=connection.id,
                    delivery_id=delivery.id, number=1, started_at=self.moment(), ms=12, status=200,
                    outcome="ok", detail="", request_headers={"a": "b"}, request_excerpt="{}",
                    response_excerpt="", request_id="r", created_at=self.moment(),
                )
            )  # fmt: skip
            await self.comparison(delivery)
            await self.told_by(connection)

    async def told_by(self, connection: hub.Connection) -> None:
        """Of the supplier's pilots, by its own system, one of each."""
        for pilot in self.market.of(pilots.Pilot):
            told = any(note.pilot_id == pilot.id for note in self.market.of(SupplierNote))
            if pilot.supplier_id == connection.organisation_id and not told:
                await self.add(
                    SupplierNote(
                        organisation_id=pilot.supplier_id, connection_id=connection.id,
                        pilot_id=pilot.id, record_key="k", status=self.maybe("In progress"),
                        body=self.maybe("Shipped."), created_at=self.moment(),
                    )
                )  # fmt: skip

    async def comparison(self, delivery: hub.Delivery) -> None:
        """Of both sides of the delivery's connection, with what differed."""
        run = await self.add(
            reconcile.Reconciliation(
                organisation_id=delivery.organisation_id, connection_id=delivery.connection_id,
                state=self.chance.choice(list(reconcile.RunState)),
                phase=self.chance.choice(list(reconcile.Phase)), dry_run=False, nightly=True,
                listed=3, same=1, missing=1, foreign=1, next_at=self.moment(),
                created_at=self.moment(),
            )
        )  # fmt: skip
        for kind in (reconcile.Kind.MISSING, reconcile.Kind.FOREIGN):
            missing = kind is reconcile.Kind.MISSING
            await self.add(
                reconcile.Discrepancy(
                    organisation_id=run.organisation_id, reconciliation_id=run.id, kind=kind,
                    record_key="k", stream=self.maybe(delivery.stream), detail="It differs.",
                    mend=self.chance.choice(list(reconcile.Mend)), created_at=self.moment(),
                    delivery_id=delivery.id if missing else None,
                )
            )  # fmt: skip

    async def searches(self) -> None:
        for person in self.market.of(Person)[:12]:
            for number in range(self.chance.randint(1, 3)):
                await self.add(
                    kept.SavedSearch(
                        person_id=person.id, name=f"Search {number}", query="q=drone",
                        criteria={"search": "drone"}, deleted_at=self.maybe(self.moment()),
                        created_at=self.moment(),
                    )
                )  # fmt: skip
        technologies = [t for t in self.market.of(catalogue.Technology) if t.current_version_id]
        for _ in range(4):
            found = await self.add(
                locked.LockedSearch(
                    force_id=self.organisation(OrganisationKind.FORCE).id, title=self.text(2),
                    locked_by_id=self.market.of(Person)[0].id, locked_by_name="Somebody",
                    criteria={"search": "drone"}, query="q=drone", read_as="drone", total=3,
                    reason=self.text(5), hash="0" * 64, content={}, created_at=self.moment(),
                )
            )  # fmt: skip
            for place, technology in enumerate(self.chance.sample(technologies, 3), start=1):
                await self.add(
                    locked.LockedResult(
                        locked_search_id=found.id, place=place, technology_id=technology.id,
                        listing_version_id=technology.current_version_id, name=technology.name,
                        supplier="A supplier", version=1, content_hash="0" * 64, fit=4,
                        evidence=10_000_300, why="Because.", chosen=place == 1,
                    )
                )  # fmt: skip

    async def working_together(self) -> None:
        for pilot in self.market.of(pilots.Pilot):
            side = self.chance.choice(list(working.PilotSide))
            further = [f for f in self.market.of(pilots.PilotForce) if f.pilot_id == pilot.id]
            forces = [pilot.force_id, *(one.force_id for one in further)]
            force_id = self.chance.choice(forces)
            of_side = force_id if side is working.PilotSide.FORCE else None
            for number in range(self.chance.randint(0, 2)):
                done = self.chance.random() < 0.4
                await self.add(
                    working.PilotTask(
                        pilot_id=pilot.id, title=self.text(4), detail=self.maybe(self.text(8)),
                        side=side, force_id=of_side, due_on=date(2026, 6, 1 + number),
                        made_by="Somebody",
                        owner_id=self.maybe(self.chance.choice(self.market.of(Person)).id),
                        state=working.TaskState.DONE if done else working.TaskState.OPEN,
                        done_at=self.moment() if done else None, changed_at=self.moment(),
                        revision=1, created_at=self.moment(),
                    )
                )  # fmt: skip
                await self.add(
                    working.PilotMessage(
                        pilot_id=pilot.id, side=side, force_id=of_side, by_name="Somebody",
                        body=self.text(9),
                        created_at=self.moment(),
                    )
                )  # fmt: skip
                await self.add(
                    working.Checkpoint(
                        pilot_id=pilot.id, force_id=force_id, number=number + 1,
                        held_on=date(2026, 3, 1 + number),
                        rating=self.chance.choice(list(working.CheckpointRating)),
                        note=self.text(6), readings=[{"label": "Complaints", "value": 2}],
                        written_rule_met=False, breached=[], by_name="Somebody",
                        next_on=self.maybe(date(2026, 4, 1)), created_at=self.moment(),
                    )
                )  # fmt: skip

    async def consents(self, person: Person) -> None:
        """To programs of organisations that have some; who may use which does not matter here."""
        kinds = (OrganisationKind.FORCE, OrganisationKind.SUPPLIER)
        theirs = [o for o in self.market.of(Organisation) if o.kind in kinds]
        client = OAuthClient(
            organisation_id=self.chance.choice(theirs).id, client_id=f"ihc_{person.id}",
            name=self.text(2), proof=self.chance.choice(list(ClientProof)),
            scopes=["listings.read"], redirect_uris=["https://program.example/"],
            post_logout_redirect_uris=[], dpop_bound=self.chance.random() < 0.5,
            token_generation=0, revoked_at=self.maybe(self.moment()), created_at=self.moment(),
        )  # fmt: skip
        await self.add(client)
        await self.add(
            OAuthGrant(
                person_id=person.id, oauth_client_id=client.id, handle=f"grant {person.id}",
                scope="openid listings.read", signed_in_at=self.moment(),
                redirect_uri="https://program.example/", code_hash=f"code {person.id}",
                code_challenge="x", code_ends_at=self.moment(),
                redeemed_at=self.maybe(self.moment()), refresh_family=f"family {person.id}",
                refreshed_at=self.maybe(self.moment()), ends_at=self.moment(),
                revoked_at=self.maybe(self.moment()), created_at=self.moment(),
            )
        )  # fmt: skip

    async def notices(self) -> None:
        for person in self.market.of(Person)[:12]:
            await self.add(
                CalendarFeed(
                    person_id=person.id, token_hash=str(person.id), renewed_at=self.moment(),
                    revoked_at=self.maybe(self.moment()), created_at=self.moment(),
                )
            )  # fmt: skip
            await self.add(
                SignInSession(
                    person_id=person.id, token_hash=f"a session of {person.id}",
                    browser="Firefox on Windows", address="192.0.2.1", methods=["pwd", "otp"],
                    proved_at=self.maybe(self.moment()), ended_at=self.maybe(self.moment()),
                    expires_at=self.moment(), created_at=self.moment(),
                )
            )  # fmt: skip
            await self.add(
                Passkey(
                    person_id=person.id, name=self.text(2), credential_id=f"key {person.id}",
                    public_key=b"public", sign_count=1, last_used_at=self.maybe(self.moment()),
                    created_at=self.moment(),
                )
            )  # fmt: skip
            await self.consents(person)
            await self.add(
                NoticePreference(
                    person_id=person.id, kind=self.chance.choice(list(NoticeKind)),
                    channel=self.chance.choice(list(Channel)), created_at=self.moment(),
                )
            )  # fmt: skip
            for number in range(self.chance.randint(1, 4)):
                await self.add(
                    Notice(
                        person_id=person.id, key=f"told/{number}", text=self.text(6),
                        path=f"/pilots/{number + 1}", read_at=self.maybe(self.moment()),
                        created_at=self.moment(),
                    )
                )  # fmt: skip


async def build(database: Database, seed: int, now: datetime, technologies: int = 24) -> Market:
    """Store a market of its own for this seed."""
    async with database.session() as session, session.begin():
        builder = Builder(session, seed, now)
        await builder.tenants()
        await builder.people()
        await builder.technologies(technologies)
        await builder.answers()
        await builder.files()
        await builder.interests()
        await builder.imports()
        await builder.trials(technologies * 2)
        await builder.local_kpis()
        await builder.earlier_pilots()
        await builder.overlaps()
        await builder.rounds()
        await builder.deliveries()
        await builder.working_together()
        await builder.notices()
        await builder.searches()
        await builder.pooled()
        await builder.papers()
        await builder.needs()
        await buying.offers(builder)
        await builder.passed_on()
        await ledger.savings(builder)
    return builder.market

"""A random market as it is stored, read back row by row."""

from collections import defaultdict
from datetime import datetime
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
from innohub.market.board import models as board
from innohub.market.board.gating import models as gating
from innohub.market.board.moderation import models as moderation
from innohub.market.board.reviews import models as reviews
from innohub.market.board.seats import models as seats
from innohub.market.catalogue import models as catalogue
from innohub.market.catalogue.models import ListingState
from innohub.market.challenges import matching as alike
from innohub.market.challenges import models as challenges
from innohub.market.decisions import done, waiting
from innohub.market.decisions.models import DecisionDelegation
from innohub.market.demand import models as demand
from innohub.market.demand.views import PoolPart
from innohub.market.documents import models as documents
from innohub.market.evidence import models as evidence
from innohub.market.evidence.appraisal import models as appraisal
from innohub.market.evidence.emmie import models as emmie
from innohub.market.evidence.observing import models as observing
from innohub.market.finding import kept, locked
from innohub.market.finding import models as finding
from innohub.market.forces import models as forces
from innohub.market.imports import models as imports
from innohub.market.pilots import models as pilots
from innohub.market.pilots.earlier import models as earlier
from innohub.market.pilots.for_challenges import matching
from innohub.market.pilots.local_kpis import models as local_kpis
from innohub.market.pilots.outcomes import models as outcomes
from innohub.market.pilots.together import models as working
from innohub.market.quotes import models as quotes
from innohub.market.ratings import models as ratings
from innohub.market.savings import models as savings
from innohub.notices.models import Notice, NoticePreference
from innohub.outbox.models import Event
from tests.graphql import buying, ledger
from tests.graphql.market import Builder, Market
from tests.graphql.matrix.everybody import ROLES

TABLES: dict[str, Any] = {
    "Technology": catalogue.Technology, "ListingVersion": catalogue.ListingVersion,
    "ListingDraft": catalogue.ListingDraft, "SupplierInterest": catalogue.SupplierInterest,
    "AssuranceItem": assurance.AssuranceItem, "Document": documents.Document,
    "AssuranceResponse": assurance.AssuranceResponse, "Pilot": pilots.Pilot,
    "CatalogueImport": imports.CatalogueImport, "ImportItem": imports.ImportItem,
    "PilotStep": pilots.PilotStep,
    "PilotTurn": pilots.PilotTurn, "PilotSite": pilots.PilotSite,
    "PilotForce": pilots.PilotForce, "PilotGate": pilots.PilotGate,
    "Protocol": pilots.Protocol, "Result": evidence.Result,
    "Appraisal": appraisal.Appraisal, "EmmieRecord": emmie.EmmieRecord,
    "ProtocolOutcome": outcomes.ProtocolOutcome,
    "OutcomeEffect": evidence.OutcomeEffect, "LocalKpi": local_kpis.LocalKpi,
    "EarlierPilot": earlier.EarlierPilot,
    "PooledEffect": evidence.PooledEffect, "PooledTrial": evidence.PooledTrial,
    "TrialDataset": evidence.TrialDataset, "TrialUpload": observing.TrialUpload,
    "Rating": ratings.Rating, "Round": board.Round,
    "RoundItem": board.RoundItem, "RoundMember": seats.RoundMember,
    "Interest": board.Interest, "Score": board.Score,
    "ModerationApproval": moderation.ModerationApproval,
    "BoardReview": reviews.BoardReview,
    "ModerationRecord": moderation.ModerationRecord, "Debarment": gating.Debarment,
    "Integration": hub.Connection, "Delivery": hub.Delivery, "Attempt": hub.Attempt,
    "MappingVersion": ConnectionMapping,
    "Reconciliation": reconcile.Reconciliation, "Discrepancy": reconcile.Discrepancy,
    "Event": Event, "CalendarFeed": CalendarFeed, "Notice": Notice,
    "Person": Person, "NoticePreferences": Person, "Account": Person,
    "SignInSession": SignInSession, "Passkey": Passkey,
    "ApiClient": OAuthClient, "Consent": OAuthGrant,
    "NoticePreference": NoticePreference, "PilotTask": working.PilotTask,
    "PilotMessage": working.PilotMessage, "Checkpoint": working.Checkpoint,
    "SupplierNote": SupplierNote,
    "SynonymSet": finding.SynonymSet, "SavedSearch": kept.SavedSearch,
    "LockedSearch": locked.LockedSearch,
    "Challenge": challenges.Challenge, "ChallengeForce": challenges.ChallengeForce,
    "ChallengeMerger": challenges.ChallengeMerger,
    "ChallengeQuestion": challenges.ChallengeQuestion,
    "ChallengeResponse": challenges.ChallengeResponse, "Quote": quotes.Quote,
    "Decision": waiting.Decision, "DecisionDone": done.DecisionDone,
    "DecisionDelegation": DecisionDelegation,
    "Saving": savings.Saving, "SavingsBaseline": savings.SavingsBaseline,
    "SupplierTransaction": savings.SupplierTransaction,
    "Pool": demand.Pool, "PoolInvitation": demand.PoolInvitation, "PoolOffer": demand.PoolQuote,
    "PoolCommitment": demand.PoolCommitment, "PoolAward": demand.PoolAward,
    "PoolShare": demand.PoolShare, "CallOff": demand.CallOff,
}  # fmt: skip
"""The tables behind types with a global id; organisations apart, which everybody sees."""
PARTS: dict[str, Any] = {
    "ListingSection": catalogue.ListingSection, "Capability": catalogue.TechnologyCapability,
    "AssuranceAddition": assurance.AssuranceAddition, "DraftSection": catalogue.DraftSection,
    "ForceContext": forces.ForceContext, "PilotOverlap": pilots.PilotOverlap,
    "EarlierOverlap": earlier.EarlierOverlap,
    "RoundCriterion": board.RoundCriterion, "GateCheck": gating.GateCheck,
    "RankVariation": board.RankVariation,
    "LockedResult": locked.LockedResult,
    "Membership": Membership, "ChallengeFollower": challenges.ChallengeFollower,
    "SimilarChallenge": alike.SimilarChallenge, "ListingMatch": matching.ListingMatch,
    "PilotMatch": matching.PilotMatch, "QuoteTier": quotes.QuoteTier,
    "PoolPart": PoolPart, "FormerEntry": FormerEntry,
}  # fmt: skip


REVIEWS = [ReviewerType.LEGAL, ReviewerType.EQUALITY_ADVISER]


class Stored:
    """Every row by type, and the organisations."""

    def __init__(
        self, rows: dict[str, list[Any]], organisations: list[Organisation], people: list[Person]
    ) -> None:
        self.rows = rows
        self.organisations = {o.id: o for o in organisations}
        self.names = {person.id: person.name for person in people}
        self._by_id = {kind: {row.id: row for row in rows[kind]} for kind in TABLES}
        self._by_key: dict[tuple[str, str], dict[Any, list[Any]]] = {}

    def all(self, kind: str) -> list[Any]:
        return self.rows[kind]

    def get(self, kind: str, id: int) -> Any:
        return self._by_id[kind][id]

    def where(self, kind: str, key: str, value: Any) -> list[Any]:
        """The rows whose attribute `key` has this value."""
        if (kind, key) not in self._by_key:
            index = self._by_key[kind, key] = defaultdict(list)
            for row in self.rows[kind]:
                index[getattr(row, key)].append(row)
        return self._by_key[kind, key].get(value, [])


class Crowded(Builder):
    """A market with two organisations of each kind, every role in both, and rows in all the states
    that hide something."""

    async def tenants(self) -> None:
        await super().tenants()
        for kind in (
            OrganisationKind.COMPANY,
            OrganisationKind.BOARD,
            OrganisationKind.INDEPENDENT,
        ):
            slug = f"other-{kind}"
            await self.add(
                Organisation(
                    kind=kind, slug=slug, name=slug, demonstration=True, created_at=self.moment()
                )
            )  # fmt: skip

    async def people(self) -> None:
        for kind, roles in ROLES.items():
            two = [o for o in self.market.of(Organisation) if o.kind == kind][:2]
            for organisation in two:
                for role in roles:
                    await self._member(organisation, Role(role))

    async def technologies(self, count: int) -> None:
        """The first ones hide something, whatever the draw: of a supplier that has people."""
        await super().technologies(count)
        suppliers = [o for o in self.market.of(Organisation) if o.kind == OrganisationKind.SUPPLIER]
        hiding = (ListingState.DRAFT, ListingState.IN_REVIEW, ListingState.ARCHIVED)
        for technology, state in zip(self.market.of(catalogue.Technology), hiding, strict=False):
            technology.state, technology.supplier_id = state, suppliers[0].id
            technology.published_at = None

    async def _member(self, organisation: Organisation, role: Role) -> None:
        name = f"{role} of {organisation.slug}"
        person = await self.add(
            Person(
                name=name, email=f"{name.replace(' ', '.')}@people.example", password_hash=None,
                active=True, created_at=self.moment(),
            )
        )  # fmt: skip
        await self.add(
            Membership(
                person_id=person.id, organisation_id=organisation.id, role=role,
                reviewer_types=REVIEWS if role is Role.FORCE_ASSURANCE_REVIEWER else [],
                created_at=self.moment(),
            )
        )  # fmt: skip

    async def _trial(self, pilot: pilots.Pilot) -> None:
        await super()._trial(pilot)
        pilot.supplier_answered_at = self.maybe(self.moment())
        for result in self.market.of(evidence.Result):
            if result.pilot_id == pilot.id:
                result.confirmed_at = result.published_at or self.maybe(self.moment())
        if pilot.citation and self.chance.random() < 0.5:
            self.market.of(evidence.TrialDataset)[-1].source = evidence.DataSource.LITERATURE

    async def deliveries(self) -> None:
        await super().deliveries()
        for place, event in enumerate(self.market.of(Event), start=1):
            event.position = place

    async def _item(self, round: board.Round, technology: Any, members: list[Person]) -> None:
        """Judged by the round's own board as well, with recusals among it."""
        board_people = {
            m.person_id for m in self.market.of(Membership) if m.organisation_id == round.board_id
        }
        known = {person.id for person in members}
        own = [p for p in self.market.of(Person) if p.id in board_people - known]
        await super()._item(round, technology, [*members, *own])


async def build(database: Database, seed: int, now: datetime) -> tuple[Market, Stored]:
    """Store a market of its own for this seed, and read it back."""
    async with database.session() as session, session.begin():
        builder = Crowded(session, seed, now)
        await builder.tenants()
        await builder.people()
        await builder.technologies(24)
        await builder.answers()
        await builder.files()
        await builder.interests()
        await builder.imports()
        await builder.trials(60)
        await builder.local_kpis()
        await builder.earlier_pilots()
        await builder.overlaps()
        await builder.rounds()
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
    async with database.session() as session:
        return builder.market, await read_back(session)


async def read_back(session: AsyncSession) -> Stored:
    rows = {
        kind: list(await session.scalars(select(table))) for kind, table in (TABLES | PARTS).items()
    }
    organisations = list(await session.scalars(select(Organisation)))
    return Stored(rows, organisations, list(await session.scalars(select(Person))))

"""What stands where in an answer: for each field of each type, the rows that belong there, however
many of them may be seen; and the value that a guarded field has."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from innohub.hub.models import DeliveryState
from innohub.identity.models import OrganisationKind
from innohub.market.assurance.models import AssuranceStatus
from innohub.market.catalogue.models import ListingState, VersionState
from innohub.market.evidence.observing.models import UploadState
from innohub.market.pilots.models import PilotState
from innohub.market.working_days import LONDON
from tests.graphql.matrix import eyes as may
from tests.graphql.matrix.eyes import WORKING
from tests.graphql.matrix.oracle import LISTED, REGISTERED, UNRELEASED, Oracle
from tests.graphql.matrix.stored import Stored

Row = Any
WAITING = {DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.RETRYING}
ACTIVE = REGISTERED - {PilotState.STOPPED, PilotState.PUBLISHED}


def _children(kind: str, key: str) -> Any:
    return kind, lambda s, row: s.where(kind, key, row.id)


def _parent(kind: str, key: str) -> Any:
    return kind, lambda s, row: s.where(kind, "id", getattr(row, key))


def _organisation(kind: str, key: str) -> Any:
    def named(s: Stored, row: Row) -> list[Row]:
        found = s.organisations.get(getattr(row, key))
        return [found] if found else []

    return kind, named


def _standing_ratings(key: str) -> Any:
    """Those that no newer one of the same force and version superseded."""
    return "Rating", lambda s, row: [
        rating for rating in s.where("Rating", key, row.id) if rating.superseded_at is None
    ]


def _earlier_ratings(s: Stored, row: Row) -> list[Row]:
    return [
        other
        for other in s.where("Rating", "listing_version_id", row.listing_version_id)
        if other.force_id == row.force_id and other.id < row.id
    ]


def _newest(kind: str, key: str, number: str) -> Any:
    """Of all, seen or not: an older one never stands in for one that is hidden."""

    def place(row: Row) -> Any:
        return getattr(row, number)

    return kind, lambda s, row: sorted(s.where(kind, key, row.id), key=place)[-1:]


def _earlier_emmie(s: Stored, row: Row) -> list[Row]:
    records = s.where("EmmieRecord", "site_id", row.id)
    return sorted(records, key=lambda record: record.version)[:-1]


def _published_results(s: Stored, row: Row) -> list[Row]:
    """The newest published result of each pilot."""
    newest: dict[int, Row] = {}
    for result in sorted(s.all("Result"), key=lambda result: result.revision):
        if result.published_at is not None:
            newest[result.pilot_id] = result
    return list(newest.values())


def _piloting_forces(s: Stored, row: Row) -> list[Row]:
    pilots = s.where("Pilot", "technology_id", row.id)
    ids = {pilot.force_id for pilot in pilots if pilot.state in REGISTERED} - {None}
    return [s.organisations[id] for id in ids]


def _answers(*, latest: bool) -> Any:
    def given(s: Stored, row: Row) -> list[Row]:
        return [a for a in s.where("AssuranceResponse", "item_id", row.id) if a.latest is latest]

    return "AssuranceResponse", given


def _waiting_uploads(s: Stored, pilot: Row) -> list[Row]:
    over = {UploadState.RECORDED, UploadState.ABANDONED}
    return [u for u in s.where("TrialUpload", "pilot_id", pilot.id) if u.state not in over]


def _colleagues(s: Stored, pilot: Row) -> list[Row]:
    further = s.where("PilotForce", "pilot_id", pilot.id)
    joined = {one.force_id for one in further if one.left_at is None}
    sides = ({pilot.force_id, pilot.supplier_id} | joined) - {None}
    seats = [m for m in s.all("Membership") if m.organisation_id in sides and m.role in WORKING]
    return [s.get("Person", id) for id in {seat.person_id for seat in seats}]


def _who_score(s: Stored, _: Row) -> list[Row]:
    seats = [one for one in s.all("Membership") if one.role in ("board_chair", "board_member")]
    return [s.get("Person", id) for id in {seat.person_id for seat in seats}]


def _of_force(s: Stored, decision: Row) -> list[Row]:
    seats = s.where("Membership", "organisation_id", decision.force_id)
    return [s.get("Person", id) for id in {seat.person_id for seat in seats}]


def _counts(delegation: Row) -> bool:
    over = delegation.ended_at or delegation.acted_at
    return over is None and delegation.until >= datetime.now(LONDON).date()


def _lately(s: Stored, _: Row) -> list[Row]:
    since = datetime.now(UTC) - timedelta(days=30)
    return [one for one in s.all("DecisionDone") if one.at > since]


def _newer_versions(s: Stored, pilot: Row) -> list[Row]:
    """Those that were live after the one that the pilot is of."""
    pinned = s.get("ListingVersion", pilot.listing_version_id)
    versions = s.where("ListingVersion", "technology_id", pilot.technology_id)
    return [v for v in versions if v.number > pinned.number and v.live_at is not None]


def _best(kind: str, by: Callable[[Row], int]) -> Any:
    """The ten that match a challenge best; nobody is kept from any of them."""

    def found(s: Stored, row: Row) -> list[Row]:
        matches = s.where(kind, "challenge_id", row.id)
        return sorted(matches, key=lambda match: (-match.points, by(match)))[:10]

    return kind, found


def _standing(s: Stored, pool: Row) -> list[Row]:
    """The newest line of each force, unless it is a withdrawal."""
    newest = {line.force_id: line for line in s.where("PoolCommitment", "pool_id", pool.id)}
    return [line for line in newest.values() if not line.withdrawn]


def _moving(s: Stored, pool: Row) -> int:
    bound = pool.state in {"awarded", "calling_off", "closed"}
    firm = {"binding"} if bound else {"binding", "budget_approved"}
    return sum(line.quantity for line in _standing(s, pool) if line.strength in firm)


def _offers(s: Stored, pool: Row) -> list[Row]:
    made = s.where("PoolOffer", "pool_id", pool.id)
    quotes = {one.id: s.get("Quote", one.quote_id) for one in made}
    return [o for o in made if not quotes[o.id].superseded_at and not quotes[o.id].withdrawn_at]


def _priced(oracle: Oracle, technology: Row) -> bool:
    """Quotes here are valid for years, or have been out of date for years."""
    s = oracle.stored
    if technology.current_version_id is None:
        return False
    current = s.get("ListingVersion", technology.current_version_id)
    versions = s.where("ListingVersion", "technology_id", technology.id)
    for quote in s.where("Quote", "technology_id", technology.id):
        named = s.get("ListingVersion", quote.listing_version_id).number
        stands = quote.withdrawn_at is None and quote.superseded_at is None
        since = [v for v in versions if named < v.number <= current.number and v.material]
        if stands and quote.valid_until.year > 2050 and named <= current.number and not since:
            return True
    return False


RELATED: dict[tuple[str, str], tuple[str, Callable[[Stored, Row], list[Row]]]] = {
    ("Query", "technologies"): (
        "Technology",
        lambda s, _: [t for t in s.all("Technology") if t.state == ListingState.PUBLISHED],
    ),
    ("Query", "listings"): ("Technology", lambda s, _: s.all("Technology")),
    ("Query", "reviewQueue"): (
        "ListingVersion",
        lambda s, _: [v for v in s.all("ListingVersion") if v.state == VersionState.IN_REVIEW],
    ),
    ("Query", "supplierInterests"): (
        "SupplierInterest",
        lambda s, _: s.all("SupplierInterest"),
    ),
    ("SupplierInterest", "supplier"): _organisation("Supplier", "supplier_id"),
    ("Query", "pilots"): ("Pilot", lambda s, _: s.all("Pilot")),
    ("Query", "results"): ("Result", _published_results),
    ("Query", "assuranceItems"): ("AssuranceItem", lambda s, _: s.all("AssuranceItem")),
    ("Query", "rounds"): ("Round", lambda s, _: s.all("Round")),
    ("Query", "events"): ("Event", lambda s, _: s.all("Event")),
    ("Query", "savedSearches"): (
        "SavedSearch",
        lambda s, _: [one for one in s.all("SavedSearch") if one.deleted_at is None],
    ),
    ("Query", "lockedSearches"): ("LockedSearch", lambda s, _: s.all("LockedSearch")),
    ("LockedSearch", "force"): _organisation("Force", "force_id"),
    ("LockedSearch", "results"): _children("LockedResult", "locked_search_id"),
    ("LockedResult", "technology"): _parent("Technology", "technology_id"),
    ("LockedResult", "version"): _parent("ListingVersion", "listing_version_id"),
    ("Query", "earlierPilots"): ("EarlierPilot", lambda s, _: s.all("EarlierPilot")),
    ("EarlierPilot", "force"): _organisation("Force", "force_id"),
    ("EarlierPilot", "technology"): _parent("Technology", "technology_id"),
    ("Query", "localKpis"): ("LocalKpi", lambda s, _: s.all("LocalKpi")),
    ("LocalKpi", "force"): _organisation("Force", "force_id"),
    ("Query", "synonyms"): ("SynonymSet", lambda s, _: s.all("SynonymSet")),
    ("Query", "calendarFeed"): ("CalendarFeed", lambda s, _: s.all("CalendarFeed")),
    ("Query", "notices"): ("Notice", lambda s, _: s.all("Notice")),
    ("Query", "integrations"): ("Integration", lambda s, _: s.all("Integration")),
    ("Query", "forces"): (
        "Force",
        lambda s, _: [
            o for o in s.organisations.values()
            if o.kind == OrganisationKind.FORCE and o.valid_to is None
        ],
    ),
    ("Query", "suppliers"): (
        "Supplier",
        lambda s, _: [
            o for o in s.organisations.values()
            if o.kind == OrganisationKind.SUPPLIER and o.valid_to is None
        ],
    ),
    ("Force", "pilots"): _children("Pilot", "force_id"),
    ("Force", "context"): _children("ForceContext", "force_id"),
    ("Supplier", "pilots"): _children("Pilot", "supplier_id"),
    ("Supplier", "technologies"): _children("Technology", "supplier_id"),
    ("Technology", "supplier"): _organisation("Supplier", "supplier_id"),
    ("Technology", "capabilities"): _children("Capability", "technology_id"),
    ("Technology", "sections"): _children("ListingSection", "technology_id"),
    ("Technology", "assurance"): _children("AssuranceItem", "technology_id"),
    ("Query", "catalogueImports"): ("CatalogueImport", lambda s, _: s.all("CatalogueImport")),
    ("CatalogueImport", "supplier"): _organisation("Supplier", "supplier_id"),
    ("CatalogueImport", "items"): _children("ImportItem", "import_id"),
    ("ImportItem", "technology"): _parent("Technology", "technology_id"),
    ("Technology", "documents"): _children("Document", "technology_id"),
    ("Technology", "currentVersion"): _parent("ListingVersion", "current_version_id"),
    ("Technology", "latestVersion"): _newest("ListingVersion", "technology_id", "number"),
    ("Technology", "versions"): _children("ListingVersion", "technology_id"),
    ("Technology", "draft"): _children("ListingDraft", "technology_id"),
    ("ListingDraft", "sections"): _children("DraftSection", "draft_id"),
    ("ListingVersion", "technology"): _parent("Technology", "technology_id"),
    ("Technology", "pilotingForces"): ("Force", _piloting_forces),
    ("Technology", "pilots"): _children("Pilot", "technology_id"),
    ("Technology", "results"): _children("Result", "technology_id"),
    ("Technology", "pooledEffects"): _children("PooledEffect", "technology_id"),
    ("PooledEffect", "technology"): _parent("Technology", "technology_id"),
    ("PooledEffect", "trials"): _children("PooledTrial", "pooled_effect_id"),
    ("PooledTrial", "result"): _parent("Result", "result_id"),
    ("AssuranceItem", "technology"): _parent("Technology", "technology_id"),
    ("AssuranceItem", "renews"): _parent("AssuranceItem", "renews_id"),
    ("AssuranceItem", "renewals"): _children("AssuranceItem", "renews_id"),
    ("AssuranceItem", "documents"): _children("Document", "assurance_item_id"),
    ("AssuranceItem", "responses"): _answers(latest=True),
    ("AssuranceItem", "earlierResponses"): _answers(latest=False),
    ("AssuranceResponse", "force"): _organisation("Force", "force_id"),
    ("AssuranceResponse", "item"): _parent("AssuranceItem", "item_id"),
    ("AssuranceResponse", "additions"): _children("AssuranceAddition", "response_id"),
    ("Technology", "ratings"): _standing_ratings("technology_id"),
    ("Pilot", "technology"): _parent("Technology", "technology_id"),
    ("Pilot", "supplier"): _organisation("Supplier", "supplier_id"),
    ("Pilot", "force"): _organisation("Force", "force_id"),
    ("Pilot", "version"): _parent("ListingVersion", "listing_version_id"),
    ("Pilot", "protocol"): _children("Protocol", "pilot_id"),
    ("Pilot", "result"): _newest("Result", "pilot_id", "revision"),
    ("Pilot", "datasets"): (
        "TrialDataset",
        lambda s, row: [
            one for one in s.where("TrialDataset", "pilot_id", row.id) if one.outcome_id is None
        ],
    ),
    ("Protocol", "outcomes"): (
        "ProtocolOutcome",
        lambda s, row: s.where("ProtocolOutcome", "pilot_id", row.pilot_id),
    ),
    ("ProtocolOutcome", "datasets"): _children("TrialDataset", "outcome_id"),
    ("Result", "outcomeEffects"): _children("OutcomeEffect", "result_id"),
    ("OutcomeEffect", "outcome"): _parent("ProtocolOutcome", "outcome_id"),
    ("TrialDataset", "outcome"): _parent("ProtocolOutcome", "outcome_id"),
    ("TrialUpload", "outcome"): _parent("ProtocolOutcome", "outcome_id"),
    ("Pilot", "uploads"): ("TrialUpload", _waiting_uploads),
    ("Pilot", "steps"): _children("PilotStep", "pilot_id"),
    ("Pilot", "sites"): _children("PilotSite", "pilot_id"),
    ("Pilot", "furtherForces"): _children("PilotForce", "pilot_id"),
    ("Pilot", "gates"): _children("PilotGate", "pilot_id"),
    ("Pilot", "joined"): _parent("Pilot", "joined_id"),
    ("PilotSite", "force"): _organisation("Force", "force_id"),
    ("PilotSite", "emmie"): _newest("EmmieRecord", "site_id", "version"),
    ("PilotSite", "earlierEmmie"): ("EmmieRecord", _earlier_emmie),
    ("PilotForce", "force"): _organisation("Force", "force_id"),
    ("PilotGate", "force"): _organisation("Force", "force_id"),
    ("Pilot", "turns"): _children("PilotTurn", "pilot_id"),
    ("Pilot", "overlaps"): _children("PilotOverlap", "pilot_id"),
    ("Pilot", "earlierOverlaps"): _children("EarlierOverlap", "pilot_id"),
    ("Pilot", "ratings"): _standing_ratings("pilot_id"),
    ("Pilot", "tasks"): _children("PilotTask", "pilot_id"),
    ("Pilot", "messages"): _children("PilotMessage", "pilot_id"),
    ("Pilot", "appraisal"): _newest("Appraisal", "pilot_id", "version"),
    ("Pilot", "supplierNotes"): _children("SupplierNote", "pilot_id"),
    ("SupplierNote", "integration"): _parent("Integration", "connection_id"),
    ("Pilot", "checkpoints"): _children("Checkpoint", "pilot_id"),
    ("Pilot", "documents"): _children("Document", "pilot_id"),
    ("Pilot", "colleagues"): ("Person", _colleagues),
    ("Pilot", "newerVersions"): ("ListingVersion", _newer_versions),
    ("PilotTask", "force"): _organisation("Force", "force_id"),
    ("PilotMessage", "force"): _organisation("Force", "force_id"),
    ("Checkpoint", "force"): _organisation("Force", "force_id"),
    ("PilotTask", "owner"): _parent("Person", "owner_id"),
    ("PilotTask", "pilot"): _parent("Pilot", "pilot_id"),
    ("PilotOverlap", "other"): _parent("Pilot", "other_id"),
    ("EarlierOverlap", "earlier"): _parent("EarlierPilot", "earlier_id"),
    ("TrialDataset", "force"): _organisation("Force", "force_id"),
    ("TrialUpload", "pilot"): _parent("Pilot", "pilot_id"),
    ("TrialUpload", "force"): _organisation("Force", "force_id"),
    ("Result", "pilot"): _parent("Pilot", "pilot_id"),
    ("Result", "technology"): _parent("Technology", "technology_id"),
    ("Rating", "earlier"): ("Rating", lambda s, row: _earlier_ratings(s, row)),
    ("Rating", "force"): _organisation("Force", "force_id"),
    ("Rating", "technology"): _parent("Technology", "technology_id"),
    ("Rating", "version"): _parent("ListingVersion", "listing_version_id"),
    ("Rating", "pilot"): _parent("Pilot", "pilot_id"),
    ("Round", "criteria"): _children("RoundCriterion", "round_id"),
    ("Round", "items"): _children("RoundItem", "round_id"),
    ("Round", "members"): _children("RoundMember", "round_id"),
    ("RoundMember", "person"): _parent("Person", "person_id"),
    ("RoundItem", "technology"): _parent("Technology", "technology_id"),
    ("RoundItem", "version"): _parent("ListingVersion", "listing_version_id"),
    ("RoundItem", "interests"): _children("Interest", "item_id"),
    ("RoundItem", "scores"): _children("Score", "item_id"),
    ("Query", "savings"): ("Saving", lambda s, _: s.all("Saving")),
    ("Query", "savingsBaselines"): ("SavingsBaseline", lambda s, _: s.all("SavingsBaseline")),
    ("Query", "supplierTransactions"): (
        "SupplierTransaction", lambda s, _: s.all("SupplierTransaction"),
    ),
    ("Saving", "force"): _organisation("Force", "force_id"),
    ("Saving", "baseline"): _parent("SavingsBaseline", "baseline_id"),
    ("SavingsBaseline", "force"): _organisation("Force", "force_id"),
    ("SupplierTransaction", "force"): _organisation("Force", "force_id"),
    ("SupplierTransaction", "supplier"): _organisation("Supplier", "supplier_id"),
    ("Query", "pools"): ("Pool", lambda s, _: s.all("Pool")),
    ("Pool", "technology"): _parent("Technology", "technology_id"),
    ("Pool", "challenge"): _parent("Challenge", "challenge_id"),
    ("Pool", "roundItem"): _parent("RoundItem", "round_item_id"),
    ("Pool", "invitations"): _children("PoolInvitation", "pool_id"),
    ("Pool", "offers"): ("PoolOffer", _offers),
    ("Pool", "commitments"): ("PoolCommitment", _standing),
    ("Pool", "ledger"): _children("PoolCommitment", "pool_id"),
    ("Pool", "award"): (
        "PoolAward",
        lambda s, row: [a for a in s.where("PoolAward", "pool_id", row.id) if not a.withdrawn_at],
    ),
    ("Pool", "callOffs"): _children("CallOff", "pool_id"),
    ("PoolInvitation", "technology"): _parent("Technology", "technology_id"),
    ("PoolInvitation", "supplier"): _organisation("Supplier", "supplier_id"),
    ("PoolCommitment", "force"): _organisation("Force", "force_id"),
    ("PoolOffer", "quote"): _parent("Quote", "quote_id"),
    ("PoolOffer", "parts"): _children("PoolPart", "offer_id"),
    ("PoolPart", "force"): _organisation("Force", "force_id"),
    ("PoolAward", "quote"): _parent("Quote", "quote_id"),
    ("PoolAward", "shares"): _children("PoolShare", "award_id"),
    ("PoolShare", "force"): _organisation("Force", "force_id"),
    ("CallOff", "force"): _organisation("Force", "force_id"),
    ("Query", "quotes"): ("Quote", lambda s, _: s.all("Quote")),
    ("Technology", "quotes"): _children("Quote", "technology_id"),
    ("Quote", "tiers"): _children("QuoteTier", "quote_id"),
    ("Quote", "supplier"): _organisation("Supplier", "supplier_id"),
    ("Quote", "technology"): _parent("Technology", "technology_id"),
    ("Quote", "version"): _parent("ListingVersion", "listing_version_id"),
    ("RoundItem", "reviews"): _children("BoardReview", "item_id"),
    ("RoundItem", "gates"): _children("GateCheck", "item_id"),
    ("RoundItem", "moderation"): _children("ModerationRecord", "item_id"),
    ("RoundItem", "variations"): _children("RankVariation", "item_id"),
    ("ModerationRecord", "approvals"): _children("ModerationApproval", "record_id"),
    ("Supplier", "debarments"): _children("Debarment", "supplier_id"),
    ("Supplier", "formerEntries"): _children("FormerEntry", "organisation_id"),
    ("Force", "formerEntries"): _children("FormerEntry", "organisation_id"),
    ("Query", "challenges"): ("Challenge", lambda s, _: s.all("Challenge")),
    ("Query", "challengeResponses"): (
        "ChallengeResponse", lambda s, _: s.all("ChallengeResponse"),
    ),
    ("Query", "account"): ("Account", lambda s, _: s.all("Account")),
    ("Query", "apiClients"): ("ApiClient", lambda s, _: s.all("ApiClient")),
    ("Account", "consents"): _children("Consent", "person_id"),
    ("Account", "passkeys"): _children("Passkey", "person_id"),
    ("Account", "sessions"): _children("SignInSession", "person_id"),
    ("Query", "noticePreferences"): (
        "NoticePreferences", lambda s, _: s.all("NoticePreferences"),
    ),
    ("NoticePreferences", "choices"): _children("NoticePreference", "person_id"),
    ("Query", "boardMembers"): ("Person", _who_score),
    ("Query", "decisions"): ("Decision", lambda s, _: s.all("Decision")),
    ("Query", "decisionsDone"): ("DecisionDone", _lately),
    ("Query", "delegations"): (
        "DecisionDelegation",
        lambda s, _: [one for one in s.all("DecisionDelegation") if _counts(one)],
    ),
    ("Decision", "force"): _organisation("Force", "force_id"),
    ("Decision", "pilot"): _parent("Pilot", "pilot_id"),
    ("Decision", "challenge"): _parent("Challenge", "challenge_id"),
    ("Decision", "saving"): _parent("Saving", "saving_id"),
    ("Decision", "pool"): _parent("Pool", "pool_id"),
    ("Decision", "delegation"): (
        "DecisionDelegation",
        lambda s, row: [
            one for one in s.where("DecisionDelegation", "decision_id", row.id) if _counts(one)
        ],
    ),
    ("Decision", "colleagues"): ("Person", _of_force),
    ("DecisionDelegation", "force"): _organisation("Force", "force_id"),
    ("DecisionDelegation", "decision"): _parent("Decision", "decision_id"),
    ("Challenge", "force"): _organisation("Force", "force_id"),
    ("Challenge", "mergedInto"): _parent("Challenge", "merged_into_id"),
    ("Challenge", "furtherForces"): _children("ChallengeForce", "challenge_id"),
    ("Challenge", "questions"): _children("ChallengeQuestion", "challenge_id"),
    ("Challenge", "responses"): _children("ChallengeResponse", "challenge_id"),
    ("Challenge", "pilots"): _children("Pilot", "challenge_id"),
    ("Pilot", "challenge"): _parent("Challenge", "challenge_id"),
    ("Challenge", "pooledEffects"): _children("PooledEffect", "challenge_id"),
    ("PooledEffect", "challenge"): _parent("Challenge", "challenge_id"),
    ("Challenge", "mergers"): (
        "ChallengeMerger",
        lambda s, row: [
            one for one in s.all("ChallengeMerger") if row.id in (one.challenge_id, one.into_id)
        ],
    ),
    ("Challenge", "similar"): _children("SimilarChallenge", "challenge_id"),
    ("Challenge", "matchingListings"): _best("ListingMatch", lambda row: row.technology_id),
    ("Challenge", "pastPilots"): _best("PilotMatch", lambda row: -row.pilot_id),
    ("SimilarChallenge", "challenge"): _parent("Challenge", "other_id"),
    ("ListingMatch", "technology"): _parent("Technology", "technology_id"),
    ("PilotMatch", "pilot"): _parent("Pilot", "pilot_id"),
    ("ChallengeForce", "force"): _organisation("Force", "force_id"),
    ("ChallengeMerger", "challenge"): _parent("Challenge", "challenge_id"),
    ("ChallengeMerger", "into"): _parent("Challenge", "into_id"),
    ("ChallengeResponse", "supplier"): _organisation("Supplier", "supplier_id"),
    ("ChallengeResponse", "technology"): _parent("Technology", "technology_id"),
    ("ChallengeResponse", "version"): _parent("ListingVersion", "listing_version_id"),
    ("ChallengeResponse", "challenge"): _parent("Challenge", "challenge_id"),
    ("Integration", "supplier"): _organisation("Supplier", "organisation_id"),
    ("Integration", "deliveries"): _children("Delivery", "connection_id"),
    ("Integration", "mapping"): _newest("MappingVersion", "connection_id", "version"),
    ("Integration", "mappings"): _children("MappingVersion", "connection_id"),
    ("Integration", "reconciliations"): _children("Reconciliation", "connection_id"),
    ("Reconciliation", "integration"): _parent("Integration", "connection_id"),
    ("Reconciliation", "discrepancies"): _children("Discrepancy", "reconciliation_id"),
    ("Discrepancy", "delivery"): _parent("Delivery", "delivery_id"),
    ("Delivery", "attempts"): _children("Attempt", "delivery_id"),
}  # fmt: skip
"""The type of the rows in a field, and which they are."""


def _party(name: str) -> Any:
    return lambda o, row: getattr(row, name) if o.party(row) else None


def _told(name: str) -> Any:
    """What was decided is public with the publication, and before it for the two parties."""
    return lambda o, row: (
        getattr(row, name) if row.state == PilotState.PUBLISHED or o.party(row) else None
    )


def _detail(name: str) -> Any:
    """Where the evidence is and who judged it is for those who read the answers, too."""
    return lambda o, row: getattr(row, name) if o._answer(row) else None


def _officer(o: Oracle, row: Row) -> str | None:
    return o.stored.names.get(row.verified_by_id) if o._answer(row) else None


def _counted(states: Iterable[DeliveryState]) -> Any:
    return lambda o, row: sum(
        delivery.state in states for delivery in o.stored.where("Delivery", "connection_id", row.id)
    )


def _seated(o: Oracle, row: Row) -> bool:
    seats = o.stored.where("RoundMember", "round_id", row.id)
    return any(o.is_me(seat) for seat in seats if seat.left_at is None)


def _recused_from_all(o: Oracle, row: Row) -> bool:
    seats = o.stored.where("RoundMember", "round_id", row.id)
    return any(o.is_me(seat) for seat in seats if seat.recused)


def _reviews(o: Oracle, row: Row) -> bool:
    return any(
        o.is_me(seat) and row.reviewer in seat.reviewer_types
        for seat in o.stored.where("Membership", "organisation_id", row.force_id)
    )


def _proposer(o: Oracle, row: Row) -> str | None:
    return o.stored.names.get(row.proposed_by_id) if o.party(_pilot_of(o, row)) else None


def _comment(o: Oracle, row: Row) -> str | None:
    """Hidden words are read by the moderators and by the side that wrote them."""
    own = o.eyes.are_at(may.OWN_PILOTS, row.force_id)
    return row.comment if row.comment_hidden_because is None or own or _moderates(o) else None


def _reply(o: Oracle, row: Row) -> str | None:
    supplier_id = o.stored.get("Technology", row.technology_id).supplier_id
    own = o.eyes.are_at(may.OWN_LISTINGS, supplier_id)
    return row.reply if row.reply_hidden_because is None or own or _moderates(o) else None


def _inside(name: str) -> Any:
    """What a force asks for is for forces and for readers of the whole register."""

    def told(o: Oracle, row: Row) -> Any:
        shown = o.eyes.are(may.REGISTER) or o.eyes.are_at(may.OWN_PILOTS, row.force_id)
        value = getattr(row, name) if shown else None
        return [word.upper() for word in value] if name == "networks" and shown else value

    return told


def _wire(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def _filing(row: Row) -> Iterable[str]:
    """Who adds documents where this one is."""
    if row.pilot_id is not None:
        return may.FILING
    return may.LISTING_EDITORS if row.technology_id is not None else may.ASSURANCE_WRITERS


def _moderates(o: Oracle) -> bool:
    return o.eyes.are({"programme_officer"})


def _pilot_of(o: Oracle, row: Row) -> Row:
    return o.stored.get("Pilot", row.pilot_id)


GUARDED: dict[tuple[str, str], Callable[[Oracle, Row], Any]] = {
    ("Pilot", "closingReason"): _party("closing_reason"),
    ("Pilot", "decision"): _told("decision"),
    ("Pilot", "decisionReason"): _told("decision_reason"),
    ("Pilot", "mechanism"): _told("mechanism"),
    ("Pilot", "moderators"): _told("moderators"),
    ("Pilot", "implementation"): _told("implementation"),
    ("Pilot", "economics"): _told("economics"),
    ("Pilot", "supplierComment"): _told("supplier_comment"),
    ("Pilot", "commentDueOn"): _party("comment_due_on"),
    ("Pilot", "supplierAnsweredAt"): _party("supplier_answered_at"),
    ("Protocol", "proposedBy"): _proposer,
    ("PilotForce", "recordedAt"): lambda o, row: row.recorded_at if o._inside_pilot(row) else None,
    ("Appraisal", "appraisedBy"): lambda o, row: (
        o.stored.names.get(row.appraised_by_id) if o._inside_pilot(row) else None
    ),
    ("EmmieRecord", "recordedBy"): lambda o, row: (
        o.stored.names.get(row.recorded_by_id) if o._inside_pilot(row) else None
    ),
    ("TrialDataset", "recordedBy"): lambda o, row: (
        o.stored.names.get(row.recorded_by_id) if o._inside_pilot(row) else None
    ),
    ("PilotTask", "ownerName"): lambda o, row: o.stored.names.get(row.owner_id),
    ("Technology", "activePilotCount"): lambda o, row: sum(
        pilot.state in ACTIVE for pilot in o.stored.where("Pilot", "technology_id", row.id)
    ),
    ("AssuranceItem", "holder"): _detail("holder"),
    ("AssuranceItem", "evidence"): _detail("evidence"),
    ("AssuranceItem", "judgement"): _detail("judgement"),
    ("AssuranceItem", "verifiedBy"): _officer,
    ("Technology", "supplierReference"): lambda o, row: (
        row.supplier_reference if o.eyes.are(may.OWN_LISTINGS, row.supplier_id) else None
    ),
    ("Document", "isPublic"): lambda o, row: (
        row.state not in UNRELEASED
        and row.technology_id is not None
        and o.stored.get("Technology", row.technology_id).state in LISTED
    ),
    ("Document", "mine"): lambda o, row: o.eyes.are(_filing(row), row.organisation_id),
    ("Rating", "comment"): _comment,
    ("Rating", "reply"): _reply,
    **{
        ("ForceContext", _wire(name)): _inside(name)
        for name in (
            "command_and_control",
            "digital_evidence_system",
            "networks",
            "device_fleet",
            "hosting_policy",
            "max_classification",
            "vetting_required",
            "union_consultation_days",
            "ethics_committee",
        )
    },
    ("PilotGate", "mine"): lambda o, row: _reviews(o, row),
    ("Interest", "mine"): lambda o, row: o.is_me(row),
    ("SupplierInterest", "mine"): lambda o, row: o.is_me(row),
    ("Score", "mine"): lambda o, row: o.is_me(row),
    ("Round", "seated"): _seated,
    ("Round", "recused"): _recused_from_all,
    ("RoundMember", "mine"): lambda o, row: o.is_me(row),
    ("RoundMember", "leftBecause"): lambda o, row: row.left_because if o.why_told(row) else None,
    ("RoundItem", "total"): lambda o, row: None if o.blind(row) else row.total,
    ("RoundItem", "flagged"): lambda o, row: [] if o.blind(row) else row.flagged,
    ("Round", "ofBoard"): lambda o, row: o.of_the_board(row),
    ("Saving", "mine"): lambda o, row: o.eyes.person_id == row.entered_by_id,
    ("Pool", "countedQuantity"): lambda o, row: _moving(o.stored, row),
    ("Pool", "forceCount"): lambda o, row: len(_standing(o.stored, row)),
    ("PoolInvitation", "mine"): lambda o, row: o.eyes.are(may.OWN_QUOTES, row.supplier_id),
    ("PoolCommitment", "mine"): lambda o, row: o.eyes.are(may.FORCES, row.force_id),
    ("PoolShare", "mine"): lambda o, row: o.eyes.are(may.FORCES, row.force_id),
    ("CallOff", "mine"): lambda o, row: o.eyes.are(may.FORCES, row.force_id),
    ("Quote", "mine"): lambda o, row: o.eyes.are(may.OWN_QUOTES, row.supplier_id),
    ("Technology", "priceQuoted"): _priced,
    ("ModerationApproval", "mine"): lambda o, row: o.is_me(row),
    ("ModerationApproval", "member"): lambda o, row: (
        o.stored.names.get(row.person_id) if o.approver_told(row) else None
    ),
    ("Challenge", "noticeText"): lambda o, row: row.notice_text if o.sponsors(row) else None,
    ("Challenge", "sponsoring"): lambda o, row: o.sponsors(row),
    ("Challenge", "following"): lambda o, row: any(
        o.is_me(one) for one in o.stored.where("ChallengeFollower", "challenge_id", row.id)
    ),
    ("Challenge", "sponsorCount"): lambda o, row: (
        1
        + sum(
            one.joined_at is not None
            for one in o.stored.where("ChallengeForce", "challenge_id", row.id)
        )
    ),
    ("Challenge", "questionCount"): lambda o, row: len(
        o.stored.where("ChallengeQuestion", "challenge_id", row.id)
    ),
    ("Decision", "mine"): lambda o, row: o.takes(row),
    ("DecisionDelegation", "mine"): lambda o, row: o.is_me(row),
    ("DecisionDelegation", "counts"): lambda o, row: o.counts(row),
    ("ChallengeQuestion", "mine"): lambda o, row: o.eyes.are(may.ASKING, row.supplier_id),
    ("ChallengeResponse", "mine"): lambda o, row: o.eyes.are(may.OWN_CHALLENGES, row.supplier_id),
    ("Integration", "waiting"): _counted(WAITING),
    ("Integration", "delivered"): _counted({DeliveryState.DELIVERED}),
    ("Integration", "dead"): _counted({DeliveryState.DEAD_LETTER}),
}
"""Fields whose value hangs on who asks, or counts rows: the value that must be shown."""


def facets_of(s: Stored, rows: list[Row]) -> dict[str, Counter[str]]:
    """How often each value stands among the rows that may be seen."""
    forces = Counter(o.slug for row in rows for o in _piloting_forces(s, row))
    return {
        "category": Counter(row.category for row in rows),
        "trl": Counter(str(row.trl) for row in rows),
        "pilotedBy": forces,
        "rating": Counter(_band(row) for row in rows),
        "capability": _counted(s, rows, "Capability", "capability"),
        "verdict": _counted(s, rows, "Result", "verdict", lambda result: result.published_at),
        "bestGrade": Counter("none" if r.best_grade is None else str(r.best_grade) for r in rows),
        "assurance": _counted(
            s, rows, "AssuranceItem", "type", lambda item: item.status == AssuranceStatus.VERIFIED
        ),
    }


def _counted(
    s: Stored, rows: list[Row], kind: str, key: str, counts: Callable[[Row], Any] = bool
) -> Counter[str]:
    """In how many technologies each value stands, among their rows of another type that count."""
    return Counter(
        value
        for row in rows
        for value in {
            str(getattr(one, key)) for one in s.where(kind, "technology_id", row.id) if counts(one)
        }
    )


def _band(row: Row) -> str:
    if not row.rating_count:
        return "0"
    return "4" if row.rating_mean >= 4 else "3" if row.rating_mean >= 3 else "1"

"""Where every read begins."""

import strawberry
from sqlalchemy import and_, func

from innohub.graphql.read.declare import Connection, Node, anything, many, one, paged
from innohub.graphql.types.account import Account
from innohub.graphql.types.assurance import (
    ASSURANCE_ORDERS,
    AssuranceFilter,
    AssuranceItem,
    AssuranceItemConnection,
    AssuranceOrder,
    PassportCount,
)
from innohub.graphql.types.board import Round, RoundConnection, RoundFilter
from innohub.graphql.types.browsing import (
    ORDERS,
    TechnologyConnection,
    TechnologyFilter,
    published_count,
)
from innohub.graphql.types.calendar import CalendarFeed
from innohub.graphql.types.catalogue import Technology, TechnologyOrder
from innohub.graphql.types.challenges import (
    CHALLENGE_ORDERS,
    Challenge,
    ChallengeConnection,
    ChallengeFilter,
    ChallengeOrder,
    ChallengeResponse,
)
from innohub.graphql.types.clients import ApiClient
from innohub.graphql.types.decisions import (
    Decision,
    DecisionConnection,
    DecisionDelegation,
    DecisionDone,
    DecisionFilter,
    ranked,
)
from innohub.graphql.types.documents import Document
from innohub.graphql.types.earlier_pilots import (
    EarlierPilot,
    EarlierPilotConnection,
    all_of_them,
)
from innohub.graphql.types.event_types import event_types_of
from innohub.graphql.types.events import EventConnection, EventFilter, in_order
from innohub.graphql.types.evidence import (
    RESULT_ORDERS,
    ResultConnection,
    ResultFilter,
    ResultOrder,
    is_published,
)
from innohub.graphql.types.finding import (
    LockedSearch,
    LockedSearchConnection,
    SavedSearchConnection,
    SynonymConnection,
    SynonymFilter,
    search_reading,
    search_replay,
)
from innohub.graphql.types.imports import CatalogueImport
from innohub.graphql.types.integrations import Delivery, Integration
from innohub.graphql.types.local_kpis import LocalKpiConnection, LocalKpiFilter
from innohub.graphql.types.mappings import mapping_preview_of
from innohub.graphql.types.notices import NoticeConnection, NoticeFilter
from innohub.graphql.types.open_data import OcdsFilter, OcdsReleaseConnection, as_released
from innohub.graphql.types.organisations import Force, Supplier, SupplierFilter, by_name
from innohub.graphql.types.pilot_register import (
    PILOT_ORDERS,
    PilotConnection,
    PilotFilter,
    PilotOrder,
)
from innohub.graphql.types.pilots import Pilot
from innohub.graphql.types.pools import Pool, PoolConnection, PoolFilter
from innohub.graphql.types.power import sample_size
from innohub.graphql.types.preferences import NoticePreferences
from innohub.graphql.types.prices_paid import (
    PricePaidConnection,
    PricePaidFilter,
    as_ordered,
)
from innohub.graphql.types.quotes import Quote, QuoteConnection, QuoteFilter
from innohub.graphql.types.ratings import Rating
from innohub.graphql.types.reference import ReferenceValue
from innohub.graphql.types.reviewing import SupplierInterest, possible_duplicates
from innohub.graphql.types.savings import (
    SavedByClass,
    SavedByForce,
    Saving,
    SavingConnection,
    SavingFilter,
    SavingsBaseline,
    SpentByForce,
    SupplierTransaction,
    TransactionFilter,
)
from innohub.graphql.types.together import Colleague
from innohub.graphql.types.uploads import TrialUpload
from innohub.graphql.types.versions import ListingVersion, listing_difference
from innohub.graphql.types.viewer import viewer
from innohub.identity.organisations.naming import answering
from innohub.market.board.seats.policy import scores_for_a_board
from innohub.market.catalogue.models import ListingState, VersionState
from innohub.market.decisions import done
from innohub.market.decisions.policy import counts
from innohub.market.london import today_in_london
from innohub.market.pilots import overlap
from innohub.market.pilots.earlier import overlap as earlier

SINCE = today_in_london() - func.make_interval(0, overlap.MONTHS)
"""The last day on which a pilot may have ended and still be like one that is asked for now."""


@strawberry.type
class Query:
    viewer = strawberry.field(viewer, description="Who is asking, and what they may do.")
    node: Node | None = anything(many=False)
    nodes: list[Node | None] = anything(many=True)

    technologies: TechnologyConnection = paged(
        lambda _, row: row.state == ListingState.PUBLISHED,
        "The catalogue: what is published now.",
        filter=TechnologyFilter,
        orders=ORDERS,
        default=TechnologyOrder.RELEVANCE,
        counted=published_count,
    )
    technology: Technology | None = one(lambda _, row, slug: row.slug == slug, slug=str)
    listing_difference = strawberry.field(
        listing_difference,
        description="How two versions of a listing differ. `since` left out is the live version, 0 "
        "nothing at all; `to` left out is the supplier's own draft.",
    )
    possible_duplicates = strawberry.field(
        possible_duplicates,
        description="For reviewers: the published and submitted listings most like this one.",
    )
    supplier_interests: list[SupplierInterest] = many(
        lambda _, row: row.id > 0,
        lambda row: [row.id.desc()],
        "A reviewer's own declared interests; all of them for auditors.",
    )
    review_queue: list[ListingVersion] = many(
        lambda _, row: row.state == VersionState.IN_REVIEW,
        lambda row: [row.review_due_on, row.id],
        "The versions that wait for review, the one due first at the top: all for a reviewer, "
        "a supplier's own for its people.",
    )
    listings: TechnologyConnection = paged(
        None,
        "Every listing the viewer may see, in any state: a supplier's own, a reviewer's queue.",
        filter=TechnologyFilter,
        orders=ORDERS,
        default=TechnologyOrder.NEWEST,
    )
    search_reading = strawberry.field(
        search_reading, description="How a search for technologies is read."
    )
    saved_searches: SavedSearchConnection = paged(
        lambda _, row: row.deleted_at.is_(None), "The viewer's own."
    )
    locked_searches: LockedSearchConnection = paged(
        None, "Why suppliers were chosen: the records of the viewer's own force."
    )
    locked_search: LockedSearch | None = one(lambda _, row, id: row.id == id, id=strawberry.ID)
    search_replay = strawberry.field(
        search_replay, description="A locked search asked again now, and what has changed since."
    )
    synonyms: SynonymConnection = paged(
        None,
        "The words of policing that searches use, for those who keep them.",
        filter=SynonymFilter,
    )
    earlier_pilots: EarlierPilotConnection = all_of_them(
        "Pilots that forces ran without the hub, in their own words: for policing, and for the "
        "supplier whose listing one names."
    )
    local_kpis: LocalKpiConnection = paged(
        None,
        "KPIs that forces propose: approved ones for all, the others for policing.",
        filter=LocalKpiFilter,
    )
    challenges: ChallengeConnection = paged(
        None,
        "What forces need: published challenges for all, those open to forces for policing.",
        filter=ChallengeFilter,
        orders=CHALLENGE_ORDERS,
        default=ChallengeOrder.DEADLINE,
    )
    challenge: Challenge | None = one(lambda _, row, id: row.id == id, id=strawberry.ID)
    challenge_responses: Connection[ChallengeResponse] = paged(
        None, "Responses that the viewer may read, the newest first: a supplier its own."
    )
    decisions: DecisionConnection = paged(
        None,
        "What waits for the viewer to decide, in their force's leadership or in its place: what is "
        "due first; of one day, the most money.",
        filter=DecisionFilter,
        order=ranked,
    )
    decision: Decision | None = one(lambda _, row, id: row.id == id, id=strawberry.ID)
    delegations: list[DecisionDelegation] = many(
        lambda _, row: counts(row, today_in_london()),
        lambda row: [row.until, row.id],
        "Decisions that are passed on now, by the viewer or their force's leadership, or to them.",
    )
    decisions_done: list[DecisionDone] = many(
        lambda _, row: done.lately(row),
        lambda row: [row.at.desc(), row.id],
        "What the viewer's force decided in the last 30 days, the newest first.",
    )
    pilots: PilotConnection = paged(
        None, filter=PilotFilter, orders=PILOT_ORDERS, default=PilotOrder.NEWEST
    )
    pilot: Pilot | None = one(lambda _, row, id: row.id == id, id=strawberry.ID)
    results: ResultConnection = paged(
        lambda _, row: is_published(row),
        "What was found out: the published result of every pilot, failures too.",
        filter=ResultFilter,
        orders=RESULT_ORDERS,
        default=ResultOrder.NEWEST,
    )
    rating: Rating | None = one(lambda _, row, id: row.id == id, id=strawberry.ID)
    similar_pilots: list[Pilot] = many(
        lambda _, row, technology, kpi, challenge=None: overlap.alike(
            row, technology, kpi, SINCE, challenge
        ),
        lambda row: [row.id.desc()],
        "The overlap check: pilots of the same technology, KPI or challenge in the last 36 months.",
        technology_id=strawberry.ID,
        kpi=str,
        challenge_id=strawberry.ID | None,
    )
    similar_earlier_pilots: list[EarlierPilot] = many(
        lambda _, row, technology, kpi: earlier.alike(row, technology, kpi, SINCE),
        lambda row: [row.end_on.desc(), row.id.desc()],
        "The overlap check among the pilots from before the hub: of the same technology or KPI, "
        "over for 36 months at most.",
        technology_id=strawberry.ID,
        kpi=str,
    )
    sample_size = strawberry.field(
        sample_size,
        description="How many units a trial needs to find the effect that matters, or the chance "
        "that so many have of finding it.",
    )
    forces: list[Force] = many(
        lambda _, row: row.valid_to.is_(None), lambda row: [row.name], "The forces of today."
    )
    force: Force | None = one(
        lambda _, row, slug: row.id == answering(slug),
        "By its slug, or one that it had before. From the day after a force's last one, whoever "
        "followed it.",
        slug=str,
    )
    suppliers: Connection[Supplier] = paged(
        lambda _, row: row.valid_to.is_(None),
        "Suppliers by name.",
        filter=SupplierFilter,
        order=by_name,
    )
    supplier: Supplier | None = one(
        lambda _, row, slug: row.id == answering(slug),
        "By its slug, or one that it had before.",
        slug=str,
    )
    quotes: QuoteConnection = paged(
        None,
        "Quotes that the viewer may read, the newest first: a supplier its own, a force and the "
        "company all, everybody those that were accepted.",
        filter=QuoteFilter,
    )
    quote: Quote | None = one(lambda _, row, id: row.id == id, id=strawberry.ID)
    pools: PoolConnection = paged(
        None,
        "What forces buy together: from the call for quotes on for all, before it for policing.",
        filter=PoolFilter,
    )
    pool: Pool | None = one(lambda _, row, id: row.id == id, id=strawberry.ID)
    rounds: RoundConnection = paged(None, filter=RoundFilter)
    board_members: list[Colleague] = many(
        lambda _, person: scores_for_a_board(person),
        lambda person: [person.name, person.id],
        "Those of the viewer's own board who can sit on a round.",
    )
    round: Round | None = one(lambda _, row, id: row.id == id, id=strawberry.ID)
    assurance_items: AssuranceItemConnection = paged(
        None,
        "Assurance items that the viewer may see, of all technologies.",
        filter=AssuranceFilter,
        orders=ASSURANCE_ORDERS,
        default=AssuranceOrder.OLDEST,
    )
    assurance_item: AssuranceItem | None = one(lambda _, row, id: row.id == id, id=strawberry.ID)
    passport: list[PassportCount] = many(
        lambda _, row: row.list == "passport_response",
        lambda row: [row.position],
        "How often forces used a verified assessment again, and how often they did it again.",
    )
    integrations: list[Integration] = many(
        lambda _, row: row.id > 0, lambda row: [row.id], "The viewer's own."
    )
    integration: Integration | None = one(lambda _, row, id: row.id == id, id=strawberry.ID)
    delivery: Delivery | None = one(lambda _, row, id: row.id == id, id=strawberry.ID)
    mapping_preview = strawberry.field(
        mapping_preview_of,
        description="The newest events that a connection would get, as they would arrive: with the "
        "fields given here, or with those that count now.",
    )
    catalogue_imports: Connection[CatalogueImport] = paged(None, "The viewer's own.")
    catalogue_import: CatalogueImport | None = one(
        lambda _, row, id: row.id == id, id=strawberry.ID
    )
    trial_upload: TrialUpload | None = one(lambda _, row, id: row.id == id, id=strawberry.ID)
    document: Document | None = one(lambda _, row, id: row.id == id, id=strawberry.ID)
    events: EventConnection = paged(
        lambda _, row: row.position.is_not(None),
        "What happened to the viewer's own technologies and pilots, the oldest first: for systems "
        "that fetch, and to catch up with a subscription. Nothing is ever added before a cursor.",
        filter=EventFilter,
        order=in_order,
    )
    event_types = strawberry.field(
        event_types_of,
        description="Every type of event there is, with the JSON Schema of its payload and an "
        "example; `/events.json` has all of them as one document.",
    )
    prices_paid: PricePaidConnection = paged(
        None,
        "What forces called off and paid, the newest call-off first: for everybody.",
        filter=PricePaidFilter,
        order=as_ordered,
    )
    savings: SavingConnection = paged(
        None,
        "The ledger: signed savings of all forces, the others of one's own.",
        filter=SavingFilter,
    )
    saving: Saving | None = one(lambda _, row, id: row.id == id, id=strawberry.ID)
    saved_by_class: list[SavedByClass] = many(
        lambda _, row: row.entries > 0,
        lambda row: [row.saving_class],
        "What is signed, class by class. Classes are never added together.",
    )
    saved_by_force: list[SavedByForce] = many(
        lambda _, row: row.entries > 0,
        lambda row: [row.force_id, row.saving_class],
        "What is signed, force by force and class by class.",
        limit=400,
    )
    spent_by_force: list[SpentByForce] = many(
        lambda _, row: row.call_offs > 0,
        lambda row: [row.force_id],
        "What forces called off: what the savings stand against.",
    )
    savings_baselines: Connection[SavingsBaseline] = paged(None, "For policing.")
    supplier_transactions: Connection[SupplierTransaction] = paged(
        None,
        "What suppliers' books say: a supplier its own, policing all.",
        filter=TransactionFilter,
    )
    ocds_releases: OcdsReleaseConnection = paged(
        None,
        "Open contracting data, the oldest release first. Nothing is ever added before a cursor; "
        "no release is ever changed.",
        filter=OcdsFilter,
        order=as_released,
    )
    api_clients: list[ApiClient] = many(
        lambda _, row: row.id > 0,
        lambda row: [row.revoked_at.is_not(None), row.created_at.desc(), row.id.desc()],
        "The programs of the viewer's organisation, those that ended last.",
    )
    account: Account | None = one(
        lambda _, row: row.id > 0, "How the viewer signs in, and where they are signed in."
    )
    calendar_feed: CalendarFeed | None = one(
        lambda _, row: row.id > 0, "The viewer's own private calendar address, if there is one."
    )
    notices: NoticeConnection = paged(
        None,
        "What the viewer was told in person, the newest first; how many are unread: "
        "`notices(filter: {unread: true}) { totalCount }`.",
        filter=NoticeFilter,
    )
    notice_preferences: NoticePreferences | None = one(
        lambda _, row: row.id > 0, "How the viewer is told of things."
    )
    reference: list[ReferenceValue] = many(
        lambda _, row, list: and_(row.list == list, row.valid_to.is_(None)),
        lambda row: [row.position],
        "A reference list: category, capability, kpi, assurance_type …",
        list=str,
    )

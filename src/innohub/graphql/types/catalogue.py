"""Technologies: the listing, its sections and versions, the assurance held for it."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from sqlalchemy import Text, case, exists, func, inspect, literal_column, select
from sqlalchemy.orm import aliased

from innohub.graphql.read.declare import (
    Connection,
    Follows,
    Node,
    Row,
    Term,
    column,
    many,
    node,
    one,
    paged,
    part,
)
from innohub.graphql.types.documents import Document
from innohub.graphql.types.drafts import ListingDraft, section_order
from innohub.graphql.types.organisations import Force, Supplier
from innohub.graphql.types.reference import label_of
from innohub.graphql.types.scalars import Pence
from innohub.graphql.types.versions import ListingVersion
from innohub.market.catalogue import models as rows
from innohub.market.catalogue import policy
from innohub.market.catalogue.former_suppliers import named_before
from innohub.market.catalogue.models import ListingState, Section
from innohub.market.documents.service import MAX_FILES
from innohub.market.evidence.models import Verdict
from innohub.market.finding import predicates as finding
from innohub.market.pilots import models as pilots
from innohub.market.pilots import policy as pilots_policy
from innohub.market.quotes import policy as quotes_policy

if TYPE_CHECKING:
    from innohub.graphql.types.assurance import AssuranceFilter, AssuranceItem, PassportAnswers
    from innohub.graphql.types.evidence import Result, ResultFilter
    from innohub.graphql.types.pilot_register import PilotFilter
    from innohub.graphql.types.pilots import Pilot
    from innohub.graphql.types.quotes import Quote
    from innohub.graphql.types.ratings import Rating, RatingFilter, RatingSummary
    from innohub.graphql.types.synthesis import PooledEffect, PooledEffectFilter

    PooledEffects = Connection[PooledEffect]
    Pilots = Connection[Pilot]
    Results = Connection[Result]
    Ratings = Connection[Rating]
    AssuranceItems = Connection[AssuranceItem]
    Quotes = Connection[Quote]
else:
    PooledEffects = Connection[
        Annotated["PooledEffect", strawberry.lazy("innohub.graphql.types.synthesis")]
    ]
    PooledEffectFilter = Annotated[
        "PooledEffectFilter", strawberry.lazy("innohub.graphql.types.synthesis")
    ]
    Pilots = Connection[Annotated["Pilot", strawberry.lazy("innohub.graphql.types.pilots")]]
    Results = Connection[Annotated["Result", strawberry.lazy("innohub.graphql.types.evidence")]]
    Ratings = Connection[Annotated["Rating", strawberry.lazy("innohub.graphql.types.ratings")]]
    AssuranceItems = Connection[
        Annotated["AssuranceItem", strawberry.lazy("innohub.graphql.types.assurance")]
    ]
    AssuranceFilter = Annotated[
        "AssuranceFilter", strawberry.lazy("innohub.graphql.types.assurance")
    ]
    PassportAnswers = Annotated[
        "PassportAnswers", strawberry.lazy("innohub.graphql.types.assurance")
    ]
    Quotes = Connection[Annotated["Quote", strawberry.lazy("innohub.graphql.types.quotes")]]
    PilotFilter = Annotated["PilotFilter", strawberry.lazy("innohub.graphql.types.pilot_register")]
    ResultFilter = Annotated["ResultFilter", strawberry.lazy("innohub.graphql.types.evidence")]
    RatingFilter = Annotated["RatingFilter", strawberry.lazy("innohub.graphql.types.ratings")]
    RatingSummary = Annotated["RatingSummary", strawberry.lazy("innohub.graphql.types.ratings")]

ENGLISH: Any = literal_column("'english'")
"""PostgreSQL's text search configuration."""
OF_TECHNOLOGY = Follows(rows.Technology, "technology_id")
"""Visible whenever its technology is: `catalogue.policy.follows`."""

strawberry.enum(ListingState)


@strawberry.enum(
    description="RELEVANCE: how well it fits the search, then the evidence; without one, EVIDENCE."
)
class TechnologyOrder(Enum):
    RELEVANCE = "relevance"
    EVIDENCE = "evidence"
    RATING = "rating"
    NEWEST = "newest"


@strawberry.type(description="The published price band, in pence, VAT apart.")
class PriceBand:
    from_pence: Pence = column(rows.Technology.price_from_pence)
    to_pence: Pence = column(rows.Technology.price_to_pence)
    unit: str = column(rows.Technology.price_unit, "What is counted: a user, a device, a force …")
    interval: str = column(rows.Technology.price_interval, "How often it is paid.")


@node(rows.ListingSection, policy.section_visible, name="ListingSection", follows=OF_TECHNOLOGY)
class ListingSection:
    section: Section = column(rows.ListingSection.section)
    body: str = column(rows.ListingSection.body)
    updated_at: datetime = column(rows.ListingSection.updated_at)


@node(
    rows.TechnologyCapability, policy.capability_visible, name="Capability", follows=OF_TECHNOLOGY
)
class Capability:
    value: str = column(rows.TechnologyCapability.capability)
    label: str = column(lambda row: label_of("capability", row.capability))


def _latest_version(technology: Row, version: Row) -> Any:
    other = aliased(rows.ListingVersion)
    newest = (
        select(func.max(other.number))
        .where(other.technology_id == technology.id)
        .correlate_except(other)
        .scalar_subquery()
    )
    return (version.technology_id == technology.id) & (version.number == newest)


@node(rows.Technology, policy.visible, name="Technology")
class Technology(Node):
    """A technology that a supplier lists."""

    slug: str = column(rows.Technology.slug)
    name: str = column(rows.Technology.name)
    summary: str = column(rows.Technology.summary)
    category: str = column(rows.Technology.category)
    category_label: str = column(lambda row: label_of("category", row.category))
    trl: int = column(rows.Technology.trl, "Technology readiness level as claimed, 1 to 9.")
    trl_evidence: str | None = column(
        rows.Technology.trl_evidence, "What backs the claimed readiness level."
    )
    research_lines: list[str] = column(
        rows.Technology.research_lines, "Ids of the reference list `ari_service_line`."
    )
    integrations: list[str] = column(
        rows.Technology.integrations, "The systems it works with, as their makers call them."
    )
    hosting: list[str] = column(rows.Technology.hosting, "Ids of the reference list `hosting`.")
    data_kinds: list[str] = column(
        rows.Technology.data_kinds, "Ids of the reference list `data_kind`."
    )
    ai_role: str | None = column(
        rows.Technology.ai_role, "The part that AI plays: an id of the reference list `ai_role`."
    )
    state: ListingState = column(rows.Technology.state)
    demonstration: bool = column(rows.Technology.demonstration)
    supplier_reference: str | None = column(
        rows.Technology.supplier_reference,
        "Its supplier's own name for it; for that supplier alone.",
        shown=policy.is_own,
    )
    revision: int = column(rows.Technology.revision, "Send it back with a step.")
    published_at: datetime | None = column(rows.Technology.published_at)
    best_grade: int | None = column(
        rows.Technology.best_grade, "The highest Maryland grade among its published results."
    )
    pilot_count: int = column(rows.Technology.pilot_count)
    excerpt: str | None = column(
        lambda row, viewer, search: _excerpt(row, search),
        "Where the words of a search stand, the words between ⟦ and ⟧.",
        search=str,
    )
    best_verdict: Verdict | None = column(
        rows.Technology.best_verdict,
        "What its strongest results say: of those of the best grade, the least favourable.",
    )
    force_count: int = column(
        rows.Technology.force_count, "Forces with a pilot of it in the public register."
    )
    evidence: int = column(
        rows.Technology.evidence,
        "Its place by evidence, the higher the better: whether its strongest results speak for it, "
        "their grade, their verdict, the number of forces, the rating.",
    )
    why: str = column(
        lambda row, viewer, order_by, search: _why(row, order_by, search),
        "Why it stands where it does in a list of this order, in one sentence.",
        order_by=TechnologyOrder,
        search=str,
    )
    active_pilot_count: int = column(lambda row: _active_pilots(row))
    price_quoted: bool = column(
        lambda row: quotes_policy.is_priced(row),
        "Whether its supplier quotes a price for the current version that stands today.",
    )
    price: PriceBand | None = part(lambda row: row.price_from_pence.is_not(None))
    rating: RatingSummary = part()
    supplier: Supplier | None = one(lambda row, supplier: supplier.id == row.supplier_id)
    former_suppliers: list[Supplier] = many(
        lambda row, supplier: supplier.id.in_(named_before(row.id)),
        lambda supplier: [supplier.id],
        "Who listed it before they became part of its supplier of today.",
    )
    capabilities: list[Capability] = many(
        lambda row, capability: capability.technology_id == row.id,
        lambda capability: [capability.capability],
        "Each of the reference list once.",
    )
    sections: list[ListingSection] = many(
        lambda row, section: section.technology_id == row.id,
        lambda section: [section_order(section)],
        "One for each heading.",
    )
    assurance: AssuranceItems = paged(
        lambda row, item: item.technology_id == row.id,
        filter=AssuranceFilter,
        order=lambda item, given: [Term(item.type), Term(item.id, unique=True)],
    )
    passport_answers: PassportAnswers = part(
        description="What forces make of its assurance: how often it was used again."
    )
    documents: list[Document] = many(
        lambda row, document: document.technology_id == row.id,
        lambda document: [document.id],
        f"At most {MAX_FILES}.",
        "Pictures, files, and pointers to what is held elsewhere.",
    )
    current_version: ListingVersion | None = one(
        lambda row, version: version.id == row.current_version_id,
        "The version that is live: pilots and ratings name it.",
    )
    latest_version: ListingVersion | None = one(
        _latest_version, "The newest submission, for the supplier and its reviewers."
    )
    versions: Connection[ListingVersion] = paged(
        lambda row, version: version.technology_id == row.id,
        "Every version that may be seen, the newest first.",
        order=lambda version, given: [Term(version.number, descending=True, unique=True)],
    )
    draft: ListingDraft | None = one(
        lambda row, draft: draft.technology_id == row.id,
        "What its supplier writes for the next version; nobody else sees it.",
    )
    quotes: Quotes = paged(
        lambda row, quote: quote.technology_id == row.id,
        "Those that the viewer may read, the newest first.",
    )
    piloting_forces: list[Force] = many(
        lambda row, force: _pilots_here(row, force),
        lambda force: [force.name],
        "Each force once.",
    )
    pilots: Pilots = paged(lambda row, pilot: pilot.technology_id == row.id, filter=PilotFilter)
    results: Results = paged(
        lambda row, result: result.technology_id == row.id, filter=ResultFilter
    )
    pooled_effects: PooledEffects = paged(
        lambda row, pooled: pooled.technology_id == row.id,
        "What its trials say together, by indicator and by which trials are looked at.",
        filter=PooledEffectFilter,
    )
    ratings: Ratings = paged(
        lambda row, rating: (rating.technology_id == row.id) & rating.superseded_at.is_(None),
        "What forces say today; `earlier` of each tells what they said before.",
        filter=RatingFilter,
    )


def _active_pilots(row: Row) -> Any:
    pilot = aliased(pilots.Pilot)
    return (
        select(func.count())
        .where(pilot.technology_id == row.id, finding.one_of(pilot.state, pilots.ACTIVE))
        .correlate_except(pilot)
        .scalar_subquery()
    )


def _pilots_here(row: Row, force: Row) -> Any:
    pilot = aliased(pilots.Pilot)
    return (
        exists()
        .where(
            pilot.technology_id == row.id,
            pilot.force_id == force.id,
            finding.one_of(pilot.state, pilots_policy.REGISTERED),
        )
        .correlate_except(pilot)
    )


def _excerpt(row: Row, search: Any) -> Any:
    """The best passages of the listing for a search, marked up; null where none of it matches."""
    query = finding.matching(search)
    text = row.summary.concat(" ").concat(row.search_text)
    options: Any = literal_column(
        "'StartSel=⟦, StopSel=⟧, MaxFragments=2, MaxWords=25, MinWords=10'"
    )
    return case((row.search.op("@@")(query), func.ts_headline(ENGLISH, text, query, options)))


def _why(row: Row, order_by: Any, search: Any) -> Any:
    listing = inspect(row).selectable.table_valued()
    return func.search_why(listing, order_by, finding.terms(search), type_=Text)

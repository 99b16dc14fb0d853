"""Technologies: the listing, its sections and versions, the assurance held for it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from sqlalchemy import (
    BigInteger,
    Float,
    Integer,
    Text,
    case,
    cast,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from innohub.graphql.read.declare import (
    Connection,
    FacetCount,
    Follows,
    Node,
    Row,
    Term,
    among,
    column,
    facet,
    many,
    node,
    one,
    paged,
    part,
    where,
)
from innohub.graphql.types.organisations import Force, Supplier
from innohub.graphql.types.reference import label_of
from innohub.graphql.types.scalars import Pence
from innohub.identity.models import Organisation
from innohub.market.assurance import models as assurance
from innohub.market.catalogue import models as rows
from innohub.market.catalogue import policy
from innohub.market.catalogue.models import ListingState, Section, VersionState
from innohub.market.evidence import models as evidence
from innohub.market.evidence.models import Verdict
from innohub.market.pilots import models as pilots
from innohub.market.pilots import policy as pilots_policy

if TYPE_CHECKING:
    from innohub.graphql.types.assurance import AssuranceItem, PassportAnswers
    from innohub.graphql.types.evidence import Result
    from innohub.graphql.types.pilots import Pilot
    from innohub.graphql.types.ratings import Rating, RatingSummary

    Pilots = Connection[Pilot]
    Results = Connection[Result]
    Ratings = Connection[Rating]
else:
    Pilots = Connection[Annotated["Pilot", strawberry.lazy("innohub.graphql.types.pilots")]]
    Results = Connection[Annotated["Result", strawberry.lazy("innohub.graphql.types.evidence")]]
    Ratings = Connection[Annotated["Rating", strawberry.lazy("innohub.graphql.types.ratings")]]
    AssuranceItem = Annotated["AssuranceItem", strawberry.lazy("innohub.graphql.types.assurance")]
    PassportAnswers = Annotated[
        "PassportAnswers", strawberry.lazy("innohub.graphql.types.assurance")
    ]
    RatingSummary = Annotated["RatingSummary", strawberry.lazy("innohub.graphql.types.ratings")]

ENGLISH: Any = literal_column("'english'")
"""PostgreSQL's text search configuration."""
OF_TECHNOLOGY = Follows(rows.Technology, "technology_id")
"""Visible whenever its technology is: `catalogue.policy.follows`."""

strawberry.enum(ListingState)
strawberry.enum(VersionState)
strawberry.enum(Section, name="SectionName")


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


@node(rows.ListingVersion, policy.version_visible, name="ListingVersion")
class ListingVersion(Node):
    """What was submitted, word for word."""

    number: int = column(rows.ListingVersion.number)
    state: VersionState = column(rows.ListingVersion.state)
    content_hash: str = column(rows.ListingVersion.content_hash)
    submitted_at: datetime = column(rows.ListingVersion.created_at)
    review_due_on: datetime = column(rows.ListingVersion.review_due_on)
    reviewed_at: datetime | None = column(rows.ListingVersion.reviewed_at)
    review_reason: str | None = column(rows.ListingVersion.review_reason)


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
    state: ListingState = column(rows.Technology.state)
    demonstration: bool = column(rows.Technology.demonstration)
    revision: int = column(rows.Technology.revision, "Send it back with an edit.")
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
    active_pilot_count: int = column(lambda row: _active_pilots(row))
    price: PriceBand | None = part(lambda row: row.price_from_pence.is_not(None))
    rating: RatingSummary = part()
    supplier: Supplier | None = one(lambda row, supplier: supplier.id == row.supplier_id)
    capabilities: list[Capability] = many(
        lambda row, capability: capability.technology_id == row.id,
        lambda capability: [capability.capability],
    )
    sections: list[ListingSection] = many(
        lambda row, section: section.technology_id == row.id,
        lambda section: [_section_order(section)],
    )
    assurance: list[AssuranceItem] = many(
        lambda row, item: item.technology_id == row.id, lambda item: [item.type, item.id]
    )
    passport_answers: PassportAnswers = part(
        description="What forces make of its assurance: how often it was used again."
    )
    current_version: ListingVersion | None = one(
        lambda row, version: version.id == row.current_version_id,
        "The version that is live: pilots and ratings name it.",
    )
    latest_version: ListingVersion | None = one(
        _latest_version, "The newest submission, for the supplier and its reviewers."
    )
    piloting_forces: list[Force] = many(
        lambda row, force: _pilots_here(row, force), lambda force: [force.name]
    )
    pilots: Pilots = paged(lambda row, pilot: pilot.technology_id == row.id)
    results: Results = paged(lambda row, result: result.technology_id == row.id)
    ratings: Ratings = paged(lambda row, rating: rating.technology_id == row.id)


def _section_order(section: Row) -> Any:
    places = {name.value: place for place, name in enumerate(rows.Section)}
    return case(places, value=section.section)


def _active_pilots(row: Row) -> Any:
    pilot = aliased(pilots.Pilot)
    return (
        select(func.count())
        .where(pilot.technology_id == row.id, _one_of(pilot.state, pilots.ACTIVE))
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
            _one_of(pilot.state, pilots_policy.REGISTERED),
        )
        .correlate_except(pilot)
    )


def _one_of(column_: Any, states: Any) -> Any:
    return or_(*(column_ == state for state in sorted(states)))


def _excerpt(row: Row, search: Any) -> Any:
    """The best passages of the listing for a search, marked up; null where none of it matches."""
    query = _words(search)
    text = row.summary.concat(" ").concat(row.search_text)
    options: Any = literal_column(
        "'StartSel=⟦, StopSel=⟧, MaxFragments=2, MaxWords=25, MinWords=10'"
    )
    return case((row.search.op("@@")(query), func.ts_headline(ENGLISH, text, query, options)))


def published_count(given: Mapping[str, Any]) -> Any:
    """What the database keeps of the published: their number by category, everybody's to see."""
    if given.keys() - {"category"}:
        return None
    kept = select(cast(func.coalesce(func.sum(rows.PublishedCount.number), 0), BigInteger))
    category = given.get("category")
    return kept if category is None else kept.where(among(rows.PublishedCount.category, category))


def _search(row: Row, value: Any) -> Any:
    return row.search.op("@@")(_words(value))


def _words(search: Any) -> Any:
    """The parsed search, in a subquery of its own: parsed once, whatever plan is kept."""
    return select(func.websearch_to_tsquery(ENGLISH, search)).scalar_subquery()


@strawberry.input(description="Conditions are combined; each list means any of its values.")
class TechnologyFilter:
    search: str | None = where(
        _search, 'Words, "exact phrases" and -exclusions, in the title, summary and sections.'
    )
    state: list[ListingState] | None = where(lambda row, value: among(row.state, value))
    category: list[str] | None = where(lambda row, value: among(row.category, value))
    trl: list[int] | None = where(lambda row, value: among(row.trl, value))
    trl_at_least: int | None = where(lambda row, value: row.trl >= value)
    trl_at_most: int | None = where(lambda row, value: row.trl <= value)
    rating_at_least: float | None = where(
        lambda row, value: (row.rating_mean >= value) & (row.rating_count > 0)
    )
    best_grade_at_least: int | None = where(lambda row, value: row.best_grade >= value)
    capability: list[str] | None = where(lambda row, value: _has_capability(row, value))
    piloted_by: list[str] | None = where(
        lambda row, value: _piloted(row, lambda force: among(force.slug, value)),
        "Slugs of forces with a pilot of it.",
    )
    assurance_held: list[str] | None = where(
        lambda row, value: _holds(row, value), "Verified assurance of any of these types."
    )
    supplier: list[str] | None = where(
        lambda row, value: _supplied_by(row, value), "Slugs of suppliers."
    )
    published_since: datetime | None = where(lambda row, value: row.published_at >= value)
    verdict: list[Verdict] | None = where(
        lambda row, value: _has_result(row, lambda result: among(result.verdict, value)),
        "Technologies with a published result of any of these verdicts.",
    )
    region: list[str] | None = where(
        lambda row, value: _piloted(row, lambda force: among(force.region, value)),
        "Regions of forces with a pilot of it.",
    )
    price_unit: list[str] | None = where(lambda row, value: among(row.price_unit, value))
    price_at_most_pence: Pence | None = where(
        lambda row, value: row.price_from_pence <= value, "The band starts at or below this."
    )


def _has_capability(row: Row, value: Any) -> Any:
    capability = aliased(rows.TechnologyCapability)
    return (
        exists()
        .where(capability.technology_id == row.id, among(capability.capability, value))
        .correlate_except(capability)
    )


def _has_result(row: Row, fits: Callable[[Row], Any]) -> Any:
    result = aliased(evidence.Result)
    published = result.published_at.is_not(None)
    return (
        exists()
        .where(result.technology_id == row.id, published, fits(result))
        .correlate_except(result)
    )


def _piloted(row: Row, fits: Callable[[Row], Any]) -> Any:
    force, pilot = aliased(Organisation), aliased(pilots.Pilot)
    return (
        exists()
        .where(
            pilot.technology_id == row.id,
            pilot.force_id == force.id,
            fits(force),
            _one_of(pilot.state, pilots_policy.REGISTERED),
        )
        .correlate_except(pilot, force)
    )


def _holds(row: Row, value: Any) -> Any:
    item = aliased(assurance.AssuranceItem)
    verified = item.status == assurance.AssuranceStatus.VERIFIED
    return (
        exists()
        .where(item.technology_id == row.id, among(item.type, value), verified)
        .correlate_except(item)
    )


def _supplied_by(row: Row, value: Any) -> Any:
    supplier = aliased(Organisation)
    return row.supplier_id.in_(
        select(supplier.id).where(among(supplier.slug, value)).correlate_except(supplier)
    )


@strawberry.enum
class TechnologyOrder(Enum):
    RELEVANCE = "relevance"
    EVIDENCE = "evidence"
    RATING = "rating"
    NEWEST = "newest"


def _relevance(row: Row, given: Mapping[str, Any]) -> list[Term]:
    if "search" not in given:
        return _evidence(row, given)
    rank = cast(func.ts_rank(row.search, _words(given["search"])), Float)
    return [Term(rank, descending=True)]


def _evidence(row: Row, given: Mapping[str, Any]) -> list[Term]:
    grade = func.coalesce(row.best_grade, -1, type_=Integer)
    return [Term(grade, descending=True), Term(row.rating_mean, descending=True)]


def _rating(row: Row, given: Mapping[str, Any]) -> list[Term]:
    return [Term(row.rating_mean, descending=True)]


def _newest(row: Row, given: Mapping[str, Any]) -> list[Term]:
    return [Term(func.coalesce(row.published_at, row.created_at), descending=True)]


ORDERS = {
    TechnologyOrder.RELEVANCE: _relevance,
    TechnologyOrder.EVIDENCE: _evidence,
    TechnologyOrder.RATING: _rating,
    TechnologyOrder.NEWEST: _newest,
}


@strawberry.type(description="Counts for narrowing a search; each leaves out its own filter.")
class TechnologyFacets:
    category: list[FacetCount] = facet(
        lambda row: (row.category, []),
        label=lambda value: label_of("category", value),
        ignoring="category",
    )
    trl: list[FacetCount] = facet(
        lambda row: (cast(row.trl, Text), []),
        label=lambda value: literal("TRL ").concat(value),
        ignoring="trl",
    )
    piloted_by: list[FacetCount] = facet(
        lambda row: _piloting_force(row),
        label=lambda value: _name_of_force(value),
        ignoring="piloted_by",
    )
    rating: list[FacetCount] = facet(
        lambda row: (_rating_band(row), []),
        label=lambda value: case(
            (value == "4", "4 and over"), (value == "3", "3 to 4"), (value == "1", "Under 3"),
            else_="Not rated yet",
        ),
        ignoring="rating_at_least",
    )  # fmt: skip


def _piloting_force(row: Row) -> Any:
    force, pilot = aliased(Organisation), aliased(pilots.Pilot)
    registered = _one_of(pilot.state, pilots_policy.REGISTERED)
    joins = [
        (pilot, (pilot.technology_id == row.id) & registered),
        (force, force.id == pilot.force_id),
    ]
    return force.slug, joins


def _name_of_force(slug: Any) -> Any:
    force = aliased(Organisation)
    return select(force.name).where(force.slug == slug).correlate_except(force).scalar_subquery()


def _rating_band(row: Row) -> Any:
    """Bands from which `ratingAtLeast` may be chosen: 4, 3, and 1 for any rating."""
    return case(
        (row.rating_count == 0, "0"), (row.rating_mean >= 4, "4"), (row.rating_mean >= 3, "3"),
        else_="1",
    )  # fmt: skip


@strawberry.type
class TechnologyConnection(Connection[Technology]):
    facets: TechnologyFacets = part()

"""Browsing the catalogue: how technologies are narrowed down, ordered and counted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import strawberry
from sqlalchemy import BigInteger, Text, case, cast, func, literal, select
from sqlalchemy.orm import aliased

from innohub.graphql.read.declare import (
    Connection,
    FacetCount,
    Row,
    Term,
    among,
    facet,
    part,
    where,
)
from innohub.graphql.types.catalogue import Technology, TechnologyOrder
from innohub.graphql.types.organisations import by_slugs
from innohub.graphql.types.reference import label_of
from innohub.graphql.types.scalars import Pence
from innohub.identity.models import Organisation
from innohub.market.assurance import models as assurance
from innohub.market.catalogue import models as rows
from innohub.market.catalogue.models import ListingState
from innohub.market.evidence import models as evidence
from innohub.market.evidence.models import Verdict
from innohub.market.finding import predicates as finding
from innohub.market.forces import peers
from innohub.market.pilots import models as pilots
from innohub.market.pilots import policy as pilots_policy


def published_count(given: Mapping[str, Any]) -> Any:
    """What the database keeps of the published: their number by category, everybody's to see."""
    if given.keys() - {"category"}:
        return None
    kept = select(cast(func.coalesce(func.sum(rows.PublishedCount.number), 0), BigInteger))
    category = given.get("category")
    return kept if category is None else kept.where(among(rows.PublishedCount.category, category))


@strawberry.input(description="Conditions are combined; each list means any of its values.")
class TechnologyFilter:
    search: str | None = where(
        finding.matches,
        'Words, "exact phrases", -exclusions and "or", in the title, summary and sections. Synonyms'
        " are found too, and a mistyped word is read as the nearest one known: see searchReading.",
    )
    state: list[ListingState] | None = where(lambda row, value: among(row.state, value))
    category: list[str] | None = where(lambda row, value: among(row.category, value))
    trl: list[int] | None = where(lambda row, value: among(row.trl, value))
    trl_at_least: int | None = where(lambda row, value: row.trl >= value)
    trl_at_most: int | None = where(lambda row, value: row.trl <= value)
    rating_at_least: float | None = where(finding.rated_at_least)
    best_grade_at_least: int | None = where(lambda row, value: row.best_grade >= value)
    capability: list[str] | None = where(
        lambda row, value: finding.has_capability(row, lambda own: among(own.capability, value))
    )
    piloted_by_forces_like: strawberry.ID | None = where(
        lambda row, value: finding.piloted(row, lambda force: peers.like(value, force.id)),
        "A force's id: technologies with a pilot by a force like it.",
        id_of="Force",
    )
    piloted_by: list[str] | None = where(
        lambda row, value: finding.piloted(row, lambda force: force.id.in_(by_slugs(value))),
        "Slugs of forces with a pilot of it.",
    )
    assurance_held: list[str] | None = where(
        lambda row, value: finding.holds(row, lambda item: among(item.type, value)),
        "Verified assurance of any of these types.",
    )
    supplier: list[str] | None = where(
        lambda row, value: row.supplier_id.in_(by_slugs(value)),
        "Slugs of suppliers.",
    )
    published_since: datetime | None = where(lambda row, value: row.published_at >= value)
    verdict: list[Verdict] | None = where(
        lambda row, value: finding.has_result(row, lambda result: among(result.verdict, value)),
        "Technologies with a published result of any of these verdicts.",
    )
    region: list[str] | None = where(
        lambda row, value: finding.piloted(row, lambda force: among(force.region, value)),
        "Regions of forces with a pilot of it.",
    )
    price_unit: list[str] | None = where(lambda row, value: among(row.price_unit, value))
    price_at_most_pence: Pence | None = where(
        lambda row, value: row.price_from_pence <= value, "The band starts at or below this."
    )


def _relevance(row: Row, given: Mapping[str, Any]) -> list[Term]:
    """How well it fits, in quarters; among those that fit alike, the evidence decides."""
    if "search" not in given:
        return _evidence(row, given)
    fit = finding.band(row, given["search"])
    return [Term(fit, descending=True), *_evidence(row, given)]


def _evidence(row: Row, given: Mapping[str, Any]) -> list[Term]:
    return [Term(row.evidence, descending=True)]


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
    capability: list[FacetCount] = facet(
        lambda row: _capability_served(row),
        label=lambda value: label_of("capability", value),
        ignoring="capability",
    )
    verdict: list[FacetCount] = facet(
        lambda row: _verdict_published(row),
        label=lambda value: func.initcap(func.left(value, 1)).concat(
            func.substr(func.replace(func.replace(value, "didnt", "didn’t"), "_", " "), 2)
        ),
        ignoring="verdict",
    )
    best_grade: list[FacetCount] = facet(
        lambda row: (func.coalesce(cast(row.best_grade, Text), "none"), []),
        label=lambda value: case(
            (value == "none", "No result yet"), else_=literal("Grade ").concat(value)
        ),
        ignoring="best_grade_at_least",
    )
    assurance: list[FacetCount] = facet(
        lambda row: _assurance_verified(row),
        label=lambda value: label_of("assurance_type", value),
        ignoring="assurance_held",
    )


def _piloting_force(row: Row) -> Any:
    force, pilot = aliased(Organisation), aliased(pilots.Pilot)
    registered = finding.one_of(pilot.state, pilots_policy.REGISTERED)
    joins = [
        (pilot, (pilot.technology_id == row.id) & registered),
        (force, force.id == pilot.force_id),
    ]
    return force.slug, joins


def _capability_served(row: Row) -> Any:
    served = aliased(rows.TechnologyCapability)
    return served.capability, [(served, served.technology_id == row.id)]


def _verdict_published(row: Row) -> Any:
    result = aliased(evidence.Result)
    published = (result.technology_id == row.id) & result.published_at.is_not(None)
    return result.verdict, [(result, published)]


def _assurance_verified(row: Row) -> Any:
    item = aliased(assurance.AssuranceItem)
    verified = item.status == assurance.AssuranceStatus.VERIFIED
    return item.type, [(item, (item.technology_id == row.id) & verified)]


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

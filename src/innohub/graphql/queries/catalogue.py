"""The catalogue: technologies, who offers them, who looks for them, and what assures them."""

import strawberry
from sqlalchemy import and_

from innohub.graphql.read.declare import Connection, Term, many, one, paged
from innohub.graphql.types.assurance import (
    ASSURANCE_ORDERS,
    AssuranceFilter,
    AssuranceItem,
    AssuranceItemConnection,
    AssuranceOrder,
    PassportCount,
)
from innohub.graphql.types.browsing import (
    ORDERS,
    TechnologyConnection,
    TechnologyFilter,
    published_count,
)
from innohub.graphql.types.catalogue import Technology, TechnologyOrder
from innohub.graphql.types.documents import Document
from innohub.graphql.types.finding import (
    LockedSearch,
    LockedSearchConnection,
    SavedSearchConnection,
    SynonymConnection,
    SynonymFilter,
    search_reading,
    search_replay,
)
from innohub.graphql.types.organisations import Force, Supplier, SupplierFilter, by_name
from innohub.graphql.types.reference import ReferenceValue
from innohub.graphql.types.reviewing import SupplierInterest, possible_duplicates
from innohub.graphql.types.versions import ListingVersion, listing_difference
from innohub.identity.organisations.naming import answering
from innohub.market.catalogue.models import ListingState, VersionState


@strawberry.type
class CatalogueQueries:
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
    supplier_interests: Connection[SupplierInterest] = paged(
        None,
        "A reviewer's own declared interests; all of them for auditors.",
    )
    review_queue: Connection[ListingVersion] = paged(
        lambda _, row: row.state == VersionState.IN_REVIEW,
        "The versions that wait for review, the one due first at the top: all for a reviewer, "
        "a supplier's own for its people.",
        order=lambda row, given: [Term(row.review_due_on), Term(row.id, unique=True)],
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
    forces: list[Force] = many(
        lambda _, row: row.valid_to.is_(None),
        lambda row: [row.name],
        "Each force once.",
        "The forces of today.",
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
        "By its slug, one that it had before, or one of a supplier that became part of it.",
        slug=str,
    )
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
        "One for each response.",
        "How often forces used a verified assessment again, and how often they did it again.",
    )
    document: Document | None = one(lambda _, row, id: row.id == id, id=strawberry.ID)
    reference: list[ReferenceValue] = many(
        lambda _, row, list: and_(row.list == list, row.valid_to.is_(None)),
        lambda row: [row.position],
        "As many as the list has values.",
        "A reference list: category, capability, kpi, assurance_type …",
        list=str,
    )

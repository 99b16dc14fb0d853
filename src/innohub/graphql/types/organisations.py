"""Forces and suppliers: one table, told apart by kind."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from sqlalchemy import literal_column, or_, select, true
from sqlalchemy.orm import aliased

from innohub.graphql.read.declare import (
    Connection,
    Follows,
    Node,
    Row,
    Term,
    among,
    column,
    many,
    node,
    one,
    paged,
    part,
    where,
)
from innohub.graphql.types.debarments import Debarment
from innohub.graphql.types.reporting import ReportingRecord
from innohub.identity.models import Organisation as Rows
from innohub.identity.models import OrganisationKind
from innohub.identity.organisations.models import FormerEntry as Former
from innohub.identity.organisations.naming import ids_by_slug
from innohub.identity.viewer import Viewer
from innohub.market.pilots import models as pilots
from innohub.market.pilots import register

if TYPE_CHECKING:
    from innohub.graphql.types.browsing import TechnologyConnection
    from innohub.graphql.types.forces import ForceContext, ForcePeer
    from innohub.graphql.types.pilot_register import PilotFilter
    from innohub.graphql.types.pilots import Pilot
    from innohub.graphql.types.savings import SavedByForce, SpentByForce

    Technologies = TechnologyConnection
    Pilots = Connection[Pilot]
else:
    ForceContext = Annotated["ForceContext", strawberry.lazy("innohub.graphql.types.forces")]
    ForcePeer = Annotated["ForcePeer", strawberry.lazy("innohub.graphql.types.forces")]
    Technologies = Annotated[
        "TechnologyConnection", strawberry.lazy("innohub.graphql.types.browsing")
    ]
    Pilots = Connection[Annotated["Pilot", strawberry.lazy("innohub.graphql.types.pilots")]]
    _SAVINGS = strawberry.lazy("innohub.graphql.types.savings")
    SavedByForce = Annotated["SavedByForce", _SAVINGS]
    SpentByForce = Annotated["SpentByForce", _SAVINGS]
    PilotFilter = Annotated["PilotFilter", strawberry.lazy("innohub.graphql.types.pilot_register")]


OtherForce = Annotated["Force", strawberry.lazy("innohub.graphql.types.organisations")]
OtherSupplier = Annotated["Supplier", strawberry.lazy("innohub.graphql.types.organisations")]


def everybody(row: Row, viewer: Viewer) -> Any:
    """The directory of organisations is public."""
    return true()


def name_of_organisation(id: Any) -> Any:
    organisation = aliased(Rows)
    return (
        select(organisation.name)
        .where(organisation.id == id)
        .correlate_except(organisation)
        .scalar_subquery()
    )


def by_slugs(slugs: Any) -> Any:
    """The ids of the organisations that have or had one of the bound slugs."""
    return ids_by_slug(lambda slug: among(slug, slugs))


def _of_kind(kind: OrganisationKind) -> Any:
    return lambda row: row.kind == kind


@node(Former, everybody, name="FormerEntry", follows=Follows(Rows, "organisation_id"))
class FormerEntry:
    """A name, a slug or a place among the forces that an organisation had."""

    name: str = column(Former.name)
    slug: str = column(Former.slug, "It still leads to the organisation.")
    force_kind: str | None = column(Former.force_kind)
    nation: str | None = column(Former.nation)
    region: str | None = column(Former.region)
    until: datetime = column(Former.created_at)


@strawberry.interface(description="A force, a supplier or a body of the company.")
class Organisation(Node):
    slug: str = column(Rows.slug)
    name: str = column(Rows.name)
    demonstration: bool = column(Rows.demonstration, "Invented for the demonstration market.")
    company_number: str | None = column(Rows.company_number, "At Companies House.")
    procurement_number: str | None = column(
        Rows.procurement_number, "The Public Procurement Organisation Number (PPON)."
    )
    former_entries: Connection[FormerEntry] = paged(
        lambda organisation, former: former.organisation_id == organisation.id,
        "How it stood here before, the latest first.",
    )


@node(Rows, everybody, name="Force", kind=_of_kind(OrganisationKind.FORCE))
class Force(Organisation):
    """A police force. History is keyed on its id, since names change and forces merge."""

    ons_code: str | None = column(Rows.ons_code)
    force_kind: str | None = column(Rows.force_kind)
    nation: str | None = column(Rows.nation)
    region: str | None = column(Rows.region)
    valid_from: date | None = column(Rows.valid_from)
    valid_to: date | None = column(Rows.valid_to)
    successor: OtherForce | None = one(lambda force, other: other.id == force.successor_id)
    predecessors: list[OtherForce] = many(
        lambda force, other: other.successor_id == force.id,
        lambda other: [other.name],
        "Each force once.",
        "Forces that became part of it. What they did stays theirs.",
    )
    pilots: Pilots = paged(lambda force, pilot: pilot.force_id == force.id)
    reporting: ReportingRecord = part()
    context: ForceContext | None = one(
        lambda force, sheet: sheet.force_id == force.id, "What it works with and asks for."
    )
    peers: list[ForcePeer] = many(
        lambda force, peer: peer.force_id == force.id,
        lambda peer: [peer.points.desc(), peer.peer_id],
        "Each force once.",
        "Forces like it, the most alike first, and what they share.",
    )
    saved: list[SavedByForce] = many(
        lambda force, saved: saved.force_id == force.id,
        lambda saved: [saved.saving_class],
        "One for each class.",
        "Its signed savings, class by class, for policing. Classes are never added together.",
    )
    spent: SpentByForce | None = one(
        lambda force, spent: spent.force_id == force.id, "What it called off from pools."
    )


@node(Rows, everybody, name="Supplier", kind=_of_kind(OrganisationKind.SUPPLIER))
class Supplier(Organisation):
    """A company that lists technologies."""

    summary: str | None = column(Rows.summary)
    website: str | None = column(Rows.website)
    valid_to: date | None = column(Rows.valid_to, "Its last day, where it is part of another.")
    successor: OtherSupplier | None = one(
        lambda supplier, other: other.id == supplier.successor_id,
        "Whose its technologies and all it had are by now. Its slugs lead there.",
    )
    predecessors: list[OtherSupplier] = many(
        lambda supplier, other: other.successor_id == supplier.id,
        lambda other: [other.name],
        "Suppliers that became part of it. What they published says their names.",
    )
    technologies: Technologies = paged(
        lambda supplier, technology: technology.supplier_id == supplier.id,
        "Its listings that the viewer may see.",
    )
    pilots: Pilots = paged(
        lambda supplier, pilot: pilot.supplier_id == supplier.id,
        "Pilots of its technologies.",
        filter=PilotFilter,
    )
    reporting: ReportingRecord = part()
    debarments: Connection[Debarment] = paged(
        lambda supplier, debarment: debarment.supplier_id == supplier.id,
        "Times in which nothing of it may be shortlisted, the latest first.",
        order=lambda debarment, given: [
            Term(debarment.from_on, descending=True),
            Term(debarment.id, unique=True),
        ],
    )


@strawberry.input
class SupplierFilter:
    registered: bool | None = where(
        lambda row, value: _in_register(row) == value,
        "Only (or no) suppliers with a pilot in the public register.",
    )


def by_name(row: Row, given: Mapping[str, Any]) -> list[Term]:
    return [Term(row.name)]


def _in_register(supplier: Row) -> Any:
    pilot = aliased(pilots.Pilot)
    return (
        select(literal_column("1"))
        .select_from(pilot)
        .where(pilot.supplier_id == supplier.id, register.registered(pilot))
        .correlate_except(pilot)
        .exists()
    )


def _is_body(row: Row) -> Any:
    bodies = (OrganisationKind.COMPANY, OrganisationKind.BOARD, OrganisationKind.INDEPENDENT)
    return or_(*(row.kind == kind for kind in bodies))


@node(Rows, everybody, name="Body", kind=_is_body)
class Body(Organisation):
    """The company, the innovation board, or an independent adviser's organisation."""

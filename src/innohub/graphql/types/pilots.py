"""Pilots: what a force tries out, the protocol it locked, the steps it took."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from sqlalchemy import BigInteger, any_, case, cast, func, literal_column, select, text
from sqlalchemy.orm import aliased
from strawberry.scalars import JSON

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
from innohub.graphql.types.catalogue import Technology
from innohub.graphql.types.documents import Document
from innohub.graphql.types.organisations import Force, Supplier, name_of_organisation
from innohub.graphql.types.ratings import Rating
from innohub.graphql.types.reference import label_of
from innohub.graphql.types.scalars import Pence
from innohub.graphql.types.versions import ListingVersion
from innohub.identity.models import Membership, Organisation, Person, ReferenceValue, ReviewerType
from innohub.identity.viewer import Viewer
from innohub.market.catalogue import models as catalogue
from innohub.market.documents.service import MAX_FILES
from innohub.market.forces import peers
from innohub.market.pilots import models as rows
from innohub.market.pilots import overdue, policy
from innohub.market.pilots.models import (
    Direction,
    OverlapChoice,
    PausedBy,
    PilotDecision,
    PilotState,
    SiteRole,
    StopReason,
    TurnKind,
)
from innohub.market.pilots.procurement import THRESHOLD
from innohub.market.pilots.together.service import WORKERS

MAX_STEPS = 1_000
"""A pilot's tasks take steps, too: far more than a page has, and still a bound."""
WORKING: list[Any] = [literal_column(f"'{role}'") for role in WORKERS]

if TYPE_CHECKING:
    from innohub.graphql.types.evidence import Result, TrialDataset
    from innohub.graphql.types.together import (
        Checkpoint,
        Colleague,
        PilotMessage,
        PilotTask,
    )

    PilotMessages = Connection[PilotMessage]
else:
    _TOGETHER = strawberry.lazy("innohub.graphql.types.together")
    Checkpoint = Annotated["Checkpoint", _TOGETHER]
    Colleague = Annotated["Colleague", _TOGETHER]
    PilotTask = Annotated["PilotTask", _TOGETHER]
    PilotMessages = Connection[Annotated["PilotMessage", _TOGETHER]]
    Result = Annotated["Result", strawberry.lazy("innohub.graphql.types.evidence")]
    TrialDataset = Annotated["TrialDataset", strawberry.lazy("innohub.graphql.types.evidence")]

strawberry.enum(PilotState)
strawberry.enum(PilotDecision)
strawberry.enum(OverlapChoice)
strawberry.enum(StopReason)
strawberry.enum(Direction)
strawberry.enum(PausedBy)
strawberry.enum(TurnKind)
strawberry.enum(SiteRole)
strawberry.enum(ReviewerType)


@node(rows.PilotStep, policy.step_visible, name="PilotStep")
class PilotStep(Node):
    """One step of a pilot's life."""

    verb: str = column(rows.PilotStep.verb)
    from_state: PilotState | None = column(rows.PilotStep.from_state)
    to_state: PilotState = column(rows.PilotStep.to_state)
    by_name: str = column(rows.PilotStep.by_name)
    reason: str | None = column(rows.PilotStep.reason)
    at: datetime = column(rows.PilotStep.created_at)


OF_PILOT = Follows(rows.Pilot, "pilot_id")
"""Visible whenever its pilot is: `pilots.policy.follows`."""


@node(rows.PilotSite, policy.follows, name="PilotSite", follows=OF_PILOT)
class PilotSite(Node):
    """A place where the pilot runs, of one of its forces."""

    name: str = column(rows.PilotSite.name)
    role: SiteRole = column(rows.PilotSite.role)
    force: Force | None = one(lambda row, force: force.id == row.force_id)


@node(rows.PilotForce, policy.follows, name="PilotForce", follows=OF_PILOT)
class PilotForce(Node):
    """A further force that joined the pilot, with its own approval and sites."""

    force: Force | None = one(lambda row, force: force.id == row.force_id)
    joined_at: datetime = column(rows.PilotForce.created_at)
    approved_at: datetime | None = column(rows.PilotForce.approved_at)
    assured_at: datetime | None = column(rows.PilotForce.assured_at)
    recorded_at: datetime | None = column(
        rows.PilotForce.recorded_at,
        "When it first handed in the data of its sites.",
        shown=policy.step_visible,
    )
    left_at: datetime | None = column(
        rows.PilotForce.left_at, "When it left, or was left out at the lock."
    )
    left_reason: str | None = column(rows.PilotForce.left_reason)


@node(rows.PilotGate, policy.step_visible, name="PilotGate")
class PilotGate(Node):
    """A reviewer's signature that one force needs, or what of the passport stands in for it."""

    reviewer: ReviewerType = column(rows.PilotGate.reviewer)
    label: str = column(lambda row: label_of("assurance_gate", row.reviewer))
    covered_by: str | None = column(
        lambda row: label_of("assurance_type", row.covered_by),
        "The type of the passport's item that this force accepted in its place.",
    )
    signed_at: datetime | None = column(rows.PilotGate.signed_at)
    signed_by: str | None = column(lambda row: name_of(row.signed_by_id))
    note: str | None = column(rows.PilotGate.note)
    mine: bool = column(
        lambda row, viewer: _reviews(row, viewer), "Whether the viewer reviews it for this force."
    )
    force: Force | None = one(lambda row, force: force.id == row.force_id)


def _reviews(row: Row, viewer: Viewer) -> Any:
    seat = aliased(Membership)
    return (
        select(text("1"))
        .select_from(seat)
        .where(
            viewer.is_person(seat.person_id),
            seat.organisation_id == row.force_id,
            row.reviewer == any_(seat.reviewer_types),
        )
        .correlate_except(seat)
        .exists()
    )


@node(rows.PilotTurn, policy.step_visible, name="PilotTurn")
class PilotTurn(Node):
    """Whose turn it is, and by when."""

    kind: TurnKind = column(rows.PilotTurn.kind)
    organisation: str | None = column(
        lambda row: name_of_organisation(row.organisation_id),
        "The force or the supplier; null for the company that runs the market.",
    )
    role: str = column(rows.PilotTurn.role, "Who is to see to it there.")
    since: datetime = column(rows.PilotTurn.created_at)
    due_on: date = column(rows.PilotTurn.due_on, "The last day in time.")
    overdue: bool = column(lambda row: row.due_on < func.current_date())


@node(rows.Protocol, policy.protocol_visible, name="Protocol")
class Protocol(Node):
    """What the pilot measures and how, fixed before it starts."""

    kpi: str = column(rows.Protocol.kpi)
    kpi_label: str = column(lambda row: label_of("kpi", row.kpi))
    kpi_type: str = column(rows.Protocol.kpi_type)
    direction: Direction = column(rows.Protocol.direction)
    unit: str = column(rows.Protocol.unit)
    baseline_value: float = column(rows.Protocol.baseline_value)
    baseline_source: str = column(rows.Protocol.baseline_source)
    minimum_important_effect: float = column(rows.Protocol.minimum_important_effect)
    design: str = column(rows.Protocol.design)
    sample_size: int = column(rows.Protocol.sample_size)
    analysis_plan: str = column(rows.Protocol.analysis_plan)
    stop_rules: str = column(rows.Protocol.stop_rules)
    stop_limits: JSON = column(
        rows.Protocol.stop_limits,
        "The stop rules that a number decides: measure, label, comparison and threshold of each.",
    )
    result_due_on: date = column(rows.Protocol.result_due_on)
    locked_at: datetime | None = column(rows.Protocol.locked_at)
    hash: str | None = column(rows.Protocol.hash, "SHA-256 over the canonical protocol.")
    revision: int = column(rows.Protocol.revision)
    proposed_by: str | None = column(
        lambda row: name_of(row.proposed_by_id), shown=lambda row, viewer: _party(row, viewer)
    )


def name_of(person_id: Any) -> Any:
    person = aliased(Person)
    return (
        select(person.name).where(person.id == person_id).correlate_except(person).scalar_subquery()
    )


def _party(row: Row, viewer: Viewer) -> Any:
    pilot = aliased(rows.Pilot)
    return (
        select(text("1"))
        .select_from(pilot)
        .where(pilot.id == row.pilot_id, policy.party(pilot, viewer))
        .correlate_except(pilot)
        .exists()
    )


@node(rows.PilotOverlap, policy.overlap_visible, name="PilotOverlap")
class PilotOverlap:
    """A pilot like it, as it was shown to the force that asked."""

    because: str = column(rows.PilotOverlap.because)
    other: Annotated["Pilot", strawberry.lazy("innohub.graphql.types.pilots")] | None = one(
        lambda row, pilot: pilot.id == row.other_id
    )


@strawberry.type(description="A published trial that no force of the hub ran.")
class Citation:
    text: str = column(rows.Pilot.citation)
    url: str | None = column(rows.Pilot.citation_url)


def _total(row: Row) -> Any:
    amounts = (row.cost_pence, row.options_pence, row.vat_pence)
    return sum((func.coalesce(amount, 0) for amount in amounts), start=literal_column("0"))


def _threshold() -> Any:
    value = aliased(ReferenceValue)
    return (
        select(cast(value.detail["pence"].astext, BigInteger))
        .where(
            value.list == "procurement_threshold",
            value.id == THRESHOLD,
            func.coalesce(value.valid_to, func.current_date()) >= func.current_date(),
        )
        .correlate_except(value)
        .scalar_subquery()
    )


@strawberry.type(description="What a pilot costs, VAT apart, against the procurement threshold.")
class PilotCosts:
    cost_pence: Pence = column(rows.Pilot.cost_pence, "Of the pilot, without VAT.")
    options_pence: Pence = column(
        lambda row: func.coalesce(row.options_pence, 0), "Of its options, without VAT."
    )
    vat_pence: Pence = column(lambda row: func.coalesce(row.vat_pence, 0), "On both.")
    total_pence: Pence = column(lambda row: _total(row), "All three: what the threshold counts.")
    threshold_pence: Pence | None = column(
        lambda row: _threshold(), "Of the Procurement Act 2023 for forces, with VAT."
    )
    over_threshold: bool | None = column(
        lambda row: _total(row) >= _threshold(), "Whether a lawful route must be recorded."
    )
    route: str | None = column(rows.Pilot.procurement_route)
    route_label: str | None = column(
        lambda row: label_of("procurement_route", row.procurement_route)
    )


@node(rows.Pilot, policy.visible, name="Pilot")
class Pilot(Node):
    """A force's trial of one version of a technology, or a published trial from the literature."""

    number: int = column(rows.Pilot.id, "As in the page's address.")
    title: str = column(rows.Pilot.title)
    question: str = column(rows.Pilot.question)
    site: str = column(rows.Pilot.site)
    kpi: str = column(rows.Pilot.kpi)
    kpi_label: str = column(lambda row: label_of("kpi", row.kpi))
    state: PilotState = column(rows.Pilot.state)
    start_on: date = column(rows.Pilot.start_on)
    end_on: date = column(rows.Pilot.end_on)
    requested_at: datetime = column(rows.Pilot.created_at)
    overlap_choice: OverlapChoice | None = column(rows.Pilot.overlap_choice)
    overlap_reason: str | None = column(rows.Pilot.overlap_reason)
    supplier_accepted_at: datetime | None = column(rows.Pilot.supplier_accepted_at)
    assured_at: datetime | None = column(rows.Pilot.assured_at)
    closing_reason: str | None = column(rows.Pilot.closing_reason, shown=policy.party)
    paused_by: PausedBy | None = column(rows.Pilot.paused_by, "Whose agreement it needs to go on.")
    resume_agreed_at: datetime | None = column(rows.Pilot.resume_agreed_at)
    started_on: date | None = column(rows.Pilot.started_on)
    ended_on: date | None = column(rows.Pilot.ended_on)
    data_frozen_at: datetime | None = column(
        rows.Pilot.data_frozen_at, "Data that came in later correct what was frozen."
    )
    stop_reason: StopReason | None = column(rows.Pilot.stop_reason)
    no_data_reason: str | None = column(
        rows.Pilot.no_data_reason, "Why a stopped pilot has no result."
    )
    decision: PilotDecision | None = column(rows.Pilot.decision, shown=lambda r, v: _told(r, v))
    decision_reason: str | None = column(rows.Pilot.decision_reason, shown=lambda r, v: _told(r, v))
    mechanism: str | None = column(
        rows.Pilot.mechanism, "EMMIE: how it works.", shown=lambda r, v: _told(r, v)
    )
    moderators: str | None = column(
        rows.Pilot.moderators, "EMMIE: where and for whom.", shown=lambda r, v: _told(r, v)
    )
    implementation: str | None = column(
        rows.Pilot.implementation, "EMMIE: what helped it.", shown=lambda r, v: _told(r, v)
    )
    economics: str | None = column(
        rows.Pilot.economics, "EMMIE: what it costs.", shown=lambda r, v: _told(r, v)
    )
    comment_due_on: date | None = column(rows.Pilot.comment_due_on, shown=policy.party)
    supplier_comment: str | None = column(
        rows.Pilot.supplier_comment, shown=lambda r, v: _told(r, v)
    )
    supplier_answered_at: datetime | None = column(
        rows.Pilot.supplier_answered_at, shown=policy.party
    )
    published_at: datetime | None = column(rows.Pilot.published_at)
    unreported: bool = column(
        lambda row: overdue.unreported(row),
        "Registered, and without a result 30 days after it was due.",
    )
    overdue_explanation: str | None = column(
        rows.Pilot.overdue_explanation, "Why, in the words of the senior responsible owner."
    )
    overdue_explained_at: datetime | None = column(rows.Pilot.overdue_explained_at)
    demonstration: bool = column(rows.Pilot.demonstration)
    revision: int = column(rows.Pilot.revision, "Send it back with a change.")
    citation: Citation | None = part(lambda row: row.citation.is_not(None))
    costs: PilotCosts | None = part(lambda row: row.cost_pence.is_not(None))
    technology: Technology | None = one(lambda row, other: other.id == row.technology_id)
    supplier: Supplier | None = one(lambda row, other: other.id == row.supplier_id)
    force: Force | None = one(lambda row, force: force.id == row.force_id)
    version: ListingVersion | None = one(lambda row, other: other.id == row.listing_version_id)
    newer_versions: list[ListingVersion] = many(
        lambda row, version: _newer(row, version),
        lambda version: [version.number],
        "The versions that were published after the one that the pilot pinned.",
    )
    protocol: Protocol | None = one(lambda row, protocol: protocol.pilot_id == row.id)
    result: Result | None = one(
        lambda row, result: _newest_result(row, result), "The newest result that may be seen."
    )
    datasets: list[TrialDataset] = many(
        lambda row, dataset: dataset.pilot_id == row.id, lambda dataset: [dataset.version.desc()]
    )
    steps: list[PilotStep] = many(
        lambda row, step: step.pilot_id == row.id, lambda step: [step.id], limit=MAX_STEPS
    )
    sites: list[PilotSite] = many(
        lambda row, site: site.pilot_id == row.id, lambda site: [site.force_id, site.name]
    )
    further_forces: list[PilotForce] = many(
        lambda row, force: force.pilot_id == row.id, lambda force: [force.id]
    )
    gates: list[PilotGate] = many(
        lambda row, gate: gate.pilot_id == row.id, lambda gate: [gate.force_id, gate.id]
    )
    joined: Annotated["Pilot", strawberry.lazy("innohub.graphql.types.pilots")] | None = one(
        lambda row, pilot: pilot.id == row.joined_id,
        "The pilot that the force joined as a site in the place of this one.",
    )
    turns: list[PilotTurn] = many(
        lambda row, turn: turn.pilot_id == row.id,
        lambda turn: [turn.due_on, turn.id],
        "Who must act next, and by when.",
    )
    overlaps: list[PilotOverlap] = many(
        lambda row, overlap: overlap.pilot_id == row.id, lambda overlap: [overlap.other_id]
    )
    ratings: list[Rating] = many(
        lambda row, rating: (rating.pilot_id == row.id) & rating.superseded_at.is_(None),
        lambda rating: [rating.id],
    )
    tasks: list[PilotTask] = many(
        lambda row, task: task.pilot_id == row.id,
        lambda task: [task.state == literal_column("'done'"), task.due_on, task.id],
        "What is to be done, the next due first, then what is done.",
    )
    messages: PilotMessages = paged(
        lambda row, message: message.pilot_id == row.id,
        "The thread between force and supplier, the newest first.",
    )
    checkpoints: list[Checkpoint] = many(
        lambda row, checkpoint: checkpoint.pilot_id == row.id,
        lambda checkpoint: [checkpoint.number.desc()],
        "The newest first.",
    )
    documents: list[Document] = many(
        lambda row, document: document.pilot_id == row.id,
        lambda document: [document.id.desc()],
        "What its forces, its supplier and those who watch over it gave each other; the newest "
        "first.",
        limit=MAX_FILES,
    )
    colleagues: list[Colleague] = many(
        lambda row, person: _works_on(row, person),
        lambda person: [person.name, person.id],
        "Those of the viewer's own side who can be given a task.",
    )


def _works_on(pilot: Row, person: Row) -> Any:
    seat = aliased(Membership)
    sides = (seat.organisation_id == pilot.force_id) | (seat.organisation_id == pilot.supplier_id)
    return (
        select(text("1"))
        .select_from(seat)
        .where(seat.person_id == person.id, seat.role.in_(WORKING), sides)
        .correlate_except(seat)
        .exists()
    )


def _newer(pilot: Row, version: Row) -> Any:
    pinned = aliased(catalogue.ListingVersion)
    number = (
        select(pinned.number)
        .where(pinned.id == pilot.listing_version_id)
        .correlate_except(pinned)
        .scalar_subquery()
    )
    return (
        (version.technology_id == pilot.technology_id)
        & (version.number > number)
        & version.live_at.is_not(None)
    )


def _told(row: Row, viewer: Viewer) -> Any:
    """What was decided is public once it is published; before, for the two parties."""
    return (row.state == rows.PilotState.PUBLISHED) | policy.party(row, viewer)


def _newest_result(pilot: Row, result: Row) -> Any:
    from innohub.market.evidence.models import Result as ResultRow

    other = aliased(ResultRow)
    newest = (
        select(func.max(other.revision))
        .where(other.pilot_id == pilot.id)
        .correlate_except(other)
        .scalar_subquery()
    )
    return (result.pilot_id == pilot.id) & (result.revision == newest)


@strawberry.input
class PilotFilter:
    state: list[PilotState] | None = where(lambda row, value: among(row.state, value))
    kpi: list[str] | None = where(lambda row, value: among(row.kpi, value))
    force: list[str] | None = where(
        lambda row, value: row.force_id.in_(_ids_of(value)), "Slugs of forces."
    )
    forces_like: strawberry.ID | None = where(
        lambda row, value: peers.like(value, row.force_id),
        "A force's id: only by forces like it.",
        id_of="Force",
    )
    supplier: list[str] | None = where(
        lambda row, value: row.supplier_id.in_(_ids_of(value)), "Slugs of suppliers."
    )
    technology: strawberry.ID | None = where(
        lambda row, value: row.technology_id == value, id_of="Technology"
    )
    unreported: bool | None = where(
        lambda row, value: overdue.unreported(row) == value,
        "Only (or no) pilots whose result is 30 days overdue.",
    )
    literature: bool | None = where(
        lambda row, value: row.citation.is_not(None) == value,
        "Only (or no) published trials from the literature.",
    )


def _ids_of(slugs: Any) -> Any:
    organisation = aliased(Organisation)
    return (
        select(organisation.id)
        .where(among(organisation.slug, slugs))
        .correlate_except(organisation)
    )


@strawberry.enum
class PilotOrder(Enum):
    NEWEST = "newest"
    ENDING = "ending"


def _newest(row: Row, given: Mapping[str, Any]) -> list[Term]:
    return [Term(row.created_at, descending=True)]


def _ending(row: Row, given: Mapping[str, Any]) -> list[Term]:
    ran = case((row.state == rows.PilotState.RUNNING, 0), else_=1)
    return [Term(ran), Term(row.end_on)]


PILOT_ORDERS = {PilotOrder.NEWEST: _newest, PilotOrder.ENDING: _ending}
PilotConnection = Connection[Pilot]

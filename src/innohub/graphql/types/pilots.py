"""Pilots: what a force tries out, and all that hangs on it."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from sqlalchemy import and_, func, literal_column, select, text
from sqlalchemy.orm import aliased

from innohub.graphql.read.declare import (
    Connection,
    Node,
    Row,
    Term,
    column,
    many,
    node,
    oldest,
    one,
    paged,
    part,
)
from innohub.graphql.types.catalogue import Technology
from innohub.graphql.types.documents import Document
from innohub.graphql.types.earlier_pilots import EarlierOverlap
from innohub.graphql.types.organisations import Force, Supplier, by_name
from innohub.graphql.types.pilot_costs import PilotCosts
from innohub.graphql.types.pilot_sites import PilotForce, PilotGate, PilotSite
from innohub.graphql.types.pilot_steps import PilotStep, PilotStepFilter, PilotTurn
from innohub.graphql.types.protocols import Protocol
from innohub.graphql.types.ratings import Rating
from innohub.graphql.types.reference import label_of
from innohub.graphql.types.supplier_notes import SupplierNote
from innohub.graphql.types.versions import ListingVersion
from innohub.identity.models import Membership
from innohub.identity.viewer import Viewer
from innohub.market.catalogue import models as catalogue
from innohub.market.catalogue.former_suppliers import supplier_then
from innohub.market.documents.service import MAX_FILES
from innohub.market.pilots import models as rows
from innohub.market.pilots import overlap, policy, register, sites
from innohub.market.pilots.models import (
    OverlapChoice,
    PausedBy,
    PilotDecision,
    PilotState,
    StopReason,
)
from innohub.market.pilots.register import Reporting
from innohub.market.pilots.together.service import WORKERS

WORKING: list[Any] = [literal_column(f"'{role}'") for role in WORKERS]

if TYPE_CHECKING:
    from innohub.graphql.types.appraisals import Appraisal
    from innohub.graphql.types.challenges import Challenge
    from innohub.graphql.types.evidence import Result, TrialDataset
    from innohub.graphql.types.together import (
        Checkpoint,
        Colleague,
        PilotMessage,
        PilotTask,
    )
    from innohub.graphql.types.uploads import TrialUpload

    Checkpoints = Connection[Checkpoint]
    Colleagues = Connection[Colleague]
    Datasets = Connection[TrialDataset]
    Messages = Connection[PilotMessage]
    Tasks = Connection[PilotTask]
else:
    _TOGETHER = strawberry.lazy("innohub.graphql.types.together")
    Checkpoints = Connection[Annotated["Checkpoint", _TOGETHER]]
    Colleagues = Connection[Annotated["Colleague", _TOGETHER]]
    Messages = Connection[Annotated["PilotMessage", _TOGETHER]]
    Tasks = Connection[Annotated["PilotTask", _TOGETHER]]
    Challenge = Annotated["Challenge", strawberry.lazy("innohub.graphql.types.challenges")]
    Appraisal = Annotated["Appraisal", strawberry.lazy("innohub.graphql.types.appraisals")]
    Result = Annotated["Result", strawberry.lazy("innohub.graphql.types.evidence")]
    Datasets = Connection[
        Annotated["TrialDataset", strawberry.lazy("innohub.graphql.types.evidence")]
    ]
    TrialUpload = Annotated["TrialUpload", strawberry.lazy("innohub.graphql.types.uploads")]

strawberry.enum(PilotDecision)
strawberry.enum(OverlapChoice)
strawberry.enum(StopReason)
strawberry.enum(PausedBy)


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
    reported_at: datetime | None = column(
        rows.Pilot.reported_at, "When a second analyst first confirmed its result."
    )
    reporting: Reporting | None = column(
        lambda row: register.reporting(row),
        "How it stands with the result it owes; null for one that is not registered.",
    )
    days_late: int | None = column(
        lambda row: register.days_late(row),
        "From the day its result was due to its report, or to today while there is none.",
    )
    unreported: bool = column(
        lambda row: register.unreported(row),
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
    supplier_then: Supplier | None = one(
        lambda row, other: other.id == supplier_then(row.technology_id, row.published_at),
        "Under whose name it was published, where they are part of its supplier of today.",
    )
    force: Force | None = one(lambda row, force: force.id == row.force_id)
    version: ListingVersion | None = one(lambda row, other: other.id == row.listing_version_id)
    challenge: Challenge | None = one(
        lambda row, other: other.id == row.challenge_id, "What it is to answer, if it is for one."
    )
    newer_versions: Connection[ListingVersion] = paged(
        lambda row, version: _newer(row, version),
        "The versions that were published after the one that the pilot pinned.",
        order=lambda version, given: [Term(version.number, unique=True)],
    )
    protocol: Protocol | None = one(lambda row, protocol: protocol.pilot_id == row.id)
    result: Result | None = one(
        lambda row, result: _newest_result(row, result), "The newest result that may be seen."
    )
    appraisal: Appraisal | None = one(
        lambda row, appraisal: _newest_appraisal(row, appraisal),
        "What the technology would cost and bring; the newest version.",
    )
    datasets: Datasets = paged(
        lambda row, dataset: (dataset.pilot_id == row.id) & dataset.outcome_id.is_(None),
        "Of the primary KPI; the others are with the protocol's outcomes.",
        order=lambda dataset, given: [Term(dataset.version, descending=True, unique=True)],
    )
    uploads: list[TrialUpload] = many(
        lambda row, upload: and_(
            upload.pilot_id == row.id,
            upload.expires_at.is_not(None),
            upload.state != literal_column("'abandoned'"),
        ),
        lambda upload: [upload.id],
        "At most three of a force.",
        "Trial data of the viewer's own force that are not recorded yet.",
    )
    steps: Connection[PilotStep] = paged(
        lambda row, step: step.pilot_id == row.id, filter=PilotStepFilter, order=oldest
    )
    sites: list[PilotSite] = many(
        lambda row, site: site.pilot_id == row.id,
        lambda site: [site.force_id, site.name],
        f"At most {sites.MOST}.",
    )
    further_forces: list[PilotForce] = many(
        lambda row, force: force.pilot_id == row.id,
        lambda force: [force.id],
        "Each force once.",
    )
    gates: list[PilotGate] = many(
        lambda row, gate: gate.pilot_id == row.id,
        lambda gate: [gate.force_id, gate.id],
        "One for each reviewer and force.",
    )
    joined: Annotated["Pilot", strawberry.lazy("innohub.graphql.types.pilots")] | None = one(
        lambda row, pilot: pilot.id == row.joined_id,
        "The pilot that the force joined as a site in the place of this one.",
    )
    turns: list[PilotTurn] = many(
        lambda row, turn: turn.pilot_id == row.id,
        lambda turn: [turn.due_on, turn.id],
        "One for each kind, party and role.",
        "Who must act next, and by when.",
    )
    overlaps: list[PilotOverlap] = many(
        lambda row, overlap: overlap.pilot_id == row.id,
        lambda overlap: [overlap.other_id],
        f"At most {overlap.LIMIT}.",
    )
    earlier_overlaps: list[EarlierOverlap] = many(
        lambda row, overlap: overlap.pilot_id == row.id,
        lambda overlap: [overlap.earlier_id],
        f"At most {overlap.LIMIT}.",
        "The pilots from before the hub among those that were shown to the force that asked.",
    )
    ratings: list[Rating] = many(
        lambda row, rating: (rating.pilot_id == row.id) & rating.superseded_at.is_(None),
        lambda rating: [rating.id],
        "One for each force.",
    )
    tasks: Tasks = paged(
        lambda row, task: task.pilot_id == row.id,
        "What is to be done, the next due first, then what is done.",
        order=lambda task, given: [
            Term(task.state == literal_column("'done'")),
            Term(task.due_on),
            Term(task.id, unique=True),
        ],
    )
    supplier_notes: Connection[SupplierNote] = paged(
        lambda row, note: note.pilot_id == row.id,
        "What the supplier's own system told, the newest first.",
    )
    messages: Messages = paged(
        lambda row, message: message.pilot_id == row.id,
        "The thread between forces and supplier, the newest first.",
    )
    checkpoints: Checkpoints = paged(
        lambda row, checkpoint: checkpoint.pilot_id == row.id,
        "The newest first.",
        order=lambda checkpoint, given: [Term(checkpoint.number, descending=True, unique=True)],
    )
    documents: list[Document] = many(
        lambda row, document: document.pilot_id == row.id,
        lambda document: [document.id.desc()],
        f"At most {MAX_FILES}.",
        "What its forces, its supplier and those who watch over it gave each other; the newest "
        "first.",
    )
    colleagues: Colleagues = paged(
        lambda row, person: _works_on(row, person),
        "Those of the viewer's own organisation who can be given a task.",
        order=by_name,
    )


def _works_on(pilot: Row, person: Row) -> Any:
    seat, further = aliased(Membership), aliased(rows.PilotForce)
    joined = (
        select(further.force_id)
        .where(further.pilot_id == pilot.id, further.left_at.is_(None))
        .correlate_except(further)
    )
    sides = (
        (seat.organisation_id == pilot.force_id)
        | (seat.organisation_id == pilot.supplier_id)
        | seat.organisation_id.in_(joined)
    )
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


def _newest_appraisal(pilot: Row, appraisal: Row) -> Any:
    from innohub.market.evidence.appraisal.models import Appraisal as AppraisalRow

    return _newest(pilot, appraisal, AppraisalRow, "version")


def _newest_result(pilot: Row, result: Row) -> Any:
    from innohub.market.evidence.models import Result as ResultRow

    return _newest(pilot, result, ResultRow, "revision")


def _newest(pilot: Row, row: Row, table: Any, number: str) -> Any:
    """Of the pilot's rows in the table, the one with the highest number."""
    other = aliased(table)
    newest = (
        select(func.max(getattr(other, number)))
        .where(other.pilot_id == pilot.id)
        .correlate_except(other)
        .scalar_subquery()
    )
    return (row.pilot_id == pilot.id) & (getattr(row, number) == newest)

"""What must hold of pilots and ratings in the demonstration market."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from types import SimpleNamespace

from innohub.errors import Invalid
from innohub.identity.models import OrganisationKind
from innohub.market.evidence.observations import from_cells
from innohub.market.pilots.headings import missing
from innohub.market.pilots.kpis import COMPUTED_TYPES
from innohub.market.pilots.models import NEVER_RAN, PilotState
from innohub.market.pilots.protocols import COMPUTED_DESIGNS, SUPPLIED_DESIGNS
from innohub.seed.market import Story
from innohub.seed.trials import PilotTimeline, StoryPilot

S = PilotState
ORDER = tuple(PilotTimeline.model_fields)
"""The days of a pilot, in the order in which they come."""
OUT_OF_ORDER = {"result_due_day", "closed_day"}
"""A promise, which the report may keep or miss, and an end that may come before the planned one:
they have no place in that order."""
PAST = {
    "requested_day", "locked_day", "reported_day", "decided_day", "published_day", "closed_day",
}  # fmt: skip
BEFORE_LOCK = {
    S.PROPOSED, S.OVERLAP_REVIEW, S.SCOPING, S.ASSURANCE, S.DECLINED, S.LAPSED,
}  # fmt: skip
LATE = {
    S.REPORTED: ("reported_day",),
    S.DECIDED: ("reported_day", "decided_day"),
    S.PUBLISHED: ("reported_day", "decided_day", "published_day"),
}
"""Days that a pilot must carry beyond those of its plan."""
HAS_RUN = set(PilotState) - BEFORE_LOCK - {S.PROTOCOL_LOCKED}
NEEDS_CELLS = {S.REPORTED, S.DECIDED, S.PUBLISHED}
NEEDS_REASON = {S.PAUSED, S.STOPPED, S.DECLINED, S.LAPSED}
BEFORE_CHOICE = {S.PROPOSED, S.OVERLAP_REVIEW, S.DECLINED}
OVERLAP_DAYS = 36 * 30
ANY_DAY = date(2025, 1, 15)
"""The figures of a design over time are checked as if the pilot had begun then."""


def check_pilots(story: Story) -> Iterator[str]:
    """Each pilot by itself, then the market as a whole: every state is told."""
    for protocol in story.protocols:
        if protocol.pilot not in story.pilot:
            yield f"protocol {protocol.pilot}: unknown pilot"
    for row in story.emmie:
        of = story.pilot.get(row.pilot)
        if of is None:
            yield f"emmie {row.pilot}: unknown pilot"
        elif row.force not in {of.force, *(one.force for one in of.joined if one.approved)}:
            yield f"emmie {row.pilot}: {row.force} takes no part in it"
        elif of.state not in {S.RUNNING, *NEEDS_CELLS}:
            yield f"emmie {row.pilot}: a site tells while it runs, or once it is reported"
    for pilot in story.pilots:
        problems = [
            *_references(story, pilot), *_days(pilot), *_figures(story, pilot),
            *_observed(story, pilot), *_outcomes(story, pilot), *_evidence(story, pilot),
            *_protocol(story, pilot),
            *_overlap(story, pilot), *_joined(story, pilot),
        ]  # fmt: skip
        yield from (f"pilot {pilot.slug}: {problem}" for problem in problems)
    told = {pilot.state for pilot in story.pilots if pilot.source == "demonstration"}
    for state in PilotState:
        if state not in told:
            yield f"pilot state {state}: no demonstration pilot is in it"


def check_ratings(story: Story) -> Iterator[str]:
    """A force rates a published pilot of its own, once, after publication."""
    rated = [rating.pilot for rating in story.ratings]
    for slug in sorted({slug for slug in rated if rated.count(slug) > 1}):
        yield f"rating of {slug}: is there more than once"
    for rating in story.ratings:
        pilot = story.pilot.get(rating.pilot)
        if pilot is None:
            yield f"rating of {rating.pilot}: unknown pilot"
        elif pilot.state is not S.PUBLISHED or pilot.force is None:
            yield f"rating of {rating.pilot}: only a force's published pilot is rated"
        elif (rating.earlier or rating).given_day < (pilot.timeline.published_day or 0):
            yield f"rating of {rating.pilot}: was given before publication"


def _joined(story: Story, pilot: StoryPilot) -> Iterator[str]:
    """Other forces, once each, from the approval on; past the lock, those that kept their word."""
    forces = {row.slug for row in story.organisations if row.kind is OrganisationKind.FORCE}
    joined = [one.force for one in pilot.joined]
    for force in sorted({force for force in joined if joined.count(force) > 1}):
        yield f"{force} joined it more than once"
    for one in pilot.joined:
        if one.force not in forces - {pilot.force}:
            yield f"was joined by {one.force}, which is no other force"
        if pilot.state in BEFORE_LOCK - {S.ASSURANCE}:
            yield f"was joined by {one.force} before it was approved"
        if pilot.state is not S.ASSURANCE and not one.approved:
            yield f"was locked while {one.force} had not approved"


def _references(story: Story, pilot: StoryPilot) -> Iterator[str]:
    forces = {row.slug for row in story.organisations if row.kind is OrganisationKind.FORCE}
    technology = story.technology.get(pilot.technology)
    if technology is None:
        yield f"unknown technology {pilot.technology}"
        return
    if technology.published_day is None or technology.published_day > pilot.timeline.requested_day:
        yield "was requested before its technology was published"
    if pilot.source == "demonstration" and pilot.state in HAS_RUN and technology.trl < 6:
        yield f"a live pilot needs readiness level 6; {technology.slug} claims {technology.trl}"
    if pilot.source == "literature" and (pilot.force is not None or pilot.literature is None):
        yield "a trial from the literature names its source and claims no force"
    if pilot.source == "demonstration" and (pilot.force is None or pilot.literature is not None):
        yield "a demonstration pilot has a force and cites no literature"
    if pilot.force is not None and pilot.force not in forces:
        yield f"unknown demonstration force {pilot.force}"


def _days(pilot: StoryPilot) -> Iterator[str]:
    days = {name: getattr(pilot.timeline, name) for name in ORDER}
    if pilot.source == "demonstration":
        needed = ["starts_day", "ends_day", *LATE.get(pilot.state, ())]
        needed += [] if pilot.state in BEFORE_LOCK else ["locked_day", "result_due_day"]
        missing = [name for name in needed if days[name] is None]
        yield from (f"a pilot that is {pilot.state} needs {name}" for name in missing)
    known = [(name, day) for name, day in days.items() if day is not None]
    for (earlier, first), (later, second) in pairwise(p for p in known if p[0] not in OUT_OF_ORDER):
        if second < first:
            yield f"{later} comes before {earlier}"
    for name, day in known:
        if name in PAST and day >= 0:
            yield f"{name} is not in the past"
    closed = days["closed_day"]
    if (closed is not None) != (pilot.state in NEEDS_REASON):
        yield f"closed_day does not suit the state {pilot.state}"
    elif closed is not None and closed <= pilot.timeline.requested_day:
        yield "closed_day does not come after requested_day"
    yield from _run(pilot)


def _run(pilot: StoryPilot) -> Iterator[str]:
    starts, ends = pilot.timeline.starts_day, pilot.timeline.ends_day
    due = pilot.timeline.result_due_day
    if pilot.state in HAS_RUN and starts is not None and starts > 0:
        yield "has run before its start"
    if pilot.state is S.RUNNING and ends is not None and ends <= 0:
        yield "is running after its end"
    if due is not None and ends is not None and due <= ends:
        yield "its result is not due after its end"


def _figures(story: Story, pilot: StoryPilot) -> Iterator[str]:
    kpi = story.reference["kpi"].by_id.get(pilot.kpi)
    if kpi is None:
        yield f"unknown indicator {pilot.kpi}"
        return
    kind, unit = kpi.detail["type"], kpi.detail["unit"]
    if kind not in COMPUTED_TYPES:
        yield f"no effect is computed for {pilot.kpi}, a {kind}"
        return
    if kind != "count_rate" and pilot.unit != unit:
        yield f"its unit {pilot.unit} is not the {unit} of {pilot.kpi}"
    if kind == "proportion" and not 0 <= pilot.baseline.value <= 1:
        yield f"its baseline {pilot.baseline.value} is not a fraction"
    if (pilot.estimate is not None) != (pilot.design in SUPPLIED_DESIGNS):
        yield "an estimate is supplied for the designs with a model of their own, and no other"
    if not pilot.cells and pilot.estimate is None:
        if pilot.state in NEEDS_CELLS:
            yield f"is {pilot.state} without figures"
        return
    try:
        if pilot.estimate is not None:
            pilot.estimate.as_supplied(kind)
            return
        from_cells([cell.as_input(ANY_DAY) for cell in pilot.cells], kind, pilot.design)
    except Invalid as error:
        yield from (f"its figures: {problem.message}" for problem in error.problems)


def _observed(story: Story, pilot: StoryPilot) -> Iterator[str]:
    kpi = story.reference["kpi"].by_id.get(pilot.kpi)
    shares = kpi is not None and kpi.detail["type"] == "proportion"
    if pilot.observed and not (shares and all(cell.month is None for cell in pilot.cells)):
        yield "only shares that are not counted by month are told unit by unit"


def _outcomes(story: Story, pilot: StoryPilot) -> Iterator[str]:
    """Each further KPI is known, and its figures are those of its design."""
    for outcome in pilot.outcomes:
        kpi = story.reference["kpi"].by_id.get(outcome.kpi)
        if kpi is None:
            yield f"unknown indicator {outcome.kpi}"
            continue
        if not outcome.cells:
            continue
        cells = [cell.as_input(ANY_DAY) for cell in outcome.cells]
        try:
            from_cells(cells, kpi.detail["type"], outcome.design or pilot.design)
        except Invalid as error:
            yield from (f"figures of {outcome.kpi}: {one.message}" for one in error.problems)


def _evidence(story: Story, pilot: StoryPilot) -> Iterator[str]:
    if pilot.state in NEEDS_CELLS and pilot.expected_verdict is None:
        yield f"is {pilot.state} without an expected verdict"
    if (pilot.decision is not None) != (pilot.state in {S.DECIDED, S.PUBLISHED}):
        yield f"its decision does not suit the state {pilot.state}"
    if pilot.state in NEEDS_REASON and pilot.state_reason is None:
        yield f"is {pilot.state} without a state_reason"
    if (pilot.stop_reason is not None) != (pilot.state is S.STOPPED):
        yield f"its stop_reason does not suit the state {pilot.state}"
    if pilot.source == "literature":
        for other in story.pilots:
            same = (other.technology, other.kpi) == (pilot.technology, pilot.kpi)
            if same and other.source == "demonstration":
                yield f"would be pooled with the invented pilot {other.slug}"


def _protocol(story: Story, pilot: StoryPilot) -> Iterator[str]:
    if pilot.source == "literature" or pilot.state in BEFORE_LOCK:
        return
    if pilot.design not in (*COMPUTED_DESIGNS, *SUPPLIED_DESIGNS):
        yield f"no result can be computed for the design {pilot.design}"
    if pilot.analysis_plan is None or pilot.stop_rules is None:
        yield "a locked protocol needs its analysis_plan and stop_rules"
    told = story.protocol.get(pilot.slug)
    if told is None:
        yield "a locked protocol needs its row among the protocols"
        return
    texts = told.told(pilot.groups).model_dump(exclude_none=True)
    lacking = missing(
        SimpleNamespace(
            design=pilot.design,
            unit_of_analysis=pilot.unit_of_analysis,
            delivery_framework=told.delivery_framework,
            sections=texts,
        )
    )
    yield from (f"its protocol, {problem.message}" for problem in lacking)


def _overlap(story: Story, pilot: StoryPilot) -> Iterator[str]:
    if pilot.source == "literature" or pilot.state in BEFORE_CHOICE:
        return
    like = [other.slug for other in story.pilots if _is_like(other, pilot)]
    if like and pilot.overlap is None:
        yield f"records no choice though {', '.join(like)} came before it"
    if pilot.overlap is not None and not like:
        yield "records a choice though no pilot like it came before"


def _is_like(other: StoryPilot, pilot: StoryPilot) -> bool:
    # Every trial from the literature ended longer ago than the overlap check looks back.
    if other.source == "literature" or other.state in NEVER_RAN:
        return False
    lead = pilot.timeline.requested_day - other.timeline.requested_day
    return 0 < lead <= OVERLAP_DAYS and (
        other.technology == pilot.technology or other.kpi == pilot.kpi
    )

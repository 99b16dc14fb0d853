"""The pilots of the demonstration market, trials from the literature, and forces' ratings.

Every `…_day` is a number of days from the day the market is seeded: negative is past.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from innohub.command import Line, Prose, Reason
from innohub.market.evidence.appraisal.commands import AppraisalYear
from innohub.market.evidence.estimators.design import Design
from innohub.market.evidence.estimators.supplied import Supplied, SuppliedScale
from innohub.market.evidence.estimators.trial import Arm, Period, kpi_type_of
from innohub.market.evidence.observations import CellInput
from innohub.market.evidence.verdict import Verdict
from innohub.market.pilots.commands import ProtocolSections, StopLimit
from innohub.market.pilots.headings import DeliveryFramework, UnitOfAnalysis
from innohub.market.pilots.models import (
    OverlapChoice,
    PilotDecision,
    PilotState,
    SiteRole,
    StopReason,
)
from innohub.market.pilots.outcomes.models import OutcomeRole
from innohub.market.ratings.models import Words
from innohub.seed.reference import Record, Slug

Stars = Annotated[int, Field(ge=1, le=5)]


class Baseline(Record):
    """What the indicator was before; a fraction where the indicator is a proportion."""

    value: float
    source: Line
    period: Line


class Groups(Record):
    """Who had the technology, and who is compared with them ("None" for before and after)."""

    treatment: Line
    comparison: Line

    def in_words(self) -> str:
        return f"With the technology: {self.treatment}. Compared with: {self.comparison}."


class PilotTimeline(Record):
    """When things happened or are planned. A trial from the literature has only the days on which
    it was entered in the hub; its own dates stand in `Literature`.

    `published_day` is the day by which a result is out: the hub publishes by itself, once the force
    has decided and the supplier's time for comment is over. `closed_day` is the day of the pause,
    the stop, the refusal or the lapse.
    """

    requested_day: int
    locked_day: int | None = None
    starts_day: int | None = None
    ends_day: int | None = None
    result_due_day: int | None = None
    reported_day: int | None = None
    decided_day: int | None = None
    published_day: int | None = None
    closed_day: int | None = None


class Overlap(Record):
    """What the force chose when it was shown the pilots like its own. Absent: there were none."""

    choice: OverlapChoice
    reason: Reason


class StoryCell(Record):
    """One arm in one period: `events` of `n`, `events` in `exposure`, or `mean`, `sd`, `n`.

    `month`, for the designs over time: 0 is the month in which the pilot starts, -1 the one before.
    """

    arm: Arm
    period: Period
    month: int | None = None
    events: int | None = None
    n: int | None = None
    exposure: float | None = None
    mean: float | None = None
    sd: float | None = None

    def as_input(self, started_on: date) -> CellInput:
        """The cell as the evidence capability takes it, of a pilot that began on that day."""
        numbers = self.model_dump(mode="json", exclude={"month"})
        if self.month is None:
            return CellInput(**numbers)
        months = started_on.year * 12 + started_on.month - 1 + self.month
        return CellInput(**numbers, on=date(months // 12, months % 12 + 1, 1))


class StoryEstimate(Record):
    """What the analysts supply where the design needs a model of their own."""

    scale: SuppliedScale
    estimate: float
    standard_error: float
    n: int = Field(ge=2)
    method: Line
    code_reference: Line

    def as_supplied(self, kpi_type: str) -> Supplied:
        """Raises Invalid where it cannot be."""
        return Supplied(kpi_type=kpi_type_of(kpi_type), **self.model_dump(mode="json"))


class StoryOutcome(Record):
    """A further KPI of a protocol: see `commands.AddOutcome`. Without cells, it was registered and
    never reported."""

    role: OutcomeRole
    kpi: str
    population: Line | None = None
    unit: Line | None = None
    design: Design | None = None
    minimum_important_effect: float | None = None
    limit_low: float | None = None
    limit_high: float | None = None
    cells: tuple[StoryCell, ...] = ()


class Appraised(Record):
    """Sums in pence by year, year 0 first; prices of the year in which it is told."""

    optimism_bias_percent: Decimal
    years: tuple[AppraisalYear, ...]
    assumptions: Prose


class Decision(Record):
    """What the force decided, with EMMIE's notes beside the effect; a trial from the literature has
    none of those here."""

    code: PilotDecision
    reason: Reason
    mechanism: Prose | None = None
    moderators: Prose | None = None
    implementation: Prose | None = None
    economics: Prose | None = None


class PilotPrice(Record):
    """What the pilot costs, in whole pence, VAT apart."""

    cost_pence: int = 0
    options_pence: int = 0
    vat_pence: int = 0
    procurement_route: str | None = None


class Literature(Record):
    """Where the figures of a published trial come from, and how they became cells.

    `dates_to_the` says how exactly the days of the trial are known.
    """

    trial_period: Line
    started_on: date
    ended_on: date
    dates_to_the: Literal["day", "month", "year"]
    citation: Prose
    doi: str | None
    url: str
    figures: Prose
    mapping: Prose
    relevance: Line
    caveats: Prose

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> "Literature":
        if self.ended_on <= self.started_on:
            raise ValueError("ended_on must be after started_on")
        return self


class StoryJoining(Record):
    """A further force that joined the pilot before its lock, with a site of its own. `approved`:
    its owner has approved it and its reviewers have signed; else it waits for them."""

    force: Slug
    site: Line
    role: SiteRole = SiteRole.TREATMENT
    approved: bool = True


class StoryPilot(Record):
    """A pilot of a demonstration force, or a trial from the literature (then `force` is None).

    `minimum_important_effect`, always positive: a difference of shares for a proportion (0.05 is 5
    percentage points), a relative change for a count rate (0.20 is 20%), the indicator's own unit
    for a mean.
    """

    slug: Slug
    source: Literal["demonstration", "literature"]
    technology: Slug
    force: Slug | None
    site: Line
    title: Line
    question: Prose
    state: PilotState
    kpi: str
    unit: Line
    baseline: Baseline
    minimum_important_effect: float = Field(gt=0)
    design: Design
    unit_of_analysis: UnitOfAnalysis
    sample_size: int = Field(ge=2)
    groups: Groups
    analysis_plan: Prose | None = None
    stop_rules: Prose | None = None
    stop_limits: tuple[StopLimit, ...] = ()
    timeline: PilotTimeline
    overlap: Overlap | None = None
    challenge: Slug | None = None
    """The challenge that it is to answer."""
    joined: tuple[StoryJoining, ...] = ()
    state_reason: Reason | None = None
    stop_reason: StopReason | None = None
    costs: PilotPrice = PilotPrice()
    """Free, unless the story says otherwise."""
    cells: tuple[StoryCell, ...] = ()
    observed: bool = False
    """Its force hands in a row for each unit, which come to these cells: for shares alone."""
    estimate: StoryEstimate | None = None
    """In place of cells."""
    outcomes: tuple[StoryOutcome, ...] = ()
    """Its secondary, safety and equality KPIs."""
    deviations: tuple[Prose, ...] = ()
    expected_verdict: Verdict | None = None
    decision: Decision | None = None
    appraisal: Appraised | None = None
    """What its force says of cost and benefit, before it decides."""
    literature: Literature | None = None


class StoryProtocol(Record):
    """What the protocol of a demonstration pilot says under Crim-PORT's headings; who is compared
    with whom comes from the pilot's `groups`."""

    pilot: Slug
    delivery_framework: DeliveryFramework
    sections: ProtocolSections

    def told(self, groups: Groups) -> ProtocolSections:
        return self.sections.model_copy(update={"treatment_and_comparison": groups.in_words()})


class StoryEmmie(Record):
    """What the site of one of the pilot's forces tells: once the result is reported, or while the
    pilot runs."""

    pilot: Slug
    force: Slug
    mechanism: Prose | None = None
    mechanism_quality: int = 0
    moderators: Prose | None = None
    moderators_quality: int = 0
    implementation: Prose | None = None
    implementation_quality: int = 0
    economics: Prose | None = None
    economics_quality: int = 0


class RatingScores(Record):
    affordability: Stars
    capability: Stars
    deployability: Stars
    maintainability: Stars
    usability: Stars


class StoryJudgement(Record):
    scores: RatingScores
    comment: Prose
    given_day: int = Field(lt=0)


class StoryHiding(Record):
    """Words that the company hid, and why."""

    words: Words
    reason: Reason


class StoryRating(StoryJudgement):
    """A rating by the force that ran the pilot. `earlier`: what it said before."""

    pilot: Slug
    supplier_reply: Prose | None = None
    earlier: StoryJudgement | None = None
    hidden: StoryHiding | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "StoryRating":
        if self.earlier is not None and self.earlier.given_day >= self.given_day:
            raise ValueError("the earlier rating must come first")
        return self

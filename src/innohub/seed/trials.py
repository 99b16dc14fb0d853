"""The pilots of the demonstration market, trials from the literature, and forces' ratings.

Every `…_day` is a number of days from the day the market is seeded: negative is past.
"""

from typing import Annotated, Literal

from pydantic import Field

from innohub.seed.records import Prose
from innohub.seed.reference import Record, Slug

Score = Annotated[int, Field(ge=1, le=5)]
PilotState = Literal[
    "proposed", "overlap_review", "scoping", "assurance", "protocol_locked", "running", "paused",
    "analysing", "reported", "decided", "published", "stopped", "declined", "lapsed",
]  # fmt: skip
Design = Literal[
    "after_only", "before_after", "interrupted_time_series_no_control", "cross_section_matched",
    "difference_in_differences", "its_with_control", "stepped_wedge_nonrandom",
    "stepped_wedge_randomised", "matched_cluster_controlled", "regression_discontinuity",
    "individual_rct", "cluster_rct",
]  # fmt: skip
Verdict = Literal["worked", "promising", "inconclusive", "didnt_work", "harmful"]


class Baseline(Record):
    """What the indicator was before, in the pilot's unit."""

    value: float
    source: Prose
    period: Prose


class Groups(Record):
    """Who had the technology, and who is compared with them ("None" for before and after)."""

    intervention: Prose
    comparison: Prose


class PilotTimeline(Record):
    requested_day: int
    locked_day: int | None = None
    starts_day: int | None = None
    ends_day: int | None = None
    result_due_day: int | None = None
    reported_day: int | None = None
    decided_day: int | None = None
    published_day: int | None = None


class Overlap(Record):
    """What the force chose when it was shown the pilots like its own. Absent: there were none."""

    choice: Literal[
        "join_as_site", "replicate_different_context", "independent_check", "proceed_with_reason"
    ]
    reason: Prose


class Cell(Record):
    """One group in one period: `events` of `n`, `events` in `exposure`, or `mean`, `sd`, `n`."""

    group: Literal["intervention", "comparison"]
    period: Literal["before", "during"]
    events: int | None = Field(None, ge=0)
    n: int | None = Field(None, gt=0)
    exposure: float | None = Field(None, gt=0)
    mean: float | None = None
    sd: float | None = Field(None, gt=0)

    @property
    def shape(self) -> str | None:
        """The type of indicator whose figures the cell holds; None where it is a mixture."""
        given = {name for name in ("events", "n", "exposure", "mean", "sd") if self._has(name)}
        return {
            frozenset({"events", "n"}): "proportion",
            frozenset({"events", "exposure"}): "count_rate",
            frozenset({"mean", "sd", "n"}): "mean",
        }.get(frozenset(given))

    def _has(self, name: str) -> bool:
        return getattr(self, name) is not None


class Decision(Record):
    code: Literal[
        "adopt", "adopt_with_conditions", "extend_once", "replicate_elsewhere", "stop_no_benefit",
        "stop_unsafe", "stop_not_deliverable", "stop_external",
    ]  # fmt: skip
    reason: Prose


class Literature(Record):
    """Where the figures of a published trial come from, and how they became cells."""

    site: Prose
    trial_period: Prose
    citation: Prose
    doi: str | None
    url: str
    figures: Prose
    mapping: Prose
    relevance: Prose
    caveats: Prose


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
    title: Prose
    question: Prose
    state: PilotState
    kpi: str
    unit: str
    baseline: Baseline
    minimum_important_effect: float = Field(gt=0)
    design: Design
    unit_of_analysis: Literal[
        "incident", "person", "officer", "shift", "device", "beat", "station", "bcu", "force",
        "month", "case_file",
    ]  # fmt: skip
    sample_size: int = Field(gt=0)
    groups: Groups
    timeline: PilotTimeline
    overlap: Overlap | None = None
    state_reason: Prose | None = None
    stop_reason: Literal[
        "no_benefit", "safety_or_legal", "ethics", "cost", "supplier_withdrew", "force_capacity",
        "integration_failed", "data_access", "user_rejection", "superseded",
    ] | None = None  # fmt: skip
    cells: tuple[Cell, ...] = ()
    deviations: tuple[Prose, ...] = ()
    expected_verdict: Verdict | None = None
    decision: Decision | None = None
    literature: Literature | None = None


class RatingScores(Record):
    affordability: Score
    capability: Score
    deployability: Score
    maintainability: Score
    usability: Score


class StoryRating(Record):
    """A rating by the force that ran the pilot."""

    pilot: Slug
    scores: RatingScores
    comment: Prose
    given_day: int = Field(le=0)
    supplier_reply: Prose | None = None

"""Trial data as it came in, and the result computed from it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, one_of


class DataSource(StrEnum):
    CSV = "csv"
    API = "api"
    LITERATURE = "literature"
    ANALYST = "analyst"
    """No figures: an estimate that the analysts found with a model of their own."""


class TrialDataset(Entity):
    """One upload of trial data, kept whole. A correction is a new version, never an edit.

    Of several forces in one pilot, each hands in the totals of its own sites.
    """

    __tablename__ = "trial_dataset"
    __table_args__ = (UniqueConstraint("pilot_id", "version"), one_of("source", DataSource))

    pilot_id: Mapped[int] = mapped_column(ForeignKey("pilot.id"))
    force_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    """Whose sites were counted; None for what the literature printed."""
    outcome_id: Mapped[int | None] = mapped_column(ForeignKey("protocol_outcome.id"))
    """Which of the protocol's further KPIs was counted; None for the primary one."""
    version: Mapped[int]
    source: Mapped[DataSource]
    cells: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """A list of cells: arm, period and the KPI type's numbers; from analysts, their estimate."""
    cells_hash: Mapped[str]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    correction_reason: Mapped[str | None]
    upload_id: Mapped[int | None] = mapped_column(ForeignKey("trial_upload.id"), unique=True)
    """The file or the batches that it came as; None for totals that were typed or sent as cells."""
    observation_count: Mapped[int | None]
    observations_hash: Mapped[str | None]
    """Of the observations that the cells were added up from; None for totals."""


class Verdict(StrEnum):
    WORKED = "worked"
    PROMISING = "promising"
    INCONCLUSIVE = "inconclusive"
    DIDNT_WORK = "didnt_work"
    HARMFUL = "harmful"
    NOT_ASSESSABLE = "not_assessable"
    STOPPED_EARLY = "stopped_early"
    OVERDUE_UNREPORTED = "overdue_unreported"


class Result(Entity):
    """The effect on the primary KPI, computed by the results engine from one dataset."""

    __tablename__ = "result"
    __table_args__ = (
        UniqueConstraint("pilot_id", "revision"),
        one_of("verdict", Verdict),
        CheckConstraint("grade BETWEEN 0 AND 5", name="grade"),
        CheckConstraint("(grade_reason IS NULL) = (grade_note IS NULL)", name="grade_lowered"),
        CheckConstraint("lower <= effect AND effect <= upper", name="interval"),
        Index("ix_result_technology_id_id", "technology_id", "id"),
    )

    pilot_id: Mapped[int] = mapped_column(ForeignKey("pilot.id"))
    technology_id: Mapped[int] = mapped_column(ForeignKey("technology.id"))
    supplier_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    force_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    """Both copied from the pilot: who may read a result hangs on them."""
    dataset_id: Mapped[int] = mapped_column(ForeignKey("trial_dataset.id"))
    """The newest one it was computed from: with it, the newest of each other force before it."""
    revision: Mapped[int] = mapped_column()
    """Counts from 1 for each pilot; a corrected result supersedes the one before."""
    kpi: Mapped[str]
    scale: Mapped[str]
    """`risk_difference`, `rate_ratio`, `mean_difference` … : what `effect` is measured on."""
    effect: Mapped[float]
    lower: Mapped[float]
    upper: Mapped[float]
    """The 95% confidence interval, on the same scale as `effect`."""
    p_value: Mapped[float | None]
    sample_size: Mapped[int]
    """Units analysed, over all arms and periods."""
    method: Mapped[str]
    grade: Mapped[int]
    """Maryland scale, 0 to 5, derived from the design; lowered where `grade_reason` says why."""
    grade_reason: Mapped[str | None]
    """Of the list `grading.Downgrade`; None for the grade that the design earns."""
    grade_note: Mapped[str | None]
    """What happened, in the analyst's words."""
    verdict: Mapped[Verdict]
    harm_signal: Mapped[bool]
    finding: Mapped[str]
    """The result in one English sentence."""
    notes: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """What a reader must know beside the numbers, in sentences: the verdict's rule comes first."""
    deviations: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """Departures from the locked protocol, in sentences: the hub's own findings come first."""
    breaches: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """Safety and equality KPIs that broke their stop rule, in sentences; any caps the verdict."""
    secondary: Mapped[dict[str, Any]]
    """Further measures by name: value, lower, upper."""
    series: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    """Of a design over time, stretch by stretch: on, period, observed, comparison, fitted and
    counterfactual, as they may leave the hub; see `disclosure.series`."""
    inputs_hash: Mapped[str]
    libraries: Mapped[dict[str, Any]]
    computed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """The second analyst, who reproduced the number."""
    confirmed_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]


class OutcomeEffect(Entity):
    """The effect on one of the protocol's further KPIs, computed with the result that it is part
    of."""

    __tablename__ = "outcome_effect"
    __table_args__ = (
        UniqueConstraint("result_id", "outcome_id"),
        CheckConstraint("num_nulls(scale, effect, lower, upper) IN (0, 4)", name="whole"),
        CheckConstraint("lower <= effect AND effect <= upper", name="interval"),
        CheckConstraint("grade BETWEEN 0 AND 5", name="grade"),
    )

    result_id: Mapped[int] = mapped_column(ForeignKey("result.id"))
    outcome_id: Mapped[int] = mapped_column(ForeignKey("protocol_outcome.id"), index=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("trial_dataset.id"))
    """As of the result: the newest of its data."""
    scale: Mapped[str | None]
    effect: Mapped[float | None]
    lower: Mapped[float | None]
    upper: Mapped[float | None]
    """As of the result; None where `finding` says why none is told."""
    p_value: Mapped[float | None]
    sample_size: Mapped[int | None]
    method: Mapped[str | None]
    grade: Mapped[int]
    """Of its own design; lowered where the result's is."""
    finding: Mapped[str]
    """In one English sentence: what was found, or why nothing is told."""
    notes: Mapped[list[str]]
    secondary: Mapped[dict[str, Any]]
    breach: Mapped[str | None]
    """How it broke its stop rule, in a sentence."""
    inputs_hash: Mapped[str | None]


class PooledEffect(Entity):
    """What the published trials of one technology, or of the pilots for one challenge, say together
    of one indicator, in one view.

    Made anew with every result that is published; see `synthesis.together`.
    """

    __tablename__ = "pooled_effect"
    __table_args__ = (
        UniqueConstraint(
            "technology_id",
            "kpi",
            "grade_at_least",
            "independent_only",
            name="uq_pooled_effect_view",
        ),
        UniqueConstraint(
            "challenge_id",
            "kpi",
            "grade_at_least",
            "independent_only",
            name="uq_pooled_effect_challenge_view",
        ),
        CheckConstraint("(technology_id IS NULL) <> (challenge_id IS NULL)", name="of_one"),
        one_of("verdict", Verdict),
        CheckConstraint("lower <= effect AND effect <= upper", name="interval"),
    )

    technology_id: Mapped[int | None] = mapped_column(ForeignKey("technology.id"))
    challenge_id: Mapped[int | None] = mapped_column(ForeignKey("challenge.id"))
    """In place of a technology: then of all technologies that were piloted for it."""
    kpi: Mapped[str]
    grade_at_least: Mapped[int]
    independent_only: Mapped[bool]
    scale: Mapped[str]
    """`risk_ratio`, `rate_ratio`, `mean_difference` or `hedges_g`."""
    direction: Mapped[str]
    unit: Mapped[str]
    trial_count: Mapped[int]
    independent_count: Mapped[int]
    best_grade: Mapped[int]
    effect: Mapped[float]
    lower: Mapped[float]
    upper: Mapped[float]
    """The interval to read, on `scale`: Hartung and Knapp's where there are few trials."""
    p_value: Mapped[float]
    prediction_lower: Mapped[float | None]
    prediction_upper: Mapped[float | None]
    """Where the true effect at one further site is expected to lie, 95 times in 100."""
    q: Mapped[float | None]
    q_p_value: Mapped[float | None]
    i_squared: Mapped[float | None]
    tau_squared: Mapped[float | None]
    """On the square of the scale of pooling: of logarithms for ratios."""
    minimum_important_effect: Mapped[float | None]
    """The largest that the trials registered, on `scale`."""
    verdict: Mapped[Verdict]
    because: Mapped[str]
    models: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """By each model: its effect and intervals on `scale`, and tau squared."""
    pooled_at: Mapped[datetime]


class PooledTrial(Entity):
    """One trial in a pooled effect, or left out of it for a reason."""

    __tablename__ = "pooled_trial"
    __table_args__ = (
        UniqueConstraint("pooled_effect_id", "result_id"),
        CheckConstraint("(weight IS NULL) = (excluded_because IS NOT NULL)", name="pooled_or_not"),
    )

    pooled_effect_id: Mapped[int] = mapped_column(ForeignKey("pooled_effect.id"))
    technology_id: Mapped[int | None] = mapped_column(ForeignKey("technology.id"))
    """Copied, as the next: who may read it hangs on them."""
    challenge_id: Mapped[int | None] = mapped_column(ForeignKey("challenge.id"))
    result_id: Mapped[int] = mapped_column(ForeignKey("result.id"), index=True)
    role: Mapped[str] = mapped_column(server_default="primary")
    """What the KPI was in that trial: `primary`, or of `OutcomeRole`."""
    grade: Mapped[int]
    """Maryland scale: of the design by which it was measured, in whatever role."""
    analyst_supplied: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether the analysts estimated that effect, and not the hub."""
    place: Mapped[int]
    """Its place in the list: the strongest first, what is left out last."""
    weight: Mapped[float | None]
    """Its share of the pooled effect, from 0 to 1."""
    effect: Mapped[float | None]
    lower: Mapped[float | None]
    upper: Mapped[float | None]
    """On the pooled effect's scale."""
    effect_without: Mapped[float | None]
    lower_without: Mapped[float | None]
    upper_without: Mapped[float | None]
    """The pooled effect of all the others."""
    excluded_because: Mapped[str | None]

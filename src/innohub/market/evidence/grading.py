"""The Maryland scientific methods grade: how well a design can tell cause from coincidence.

After the What Works Centre for Local Economic Growth and Sherman et al.; level 0 is added for
trials that compare with nothing at all.
"""

from dataclasses import dataclass
from enum import StrEnum

from innohub.errors import Invalid
from innohub.market.evidence.estimators.design import Design, design_of

LABELS: dict[int, str] = {
    0: "No comparison",
    1: "Before and after, or with and without",
    2: "Adjusted before and after, or a comparison that is not equivalent",
    3: "Before and after with a comparison group",
    4: "Several comparable units, other factors controlled",
    5: "Random assignment of comparable units",
}
_GRADES: dict[Design, int] = {
    Design.AFTER_ONLY: 0,
    Design.BEFORE_AFTER: 1,
    Design.INTERRUPTED_TIME_SERIES_NO_CONTROL: 2,
    Design.CROSS_SECTION_MATCHED: 2,
    Design.DIFFERENCE_IN_DIFFERENCES: 3,
    Design.ITS_WITH_CONTROL: 3,
    Design.STEPPED_WEDGE_NONRANDOM: 4,
    Design.MATCHED_CLUSTER_CONTROLLED: 4,
    Design.REGRESSION_DISCONTINUITY: 4,
    Design.STEPPED_WEDGE_RANDOMISED: 5,
    Design.INDIVIDUAL_RCT: 5,
    Design.CLUSTER_RCT: 5,
}


class Downgrade(StrEnum):
    """Why an analyst may lower a grade."""

    BASELINE_SHORTER_THAN_PROTOCOL = "baseline_shorter_than_protocol"
    CONTAMINATION = "contamination"
    ATTRITION_OVER_20PCT = "attrition_over_20pct"
    OUTCOME_SWITCHED = "outcome_switched"
    ANALYSIS_NOT_AS_REGISTERED = "analysis_not_as_registered"
    UNIT_COUNT_BELOW_PROTOCOL = "unit_count_below_protocol"
    DATA_QUALITY = "data_quality"


WORDS = {
    Downgrade.BASELINE_SHORTER_THAN_PROTOCOL: "the baseline is shorter than registered",
    Downgrade.CONTAMINATION: "the comparison group had the technology too, in part",
    Downgrade.ATTRITION_OVER_20PCT: "more than a fifth of the units were lost",
    Downgrade.OUTCOME_SWITCHED: "another outcome was measured than registered",
    Downgrade.ANALYSIS_NOT_AS_REGISTERED: "the analysis is not the registered one",
    Downgrade.UNIT_COUNT_BELOW_PROTOCOL: "fewer units took part than registered",
    Downgrade.DATA_QUALITY: "the data are of poor quality",
}


@dataclass(frozen=True)
class Lowering:
    """An analyst's word that a trial is weaker than its design: the grade, one of the reasons, and
    what happened."""

    to: int
    reason: str
    note: str


def graded(design: str, lowering: Lowering | None) -> int:
    """The grade of a result. Raises Invalid, field `grade` or `grade_reason`."""
    if lowering is None:
        return maryland_grade(design)
    return lowered_grade(design, lowering.to, lowering.reason)


def told(design: str, lowering: Lowering) -> str:
    """The lowering in a sentence for the reader."""
    earned = maryland_grade(design)
    return (
        f"The design earns grade {earned}; the analyst lowered it to {lowering.to}: "
        f"{WORDS[Downgrade(lowering.reason)]}. {lowering.note}"
    )


def maryland_grade(design: str) -> int:
    """The grade from 0 to 5 that a design earns. Raises Invalid, field `design`, when unknown."""
    return _GRADES[design_of(design)]


def lowered_grade(design: str, to: int, reason: str | None) -> int:
    """The design's grade lowered `to` another, for a reason from the list; never raised.

    Raises Invalid, field `grade` or `grade_reason`.
    """
    earned = maryland_grade(design)
    if not 0 <= to < earned:
        raise Invalid(
            f"This design earns grade {earned}: it may only be lowered, to 0 at the least.",
            field="grade",
        )
    if reason not in set(Downgrade):
        raise Invalid(
            f"Lowering a grade needs a reason: {', '.join(Downgrade)}.", field="grade_reason"
        )
    return to

"""What each pilot design compares, and which cells it needs for that."""

from dataclasses import dataclass
from enum import StrEnum

from innohub.errors import Invalid
from innohub.market.evidence.estimators.trial import Arm, Key, Period


class Design(StrEnum):
    AFTER_ONLY = "after_only"
    BEFORE_AFTER = "before_after"
    INTERRUPTED_TIME_SERIES_NO_CONTROL = "interrupted_time_series_no_control"
    CROSS_SECTION_MATCHED = "cross_section_matched"
    DIFFERENCE_IN_DIFFERENCES = "difference_in_differences"
    ITS_WITH_CONTROL = "its_with_control"
    STEPPED_WEDGE_NONRANDOM = "stepped_wedge_nonrandom"
    STEPPED_WEDGE_RANDOMISED = "stepped_wedge_randomised"
    MATCHED_CLUSTER_CONTROLLED = "matched_cluster_controlled"
    REGRESSION_DISCONTINUITY = "regression_discontinuity"
    INDIVIDUAL_RCT = "individual_rct"
    CLUSTER_RCT = "cluster_rct"


CLUSTERED = {Design.CLUSTER_RCT, Design.MATCHED_CLUSTER_CONTROLLED}


class Contrast(StrEnum):
    """What is set against what."""

    NONE = "none"
    TWO_GROUPS = "two_groups"
    """Treatment against comparison, both in the after period."""
    BEFORE_AFTER = "before_after"
    """After against before, in the treatment arm alone."""
    DIFFERENCE = "difference_in_differences"
    """The change of the treatment arm against the change of the comparison arm."""
    SERIES = "series"
    """The treatment arm over time: after, against where it was heading before."""
    SERIES_DIFFERENCE = "series_difference"
    """The same of the treatment arm's distance from the comparison arm."""


OVER_TIME = {Contrast.SERIES, Contrast.SERIES_DIFFERENCE}


TREATED: Key = (Arm.TREATMENT, Period.AFTER)
TREATED_BEFORE: Key = (Arm.TREATMENT, Period.BEFORE)
COMPARED: Key = (Arm.COMPARISON, Period.AFTER)
COMPARED_BEFORE: Key = (Arm.COMPARISON, Period.BEFORE)
CHANGE_AGAINST_CHANGE = ((1, TREATED), (-1, TREATED_BEFORE), (-1, COMPARED), (1, COMPARED_BEFORE))


@dataclass(frozen=True)
class Plan:
    """The contrast of a design, the cells it needs and the cells it has a place for."""

    design: Design
    contrast: Contrast
    needed: tuple[Key, ...]
    allowed: tuple[Key, ...]

    @property
    def over_time(self) -> bool:
        """Whether each cell stands for one stretch of time, and names its first day."""
        return self.contrast in OVER_TIME


_NEEDED: dict[Contrast, tuple[Key, ...]] = {
    Contrast.NONE: (TREATED,),
    Contrast.TWO_GROUPS: (TREATED, COMPARED),
    Contrast.BEFORE_AFTER: (TREATED_BEFORE, TREATED),
    Contrast.DIFFERENCE: (TREATED_BEFORE, TREATED, COMPARED_BEFORE, COMPARED),
    Contrast.SERIES: (TREATED_BEFORE, TREATED),
    Contrast.SERIES_DIFFERENCE: (TREATED_BEFORE, TREATED, COMPARED_BEFORE, COMPARED),
}
_CONTRAST = {
    Design.AFTER_ONLY: Contrast.NONE,
    Design.BEFORE_AFTER: Contrast.BEFORE_AFTER,
    Design.DIFFERENCE_IN_DIFFERENCES: Contrast.DIFFERENCE,
    Design.CROSS_SECTION_MATCHED: Contrast.TWO_GROUPS,
    Design.MATCHED_CLUSTER_CONTROLLED: Contrast.TWO_GROUPS,
    Design.INDIVIDUAL_RCT: Contrast.TWO_GROUPS,
    Design.CLUSTER_RCT: Contrast.TWO_GROUPS,
    Design.INTERRUPTED_TIME_SERIES_NO_CONTROL: Contrast.SERIES,
    Design.ITS_WITH_CONTROL: Contrast.SERIES_DIFFERENCE,
}


def design_of(name: str) -> Design:
    """Raises Invalid, field `design`, for a name outside the vocabulary."""
    try:
        return Design(name)
    except ValueError:
        raise Invalid(f"“{name[:40]}” is not a pilot design.", field="design") from None


def plan_for(design: str) -> Plan:
    """Raises Invalid, field `design`, where totals by arm and period cannot give the effect."""
    known = design_of(design)
    contrast = _CONTRAST.get(known)
    if contrast is None:
        raise Invalid(
            f"The design {known.replace('_', ' ')} cannot be computed from totals by arm and "
            "period: it needs a model of its own, and the analysts supply its estimate.",
            field="design",
        )
    needed = _NEEDED[contrast]
    # Two groups may show their baselines; the registered comparison stays the after period.
    allowed = _NEEDED[Contrast.DIFFERENCE] if contrast is Contrast.TWO_GROUPS else needed
    return Plan(known, contrast, needed, allowed)

"""The designs a pilot can choose from, as somebody reads them who has never planned a trial."""

from dataclasses import dataclass

from innohub.market.evidence.grading import maryland_grade
from innohub.market.pilots.protocols import COMPUTED_DESIGNS, SUPPLIED_DESIGNS


@dataclass(frozen=True)
class DesignWords:
    name: str
    label: str
    help: str
    grade: int
    """What a trial of this design can earn at most, on the Maryland scale."""


_WORDS = {
    "individual_rct": (
        "Randomised trial",
        "Each file, person or shift is put by lot into a group with the technology or without.",
    ),
    "cluster_rct": (
        "Randomised trial of whole groups",
        "Whole teams, stations or beats are put by lot into one group or the other.",
    ),
    "stepped_wedge_randomised": (
        "Stepped wedge, in random order",
        "Teams or places begin one after the other, in an order drawn by lot. Your analysts supply "
        "the estimate.",
    ),
    "stepped_wedge_nonrandom": (
        "Stepped wedge",
        "Teams or places begin one after the other. Your analysts supply the estimate.",
    ),
    "regression_discontinuity": (
        "Cut-off",
        "Cases just above a score get the technology, those just below do not. Your analysts "
        "supply the estimate.",
    ),
    "matched_cluster_controlled": (
        "Matched groups",
        "Teams or places with the technology, each set against a similar one without it.",
    ),
    "difference_in_differences": (
        "Before and after, with a comparison group",
        "The change in the group with the technology against the change in one without it.",
    ),
    "its_with_control": (
        "Month by month, with a comparison",
        "At least 8 months or weeks before and 8 after, here and at a place without it: better 12.",
    ),
    "cross_section_matched": (
        "With and without, matched",
        "Similar cases with the technology and without it, in the same time.",
    ),
    "interrupted_time_series_no_control": (
        "Month by month",
        "At least 8 months or weeks before and 8 after: better 12. The trend before is the "
        "comparison.",
    ),
    "before_after": (
        "Before and after",
        "The same team before and after. Anything else that changed counts, too.",
    ),
    "after_only": (
        "After only",
        "A figure from the trial and nothing to compare it with. No effect can be computed.",
    ),
}
DESIGNS = {
    name: DesignWords(name, label, help, maryland_grade(name))
    for name, (label, help) in _WORDS.items()
    if name in (*COMPUTED_DESIGNS, *SUPPLIED_DESIGNS)
}
"""The strongest first."""

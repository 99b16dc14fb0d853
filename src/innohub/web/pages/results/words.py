"""Sentences that the pages about trial data share."""

RECORDED = (
    "The data are recorded: check them below. Next, the result is computed, once the pilot has "
    "ended."
)

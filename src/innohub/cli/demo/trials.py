"""The three trials of the demonstration: a type of KPI, a design and a way of recording each.

The figures are invented. With the locked plans beside them they come out as three verdicts.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

DAYS = 28


@dataclass(frozen=True)
class Trial:
    """What is asked, planned, counted and decided. `cells` are the totals by arm and period."""

    title: str
    question: str
    site: str
    kpi: str
    overlap_choice: str
    overlap_reason: str
    plan: dict[str, Any]
    cells: tuple[dict[str, Any], ...]
    by_file: bool
    """Uploaded as a CSV file in the page; else sent by the force's API client."""
    by_unit: bool = field(default=False, kw_only=True)
    """The file has a line for each unit, which the hub adds up; else one for each cell."""
    decision: str
    reason: str
    noted: str
    """What supported or obstructed it."""


@dataclass
class Pilot:
    """A trial as it runs on the hub."""

    trial: Trial
    id: str
    number: int
    alike: int
    """How many pilots like it the force was shown."""
    hash: str = ""
    result_id: str = ""
    found: dict[str, Any] = field(default_factory=dict)
    """The published result."""


def rows_of(trial: Trial) -> list[dict[str, Any]]:
    """The lines of its file."""
    return list(_units(trial.cells)) if trial.by_unit else list(trial.cells)


def csv_of(rows: list[dict[str, Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def _units(cells: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Of a share, whether each unit had the event."""
    for cell in cells:
        for number in range(cell["n"]):
            unit = f"{cell['arm'][0].upper()}-{cell['period'][0].upper()}-{number + 1:05}"
            place = {"arm": cell["arm"], "period": cell["period"]}
            yield place | {"unit_id": unit, "event": int(number < cell["events"])}


def plan_of(trial: Trial, today: date) -> dict[str, Any]:
    """The protocol, as the input of `proposeProtocol`; the result is due after the planned end."""
    common = {
        "baselineSource": "Demonstration force data, the twelve months before the request",
        "analysisPlan": "The hub's own method for this KPI and design, on all units recorded, "
        "without exclusions. No interim analysis.",
        "stopRules": "The senior responsible owner stops the trial at any recording that was lost, "
        "or at a statement that went out unsigned.",
        "deliveryFramework": "IN_HOUSE",
        "resultDueOn": (today + timedelta(days=2 * DAYS)).isoformat(),
    }
    return {**common, **trial.plan}


RUN_BY_THE_FORCE = {
    "organisationalFramework": "The innovation lead runs it; two analysts count and compute, "
    "of whom neither works with the teams. The supplier trains, and sees no figures before the "
    "report.",
    "measuringAndManagingTreatment": "The cameras' log shows which drafts were used. The "
    "innovation lead reads it each week and asks the sergeants about drafts that were thrown away.",
}
"""Texts that the three protocols share."""
RANDOMISED = Trial(
    title="Statements drafted by the camera, drawn by lot",
    question="Does a statement that the camera drafted bring more offences to a positive outcome?",
    site="Response teams A to D",
    kpi="positive_outcome_rate",
    overlap_choice="replicate_different_context",
    overlap_reason="The others tried cameras without drafting, in other kinds of team.",
    plan={
        "baselineValue": 0.31,
        "minimumImportantEffect": 0.04,
        "design": "individual_rct",
        "unitOfAnalysis": "INCIDENT",
        "sampleSize": 2200,
        "sections": RUN_BY_THE_FORCE
        | {
            "eligibilityCriteria": "Offences with a victim or witness whose statement was taken at "
            "the scene. Statements of children are taken by specialists and left out.",
            "pipelineRecruitment": "About 550 a week over the four teams; all of them are entered.",
            "randomAssignment": "The camera's dock draws by the last digit of the incident's "
            "number; officers learn at the scene whether a draft is offered.",
            "treatmentAndComparison": "A statement drafted by the camera and corrected by the "
            "officer, against one that the officer writes.",
        },
    },
    cells=(
        {"arm": "treatment", "period": "after", "events": 412, "n": 1120},
        {"arm": "comparison", "period": "after", "events": 349, "n": 1135},
    ),
    by_file=True,
    by_unit=True,
    decision="ADOPT_WITH_CONDITIONS",
    reason="The benefit is as large as we asked for. Adopted for response teams, with a yearly "
    "check of the drafts by a supervisor.",
    noted="Sergeants gave ten minutes of each briefing to reading drafts aloud.",
)
WITH_COMPARISON = Trial(
    title="Use of force where cameras draft statements",
    question="Does use of force fall where officers know that their own words are drafted?",
    site="Eastern custody area, with the western area as comparison",
    kpi="use_of_force",
    overlap_choice="independent_check",
    overlap_reason="Counted by custody staff, who have no part in what response teams try.",
    plan={
        "baselineValue": 0.044,
        "minimumImportantEffect": 0.1,
        "design": "difference_in_differences",
        "unitOfAnalysis": "PERSON",
        "sampleSize": 4000,
        "sections": RUN_BY_THE_FORCE
        | {
            "eligibilityCriteria": "Arrests brought to one of the two custody areas. Arrests made "
            "by another force are left out.",
            "pipelineRecruitment": "About 1,000 arrests in each area in four weeks; all of "
            "them are counted.",
            "randomAssignment": "There is no lot: the eastern area has the newer cameras. The two "
            "areas moved alike in the year before.",
            "treatmentAndComparison": "Officers of the eastern area with drafting cameras, against "
            "those of the western area with cameras that do not draft.",
        },
    },
    cells=(
        {"arm": "treatment", "period": "before", "events": 92, "exposure": 2100},
        {"arm": "treatment", "period": "after", "events": 74, "exposure": 2140},
        {"arm": "comparison", "period": "before", "events": 88, "exposure": 2050},
        {"arm": "comparison", "period": "after", "events": 85, "exposure": 2080},
    ),
    by_file=False,
    decision="REPLICATE_ELSEWHERE",
    reason="The interval leaves open both a benefit and none: a second force should try it before "
    "anybody buys it for this.",
    noted="Custody staff counted in a sheet of their own, which the trial paid for.",
)
BEFORE_AFTER = Trial(
    title="Hours on the case file before and after the camera",
    question="Does a case file take fewer hours once its statement is drafted by the camera?",
    site="Case-file unit, headquarters",
    kpi="case_file_admin_hours",
    overlap_choice="proceed_with_reason",
    overlap_reason="Our unit changes its case-file system next spring: the old figures end then.",
    plan={
        "baselineValue": 3.4,
        "minimumImportantEffect": 0.5,
        "design": "before_after",
        "unitOfAnalysis": "CASE_FILE",
        "sampleSize": 400,
        "sections": RUN_BY_THE_FORCE
        | {
            "eligibilityCriteria": "Files with at least one statement, begun and submitted in the "
            "period. Files taken over from another unit are left out.",
            "pipelineRecruitment": "About 60 files a week; all of them are counted.",
            "treatmentAndComparison": "The unit with the camera's drafts, against the same unit in "
            "the four weeks before.",
        },
    },
    cells=(
        {"arm": "treatment", "period": "before", "mean": 3.4, "sd": 1.1, "n": 240},
        {"arm": "treatment", "period": "after", "mean": 2.6, "sd": 1.0, "n": 236},
    ),
    by_file=True,
    decision="EXTEND_ONCE",
    reason="The hours fell, but without a comparison we cannot tell why. Extended with one.",
    noted="Two supervisors left in the second month, and their files waited.",
)
TRIALS = (RANDOMISED, WITH_COMPARISON, BEFORE_AFTER)

"""What all trials of a technology say together, indicator by indicator."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.market.evidence.synthesis.together import VIEWS
from innohub.web.forest import Line, Summary, forest_chart
from innohub.web.funnel import Funnel, funnel_chart
from innohub.web.page import Data, Page
from innohub.web.pages.emmie.view import notes_in
from innohub.web.pages.evidence.words import Model, models_of, protocol_of, told
from innohub.web.wording import number, plural

GRADES = tuple(dict.fromkeys(view.grade_at_least for view in VIEWS))
ROLES = {"secondary": "secondary", "safety_harm": "safety"}
"""What the indicator was in a trial that was planned for another."""
ALL_SITES = "All sites together"

Row = Mapping[str, Any]


def variables(request: Request) -> Data:
    asked = request.query_params
    grade = asked.get("grade", "")
    return {
        "slug": request.path_params["slug"],
        "view": {
            "gradeAtLeast": int(grade) if grade in map(str, GRADES) else GRADES[0],
            "independentOnly": asked.get("independent") == "yes",
        },
    }


@dataclass(frozen=True)
class Pooled:
    """The trials of one indicator, ready to be read."""

    row: Row
    pooled: Sequence[Row]
    left_out: Sequence[Row]
    unreported: Sequence[Row]
    models: Sequence[Model]
    sites: Mapping[int, list[Row]] = field(default_factory=dict)
    """Those that tell something beside the effect, by the number of their pilot."""

    def told(self, one: Row) -> str:
        """An effect and its interval in words."""
        return told(self.row, one["effect"], one["lower"], one["upper"])

    @property
    def effect(self) -> str:
        return self.told(self.row)

    def without(self, trial: Row) -> str:
        """The pooled effect of all the other trials."""
        if trial["effectWithout"] is None:
            return ""
        return told(self.row, trial["effectWithout"], trial["lowerWithout"], trial["upperWithout"])

    @property
    def spread(self) -> str:
        """Whether the sites differ by more than chance, in a sentence."""
        share = self.row["iSquared"]
        if share is None:
            return "With one trial, nobody can say how far sites differ."
        if share < 0.25:
            return "The sites agree: they differ by little more than chance would have them."
        much = "some" if share < 0.5 else "much" if share < 0.75 else "most"
        return (
            f"The sites differ: {much} of it ({share:.0%}) is more than chance, so look at where "
            "and how each ran."
        )

    @property
    def predicted(self) -> str:
        """What one more site may expect."""
        if self.row["predictionLower"] is None:
            return ""
        ends = self.row["predictionLower"], self.row["predictionUpper"]
        words = told(self.row, self.row["effect"], *ends)
        return words[words.index("(") + 1 : -1]

    @property
    def picture(self) -> Any:
        lines = [self._line(*name_of(one), one, one["weight"]) for one in self.pooled]
        if len(lines) == 1:
            return forest_chart(self.row["kpiLabel"], lines)
        ends = self.row["predictionLower"], self.row["predictionUpper"]
        predicted = None if ends[0] is None else (ends[0], ends[1])
        k = plural(self.row["trialCount"], "trial")
        return forest_chart(
            self.row["kpiLabel"], lines, Summary(self._line(ALL_SITES, k, self.row), predicted)
        )

    @property
    def telling(self) -> list[tuple[Row, list[Row]]]:
        """The pooled trials of which sites tell something, each with those sites."""
        found = ((one, self.sites.get(one["result"]["pilot"]["number"], [])) for one in self.pooled)
        return [(trial, sites) for trial, sites in found if sites]

    @property
    def funnel(self) -> Any:
        """Empty where there are too few trials for one."""
        return funnel_chart(self.row["kpiLabel"], self._funnel, protocol_of(self.row))

    @property
    def funnel_told(self) -> str:
        return self._funnel.told

    @property
    def _funnel(self) -> Funnel:
        return Funnel.of(self.row, self.pooled)

    def _line(self, name: str, beside: str, one: Row, weight: float = 0.3) -> Line:
        drawn = {end: one[end] for end in ("effect", "lower", "upper")}
        pilot = {"protocol": protocol_of(self.row)}
        return Line(name, beside, {**drawn, "scale": self.row["scale"], "pilot": pilot}, weight)


def name_of(trial: Row) -> tuple[str, str]:
    """The force, or who ran a published trial, and the place."""
    pilot = trial["result"]["pilot"]
    if pilot["force"]:
        return pilot["force"]["name"], pilot["site"]
    name, _, place = pilot["site"].partition(", ")
    return name, place


def where(trial: Row) -> str:
    """The same in one."""
    return ", ".join(part for part in name_of(trial) if part)


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    technology = data["technology"]
    found = [pooled_of(row, technology) for row in technology["pooledEffects"]["nodes"]]
    return {
        "technology": technology,
        "indicators": sorted(found, key=lambda one: -one.row["trialCount"]),
        "view": variables(request)["view"],
        "grades": GRADES,
        "where": where,
        "roles": ROLES,
        "asked": request.url.query,
        "number": number,
        "notes_in": notes_in,
    }


def pooled_of(row: Row, technology: Row) -> Pooled:
    trials = row["trials"]
    return Pooled(
        row=row,
        pooled=[one for one in trials if one["excludedBecause"] is None],
        left_out=[one for one in trials if one["excludedBecause"] is not None],
        unreported=[
            pilot
            for pilot in technology["pilots"]["nodes"]
            if pilot["kpi"] == row["kpi"] and _owed(pilot)
        ],
        models=models_of(row),
        sites={
            pilot["number"]: [site for site in pilot["sites"] if site["emmie"]]
            for pilot in technology["pilots"]["nodes"]
        },
    )


def _owed(pilot: Row) -> bool:
    """Registered, its result due, and not reported."""
    return pilot["reporting"] in ("DUE", "UNREPORTED")


PAGE = Page(
    "evidence",
    "/technologies/{slug}/evidence",
    variables=variables,
    needed=("technology",),
    context=context,
)

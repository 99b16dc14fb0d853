"""The protocol as a document: Crim-PORT's twelve headings, each with what the plan's fields say and
what was written beside them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from strawberry.utils.str_converters import to_camel_case

from innohub.market.pilots import commands
from innohub.market.pilots.headings import UNASSIGNED, ProtocolHeading, title
from innohub.market.pilots.together.service import in_words
from innohub.web.pages.pilot import numbers
from innohub.web.pages.protocol.designs import DESIGNS
from innohub.web.wording import day, plural, words

Row = Mapping[str, Any]
Fact = tuple[str, str]
H = ProtocolHeading
ONE_GROUP = "Nobody is assigned: the design has one group, and sets it against itself."
WHATEVER_IT_IS = "The hub publishes the result in the public register, whatever it is."


@dataclass(frozen=True)
class Section:
    """One heading. `facts` are the plan's fields in words, `text` what people wrote."""

    heading: ProtocolHeading
    number: int
    facts: tuple[Fact, ...]
    text: str
    missing: bool
    """The lock waits for it; in an old plan, nobody asked for it."""

    @property
    def title(self) -> str:
        return title(self.heading)


def sections(pilot: Row) -> list[Section]:
    """The twelve, of a pilot that was read with its protocol."""
    protocol = pilot["protocol"]
    return [
        Section(
            heading,
            number,
            tuple(fact for fact in _facts(heading, pilot) if fact[1]),
            _text(heading, protocol),
            heading.name in protocol["unanswered"],
        )
        for number, heading in enumerate(H, start=1)
    ]


def texts(protocol: Row) -> dict[str, str]:
    """What was written under each heading, by the names of the form's fields."""
    found = {name: protocol["sections"].get(to_camel_case(name)) for name in H}
    return {name: text for name, text in found.items() if text}


def _text(heading: ProtocolHeading, protocol: Row) -> str:
    if heading is H.ANALYSIS_PLAN:
        return str(protocol["analysisPlan"])
    written = texts(protocol).get(heading, "")
    if heading is H.RANDOM_ASSIGNMENT and protocol["design"] in UNASSIGNED:
        return f"{ONE_GROUP}\n\n{written}".strip()
    return written


def _facts(heading: ProtocolHeading, pilot: Row) -> Iterator[Fact]:
    yield from _FACTS[heading](pilot, pilot["protocol"])


def _name(pilot: Row, protocol: Row) -> Iterator[Fact]:
    yield "Name", pilot["title"]
    yield "Question", pilot["question"]
    yield (
        "Hypothesis",
        f"With {pilot['technology']['name']}, “{protocol['kpiLabel']}” is at least "
        f"{numbers.smallest(protocol)} than without it.",
    )


def _framework(pilot: Row, protocol: Row) -> Iterator[Fact]:
    yield "Delivery framework", _worded(protocol["deliveryFramework"])
    joined = [one["force"]["name"] for one in pilot["furtherForces"] if not one["leftAt"]]
    if pilot["force"]:
        yield "Force", pilot["force"]["name"]
    yield "With", ", ".join(joined)
    yield "Supplier", pilot["supplier"]["name"]


def _unit(pilot: Row, protocol: Row) -> Iterator[Fact]:
    yield "Unit of analysis", _worded(protocol["unitOfAnalysis"])
    if protocol["designEffect"]:
        yield "Design effect", f"{protocol['designEffect']:g}"


def _sample(pilot: Row, protocol: Row) -> Iterator[Fact]:
    unit = _worded(protocol["unitOfAnalysis"]).lower()
    yield "Sample", f"{protocol['sampleSize']:,} (unit: {unit})"


def _timing(pilot: Row, protocol: Row) -> Iterator[Fact]:
    yield "Begins", day(pilot["startOn"])
    yield "Ends", day(pilot["endOn"])


def _assignment(pilot: Row, protocol: Row) -> Iterator[Fact]:
    design = DESIGNS.get(protocol["design"])
    told = f"{design.label}, evidence grade {design.grade} of 5" if design else ""
    yield "Design", told or words(protocol["design"])


def _treatment(pilot: Row, protocol: Row) -> Iterator[Fact]:
    version = pilot["version"]
    yield (
        "Technology",
        pilot["technology"]["name"] + (f", version {version['number']}" if version else ""),
    )
    left = {one["force"]["id"] for one in pilot["furtherForces"] if one["leftAt"]}
    sites = [site for site in pilot["sites"] if site["force"]["id"] not in left]
    several = len({site["force"]["id"] for site in sites}) > 1
    for role, term in (("TREATMENT", "With it"), ("COMPARISON", "For comparison")):
        named = [
            f"{site['name']} ({site['force']['name']})" if several else site["name"]
            for site in sites
            if site["role"] == role
        ]
        yield term, "; ".join(named)


def _managing(pilot: Row, protocol: Row) -> Iterator[Fact]:
    yield "Stop rules", protocol["stopRules"]
    limits = [in_words(commands.StopLimit(**limit)) for limit in protocol["stopLimits"]]
    yield "Paused at once at", "; ".join(limits)


def _outcomes(pilot: Row, protocol: Row) -> Iterator[Fact]:
    yield "Measure", f"{protocol['kpiLabel']} ({words(protocol['direction']).lower()})"
    yield "Unit", "per cent" if protocol["unit"] == "percent" else protocol["unit"]
    yield "Baseline", f"{numbers.baseline(protocol)} ({protocol['baselineSource']})"
    yield "Smallest change worth having", numbers.smallest(protocol)


def _analysis(pilot: Row, protocol: Row) -> Iterator[Fact]:
    counts = protocol["baselineCounts"]
    if protocol["overdispersion"]:
        source = f", from {plural(len(counts), 'count')} before" if counts else ""
        yield "Overdispersion", f"{protocol['overdispersion']:g}{source}"
    if protocol["beforeAfterCorrelation"] is not None:
        yield "Correlation before and after", f"{protocol['beforeAfterCorrelation']:g}"


def _due(pilot: Row, protocol: Row) -> Iterator[Fact]:
    if not pilot["citation"]:
        yield "Result due", day(protocol["resultDueOn"])
        yield "Published", WHATEVER_IT_IS


def _nothing(pilot: Row, protocol: Row) -> Iterator[Fact]:
    yield from ()


_FACTS = {
    H.NAME_AND_HYPOTHESES: _name,
    H.ORGANISATIONAL_FRAMEWORK: _framework,
    H.UNIT_OF_ANALYSIS: _unit,
    H.ELIGIBILITY_CRITERIA: _nothing,
    H.PIPELINE_RECRUITMENT: _sample,
    H.TIMING: _timing,
    H.RANDOM_ASSIGNMENT: _assignment,
    H.TREATMENT_AND_COMPARISON: _treatment,
    H.MEASURING_AND_MANAGING_TREATMENT: _managing,
    H.MEASURING_OUTCOMES: _outcomes,
    H.ANALYSIS_PLAN: _analysis,
    H.DUE_DATE_AND_DISSEMINATION: _due,
}


def _worded(name: str | None) -> str:
    return words(name) if name else ""

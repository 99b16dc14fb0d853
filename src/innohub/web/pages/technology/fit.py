"""What may not fit the reader's force, with the two facts side by side, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from innohub.market.assurance.models import Classification
from innohub.market.forces.fit import Matter, Offer, Sheet, fit_of
from innohub.market.forces.models import Network, Vetting
from innohub.web.wording import plural, words

SYSTEMS = ("rmsPlatform", "commandAndControl", "digitalEvidenceSystem")
Labels = Mapping[str, str]


@dataclass(frozen=True)
class Line:
    """One matter: what the force says, and what the listing says."""

    matter: str
    force: str
    listing: str


def lines_of(
    sheet: Mapping[str, Any], technology: Mapping[str, Any], labels: Labels
) -> tuple[list[Line], list[Line]]:
    """The doubts, and the questions to the supplier."""
    found = fit_of(_sheet(sheet), _offer(technology))

    def lines(matters: Iterable[Matter]) -> list[Line]:
        return [
            Line(
                matter.value,
                _of_force(matter, sheet, labels),
                _of_listing(matter, technology, labels),
            )
            for matter in matters
        ]

    return lines(found.doubts), lines(found.questions)


def _sheet(sheet: Mapping[str, Any]) -> Sheet:
    marking, vetting = sheet["maxClassification"], sheet["vettingRequired"]
    return Sheet(
        hosting=sheet["hostingPolicy"] or (),
        networks=[Network[name] for name in sheet["networks"] or ()],
        systems=[sheet[name] for name in SYSTEMS if sheet[name]],
        classification=Classification[marking] if marking else None,
        vetting=Vetting[vetting] if vetting else None,
        consultation_days=sheet["unionConsultationDays"],
        ethics_committee=sheet["ethicsCommittee"],
    )


def _offer(technology: Mapping[str, Any]) -> Offer:
    return Offer(
        category=technology["category"],
        hosting=technology["hosting"],
        integrations=technology["integrations"],
        data_kinds=technology["dataKinds"],
        ai_role=technology["aiRole"],
        verified=[i["type"] for i in technology["assurance"]["nodes"] if i["status"] == "VERIFIED"],
    )


def _of_force(matter: Matter, sheet: Mapping[str, Any], labels: Labels) -> str:
    match matter:
        case Matter.HOSTING:
            return _list(labels.get(id, id) for id in sheet["hostingPolicy"])
        case Matter.NETWORK:
            return _list(words(name) for name in sheet["networks"])
        case Matter.SYSTEMS:
            return _list(sheet[name] for name in SYSTEMS if sheet[name])
        case Matter.CLASSIFICATION:
            return f"{words(sheet['maxClassification'])} at most"
        case Matter.VETTING:
            return f"{words(sheet['vettingRequired'])} at least"
        case Matter.CONSULTATION:
            days = plural(sheet["unionConsultationDays"], "day")
            return f"Are consulted for {days} before officers get something new"
    return "Is asked"


def _of_listing(matter: Matter, technology: Mapping[str, Any], labels: Labels) -> str:
    stated = ""
    match matter:
        case Matter.HOSTING | Matter.NETWORK:
            stated = _list(labels.get(id, id) for id in technology["hosting"])
        case Matter.SYSTEMS:
            stated = _list(technology["integrations"])
        case Matter.CLASSIFICATION:
            stated = _list(labels.get(kind, kind) for kind in technology["dataKinds"])
        case Matter.CONSULTATION:
            stated = f"{technology['categoryLabel']}: something that officers wear, carry or drive"
        case Matter.ETHICS:
            stated = "Uses AI; no opinion of an ethics committee is verified"
    return stated or "Not stated as a fact: see what it says under Details"


def _list(texts: Iterable[str]) -> str:
    return "; ".join(texts)

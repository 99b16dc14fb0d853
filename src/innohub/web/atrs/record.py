"""The Algorithmic Transparency Recording Standard's record of a listing with AI, part-filled.

The fields and their numbers are those of the standard's template version 3.0. What the hub knows of
a technology stands in it, with where it is from; what only the force that uses it can say is marked
so. A force edits the record, owns it and publishes it: the hub's is a draft.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from innohub.web.stated import labels_of

NO_AI = "none"
IMPACT = {
    "dpia", "equality_impact_assessment", "bias_test_report", "ethics_committee_opinion",
    "human_rights_assessment", "ai_covenant_statement", "atrs_record",
}  # fmt: skip
"""Types of assurance that assess what a tool does to people."""
TO_FILL = "To be filled in by the force."


@dataclass(frozen=True)
class Known:
    """What the hub read of a technology, by what the record asks for."""

    data: Mapping[str, Any]
    base_url: str

    @property
    def technology(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.data["technology"]
        return found

    def section(self, name: str) -> str:
        sections = self.technology["sections"]
        return next((one["body"] for one in sections if one["section"] == name), "")

    def labels(self, field: str, list_: str) -> str:
        labels = labels_of(self.data)[list_]
        return ", ".join(labels.get(value, value) for value in self.technology[field] or ())

    @property
    def role(self) -> str:
        role = self.technology["aiRole"]
        entry = next((one for one in self.data["aiRoles"] if one["value"] == role), None)
        return f"{entry['label']}. {entry['help'] or ''}".strip() if entry else str(role)

    @property
    def findings(self) -> str:
        published = [one for one in self.technology["results"]["nodes"] if one["publishedAt"]]
        lines = [
            f"- {one['finding']} (Maryland scale {one['grade']} of 5; "
            f"{self.base_url}/pilots/{one['pilot']['number']})"
            for one in published
        ]
        return "\n".join(lines)

    @property
    def assessments(self) -> str:
        held = [one for one in self.technology["assurance"]["nodes"] if one["type"] in IMPACT]
        lines = [
            f"- {one['label']}, {one['reference'] or 'no reference'}: "
            f"{one['status'].replace('_', ' ').lower()}"
            f"{', until ' + one['expiresOn'] if one['expiresOn'] else ''}"
            for one in held
        ]
        return "\n".join(lines)

    @property
    def harms(self) -> str:
        lines = [
            f"- The pilot “{one['title']}” was stopped: "
            f"{one['stopReason'].replace('_', ' ').lower()}. {self.base_url}/pilots/{one['number']}"
            for one in self.technology["pilots"]["nodes"]
            if one["stopReason"]
        ]
        if any(one["harmSignal"] for one in self.technology["results"]["nodes"]):
            lines.append("- A published result shows that an outcome got worse: see the results.")
        return "\n".join(lines)

    @property
    def scale(self) -> str:
        forces = self.technology["forceCount"]
        if not forces:
            return ""
        many = "1 force has" if forces == 1 else f"{forces} forces have"
        return f"{many} a pilot of it in the public register. {TO_FILL}"

    @property
    def version(self) -> str:
        version = self.technology["currentVersion"]
        if not version:
            return ""
        return f"Version {version['number']} of the listing (SHA-256 {version['contentHash']})"


@dataclass(frozen=True)
class Field:
    """One field of the template. `value` gives nothing where only the force knows."""

    number: str
    name: str
    source: str = ""
    value: Callable[[Known], str] | None = None


def _facts(field: str) -> Callable[[Known], str]:
    return lambda known: str(known.technology[field] or "")


def _section(name: str) -> Callable[[Known], str]:
    return lambda known: known.section(name)


PARTS: tuple[tuple[str, tuple[Field, ...]], ...] = (
    (
        "Metadata",
        (
            Field("", "organisation_type"),
            Field("", "function"),
            Field("", "capability", "Listing", lambda k: ", ".join(
                one["label"] for one in k.technology["capabilities"])),
            Field("", "task"),
            Field("", "tags", "Listing", _facts("categoryLabel")),
            Field("", "date_of_completion"),
            Field("", "title", "Listing", _facts("name")),
            Field("", "organisation_name"),
            Field("", "phase"),
            Field("", "region"),
            Field("", "one_sentence_description", "Listing", _facts("summary")),
        ),
    ),
    (
        "Tier 1",
        (
            Field("1.1", "name", "Listing", _facts("name")),
            Field("1.2", "description", "Listing: what it does", _section("WHAT_IT_DOES")),
            Field("1.3", "website_url", "The listing", lambda k:
                  f"{k.base_url}/technologies/{k.technology['slug']}"),
            Field("1.4", "contact_email"),
        ),
    ),
    (
        "Tier 2: owner and responsibility",
        (
            Field("2.1.1", "organisation_or_department"),
            Field("2.1.2", "team"),
            Field("2.1.3", "senior_responsible_owner"),
            Field("2.1.4", "external_supplier_involvement", "Listing", lambda k: "Yes"),
            Field("2.1.4.1", "external_supplier", "Listing", lambda k:
                  k.technology["supplier"]["name"]),
            Field("2.1.4.2", "companies_house_number", "The supplier", lambda k:
                  k.technology["supplier"]["companyNumber"] or ""),
            Field("2.1.4.3", "external_supplier_role", "Listing", lambda k:
                  f"Supplies {k.technology['name']}."),
            Field("2.1.4.4", "procurement_procedure_type"),
            Field("2.1.4.5", "data_access_terms", "Listing: data use", _section("DATA_USE")),
        ),
    ),
    (
        "Tier 2: description and rationale",
        (
            Field("2.2.1", "detailed_description", "Listing: how it works",
                  _section("HOW_IT_WORKS")),
            Field("2.2.2", "scope"),
            Field("2.2.3", "benefit", "Published results", lambda k: k.findings),
            Field("2.2.4", "previous_process"),
            Field("2.2.5", "alternatives_considered"),
        ),
    ),
    (
        "Tier 2: decision making",
        (
            Field("2.3.1", "process_integration", "Listing: deployment and integration",
                  _section("DEPLOYMENT_AND_INTEGRATION")),
            Field("2.3.2", "provided_information"),
            Field("2.3.3", "frequency_and_scale_of_usage", "The register", lambda k: k.scale),
            Field("2.3.4", "human_decisions_and_review", "Listing: the part that AI plays",
                  lambda k: k.role),
            Field("2.3.5", "required_training"),
            Field("2.3.6", "appeals_and_review"),
        ),
    ),
    (
        "Tier 2: tool and data",
        (
            Field("2.4.1.1", "system_architecture", "Listing: hosting", lambda k:
                  k.labels("hosting", "hosting")),
            Field("2.4.1.2", "phase"),
            Field("2.4.1.3", "maintenance", "Listing: support", _section("SUPPORT")),
            Field("2.4.1.4", "models", "Listing: use of AI", _section("AI_USE")),
            Field("2.4.2", "model_name", "Listing", _facts("name")),
            Field("2.4.2", "model_version", "Listing", lambda k: k.version),
            Field("2.4.2", "model_task"),
            Field("2.4.2", "model_input", "Listing: kinds of data", lambda k:
                  k.labels("dataKinds", "dataKinds")),
            Field("2.4.2", "model_output"),
            Field("2.4.2", "model_architecture"),
            Field("2.4.2", "model_performance", "Published results", lambda k: k.findings),
            Field("2.4.2", "model_datasets"),
            Field("2.4.2", "model_dataset_purposes"),
            Field("2.4.3", "source_data", "Listing: data use", _section("DATA_USE")),
        ),
    ),
    (
        "Tier 2: impact assessment and risks",
        (
            Field("2.5.1", "impact_assessment", "Assurance", lambda k: k.assessments),
            Field("2.5.2", "risks_and_mitigations", "The register", lambda k: k.harms),
        ),
    ),
)  # fmt: skip


def has_ai(technology: Mapping[str, Any]) -> bool:
    """Whether the listing says that AI plays a part."""
    return technology["aiRole"] not in (None, NO_AI)


def record_of(known: Known, drafted_on: str) -> dict[str, Any]:
    """The record with every field of the template; `value` is null where the force has to say."""
    technology = known.technology
    parts: list[dict[str, Any]] = [
        {"part": name, "fields": [_filled(field, known) for field in fields]}
        for name, fields in PARTS
    ]
    filled = sum(field["value"] is not None for part in parts for field in part["fields"])
    return {
        "record": f"Algorithmic transparency record (draft): {technology['name']}",
        "standard": "Algorithmic Transparency Recording Standard, template version 3.0",
        "draftedOn": drafted_on,
        "draftedBy": "InnoHub, from the listing, the register and published results",
        "licence": "Open Government Licence v3",
        "demonstration": technology["demonstration"],
        "filled": filled,
        "of": sum(len(part["fields"]) for part in parts),
        "parts": parts,
    }


def _filled(field: Field, known: Known) -> dict[str, Any]:
    value = field.value(known).strip() if field.value else ""
    return {
        "number": field.number or None,
        "field": field.name,
        "value": value or None,
        "source": field.source if value else TO_FILL,
    }


def in_markdown(record: Mapping[str, Any]) -> str:
    """The same as a text to edit."""
    lines = [f"# {record['record']}", ""]
    if record["demonstration"]:
        lines += ["**Demonstration: an invented product.**", ""]
    lines += [
        f"{record['standard']}. Drafted by {record['draftedBy']}, {record['draftedOn']}.",
        f"{record['filled']} of {record['of']} fields are filled. The force that uses the tool "
        "checks them, fills in the others and owns the record.",
    ]
    for part in record["parts"]:
        lines += ["", f"## {part['part']}"]
        for field in part["fields"]:
            title = f"{field['number'] or ''} {field['field'].replace('_', ' ')}".strip()
            said = field["value"] or f"**{TO_FILL}**"
            lines += ["", f"### {title[:1].upper()}{title[1:]}", "", said]
            if field["value"]:
                lines += ["", f"*From: {field['source']}*"]
    return "\n".join(lines) + "\n"

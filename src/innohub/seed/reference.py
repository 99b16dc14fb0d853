"""The reference data that ships with the hub: the police forces, and lists of ids with labels.

The YAML files stand beside the capability that uses them; this module reads and types them.
"""

from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The same in C, where the wheel has it, is ten times as fast."""

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Nation = Literal["england", "wales", "scotland", "northern_ireland", "uk_wide"]
ForceKind = Literal[
    "territorial", "national_territorial", "special", "national_agency", "non_voting_observer"
]
Region = Literal[
    "north_east", "north_west", "yorkshire_humber", "east_midlands", "west_midlands", "eastern",
    "south_east", "south_west", "london", "wales", "scotland", "northern_ireland", "uk_wide",
]  # fmt: skip

LISTS = {
    "category": "categories.yaml",
    "capability": "capabilities.yaml",
    "assurance_type": "assurance_types.yaml",
    "assurance_group": "assurance_groups.yaml",
    "assurance_gate": "assurance_gates.yaml",
    "passport_response": "passport_responses.yaml",
    "dpia_addition": "dpia_additions.yaml",
    "kpi": "kpis.yaml",
    "rating_dimension": "rating_dimensions.yaml",
    "board_criterion": "board_criteria.yaml",
    "trl": "trl.yaml",
    "procurement_threshold": "procurement_thresholds.yaml",
    "procurement_route": "procurement_routes.yaml",
    "ari_service_line": "ari_service_lines.yaml",
    "hosting": "hosting.yaml",
    "data_kind": "data_kinds.yaml",
    "ai_role": "ai_roles.yaml",
    "listing_area": "listing_areas.yaml",
    "region": "regions.yaml",
    "peer_group": "peer_groups.yaml",
}
"""Each reference list and its file in `innohub/market/reference`."""


class Record(BaseModel):
    """A row of a content file: nothing unknown is let in, nothing is changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Force(Record):
    """One real police force. `valid_from` is null where the founding day is not certain."""

    slug: Slug
    name: str
    ons_code: str | None
    kind: ForceKind
    nation: Nation
    region: Region
    governing_body: str | None = None
    valid_from: date | None
    valid_to: date | None
    successor_slug: Slug | None


class ReferenceEntry(BaseModel):
    """An id, its label, and whatever else its list says of it."""

    model_config = ConfigDict(extra="allow", frozen=True)

    id: str
    label: str

    @property
    def detail(self) -> dict[str, Any]:
        """Everything but id and label, as the file has it."""
        return dict(self.model_extra or {})


class ReferenceList(Record):
    """One list, in the order in which people should see it."""

    list: str
    valid_from: date
    entries: tuple[ReferenceEntry, ...]

    @model_validator(mode="after")
    def _ids_are_unique(self) -> "ReferenceList":
        ids = [entry.id for entry in self.entries]
        twice = sorted({id_ for id_ in ids if ids.count(id_) > 1})
        if twice:
            raise ValueError(f"list {self.list}: more than one entry {', '.join(twice)}")
        return self

    @property
    def by_id(self) -> dict[str, ReferenceEntry]:
        return {entry.id: entry for entry in self.entries}


def read_yaml(package: str, *path: str) -> Any:
    """The parsed content of a YAML file inside an installed package."""
    text = files(package).joinpath(*path).read_text(encoding="utf-8")
    return yaml.load(text, Loader=LOADER)  # noqa: S506 - safe, by either name  # nosec B506


def load_forces() -> tuple[Force, ...]:
    """The real forces, in the order of their file. Raises ValueError for a successor unknown."""
    rows = read_yaml("innohub.identity", "reference", "forces.yaml")["forces"]
    forces = tuple(Force.model_validate(row) for row in rows)
    slugs = {force.slug for force in forces}
    if len(slugs) != len(forces):
        raise ValueError("forces.yaml: two forces share a slug")
    for force in forces:
        if force.successor_slug is not None and force.successor_slug not in slugs:
            raise ValueError(f"force {force.slug}: unknown successor {force.successor_slug}")
    return forces


def load_reference(name: str) -> ReferenceList:
    """One reference list by name. Raises KeyError for a name that `LISTS` does not have."""
    found = ReferenceList.model_validate(read_yaml("innohub.market", "reference", LISTS[name]))
    if found.list != name:
        raise ValueError(f"{LISTS[name]}: holds the list {found.list}, not {name}")
    return found


def load_references() -> Iterator[ReferenceList]:
    """Every reference list, in the order of `LISTS`."""
    return (load_reference(name) for name in LISTS)

"""The connectors of this installation: the shipped folders, then those of a setting.

A folder holds `manifest.yaml`, `mapping.yaml` and `README.md`. Each is checked as it is read; what
is wrong is reported with its file, line and reason, and nothing starts.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import innohub
from innohub.errors import Invalid, NotFound
from innohub.hub.grants import lacking
from innohub.hub.manifest import Connector, FieldMapping, Manifest
from innohub.hub.templates import placeholders
from innohub.hub.yaml_files import Keys, read, refuse


def shipped() -> Path:
    """The folder of the connectors that come with the hub: beside the package in a wheel, at the
    top of the tree in a source checkout."""
    package = Path(innohub.__file__).parent
    in_wheel = package / "connectors"
    return in_wheel if in_wheel.is_dir() else package.parents[1] / "connectors"


class Registry:
    """Every connector by its name."""

    def __init__(self, connectors: Mapping[str, Connector]) -> None:
        self._connectors = dict(connectors)

    @classmethod
    def load(cls, further: Sequence[Path] = ()) -> "Registry":
        """Read the shipped folder and `further`. Raises Invalid at the first folder at fault."""
        found: dict[str, Connector] = {}
        for root in (shipped(), *further):
            for folder in _folders(root):
                connector = load(folder)
                name = connector.manifest.name
                if name in found:
                    raise Invalid(f"{folder}: there is a connector called {name} already")
                found[name] = connector
        return cls(found)

    def __iter__(self) -> Iterator[Connector]:
        return iter(self._connectors.values())

    def get(self, name: str) -> Connector:
        """Raises NotFound for a connector this installation does not have."""
        try:
            return self._connectors[name]
        except KeyError:
            raise NotFound(f"There is no connector called {name}.", field="connector") from None


def load(folder: Path) -> Connector:
    """The connector in `folder`. Raises Invalid with a problem for each fault found."""
    manifest_file, mapping_file = folder / "manifest.yaml", folder / "mapping.yaml"
    manifest, lines = read(manifest_file, Manifest)
    mapping, mapping_lines = read(mapping_file, FieldMapping)
    if manifest.name != folder.name:
        refuse(manifest_file, lines, [(("name",), f"the folder is called {folder.name}")])
    secrets = {secret.name for secret in manifest.secrets}
    unproven = list(lacking(manifest.authorise, secrets)) if manifest.authorise else []
    if unproven:
        refuse(manifest_file, lines, unproven)
    # The serialised form carries the paths as the file has them.
    _check_names(manifest_file, lines, manifest.model_dump(mode="json"), manifest)
    mapped = frozenset(f"fields.{name}" for name in mapping.fields)
    _check_names(mapping_file, mapping_lines, mapping.model_dump(mode="json"), manifest, mapped)
    readme = folder / "README.md"
    if not readme.is_file():
        raise Invalid(f"{readme}: missing; it tells the supplier's administrator what to set up")
    return Connector(manifest, mapping, readme.read_text(encoding="utf-8"))


def _folders(root: Path) -> list[Path]:
    if not root.is_dir():
        raise Invalid(f"{root}: there is no such folder of connectors")
    return sorted(path.parent for path in root.glob("*/manifest.yaml"))


def _check_names(
    file: Path,
    lines: dict[Keys, int],
    content: Any,
    manifest: Manifest,
    mapped: frozenset[str] = frozenset(),
) -> None:
    unknown = []
    for path, name in placeholders(content):
        of_pages = path[0] == "listing"
        names = manifest.names_of_pages if of_pages else manifest.names | mapped
        if name not in names:
            told = f"{{{name}}} names nothing; there is {', '.join(sorted(names))}"
            unknown.append((path, told))
    if unknown:
        refuse(file, lines, unknown)

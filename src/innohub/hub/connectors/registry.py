"""The connectors of this installation: the shipped folders, then those of a setting.

A folder holds `manifest.yaml`, `mapping.yaml` and `README.md`. Each is checked as it is read; what
is wrong is reported with its file, line and reason, and nothing starts.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import innohub
from innohub.errors import Invalid, NotFound
from innohub.hub.connectors.grants import lacking
from innohub.hub.connectors.manifest import Connector, FieldMapping, Manifest
from innohub.hub.connectors.templates import placeholders
from innohub.hub.connectors.yaml_files import Lines, as_model, parse, read, refuse


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
        for connectors in (_shipped(), *(_in(root) for root in further)):
            for folder, of_folder in connectors.items():
                for connector in of_folder:
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
    """The connector in `folder`, without its variants. Raises Invalid as `load_all` does."""
    return load_all(folder)[0]


def load_all(folder: Path) -> list[Connector]:
    """The connector in `folder`, and its variants after it.

    Raises Invalid with a problem for each fault found.
    """
    manifest_file, mapping_file = folder / "manifest.yaml", folder / "mapping.yaml"
    manifests = list(_manifests(manifest_file))
    mapping, mapping_lines = read(mapping_file, FieldMapping)
    mapped = frozenset(f"fields.{name}" for name in mapping.fields)
    for manifest, its_lines in manifests:
        _check(manifest_file, its_lines, manifest)
        body = mapping.model_dump(mode="json")
        _check_names(mapping_file, mapping_lines, body, manifest, mapped)
    readme = folder / "README.md"
    if not readme.is_file():
        raise Invalid(f"{readme}: missing; it tells the supplier's administrator what to set up")
    told = readme.read_text(encoding="utf-8")
    return [Connector(manifest, mapping, told) for manifest, _ in manifests]


def _manifests(file: Path) -> Iterator[tuple[Manifest, Lines]]:
    """The folder's own, and those of its variants, each with the lines of its parts."""
    content, lines = parse(file)
    base = as_model(file, content, lines, Manifest)
    if base.name != file.parent.name:
        refuse(file, lines, [(("name",), f"the folder is called {file.parent.name}")])
    yield base, lines
    for variant, parts in base.variants.items():
        for own in {"name", "variants"} & parts.keys():
            told = f"the {own} is the variant's own: leave it out"
            refuse(file, lines, [(("variants", variant, own), told)])
        if "title" not in parts:
            told = "give it a title: people choose by it"
            refuse(file, lines, [(("variants", variant), told)])
        varied, its_lines = _varied(content, lines, variant)
        yield as_model(file, varied, its_lines, Manifest), its_lines


def _varied(content: Any, lines: Lines, variant: str) -> tuple[dict[str, Any], Lines]:
    """A variant's manifest, and where its parts stand in the file."""
    where = ("variants", variant)
    named = {"name": f"{content['name']}_{variant}", "variants": {}}
    own = {path[2:]: line for path, line in lines.items() if path[:2] == where}
    return {**content, **content["variants"][variant], **named}, {**lines, **own}


def _check(file: Path, lines: Lines, manifest: Manifest) -> None:
    names = {secret.name for secret in manifest.secrets}
    unproven = list(lacking(manifest.authorise, names)) if manifest.authorise else []
    if unproven:
        refuse(file, lines, unproven)
    # The serialised form carries the paths as the file has them.
    content = manifest.model_dump(mode="json", exclude={"variants"})
    _check_names(file, lines, content, manifest)


@cache
def _shipped() -> dict[Path, list[Connector]]:
    """Read once by a process: a release does not change while it runs."""
    return _in(shipped())


def _in(root: Path) -> dict[Path, list[Connector]]:
    """The connectors of each folder in `root`."""
    if not root.is_dir():
        raise Invalid(f"{root}: there is no such folder of connectors")
    folders = sorted(path.parent for path in root.glob("*/manifest.yaml"))
    return {folder: load_all(folder) for folder in folders}


def _check_names(
    file: Path,
    lines: Lines,
    content: Any,
    manifest: Manifest,
    mapped: frozenset[str] = frozenset(),
) -> None:
    unknown = []
    for path, name in placeholders(content):
        of_pages = path[0] in ("listing", "inbound")
        names = manifest.names_of_pages if of_pages else manifest.names | mapped
        if name not in names:
            told = f"{{{name}}} names nothing; there is {', '.join(sorted(names))}"
            unknown.append((path, told))
    if unknown:
        refuse(file, lines, unknown)

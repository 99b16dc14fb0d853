"""The connectors of this installation: the shipped folders, then those of a setting.

A folder holds `manifest.yaml`, `mapping.yaml` and `README.md`. Each is checked as it is read; what
is wrong is reported with its file, line and reason, and nothing starts.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

import innohub
from innohub.errors import Invalid, NotFound, Problem
from innohub.hub.grants import lacking
from innohub.hub.manifest import Connector, FieldMapping, Manifest
from innohub.hub.templates import placeholders

Part = TypeVar("Part", bound=BaseModel)
Keys = tuple[str | int, ...]


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
    manifest, lines = _read(manifest_file, Manifest)
    mapping, mapping_lines = _read(mapping_file, FieldMapping)
    if manifest.name != folder.name:
        _refuse(manifest_file, lines, [(("name",), f"the folder is called {folder.name}")])
    names = {secret.name for secret in manifest.secrets}
    unproven = list(lacking(manifest.authorise, names)) if manifest.authorise else []
    if unproven:
        _refuse(manifest_file, lines, unproven)
    # The serialised form carries the paths as the file has them.
    _check_names(manifest_file, lines, manifest.model_dump(mode="json"), manifest)
    _check_names(mapping_file, mapping_lines, mapping.model_dump(mode="json"), manifest)
    readme = folder / "README.md"
    if not readme.is_file():
        raise Invalid(f"{readme}: missing; it tells the supplier's administrator what to set up")
    return Connector(manifest, mapping, readme.read_text(encoding="utf-8"))


def _folders(root: Path) -> list[Path]:
    if not root.is_dir():
        raise Invalid(f"{root}: there is no such folder of connectors")
    return sorted(path.parent for path in root.glob("*/manifest.yaml"))


def _read(file: Path, model: type[Part]) -> tuple[Part, dict[Keys, int]]:
    """The file's content as `model`, and the line of every key in it."""
    try:
        text = file.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except OSError as error:
        raise Invalid(f"{file}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        reason = getattr(error, "problem", None) or "not UTF-8"
        raise Invalid(
            f"{file}, line {line}: {reason}", problems=[_problem(reason, line)]
        ) from error
    lines: dict[Keys, int] = {(): 1}
    twice = list(_number(node, (), lines)) if node else []
    if twice:
        _refuse(file, lines, [(path, "given twice") for path in twice])
    try:
        return model.model_validate(content), lines
    except ValidationError as error:
        # A misspelt key is missing too: the misspelling is told first.
        found = sorted(error.errors(), key=lambda each: each["type"] == "missing")
        _refuse(file, lines, [(_written(each, lines), _reason(each)) for each in found])


def _number(node: Node, path: Keys, lines: dict[Keys, int]) -> Iterator[Keys]:
    """Note the line of every key under `node`; yield the keys that stand there twice."""
    if isinstance(node, MappingNode):
        for key, value in node.value:
            inner = (*path, key.value if isinstance(key, ScalarNode) else "?")
            if inner in lines:
                yield inner
            lines[inner] = key.start_mark.line + 1
            yield from _number(value, inner, lines)
    elif isinstance(node, SequenceNode):
        for index, value in enumerate(node.value):
            lines[*path, index] = value.start_mark.line + 1
            yield from _number(value, (*path, index), lines)


def _check_names(file: Path, lines: dict[Keys, int], content: Any, manifest: Manifest) -> None:
    unknown = [
        (path, f"{{{name}}} names nothing; there is {', '.join(sorted(manifest.names))}")
        for path, name in placeholders(content)
        if name not in manifest.names
    ]
    if unknown:
        _refuse(file, lines, unknown)


def _refuse(file: Path, lines: dict[Keys, int], faults: Sequence[tuple[Any, str]]) -> NoReturn:
    problems = []
    for path, reason in faults:
        known = path
        while known not in lines:
            known = known[:-1]
        where = ".".join(str(part) for part in path)
        problems.append(Problem(reason, where or None, lines[known]))
    first = problems[0]
    raise Invalid(
        f"{file}, line {first.row}: {first.field or 'the file'}: {first.message}",
        problems=problems,
    )


def _problem(reason: str, line: int) -> Problem:
    return Problem(reason, None, line)


def _written(error: ErrorDetails, lines: Mapping[Keys, int]) -> Keys:
    """Where the file has the fault: pydantic names the member of a union on the way, no file does;
    and where no member is chosen, the key that chooses it is at fault."""
    path: Keys = ()
    for part in error["loc"][:-1]:
        path = (*path, part) if (*path, part) in lines else path
    path = (*path, *error["loc"][-1:])
    chooses = str(error.get("ctx", {}).get("discriminator", "")).strip("'")
    return (*path, chooses) if chooses else path


def _reason(error: ErrorDetails) -> str:
    context: dict[str, Any] = error.get("ctx", {})
    if error["type"] == "extra_forbidden":
        return "unknown key"
    if error["type"] == "union_tag_invalid":
        return f"{context['tag']!r} is none of {context['expected_tags']}"
    if error["type"] == "union_tag_not_found":
        return "Field required"
    return error["msg"].removeprefix("Value error, ")

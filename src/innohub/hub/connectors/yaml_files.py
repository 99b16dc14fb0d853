"""The YAML files of a connector's folder as models: what is wrong in one is told with its file,
line and reason, all of it at once."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from innohub.errors import Invalid, Problem

Part = TypeVar("Part", bound=BaseModel)
Keys = tuple[str | int, ...]
"""Where in a file: the keys and the positions in lists on the way."""


Lines = Mapping[Keys, int]

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's, ten times as fast, where PyYAML was built with it."""


def read(file: Path, model: type[Part]) -> tuple[Part, Lines]:
    """The file's content as `model`, and the line of every key in it. Raises Invalid."""
    content, lines = parse(file)
    return as_model(file, content, lines, model), lines


def parse(file: Path) -> tuple[Any, Lines]:
    """The file's content, and the line of every key in it. Raises Invalid."""
    lines: dict[Keys, int] = {(): 1}
    try:
        loader = LOADER(file.read_text(encoding="utf-8"))
        node = loader.get_single_node()
        # First: to construct is to write merged keys into the nodes.
        twice = list(_number(node, (), lines)) if node else []
        content = loader.construct_document(node) if node else None
    except OSError as error:
        raise Invalid(f"{file}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        reason = getattr(error, "problem", None) or "not UTF-8"
        raise Invalid(
            f"{file}, line {line}: {reason}", problems=[_problem(reason, line)]
        ) from error
    if twice:
        refuse(file, lines, [(path, "given twice") for path in twice])
    return content, lines


def as_model(file: Path, content: Any, lines: Lines, model: type[Part]) -> Part:
    """Raises Invalid with a problem for each fault."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        # A misspelt key is missing too: the misspelling is told first.
        found = sorted(error.errors(), key=lambda each: each["type"] == "missing")
        refuse(file, lines, [(_written(each, lines), _reason(each)) for each in found])


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


def refuse(file: Path, lines: Lines, faults: Sequence[tuple[Any, str]]) -> NoReturn:
    """Raise Invalid with a problem for each fault: where in the file, and why."""
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


def _written(error: ErrorDetails, lines: Lines) -> Keys:
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

"""What a request asks for, whichever transport it comes by."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request

JSON = "application/json"
NESTING = 100
"""How deep variables may nest: far below what exhausts an interpreter."""


@dataclass(frozen=True)
class Parameters:
    query: str | None
    operation_name: str | None
    variables: Mapping[str, Any]
    extensions: Mapping[str, Any]


class NotARequest(Exception):
    """What was sent holds no GraphQL request. `status` is HTTP's word for it."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


async def parameters_of(request: Request) -> Parameters:
    """Raises NotARequest."""
    if request.method == "GET":
        given: Any = dict(request.query_params)
        for name in ("variables", "extensions"):
            if given.get(name):
                given[name] = json_in(given[name].encode("utf-8", "surrogatepass"), name)
    else:
        _require_json(request)
        given = json_in(await request.body(), "body")
    return parameters_in(given)


def parameters_in(given: Any) -> Parameters:
    """Raises NotARequest for anything but an object with members of the right kinds."""
    if not isinstance(given, dict):
        raise NotARequest("The body must be one JSON object with a query.")
    return Parameters(
        _member(given, "query", str),
        _member(given, "operationName", str) or None,
        _member(given, "variables", dict) or {},
        _member(given, "extensions", dict) or {},
    )


def _require_json(request: Request) -> None:
    kind, *parameters = (p.strip() for p in request.headers.get("content-type", "").split(";"))
    charset = next((p[8:].strip('"') for p in parameters if p.lower().startswith("charset=")), "")
    if kind.lower() != JSON or charset.lower() not in ("", "utf-8", "utf8"):
        raise NotARequest("Send the request as application/json in UTF-8.", 415)
    if request.headers.get("content-encoding", "identity") != "identity":
        raise NotARequest("Compressed requests are not supported.", 415)


def json_in(text: str | bytes, name: str) -> Any:
    """Raises NotARequest for what is no JSON, or nested too deep."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise NotARequest(f"The {name} is not valid JSON.") from None
    if _too_deep(found):
        raise NotARequest(f"The {name} is nested more than {NESTING} levels deep.")
    return found


def _too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(NESTING):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _member(given: Mapping[str, Any], name: str, kind: type[Any]) -> Any:
    value = given.get(name)
    if value is not None and not isinstance(value, kind):
        raise NotARequest(f"{name} must be {'a string' if kind is str else 'an object'}.")
    return value

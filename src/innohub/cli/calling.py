"""Those who call a hub over HTTP: anybody, and machines with an access token."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx2

from innohub.errors import InnoHubError

FAILURE = "... on Failure { code message problems { field message row } }"
SECONDS = 30.0


@dataclass(frozen=True)
class Change:
    """A mutation: its field, the type of its input, and what of its payload is read."""

    field: str
    input: str
    payload: str
    selection: str

    @property
    def document(self) -> str:
        return (
            f"mutation ($input: {self.input}!) {{ {self.field}(input: $input) {{ __typename "
            f"... on {self.payload} {{ {self.selection} }} {FAILURE} }} }}"
        )


@dataclass(frozen=True)
class Key:
    """An API client's credentials."""

    name: str
    client_id: str
    client_secret: str = field(repr=False)
    scopes: tuple[str, ...]


class Unreachable(InnoHubError):
    """No answer came from the hub."""


class Refused(InnoHubError):
    """The hub said no. `reason` is its code: of a Failure, or of the OAuth error."""

    def __init__(self, reason: str, message: str, rows: list[Mapping[str, Any]] | None = None):
        super().__init__(message)
        self.reason = reason
        self.rows = rows or []
        """The problems: each with `field`, `message` and `row`."""


class Caller:
    """Somebody who calls the hub by HTTP."""

    def __init__(self, hub: str, name: str) -> None:
        self.name = name
        self.http = httpx2.Client(base_url=hub, timeout=SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.http.close()

    def send(self, method: str, path: str, **given: Any) -> httpx2.Response:
        """Any answer. Raises Unreachable."""
        try:
            return self.http.request(method, path, **given)
        except httpx2.TransportError as error:
            address = str(self.http.base_url).rstrip("/")
            why = str(error) or type(error).__name__
            raise Unreachable(f"The hub at {address} does not answer ({why}).") from error

    def query(self, document: str, **variables: Any) -> dict[str, Any]:
        """The data of a GraphQL operation. Raises Refused for any error, and `not_found` for a
        root field that is null."""
        body = {"query": document, "variables": variables}
        answer = self.send("POST", "/graphql", json=body)
        try:
            found = answer.json()
        except ValueError:
            found = {}
        if answer.status_code != 200 or found.get("errors"):
            errors = found.get("errors") or [{"message": answer.text[:200]}]
            code = errors[0].get("extensions", {}).get("code", str(answer.status_code))
            raise Refused(code, f"{self.name}: {errors[0]['message']}")
        data: dict[str, Any] = found["data"]
        for name, value in data.items():
            if value is None:
                raise Refused("not_found", f"{self.name} is shown no {name}.")
        return data

    def change(self, change: Change, **given: Any) -> dict[str, Any]:
        """Carry out a mutation; its payload. Raises Refused where the payload is a Failure, and
        `not_found` where the caller may not see what was changed."""
        found: dict[str, Any] = self.query(change.document, input=given)[change.field]
        if found["__typename"] == "Failure":
            told = "; ".join(_told(problem) for problem in found["problems"])
            message = f"{change.field} by {self.name} was refused ({found['code']}): {told}"
            raise Refused(found["code"], message, found["problems"])
        if None in found.values():
            raise Refused("not_found", f"{self.name} is not shown what {change.field} changed.")
        return found


class Machine(Caller):
    """An API client: gets an access token by its client credentials, and shows it."""

    def __init__(self, hub: str, key: Key) -> None:
        super().__init__(hub, key.name)
        self.key = key

    def authorise(self) -> dict[str, Any]:
        """The token endpoint's answer, also where it granted none."""
        form = {"grant_type": "client_credentials", "scope": " ".join(self.key.scopes)}
        pair = (self.key.client_id, self.key.client_secret)
        answer = self.send("POST", "/oauth/token", data=form, auth=pair)
        found: dict[str, Any] = answer.json()
        if answer.status_code != 200:
            why = found.get("error_description", "")
            raise Refused(found["error"], f"{self.name} gets no token ({found['error']}): {why}")
        self.http.headers["Authorization"] = f"Bearer {found['access_token']}"
        return found


def _told(problem: Mapping[str, Any]) -> str:
    place = f"line {problem['row']}, " if problem["row"] else ""
    named = f"{problem['field']}: " if problem["field"] else ""
    return f"{place}{named}{problem['message']}"

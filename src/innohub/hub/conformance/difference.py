"""Where what was sent, or concluded, is not what the recording says: in words, part by part."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx2
import orjson

from innohub.hub.conformance.recording import Asked, Ends, Turn
from innohub.hub.delivery.conversation import Sent

USUAL = frozenset(
    {"accept", "accept-encoding", "authorization", "connection", "content-length"}
    | {"content-type", "host", "user-agent", "x-request-id"}
    | {"webhook-id", "webhook-signature", "webhook-timestamp"}
)
"""Headers of every request, or of every signed one. Compared where the recording names them; any
other must stand there."""
LONGEST = 200


def of_request(asked: Asked, request: httpx2.Request, connector: str) -> list[str]:
    """`request` is read to its end already."""
    found = []
    method = asked.method.get(connector) if isinstance(asked.method, dict) else asked.method
    if request.method != method:
        found.append(_other("the method", request.method, method or "nothing for this connector"))
    # As it was written, not as the client reads it: a system may tell %27 from a quote.
    if str(request.url) != asked.url:
        found.append(_other("the URL", str(request.url), asked.url))
    wanted = {name.lower(): value for name, value in asked.headers.items()}
    sent = {name: value for name, value in request.headers.items() if name in wanted}
    unusual = {name: value for name, value in request.headers.items() if name not in USUAL}
    found += between("header", sent | unusual, wanted)
    return [*found, *between("body", content_of(request), asked.body)]


def of_end(ends: Ends, sent: Sent) -> list[str]:
    """Of what the hub concluded, as far as the recording names it."""
    outcome, remote = sent.outcome, sent.memory.remote if sent.memory else None
    concluded = {
        "outcome": outcome.kind.value,
        "pause": outcome.pause,
        "after_seconds": outcome.after_seconds,
        "rest_seconds": outcome.rest_seconds,
        "remote_id": remote.remote_id if remote else None,
        "etag": remote.etag if remote else None,
        "revision": remote.revision if remote else None,
    }
    wanted = ends.model_dump(mode="json", exclude_unset=True) | {"pause": ends.pause}
    words = wanted.pop("detail_contains", None)
    named = {name: concluded[name] for name in wanted}
    found = list(between("ends", named, wanted))
    if words and words not in outcome.detail:
        found.append(f"ends: the words are {outcome.detail!r}, without {words!r}")
    return [f"{each} (in words: {outcome.detail})" for each in found] if found else []


def spelt(request: httpx2.Request) -> dict[str, Any]:
    """A request as a recording has it."""
    unusual = {name: value for name, value in request.headers.items() if name not in USUAL}
    parts = {"headers": unusual, "body": content_of(request)}
    told = {name: part for name, part in parts.items() if part}
    return {"method": request.method, "url": str(request.url), **told}


def untold(turns: Sequence[Turn], asked: int) -> list[str]:
    """The recorded requests that were never made."""
    return [f"never sent: {turn.request.method} {turn.request.url}" for turn in turns[asked:]]


def content_of(request: httpx2.Request) -> Any:
    """The body, as JSON where it is that; None where there is none."""
    if not request.content:
        return None
    try:
        return orjson.loads(request.content)
    except orjson.JSONDecodeError:
        return request.content.decode("utf-8", "replace")


def between(where: str, sent: Any, wanted: Any) -> Iterator[str]:
    """Where two values differ, each with its path from `where` on."""
    ours, theirs = _parts(where, sent), _parts(where, wanted)
    if ours is None or theirs is None or isinstance(sent, list) != isinstance(wanted, list):
        # In Python, True equals 1.
        if sent != wanted or isinstance(sent, bool) != isinstance(wanted, bool):
            yield _other(where, sent, wanted)
        return
    for path in [*ours, *(each for each in theirs if each not in ours)]:
        if path not in ours:
            yield f"{path} is missing: the recording says {_shown(theirs[path])}"
        elif path not in theirs:
            yield f"{path} is {_shown(ours[path])}, and not in the recording"
        else:
            yield from between(path, ours[path], theirs[path])


def _parts(where: str, value: Any) -> dict[str, Any] | None:
    """Each part of an object or a list, by its path; None for what has none."""
    if isinstance(value, Mapping):
        return {f"{where}.{name}": value[name] for name in sorted(value, key=str)}
    if isinstance(value, list):
        return {f"{where}[{index}]": part for index, part in enumerate(value)}
    return None


def _other(where: str, sent: Any, wanted: Any) -> str:
    return f"{where} is {_shown(sent)}, the recording says {_shown(wanted)}"


def _shown(value: Any) -> str:
    text = orjson.dumps(value).decode() if not isinstance(value, str) else value
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"

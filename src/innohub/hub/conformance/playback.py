"""Plays the system's side of a recording: each request is held to it, and answered by it."""

from collections.abc import Sequence

import httpx2
import orjson

from innohub.hub.conformance.difference import content_of, of_request
from innohub.hub.conformance.recording import Given, Turn
from innohub.hub.connectors.answers import Document, document_of


class Playback(httpx2.AsyncBaseTransport):
    """Stands beneath the hub's own transport, in place of a network."""

    def __init__(self, turns: Sequence[Turn], connector: str) -> None:
        self._turns = turns
        self._connector = connector
        self.asked: list[httpx2.Request] = []
        self.answers: list[Document] = []
        self.differences: list[str] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Raises ReadError where the recording says that no answer comes, or has none."""
        await request.aread()
        number = len(self.asked)
        self.asked.append(request)
        if number >= len(self._turns):
            self.differences.append(
                f"request {number + 1} is not in the recording: {request.method} {request.url}"
                f" with {content_of(request)!r}"
            )
            raise httpx2.ReadError("the recording ends here", request=request)
        turn = self._turns[number]
        told = of_request(turn.request, request, self._connector)
        self.differences += [f"request {number + 1}: {each}" for each in told]
        if turn.answer is None:
            raise httpx2.ReadError("the connection was reset", request=request)
        headers, content = _spelt(turn.answer)
        status = turn.answer.status
        whole = httpx2.Response(status, headers=headers, content=content)
        self.answers.append(document_of(whole))
        # As a stream: the transport above reads it as it reads the network.
        return httpx2.Response(status, headers=headers, stream=httpx2.ByteStream(content))


def _spelt(given: Given) -> tuple[dict[str, str], bytes]:
    headers = {name.lower(): value for name, value in given.headers.items()}
    if given.body is None:
        return headers, b""
    if isinstance(given.body, str):
        return headers, given.body.encode()
    return {"content-type": "application/json", **headers}, orjson.dumps(given.body)

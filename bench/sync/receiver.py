"""The system that everybody sends to: a token endpoint, an address for events, and a diary.

It checks nothing, so that it never is what is measured: `python -m sync.receiver PORT`.
"""

import json
import sys
import time
from base64 import b64encode
from typing import Any

import uvicorn

TOKEN = json.dumps({"access_token": "bench", "token_type": "Bearer", "expires_in": 3600}).encode()


class Receiver:
    """An ASGI application. GET /diary gives, and forgets, what came: `[id, seconds]` in order;
    GET /bodies the bodies, in base64, where /remember was asked before."""

    def __init__(self) -> None:
        self.diary: list[tuple[str, float]] = []
        self.bodies: list[bytes] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        status, answer = self._answer(scope, bytes(body))
        length = (b"content-length", str(len(answer)).encode())
        headers = [(b"content-type", b"application/json"), length]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    def _answer(self, scope: Any, body: bytes) -> tuple[int, bytes]:
        path = scope["path"]
        if path == "/events":
            key = next((v for k, v in scope["headers"] if k == b"webhook-id"), b"")
            # Of the machine, not of the process: the senders' clocks are the same.
            self.diary.append((key.decode(), time.monotonic()))
            if self.bodies is not None:
                self.bodies.append(body)
            return 200, b"{}"
        if path == "/token":
            return 200, TOKEN
        if path == "/remember":
            self.bodies = []
            return 200, b"{}"
        if path == "/diary":
            diary, self.diary = self.diary, []
            return 200, json.dumps(diary).encode()
        if path == "/bodies":
            bodies, self.bodies = self.bodies or [], None
            return 200, json.dumps([b64encode(each).decode() for each in bodies]).encode()
        return 404, b"{}"


if __name__ == "__main__":
    uvicorn.run(
        Receiver(),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        http="httptools",
    )

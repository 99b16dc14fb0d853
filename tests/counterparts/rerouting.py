"""Leads the hub, whose connectors name vendors' fixed hosts, to a stand-in on this machine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2

from innohub.hub.wire.outbound import Outbound


class Rerouted(httpx2.AsyncBaseTransport):
    """Beneath the hub's own transport: what goes to any host goes to `base` instead."""

    def __init__(self, base: str) -> None:
        self._base = httpx2.URL(base)
        self._transport = httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        where = {"scheme": self._base.scheme, "host": self._base.host, "port": self._base.port}
        request.url = request.url.copy_with(**where)
        return await self._transport.handle_async_request(request)

    async def aclose(self) -> None:
        await self._transport.aclose()


@asynccontextmanager
async def rerouted(base: str) -> AsyncIterator[Outbound]:
    async with Outbound(allow_loopback=True, beneath=Rerouted(base)) as outbound:
        yield outbound

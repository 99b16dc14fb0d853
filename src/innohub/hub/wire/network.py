"""The network beneath the hardened transport: aiohttp's connections, which lead to judged addresses
only.

A name is resolved once, every address it has is judged, and the connection goes to a judged
address, so that no second look-up can lead elsewhere. Host header and server name stay the URL's.
aiohttp carries three to four times as many requests a second as httpx2's own transport.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import aiohttp
import httpx2
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

CONNECTIONS = 200
IDLE_SECONDS = 30.0
NOT_OURS = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
"""Headers that aiohttp would add: what is sent is what the request says."""

Resolve = Callable[[str, int], Awaitable[list[str]]]
MayCall = Callable[[str], bool]


class OutboundRefused(httpx2.TransportError):
    """The hub does not call this address."""


async def resolve(host: str, port: int) -> list[str]:
    """Every address of a host name, as the system knows them. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class JudgedNames(AbstractResolver):
    """Resolves names; one address that may not be called refuses the whole name."""

    def __init__(self, may_call: MayCall, resolve: Resolve) -> None:
        self._may_call = may_call
        self._resolve = resolve

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        try:
            addresses = await self._resolve(host, port)
        except UnicodeError as error:
            raise OSError(f"{host} has no address") from error
        if not all(self._may_call(address) for address in addresses):
            raise OutboundRefused(f"The hub does not call {host}: it is not a public address.")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        """Nothing is held."""


@dataclass(frozen=True)
class Incoming:
    """An answer whose body is still to come. To be closed."""

    status: int
    headers: Iterable[tuple[bytes, bytes]]
    body: httpx2.AsyncByteStream


class Carrier(Protocol):
    """What takes httpx2's requests to where they go."""

    async def carry(self, request: httpx2.Request) -> Incoming:
        """Raises OutboundRefused and httpx2's transport errors."""

    async def aclose(self) -> None:
        """Let go of every connection."""


class InPlace:
    """A transport of httpx2 that stands where the network would be."""

    def __init__(self, transport: httpx2.AsyncBaseTransport) -> None:
        self._transport = transport

    async def carry(self, request: httpx2.Request) -> Incoming:
        answer = await self._transport.handle_async_request(request)
        assert isinstance(answer.stream, httpx2.AsyncByteStream)
        return Incoming(answer.status_code, answer.headers.raw, answer.stream)

    async def aclose(self) -> None:
        await self._transport.aclose()


class Network:
    """Carries requests over connections that are kept alive. The answer's body streams; it is
    neither unpacked nor followed to anywhere else, and environment variables set no proxy."""

    def __init__(self, may_call: MayCall, resolve: Resolve, context: ssl.SSLContext) -> None:
        self._names = JudgedNames(may_call, resolve)
        self._context = context
        self._session: aiohttp.ClientSession | None = None

    async def carry(self, request: httpx2.Request) -> Incoming:
        try:
            answer = await self._opened().request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=[(k.decode("ascii"), v.decode("latin-1")) for k, v in request.headers.raw],
                data=await request.aread() or None,
                allow_redirects=False,
            )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _as_theirs(error) from error
        return Incoming(answer.status, answer.raw_headers, _Body(answer))

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _opened(self) -> aiohttp.ClientSession:
        # Not before it is needed: it belongs to the loop that runs then.
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    resolver=self._names,
                    use_dns_cache=False,
                    ssl=self._context,
                    limit=CONNECTIONS,
                    keepalive_timeout=IDLE_SECONDS,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=NOT_OURS,
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
                trust_env=False,
            )
            # It would send a PUT again, by itself, when the answer is lost: that may have arrived,
            # and it is the writer who finds out. There is no public name for this.
            self._session._retry_connection = False
        return self._session


class _Body(httpx2.AsyncByteStream):
    """The answer's body as it comes. Where it is not read to its end, the connection is dropped."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for part in self._answer.content.iter_any():
                yield part
        except (aiohttp.ClientError, OSError) as error:
            raise _as_theirs(error) from error

    async def aclose(self) -> None:
        if self._answer.content.at_eof():
            self._answer.release()
        else:
            self._answer.close()


def _as_theirs(error: Exception) -> httpx2.TransportError:
    """The exception of httpx2 that says whether anything was sent."""
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.InvalidURL | ssl.SSLError):
        return httpx2.ConnectError(str(error))
    if isinstance(error, aiohttp.ClientResponseError | aiohttp.ClientPayloadError | ValueError):
        return httpx2.RemoteProtocolError(str(error))
    return httpx2.ReadError(str(error) or type(error).__name__)

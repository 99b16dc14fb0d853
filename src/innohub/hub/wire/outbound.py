"""The one way out: an HTTP transport that calls public addresses only and never waits for ever."""

import asyncio
import ssl
from collections.abc import Callable
from functools import cache, lru_cache
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx2

from innohub.hub.wire.addresses import is_loopback, is_public
from innohub.hub.wire.deadlines import Deadlines
from innohub.hub.wire.key_material import ClientCertificate
from innohub.hub.wire.network import Carrier, InPlace, Network, OutboundRefused, Resolve, resolve

__all__ = [
    "CUT",
    "DEADLINE",
    "MOST_BYTES",
    "RESPONSE_BYTES",
    "DeadlinePassed",
    "Outbound",
    "OutboundRefused",
    "check_url",
]

DEADLINE_SECONDS = 10.0
RESPONSE_BYTES = 256 * 1024
DEADLINE = "innohub_deadline"
"""A request's extension: the seconds it may take in all."""
MOST_BYTES = "innohub_most_bytes"
"""A request's extension: so much of the answer's body is read."""
CUT = "innohub_cut"
"""A response's extension: whether its body was longer than what was kept."""
NOT_KEPT = {b"set-cookie", b"content-encoding", b"content-length", b"transfer-encoding"}
"""Cookies would carry over between suppliers of one host; the body is handed on as it came."""

Trust = Callable[[], ssl.SSLContext]


def public_trust() -> ssl.SSLContext:
    """Believes the authorities that the system believes."""
    return httpx2.create_ssl_context(trust_env=False)


@cache
def _shared(trust: Trust) -> ssl.SSLContext:
    """Made once for a process: it takes as long as some pages do. Nothing may be changed in it."""
    return trust()


class DeadlinePassed(httpx2.TimeoutException):
    """The whole exchange took too long; the request may have arrived."""


def check_url(url: str, *, allow_loopback: bool) -> None:
    """Raise OutboundRefused where the hub would never call the URL, whatever its name resolves to.

    https only; http to this machine where the operator allows it.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
        httpx2.URL(url)
    except (ValueError, httpx2.InvalidURL) as error:
        raise OutboundRefused("This is not a web address.") from error
    if not host or parts.scheme not in ("https", "http"):
        raise OutboundRefused("This is not a web address: it starts with https://.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise OutboundRefused("The address must hold no user name, password or fragment.")
    here = allow_loopback and (is_loopback(host) or host == "localhost")
    if parts.scheme == "http" and not here:
        raise OutboundRefused("The address must start with https://.")
    literal = ":" in host or host.replace(".", "").isdigit()
    if literal and not (here or is_public(host)):
        raise OutboundRefused("The hub does not call this address: it is not a public one.")


@lru_cache(maxsize=1_024)
def _check_origin(scheme: str, netloc: bytes, allow_loopback: bool) -> None:
    """What `check_url` judges of an address that is nothing but scheme, host and port."""
    check_url(f"{scheme}://{netloc.decode('ascii')}/", allow_loopback=allow_loopback)


class Outbound(httpx2.AsyncBaseTransport):
    """The hardened transport; one for a process, shared by every client that sends.

    Follows no redirect (a transport never does), keeps no cookie, reads RESPONSE_BYTES or what
    the request says.
    """

    def __init__(
        self,
        *,
        allow_loopback: bool,
        resolve: Resolve = resolve,
        trust: Trust = public_trust,
        certificate: ClientCertificate | None = None,
        beneath: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        """`beneath` stands in for the network: connectors are tried against recordings so."""
        self.allow_loopback = allow_loopback
        self._resolve = resolve
        self._trust = trust
        self._beneath = beneath
        self._deadlines = Deadlines()
        self._secure: Carrier
        self._plain: Carrier
        if beneath:
            self._secure = self._plain = InPlace(beneath)
        else:
            self._secure, self._plain = self._guarded(certificate)
        self.client = httpx2.AsyncClient(
            transport=self, trust_env=False, follow_redirects=False, timeout=None
        )

    def _guarded(self, certificate: ClientCertificate | None) -> tuple[Carrier, Carrier]:
        if certificate is None:
            context = _shared(self._trust)
        else:
            # One of its own: nobody else is to show this certificate.
            context = self._trust()
            certificate.show_in(context)

        def may_call(address: str) -> bool:
            return is_public(address) or (self.allow_loopback and is_loopback(address))

        return (
            Network(may_call, self._resolve, context),
            Network(is_loopback, self._resolve, context),
        )

    def presenting(self, certificate: ClientCertificate) -> "Outbound":
        """One with connections of its own, that shows a client certificate. To be closed."""
        return Outbound(
            allow_loopback=self.allow_loopback,
            resolve=self._resolve,
            trust=self._trust,
            certificate=certificate,
            beneath=self._beneath,
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Raises OutboundRefused, DeadlinePassed and httpx2's transport errors."""
        self._check(request.url)
        request.headers["accept-encoding"] = "identity"
        deadline = float(request.extensions.get(DEADLINE, DEADLINE_SECONDS))
        carrier = self._plain if request.url.scheme == "http" else self._secure
        try:
            async with asyncio.timeout(None) as timeout:
                self._deadlines.set(timeout, deadline)
                try:
                    return await self._exchange(carrier, request)
                finally:
                    self._deadlines.forget(timeout)
        except TimeoutError as error:
            raise DeadlinePassed(f"no whole answer within {deadline:g} seconds") from error

    def _check(self, url: httpx2.URL) -> None:
        if url.userinfo or url.fragment:
            check_url(str(url), allow_loopback=self.allow_loopback)
        else:
            _check_origin(url.scheme, url.netloc, self.allow_loopback)

    async def _exchange(self, carrier: Carrier, request: httpx2.Request) -> httpx2.Response:
        answer = await carrier.carry(request)
        most = int(request.extensions.get(MOST_BYTES, RESPONSE_BYTES))
        body = bytearray()
        try:
            async for part in answer.body:
                body += part
                if len(body) > most:
                    break
        finally:
            await answer.body.aclose()
        return httpx2.Response(
            answer.status,
            headers=[pair for pair in answer.headers if pair[0].lower() not in NOT_KEPT],
            content=bytes(body[:most]),
            extensions={CUT: len(body) > most},
        )

    async def aclose(self) -> None:
        await self._secure.aclose()
        await self._plain.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        await self.aclose()

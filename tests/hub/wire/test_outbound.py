"""Where the hub calls, where it does not, and how long it listens."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from innohub.db.unit_of_work import utc_now
from innohub.hub.wire.addresses import is_loopback, is_public
from innohub.hub.wire.outbound import (
    CUT,
    DEADLINE,
    RESPONSE_BYTES,
    DeadlinePassed,
    Outbound,
    OutboundRefused,
    check_url,
)
from tests.hub.scene import served

NOT_PUBLIC = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.9.9.9", "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.9", "192.0.2.1", "192.88.99.1",
    "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1",
    "255.255.255.255",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1",
    "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::",
    "3fff::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
    "nonsense", "",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "151.101.1.69", "172.32.0.1", "2606:4700::1111", "2a00:1450:4009::200e"]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_may_lead_back_to_us_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_world_is_public(address: str) -> None:
    assert is_public(address)
    assert not is_loopback(address)


def test_loopback_is_recognised_without_its_disguises() -> None:
    assert is_loopback("127.0.0.1")
    assert is_loopback("127.8.8.8")
    assert is_loopback("::1")
    assert not is_loopback("::ffff:127.0.0.1")
    assert not is_loopback("64:ff9b::7f00:1")
    assert not is_loopback("0.0.0.0")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "ftp://example.org/",
        "https://user:pass@example.org/",
        "https://user@example.org/",
        "https://example.org/#part",
        "https:///path",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://2130706433/",
        "https://127.1/",
        "https://example.org:99999/",
        "javascript:alert(1)",
        "not a url",
        "",
    ],
)
def test_an_address_the_hub_will_never_call_is_refused_before_it_is_stored(url: str) -> None:
    with pytest.raises(OutboundRefused):
        check_url(url, allow_loopback=False)


def test_an_operator_may_allow_this_machine() -> None:
    check_url("http://127.0.0.1:9000/events", allow_loopback=True)
    check_url("http://localhost:9000/events", allow_loopback=True)
    check_url("https://example.org/events", allow_loopback=True)
    with pytest.raises(OutboundRefused):
        check_url("https://10.0.0.1/", allow_loopback=True)


Resolve = Callable[[str, int], Awaitable[list[str]]]


def leading_to(*addresses: str) -> Resolve:
    async def resolve(host: str, port: int) -> list[str]:
        return list(addresses)

    return resolve


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["::ffff:10.0.0.1"],
        ["64:ff9b::a00:1"],
        ["8.8.8.8", "10.0.0.1"],
    ],
)
async def test_a_name_that_leads_inside_is_refused_whatever_else_it_leads_to(
    addresses: list[str],
) -> None:
    async with Outbound(allow_loopback=False, resolve=leading_to(*addresses)) as outbound:
        with pytest.raises(OutboundRefused):
            await outbound.client.get("https://inside.example/")


async def test_plain_http_goes_to_this_machine_only() -> None:
    async with Outbound(allow_loopback=True, resolve=leading_to("8.8.8.8")) as outbound:
        with pytest.raises(OutboundRefused):
            await outbound.client.get("http://public.example/")


async def test_an_allowed_loopback_opens_no_other_private_address() -> None:
    for address in ("10.0.0.1", "0.0.0.0", "::ffff:127.0.0.1"):
        async with Outbound(allow_loopback=True, resolve=leading_to(address)) as outbound:
            with pytest.raises(OutboundRefused):
                await outbound.client.get("https://inside.example/")


async def test_a_name_without_an_address_is_unreachable_not_refused() -> None:
    async def unknown(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    async with Outbound(allow_loopback=False, resolve=unknown) as outbound:
        with pytest.raises(httpx2.ConnectError):
            await outbound.client.get("https://nowhere.example/")


async def seen(request: Request) -> Response:
    response = JSONResponse(
        {"host": request.headers["host"], "cookie": request.headers.get("cookie")}
    )
    response.set_cookie("session", "of-another-supplier")
    return response


async def redirect(request: Request) -> Response:
    return RedirectResponse("http://127.0.0.1:1/inside")


async def large(request: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(800):
            yield b"x" * 65_536
            await asyncio.sleep(0)

    return StreamingResponse(parts())


async def dripping(request: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x"
            await asyncio.sleep(0.1)

    return StreamingResponse(parts())


async def bomb(request: Request) -> Response:
    return Response(b"\x1f\x8b not gzip at all", headers={"content-encoding": "gzip"})


APP = Starlette(
    routes=[
        Route("/seen", seen),
        Route("/redirect", redirect),
        Route("/large", large),
        Route("/dripping", dripping),
        Route("/bomb", bomb),
    ]
)


async def test_a_redirect_is_an_answer_and_is_not_followed(outbound: Outbound) -> None:
    async with served(APP) as url:
        answer = await outbound.client.get(f"{url}/redirect")
    assert answer.status_code == 307


async def test_cookies_are_not_kept_for_the_next_supplier(outbound: Outbound) -> None:
    async with served(APP) as url:
        first = await outbound.client.get(f"{url}/seen")
        second = await outbound.client.get(f"{url}/seen")
    assert "set-cookie" not in first.headers
    assert second.json()["cookie"] is None


async def test_an_answer_of_50_megabytes_is_read_to_the_limit(outbound: Outbound) -> None:
    async with served(APP) as url:
        answer = await outbound.client.get(f"{url}/large")
    assert len(answer.content) == RESPONSE_BYTES
    assert answer.extensions[CUT]


async def test_the_deadline_covers_the_whole_answer(outbound: Outbound) -> None:
    async with served(APP) as url:
        with pytest.raises(DeadlinePassed):
            await outbound.client.get(f"{url}/dripping", extensions={DEADLINE: 0.3})


async def test_an_encoded_body_is_never_unpacked(outbound: Outbound) -> None:
    async with served(APP) as url:
        answer = await outbound.client.get(f"{url}/bomb")
    assert answer.content == b"\x1f\x8b not gzip at all"


async def test_environment_variables_set_no_proxy(
    outbound: Outbound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    async with Outbound(allow_loopback=True) as fresh, served(APP) as url:
        assert (await fresh.client.get(f"{url}/seen")).status_code == 200


async def test_the_name_is_looked_up_once_and_stays_in_host_and_certificate(
    tmp_path: Path,
) -> None:
    certificate, key = a_certificate(tmp_path, "receiver.example")

    def trust() -> ssl.SSLContext:
        return ssl.create_default_context(cafile=certificate)

    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    options = {"ssl_certfile": str(certificate), "ssl_keyfile": str(key)}
    async with served(APP, **options) as url:
        port = url.rpartition(":")[2]
        async with Outbound(allow_loopback=True, resolve=resolve, trust=trust) as outbound:
            answer = await outbound.client.get(f"https://receiver.example:{port}/seen")
            with pytest.raises(httpx2.ConnectError):
                await outbound.client.get(f"https://other.example:{port}/seen")
    assert answer.json()["host"] == f"receiver.example:{port}"
    assert asked == ["receiver.example", "other.example"]


def a_certificate(folder: Path, name: str) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(utc_now() - timedelta(days=1))
        .not_valid_after(utc_now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "certificate.pem", folder / "key.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return pem, secret


async def test_a_request_whose_answer_is_lost_is_made_once(outbound: Outbound) -> None:
    made = 0

    async def lose(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal made
        while await reader.readuntil(b"\r\n\r\n"):
            made += 1
            if made == 1:
                # The connection is kept, so that the next request goes over it.
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            else:
                writer.close()
                return

    server = await asyncio.start_server(lose, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        await outbound.client.put(url)
        with pytest.raises(httpx2.TransportError):
            await outbound.client.put(url)
    assert made == 2

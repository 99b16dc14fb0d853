"""No way of writing an address, and no way of answering for a name, leads the hub inside.

What the hub connects to is seen from beneath everything: by the interpreter's own audit event,
which each attempt at a connection raises. None is let through.
"""

import ipaddress
import socket
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innohub.hub.wire.addresses import NOT_PUBLIC_4, is_loopback, is_public
from innohub.hub.wire.network import OutboundRefused
from innohub.hub.wire.outbound import Outbound

PUBLIC = ["8.8.8.8", "151.101.1.69", "2606:4700::1111"]
METADATA = [IPv4Address("169.254.169.254"), IPv4Address("127.0.0.1"), IPv4Address("10.0.0.1")]


class Eye:
    """Sees every attempt at a connection while it is open, and stops it."""

    def __init__(self) -> None:
        self.seen: list[str] | None = None

    def __call__(self, event: str, details: tuple[Any, ...]) -> None:
        if event == "socket.connect" and self.seen is not None and isinstance(details[1], tuple):
            self.seen.append(str(details[1][0]))
            raise ConnectionRefusedError("seen, and stopped")

    @contextmanager
    def open(self) -> Iterator[list[str]]:
        self.seen = seen = []
        try:
            yield seen
        finally:
            self.seen = None


TRUST = ssl.create_default_context()
EYE = Eye()
sys.addaudithook(EYE)  # it cannot be taken away again, only closed


def inside() -> st.SearchStrategy[IPv4Address]:
    """Addresses of networks that the hub does not call, the worst of them often."""
    networks = st.sampled_from(NOT_PUBLIC_4)
    anywhere = networks.flatmap(
        lambda net: st.integers(0, net.num_addresses - 1).map(lambda at: net[at])
    )
    return st.one_of(st.sampled_from(METADATA), anywhere)


def _number(digits: str) -> Callable[[int], str]:
    return {"decimal": str, "octal": lambda n: f"0{n:o}", "hex": hex}[digits]


@st.composite
def written(draw: st.DrawFn) -> str:
    """An address as inet_aton(3) reads it: one to four parts, each decimal, octal or hex."""
    packed = int(draw(inside()))
    parts = draw(st.integers(1, 4))
    numbers = [packed >> 8 * (3 - at) & 0xFF for at in range(parts - 1)]
    numbers.append(packed & (1 << 8 * (5 - parts)) - 1)
    bases = st.sampled_from(["decimal", "octal", "hex"])
    text = ".".join(_number(draw(bases))(number) for number in numbers)
    text = draw(st.sampled_from([text, text.upper(), text + "."]))
    wide = str.maketrans("0123456789.", "０１２３４５６７８９。")
    return draw(st.sampled_from([text, text.translate(wide), text.replace(".", "%2e")]))


@st.composite
def disguised(draw: st.DrawFn) -> str:
    """An IPv6 address that carries an IPv4 one of the inside, perhaps with a zone."""
    v4 = int(draw(inside()))
    carried = draw(
        st.sampled_from(
            [
                v4,
                0xFFFF << 32 | v4,
                0x64FF9B << 96 | v4,
                0x64FF9B0001 << 80 | v4,
                0x2002 << 112 | v4 << 80,
                0x20010000 << 96 | v4 ^ 0xFFFFFFFF,
                0xFE80 << 112 | 0x5EFE << 32 | v4,
                0xFC00 << 112 | v4,
            ]
        )
    )
    address = IPv6Address(carried)
    text = draw(st.sampled_from([str(address), address.exploded, address.exploded.upper()]))
    return text + draw(st.sampled_from(["", "%eth0", "%251", "%25eth0"]))


async def as_libc_reads(host: str, port: int) -> list[str]:
    """What the system's resolver makes of a number, however it is written."""
    try:
        return [socket.inet_ntoa(socket.inet_aton(host.rstrip(".")))]
    except OSError:
        pass
    if ":" in host:
        return [host]
    raise OSError("no such name")


def way_out(resolve: Any, *, allow_loopback: bool = False) -> Outbound:
    return Outbound(allow_loopback=allow_loopback, resolve=resolve, trust=lambda: TRUST)


async def never_reached(url: str, resolve: Any = as_libc_reads) -> None:
    refused = (httpx2.TransportError, httpx2.InvalidURL, ValueError)
    async with way_out(resolve) as outbound:
        with EYE.open() as seen, pytest.raises(refused):
            await outbound.client.get(url)
        assert seen == []


@given(host=written())
@settings(max_examples=150, deadline=None)
async def test_no_spelling_of_an_address_inside_is_called(host: str) -> None:
    await never_reached(f"https://{host}/latest/meta-data")


@given(host=disguised())
@settings(max_examples=150, deadline=None)
async def test_no_ipv6_disguise_of_an_address_inside_is_called(host: str) -> None:
    assert not is_public(host)
    await never_reached(f"https://[{host}]/")

    async def answers(name: str, port: int) -> list[str]:
        return [host]

    await never_reached("https://supplier.example/", answers)


@given(
    bad=st.lists(st.one_of(inside().map(str), disguised()), min_size=1, max_size=3),
    good=st.lists(st.sampled_from(PUBLIC), max_size=3),
    order=st.randoms(),
)
@settings(max_examples=100, deadline=None)
async def test_a_name_with_one_address_inside_is_not_called_at_any_of_them(
    bad: list[str], good: list[str], order: Any
) -> None:
    answer = [*bad, *good]
    order.shuffle(answer)

    async def resolve(name: str, port: int) -> list[str]:
        return answer

    async with way_out(resolve) as outbound:
        with EYE.open() as seen, pytest.raises(OutboundRefused):
            await outbound.client.get("https://supplier.example/")
        assert seen == []


NOT_LOOPBACK = st.one_of(inside().map(str), disguised()).filter(lambda one: not is_loopback(one))


@given(then=NOT_LOOPBACK)
@settings(max_examples=50, deadline=None)
async def test_an_answer_that_changes_after_it_was_judged_changes_nothing(then: str) -> None:
    """The hub may call this machine here, which stands for the outside: it is called there and
    nowhere else, once by the first answer, and not at all by the next."""
    answers = [["127.0.0.1"]]

    async def resolve(name: str, port: int) -> list[str]:
        return answers.pop() if answers else [then]

    async with way_out(resolve, allow_loopback=True) as outbound:
        for expected in (["127.0.0.1"], []):
            with EYE.open() as seen, pytest.raises(httpx2.TransportError):
                await outbound.client.get("https://supplier.example/")
            assert seen == expected


@given(number=st.one_of(st.integers(0, 2**32 - 1), st.integers(0, 2**128 - 1)))
@settings(max_examples=500, deadline=None)
def test_nothing_is_public_that_the_standard_library_calls_private(number: int) -> None:
    for address in {ipaddress.ip_address(number), IPv6Address(number)}:
        private = (
            address.is_private or address.is_loopback or address.is_link_local
            or address.is_multicast or address.is_reserved or address.is_unspecified
        )  # fmt: skip
        assert not (private and is_public(str(address))), address

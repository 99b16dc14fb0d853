"""Which network addresses the hub may call: the public ones, never a way back into our own net.

Python's `is_global` is not enough: it lets multicast, 6to4, NAT64, site-local and IPv4-compatible
addresses pass, and each of the last four can carry a private IPv4 address.
Source of the ranges: the IANA special-purpose address registries.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

LOOPBACK_4 = IPv4Network("127.0.0.0/8")
LOOPBACK_6 = IPv6Address("::1")
NOT_PUBLIC_4 = [
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
]
PUBLIC_6 = IPv6Network("2000::/3")
"""All that is assigned for global unicast lies here; mapped, NAT64 and local addresses do not."""
NOT_PUBLIC_6 = [
    IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
]


def is_loopback(address: str) -> bool:
    """127.0.0.0/8 and ::1, in no disguise."""
    found = _parsed(address)
    if isinstance(found, IPv4Address):
        return found in LOOPBACK_4
    return found == LOOPBACK_6


def is_public(address: str) -> bool:
    """Whether the address belongs to the world at large."""
    found = _parsed(address)
    if isinstance(found, IPv4Address):
        return not any(found in network for network in NOT_PUBLIC_4)
    return (
        found is not None
        and found in PUBLIC_6
        and not any(found in network for network in NOT_PUBLIC_6)
    )


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(address)
    except ValueError:
        return None

"""How surely a person showed who they are, in the words of tokens: `amr` by RFC 8176, and `acr`."""

from collections.abc import Collection
from typing import Any

from innohub.identity.proved import SECOND, Method

ONE_FACTOR = "urn:innohub:acr:one-factor"
TWO_FACTORS = "urn:innohub:acr:two-factors"
CLASSES = (ONE_FACTOR, TWO_FACTORS)

_NAMES = {
    Method.PASSWORD: ("pwd",),
    Method.APP: ("otp",),
    Method.RECOVERY_CODE: ("otp",),
    Method.PASSKEY: ("pop", "user"),
}
"""A recovery code is a password for one time. What a person's organisation asked of them is theirs
to say: of it we know at most that there were several factors."""


def told(methods: Collection[str]) -> dict[str, Any]:
    """`acr` and `amr` for what a person showed, each a `proved.Method`; nothing where that is not
    known. A passkey is two factors by itself: it verifies its owner."""
    shown = frozenset(Method(name) for name in methods)
    if not shown:
        return {}
    names = {name for method in shown for name in _NAMES.get(method, ())}
    several = bool(shown & SECOND)
    amr = sorted(names | ({"mfa"} if several else set()))
    return {"acr": TWO_FACTORS if several else ONE_FACTOR, **({"amr": amr} if amr else {})}

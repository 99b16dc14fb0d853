"""Passwords: argon2id, computed beside the event loop."""

import asyncio
import secrets
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

SHORTEST = 12
LONGEST = 256
"""NIST SP 800-63B asks for a minimum and room for long passphrases; the maximum bounds the work."""

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Of passwords that the hub draws: without those that look like one another."""
GROUPS, GROUP = 3, 4

_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
# A computation takes 64 MiB and a core: two at a time bound what a flood of sign-ins can claim.


@dataclass(frozen=True)
class Verdict:
    right: bool
    fresh_hash: str | None = None
    """A new hash to store: the old one was made with parameters that are no longer ours."""


def drawn() -> str:
    """59 random bits, in groups that are easy to type: `k3vm-9xqp-hw2t`."""
    groups = ("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))
    return "-".join(groups)


async def hashed(password: str) -> str:
    """The argon2id hash of `password`, encoded with its parameters."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hash, password)


async def verified(password: str, stored: str | None) -> Verdict:
    """Compare with the stored hash. Where there is none, spend the same time and say no."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _verify, password, stored)


def _hash(password: str) -> str:
    return _hasher.hash(_octets(password))


def _verify(password: str, stored: str | None) -> Verdict:
    decoy = _decoy()  # before the branch: only the very first call pays for making it
    try:
        _hasher.verify(stored or decoy, _octets(password))
    except (VerificationError, InvalidHashError):
        return Verdict(right=False)
    if stored is None:
        return Verdict(right=False)
    if _hasher.check_needs_rehash(stored):
        return Verdict(right=True, fresh_hash=_hash(password))
    return Verdict(right=True)


@cache
def _decoy() -> str:
    return _hasher.hash("the hash that stands in where nobody has that e-mail address")


def _octets(password: str) -> bytes:
    """One spelling for characters that keyboards compose differently (NFKC, SP 800-63B 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")

"""Failed sign-ins, counted for an e-mail address and the place it is tried from, together.

A stranger elsewhere has a counter of their own: nobody can lock a person out of their account. The
counters stand in this process's memory: with several web processes an attacker gets the limit once
in each, and a restart forgets them. Both only loosen a limit that argon2 backs up.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from innohub.errors import Denied

Key = tuple[str, str]


class TooManyAttempts(Denied):
    """Too many failures in a short while; `retry_after` seconds are left to wait."""

    code = "too_many_attempts"
    status = 429

    def __init__(self, retry_after: int) -> None:
        minutes = -(-retry_after // 60)
        wait = "a minute" if minutes == 1 else f"{minutes} minutes"
        super().__init__(f"Too many attempts. Wait {wait}, then try again.")
        self.retry_after = retry_after


@dataclass
class _Window:
    ends_at: datetime
    attempts: int


class Throttle:
    """At most `limit` attempts for a key within a window that starts with the first of them."""

    def __init__(
        self,
        *,
        limit: int = 5,
        window: timedelta = timedelta(minutes=15),
        capacity: int = 50_000,
    ) -> None:
        self._limit = limit
        self._length = window
        self._capacity = capacity
        self._windows: OrderedDict[Key, _Window] = OrderedDict()

    def attempt(self, key: Key, now: datetime) -> None:
        """Count an attempt before it is judged, so that simultaneous ones cannot slip by.

        Raises TooManyAttempts once the limit is used up; refused attempts do not prolong the wait.
        """
        window = self._windows.get(key)
        if window is None or window.ends_at <= now:
            window = self._windows[key] = _Window(now + self._length, 0)
        if window.attempts >= self._limit:
            raise TooManyAttempts(max(1, int((window.ends_at - now).total_seconds())))
        window.attempts += 1
        self._windows.move_to_end(key)
        while len(self._windows) > self._capacity:
            self._windows.popitem(last=False)

    def succeeded(self, key: Key) -> None:
        """Forget the failures: the person is who they say."""
        self._windows.pop(key, None)


def key_of(email: str, address: str) -> Key:
    """The counter's key: case folded, and an IPv6 address by its /64, which one household owns."""
    return email.casefold(), _place(address)


def _place(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed.packed[:8] + bytes(8), 64)))

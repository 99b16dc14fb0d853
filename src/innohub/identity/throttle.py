"""Failed sign-ins, counted so that guessing gets nowhere and nobody can lock out anybody else.

A browser in which somebody came in before carries a mark of that (the device cookie of OWASP's
Authentication Cheat Sheet), and has a counter of its own: whatever strangers try elsewhere, it is
never refused for that. Everybody else is counted three times: for the e-mail address at this place;
for the address from anywhere, so that ten thousand machines guess no more than a few; and for the
place, so that one machine does not try one password on everybody.

The counters stand in this process's memory: with several web processes an attacker gets the limit
once in each, and a restart forgets them. Both only loosen a limit that argon2 backs up.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from innohub.errors import Denied

Key = tuple[str, str]

AT_ONE_PLACE = 5
FROM_ANYWHERE = 20
BY_ONE_PLACE = 200
"""A force's whole shift may stand behind one address; whoever comes in is taken off again."""
KNOWN_BROWSER = 10


@dataclass(frozen=True)
class Bound:
    """A counter, and how far it may go."""

    key: Key
    limit: int


def bounds_of(name: str, address: str, device: str | None) -> tuple[Bound, ...]:
    """What an attempt counts for. `device`: the mark of a browser that `name` came in by before."""
    if device is not None:
        return (Bound(("a known browser", device), KNOWN_BROWSER),)
    key = key_of(name, address)
    return (
        Bound(key, AT_ONE_PLACE),
        Bound((key[0], "from anywhere"), FROM_ANYWHERE),
        Bound(("by one place", key[1]), BY_ONE_PLACE),
    )


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
        """Count an attempt for one counter; see `attempt_all`."""
        self.attempt_all((Bound(key, self._limit),), now)

    def attempt_all(self, bounds: Sequence[Bound], now: datetime) -> None:
        """Count an attempt before it is judged, so that simultaneous ones cannot slip by.

        Raises TooManyAttempts once a limit is used up; refused attempts count for nothing, so that
        they neither prolong the wait nor use up what others share.
        """
        windows = [(self._window(bound.key, now), bound) for bound in bounds]
        full = [window.ends_at for window, bound in windows if window.attempts >= bound.limit]
        if full:
            raise TooManyAttempts(max(1, int((max(full) - now).total_seconds())))
        for window, bound in windows:
            window.attempts += 1
            self._windows[bound.key] = window
            self._windows.move_to_end(bound.key)
        while len(self._windows) > self._capacity:
            self._windows.popitem(last=False)

    def succeeded(self, key: Key) -> None:
        """Forget the failures: the person is who they say."""
        self._windows.pop(key, None)

    def came_in(self, bounds: Sequence[Bound]) -> None:
        """The person is who they say: their own failures are forgotten, and the counters that they
        share with others are one lower."""
        own, *shared = bounds
        self.succeeded(own.key)
        for bound in shared:
            window = self._windows.get(bound.key)
            if window is not None:
                window.attempts = max(0, window.attempts - 1)

    def _window(self, key: Key, now: datetime) -> _Window:
        window = self._windows.get(key)
        if window is None or window.ends_at <= now:
            return _Window(now + self._length, 0)
        return window


def key_of(email: str, address: str) -> Key:
    """The counter's key: case folded, and an IPv6 address by its /64, which one household owns."""
    return email.casefold(), place_of(address)


def place_of(address: str) -> str:
    """Where a request comes from: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed.packed[:8] + bytes(8), 64)))

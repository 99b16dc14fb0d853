"""How many requests to the API one caller may make in a minute: nobody can take it from the others.

Counted for each API client, each person, and each stranger's address, over a window that slides. In
Redis where there is one, so that all processes count together; else, and while Redis is away, in
this process. The headers are those of the IETF's draft on rate limits (RateLimit-Policy,
RateLimit), sent with every answer.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError

from innohub.errors import Denied
from innohub.identity.actor import Actor
from innohub.identity.throttle import place_of

log = structlog.get_logger(__name__)

SECONDS = 60


class TooManyRequests(Denied):
    """The caller's share of this minute is used up."""

    code = "too_many_requests"
    status = 429

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__(f"Too many requests. Wait {headers['Retry-After']} seconds.")
        self.headers = headers


@dataclass(frozen=True)
class Share:
    """What is left of a caller's minute, as its answer's headers say it."""

    policy: str
    limit: int
    left: int
    resets_in: int

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.limit};w={SECONDS}',
            "RateLimit": f'"{self.policy}";r={self.left};t={self.resets_in}',
        }


class Rates:
    """One for a process. `a_minute` 0: without a limit."""

    def __init__(self, a_minute: int, redis_url: str | None = None) -> None:
        self._item = RateLimitItemPerMinute(a_minute) if a_minute else None
        self._here = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._together: SlidingWindowCounterRateLimiter | None = None
        if redis_url is not None:
            storage = RedisStorage(
                f"async+{redis_url}",
                wrap_exceptions=True,
                implementation="redispy",
                key_prefix="innohub-rates",
                socket_connect_timeout=0.2,
                socket_timeout=0.2,
            )
            self._together = SlidingWindowCounterRateLimiter(storage)
        self._away_until = 0.0

    async def take(self, actor: Actor, address: str) -> dict[str, str]:
        """Count a request; the headers for its answer. Raises TooManyRequests."""
        if self._item is None:
            return {}
        policy, who = _caller(actor, address)
        share, allowed = await self._counted(self._item, policy, who)
        if not allowed:
            raise TooManyRequests({**share.headers, "Retry-After": str(share.resets_in)})
        return share.headers

    async def _counted(
        self, item: RateLimitItemPerMinute, policy: str, who: str
    ) -> tuple[Share, bool]:
        if self._together is not None and time.monotonic() >= self._away_until:
            try:
                return await _hit(self._together, item, policy, who)
            except StorageError:
                # The limit is there to protect the hub; its store must not bring it down.
                self._away_until = time.monotonic() + 5.0
                log.warning("rates.store_away")
        return await _hit(self._here, item, policy, who)


async def _hit(
    limiter: SlidingWindowCounterRateLimiter, item: RateLimitItemPerMinute, policy: str, who: str
) -> tuple[Share, bool]:
    allowed = await limiter.hit(item, policy, who)
    stats = await limiter.get_window_stats(item, policy, who)
    resets_in = max(1, math.ceil(stats.reset_time - time.time()))
    return Share(policy, item.amount, max(0, stats.remaining), min(resets_in, SECONDS)), allowed


def _caller(actor: Actor, address: str) -> tuple[str, str]:
    if actor.client_id is not None:
        return "client", str(actor.client_id)
    if actor.person_id is not None:
        return "person", str(actor.person_id)
    return "address", place_of(address)

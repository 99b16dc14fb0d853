"""When a delivery that failed is tried again."""

import random
from collections.abc import Callable
from dataclasses import dataclass

MINUTE, HOUR = 60.0, 3600.0
DELAYS = (
    5.0, 30.0, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE,
    2 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR, 24 * HOUR,
)  # fmt: skip
"""Seconds after the first, second … failure: three days in all, as Standard Webhooks advises."""
MAX_ATTEMPTS = len(DELAYS) + 1


@dataclass(frozen=True)
class Schedule:
    """Growing delays, each spread by `jitter` to both sides so that lanes do not return as one."""

    delays: tuple[float, ...] = DELAYS
    jitter: float = 0.2
    chance: Callable[[], float] = random.random
    """A number in [0, 1)."""

    def wait(self, attempts: int) -> float:
        """Seconds to wait after failure number `attempts`, counted from 1."""
        delay = self.delays[min(attempts, len(self.delays)) - 1]
        return delay * (1 + self.jitter * (2 * self.chance() - 1))

"""What an outcome means for the delivery, its lane and its connection. Decides, changes nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from innohub.hub.connectors.contract import Outcome, OutcomeClass
from innohub.hub.models import DeliveryState
from innohub.hub.schedule import Schedule

FRESH_TOKENS = 3
"""So many tries in a row, each with a token fresh from their server, must be refused before the
connection stops: a server that restarts refuses one or two."""


@dataclass(frozen=True)
class Verdict:
    state: DeliveryState
    next_at: datetime | None = None
    """When the delivery, and with it its lane, is tried again."""
    counts: bool = True
    """Whether the attempt is one of those that a delivery has."""
    refusals: int = 0
    """So many tries of it in a row, counting this one, were refused with fresh tokens."""
    connection_verb: str | None = None
    """What happens to the whole connection: `pause` or `expire_authorisation`."""
    leave_alone_until: datetime | None = None
    """Until when the system asked that nothing be sent over the connection."""

    @property
    def settled(self) -> bool:
        """The delivery leaves the queue."""
        return self.state in (DeliveryState.DELIVERED, DeliveryState.DEAD_LETTER)

    @property
    def recorded(self) -> bool:
        """Whether the audit trail is told."""
        return self.state is DeliveryState.DEAD_LETTER or self.connection_verb is not None


def judge(
    outcome: Outcome,
    *,
    attempts: int,
    refusals: int,
    max_attempts: int,
    schedule: Schedule,
    now: datetime,
) -> Verdict:
    """The verdict on attempt number `attempts`, when so many `refusals` in a row went before."""
    if outcome.kind is OutcomeClass.OK:
        return Verdict(DeliveryState.DELIVERED)
    if outcome.pause:
        return _hold(now, "pause")
    refused = refusals + 1 if outcome.kind is OutcomeClass.AUTH_EXPIRED else 0
    if refused >= FRESH_TOKENS or outcome.kind is OutcomeClass.AUTH_REVOKED:
        # Fresh tokens are refused as well, or none is to be had: only the supplier can help.
        return _hold(now, "expire_authorisation")
    if outcome.kind is OutcomeClass.REJECTED or attempts >= max_attempts:
        return Verdict(DeliveryState.DEAD_LETTER)
    wait = max(schedule.wait(attempts), outcome.after_seconds or 0.0)
    throttled = outcome.kind is OutcomeClass.THROTTLED
    asked = max(outcome.rest_seconds or 0.0, (outcome.after_seconds or 0.0) if throttled else 0.0)
    return Verdict(
        DeliveryState.RETRYING,
        next_at=now + timedelta(seconds=wait),
        refusals=refused,
        leave_alone_until=now + timedelta(seconds=asked) if asked else None,
    )


def _hold(now: datetime, verb: str) -> Verdict:
    return Verdict(DeliveryState.RETRYING, next_at=now, counts=False, connection_verb=verb)

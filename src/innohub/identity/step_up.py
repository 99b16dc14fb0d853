"""Before something weighty is signed, its signer shows once more who they are.

A session of twelve hours is long enough for a screen to be left alone, or for a cookie to be
stolen. So a decision, a quote or a key is signed only within `proved.RECENT` of a whole sign-in:
with the second factor of whoever has one, else with the password again. Machines have no screen:
what an API client may sign hangs on its scopes alone.
"""

from datetime import datetime

from innohub.errors import Denied
from innohub.identity.actor import Actor, ActorKind


class StepUpRequired(Denied):
    """The signer has to show again who they are. A page asks, then carries on."""

    code = "step_up_required"

    def __init__(self) -> None:
        super().__init__(
            "Show again who you are before you sign this.",
            address="/account/confirm",
            rule="recent_proof_of_identity",
        )


def require_recent_proof(actor: Actor, now: datetime) -> None:
    """Raise StepUpRequired for a person who has not shown lately who they are."""
    if actor.kind is not ActorKind.PERSON:
        return
    if actor.proved is None or not actor.proved.is_recent(now):
        raise StepUpRequired

"""Decide what waits, pass it on, take it back."""

import strawberry

from innohub.graphql.mutations.write import write
from innohub.graphql.read.declare import stored
from innohub.graphql.types.decisions import DecisionDelegation
from innohub.graphql.types.organisations import Force
from innohub.market.decisions import commands
from innohub.market.decisions import service as decisions
from innohub.market.decisions.acting import Decided


@strawberry.type
class DecidedPayload:
    """What was decided waits no more: `path` is the page of what it was about."""

    id: strawberry.Private[int]
    line: str
    path: str
    force: Force | None = stored("id")


@strawberry.type
class DecisionDelegationPayload:
    id: strawberry.Private[int]
    delegation: DecisionDelegation | None = stored("id")


def _told(decided: Decided) -> dict[str, object]:
    return {"id": decided.id, "line": decided.line, "path": decided.path}


@strawberry.type
class DecisionMutations:
    approve_decision = write(decisions.approve, commands.ApproveDecision, DecidedPayload, of=_told)
    decline_decision = write(decisions.decline, commands.DeclineDecision, DecidedPayload, of=_told)
    delegate_decision = write(
        decisions.delegate, commands.DelegateDecision, DecisionDelegationPayload
    )
    take_back_decision = write(
        decisions.take_back, commands.TakeBackDecision, DecisionDelegationPayload
    )

"""Every operation, tried by everybody and in every state, against what it declares."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from innohub.errors import Denied, InnoHubError, NotFound, NotSignedIn, WrongState
from innohub.market.pilots.models import Pilot, PilotState
from tests.market.pilots.cast import Cast, Operation, rehearse

UNLOCKED_HIDES_FROM = {"rival_admin", "force_client", "stranger"}


@dataclass(frozen=True)
class Rule:
    """Who may do an operation, to whom its object is invisible, and in which states it works."""

    operation: Operation
    stage: Callable[[Cast], Awaitable[Any]]
    """Brings the story to where the operation is possible, and gives the command."""
    allowed: set[str]
    hidden_from: frozenset[str] = frozenset()
    states: frozenset[PilotState] = frozenset()


async def try_everybody(cast: Cast, rule: Rule) -> None:
    command = await rule.stage(cast)
    before = await cast.fingerprint()
    for part, actor in cast.actors.items():
        if part in rule.allowed:
            await rehearse(cast, actor, rule.operation, command)
        else:
            with pytest.raises(InnoHubError) as caught:
                await rehearse(cast, actor, rule.operation, command)
            assert type(caught.value) is refusal(part, rule), part
        assert await cast.fingerprint() == before, part


async def try_every_state(cast: Cast, rule: Rule) -> None:
    command = await rule.stage(cast)
    async with cast.database.session() as session:
        newest = (await session.scalars(select(Pilot).order_by(Pilot.id.desc()).limit(1))).one()
    part = min(rule.allowed)
    for state in PilotState:
        await cast.put(newest, state=state)
        before = await cast.fingerprint()
        if state in rule.states:
            await rehearse(cast, cast[part], rule.operation, command)
        else:
            with pytest.raises(WrongState):
                await rehearse(cast, cast[part], rule.operation, command)
        assert await cast.fingerprint() == before, state


def refusal(part: str, rule: Rule) -> type[InnoHubError]:
    if part in rule.hidden_from:
        return NotFound
    return NotSignedIn if part == "stranger" else Denied

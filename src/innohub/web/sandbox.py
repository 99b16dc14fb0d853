"""How a request gets into the sandbox: the same code, over other parts.

The market's app carries `sandbox`, an app that is nothing but a state: the same parts, over the
sandbox's database. A request whose token counts there is handed that app in place of the market's,
in one place, and whatever answers it then finds no way to the market's data. The sandbox's app
carries `enter`, and `register`: the market's parts, where people, programs and tokens are known.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import HTTPConnection

from innohub.db.engine import ReadPool
from innohub.identity import sandbox
from innohub.identity.actors import Caller
from innohub.identity.sandbox import Newcomer

Enter = Callable[[Caller], Awaitable[Caller]]
Settle = Callable[[Newcomer], Awaitable[None]]
"""Gives an organisation its double in the sandbox, with something to work on."""


def register_of(connection: HTTPConnection) -> Any:
    """The parts over the database in which people, programs and tokens are registered."""
    state = connection.app.state
    return getattr(state, "register", state)


def enters(connection: HTTPConnection) -> Enter | None:
    """How callers become somebody in the sandbox; None of a request to the market."""
    enter: Enter | None = getattr(connection.app.state, "enter", None)
    return enter


async def step_in(connection: HTTPConnection, token: str) -> None:
    """Lead the request to the sandbox where that is what its token is for."""
    state = connection.app.state
    inside = getattr(state, "sandbox", None)
    if inside is None:
        return
    verified = await state.verifier.verified(state.reads, token, state.database.clock())
    if verified is not None and verified.sandbox:
        connection.scope["app"] = inside


class Entrance:
    """Callers as they are in the sandbox: permissions in the double of their organisation."""

    def __init__(self, register: ReadPool, reads: ReadPool, settle: Settle) -> None:
        self._register, self._reads, self._settle = register, reads, settle

    async def enter(self, caller: Caller) -> Caller:
        if not caller.actor.seats:
            return caller
        [seat] = caller.actor.seats
        own = await sandbox.double_of(self._reads, seat.organisation_id)
        if own is None:
            await self._settle(await sandbox.newcomer(self._register, seat.organisation_id))
            own = await sandbox.double_of(self._reads, seat.organisation_id)
            assert own is not None
        return sandbox.as_double(caller, own)

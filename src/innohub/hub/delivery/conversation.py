"""The requests of one try at one delivery: each proven with a token, under a lease that outlasts
it, and made at most once more with a fresh token."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from innohub.db.unit_of_work import Clock
from innohub.hub.access.tokens import AccessToken
from innohub.hub.connectors.calls import Call, Look, Pages, Retire
from innohub.hub.connectors.contract import Outcome, OutcomeClass, Remote, Secrets
from innohub.hub.connectors.engine import Answered, Engine, Exchange, Prepared
from innohub.hub.connectors.listing import Place, request_for
from innohub.hub.connectors.manifest import Connector
from innohub.hub.connectors.templates import render
from innohub.hub.delivery.remembering import Memory

Hold = Callable[[], Awaitable[None]]
"""Renews the lease of the lane in hand. Raises LaneLost."""
TokenOf = Callable[[int | None], Awaitable[AccessToken | None]]
"""A token that counts, newer than the generation that was refused. Raises NotGranted."""


@dataclass(frozen=True)
class Sent:
    """What a try came to, with its requests in order."""

    outcome: Outcome
    exchanges: list[Exchange]
    memory: Memory | None = None
    """Their record as it now stands, to be remembered; None where nothing was learnt."""


class Conversation:
    """A writer's requests to one system."""

    def __init__(
        self, engine: Engine, clock: Clock, hold: Hold, mapping_version: int | None = None
    ) -> None:
        """`mapping_version` is noted with each request."""
        self._engine = engine
        self._clock = clock
        self._hold = hold
        self._mapping_version = mapping_version
        self._exchanges: list[Exchange] = []
        self._renewed = False

    async def open(
        self,
        connector: Connector,
        values: Mapping[str, Any],
        signing: tuple[str, ...],
        token_of: TokenOf,
    ) -> None:
        """Begin: `values` are those of placeholders. Raises NotGranted."""
        self._connector = connector
        self._signing = signing
        self._token_of = token_of
        self._token = await token_of(None)
        self._values = {**values, **_kept(self._token)}

    async def read(self, look: Look, found: Remote | None = None) -> Answered:
        return await self._ask(self._prepared(look, look.body, self._values_with(found)))

    async def look_up(self, look: Look, about: Mapping[str, Any]) -> Answered:
        """`about`: values of placeholders, where this is about another record."""
        return await self._ask(self._prepared(look, look.body, {**self._values, **about}))

    async def retire(self, retire: Retire, about: Mapping[str, Any]) -> Answered:
        values = {**self._values, **about}
        return await self._ask(self._prepared(retire, retire.body, values))

    async def page(
        self, listing: Pages, place: Place, about: Mapping[str, Any] | None = None
    ) -> tuple[Prepared, Answered]:
        """One page of what they hold, with the request for it."""
        prepared = request_for(listing, place, {**self._values, **(about or {})})
        return prepared, await self._ask(prepared)

    async def write(self, known: Remote | None) -> Answered:
        values = self._values_with(known)
        mapping, manifest = self._connector.mapping, self._connector.manifest
        call = manifest.write or (manifest.update if known else manifest.create)
        if call is None:
            raise LookupError("a manifest has write, or create and update")
        template = mapping.update_body if known and mapping.update_body else mapping.body
        return await self._ask(
            Prepared(
                call,
                values,
                orjson.dumps(render(template, values)),
                headers=self._condition(known),
                signed_as=self._values["event.external_key"] if manifest.signature else None,
            )
        )

    def take_rest(self) -> float:
        """Seconds for which their limits asked for a pause since this was last taken."""
        rest = max((each.outcome.rest_seconds or 0.0 for each in self._exchanges), default=0.0)
        # The last one stays: where there is one, the next request renews the lease.
        self._exchanges = [
            replace(each, outcome=each.outcome.resting(None)) for each in self._exchanges[-1:]
        ]
        return rest

    def ended(self, outcome: Outcome, memory: Memory | None = None) -> Sent:
        """The try with this outcome; a try without any request has one entry in the log."""
        if not self._exchanges or self._exchanges[-1].outcome.kind is OutcomeClass.AUTH_EXPIRED:
            self._note(Exchange(outcome, self._clock(), ms=0, request_id=""))
        rest = max((each.outcome.rest_seconds or 0.0 for each in self._exchanges), default=0.0)
        return Sent(outcome.resting(rest or None), self._exchanges, memory)

    def _values_with(self, remote: Remote | None) -> dict[str, Any]:
        return {
            **self._values,
            "remote.id": remote.remote_id if remote else None,
            "remote.etag": remote.etag if remote else None,
        }

    def _prepared(
        self, call: Call, template: Mapping[str, Any] | None, values: Mapping[str, Any]
    ) -> Prepared:
        body = None if template is None else orjson.dumps(render(template, values))
        return Prepared(call, values, body)

    def _condition(self, known: Remote | None) -> dict[str, str]:
        if self._connector.manifest.conditional is None:
            return {}
        if known is None:
            return {"if-none-match": "*"}
        return {"if-match": known.etag or "*"}

    async def _ask(self, prepared: Prepared) -> Answered:
        answered = await self._once(prepared)
        refused = answered.exchange.outcome.kind is OutcomeClass.AUTH_EXPIRED
        if not refused or self._token is None or self._renewed:
            return answered
        self._token = await self._token_of(self._token.generation)
        self._renewed = True
        values = {**prepared.values, **_kept(self._token)}
        return await self._once(replace(prepared, values=values))

    async def _once(self, prepared: Prepared) -> Answered:
        if self._exchanges:
            await self._hold()
        secrets = Secrets(self._token.value if self._token else None, self._signing)
        answered = await self._engine.ask(self._connector.manifest, prepared, secrets)
        self._note(answered.exchange)
        return answered

    def _note(self, exchange: Exchange) -> None:
        if exchange.mapping_version != self._mapping_version:
            exchange = replace(exchange, mapping_version=self._mapping_version)
        self._exchanges.append(exchange)


def _kept(token: AccessToken | None) -> dict[str, Any]:
    """What the token answer said beside the token, for placeholders."""
    return {f"token.{name}": value for name, value in token.extra.items()} if token else {}

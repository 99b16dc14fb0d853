"""The `Idempotency-Key` of a GraphQL request, and what its payloads come to in storage."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson
from starlette.datastructures import Headers

from innohub.db import idempotency
from innohub.db.idempotency import RequestKey
from innohub.errors import Invalid
from innohub.graphql.context import Context
from innohub.graphql.operations import Answer
from innohub.graphql.parameters import Parameters
from innohub.identity.actor import Actor
from innohub.vault import Place, Sealed, Vault

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
"""Tells a client that it reads what was answered before."""


def key_of(headers: Headers, actor: Actor, request: Any) -> RequestKey | None:
    """The key that a caller sent with `request`, anything JSON; None without one, and for a
    stranger, who changes nothing. Raises Invalid."""
    given = headers.getlist(HEADER)
    if not given or not actor.signed_in:
        return None
    if len(given) > 1:
        raise Invalid(f"Send one {HEADER}.", field=HEADER)
    own = f"client/{actor.client_id}" if actor.client_id else f"person/{actor.person_id}"
    if actor.on_behalf_of is not None:
        own = f"{own}/person/{actor.on_behalf_of}"
    return RequestKey.of(own, given[0], request)


def sealed(vault: Vault, key: RequestKey, value: Any) -> dict[str, str]:
    """Anything JSON, as it is stored: some payloads show a secret, once."""
    found = vault.seal(orjson.dumps(value).decode(), _place(key))
    return {"sealed": urlsafe_b64encode(found.ciphertext).decode(), "with": found.key_id}


def opened(vault: Vault, key: RequestKey, stored: Mapping[str, Any]) -> Any:
    """What `sealed` was given. Raises NotOpened."""
    found = Sealed(urlsafe_b64decode(stored["sealed"]), stored["with"])
    return orjson.loads(vault.open(found, _place(key)))


def _place(key: RequestKey) -> Place:
    # No connection has the number 0.
    return Place(0, 0, f"{key.caller}|{key.key}")


LARGEST = 256 * 1024
"""Bytes. A larger answer is not kept word for word: it is read anew when it is asked for again."""


async def once(headers: Headers, context: Context, text: str, parameters: Parameters) -> Context:
    """The request under its key, by an actor who was looked up. Raises Invalid."""
    if HEADER not in headers:
        return context
    context = await context.proven()
    request = [text, parameters.operation_name, parameters.variables]
    return replace(context, once=key_of(headers, context.actor, request))


async def answered_before(context: Context) -> bytes | None:
    """The answer that was sent to this very request. Raises KeyReused."""
    if context.once is None:
        return None
    stored = await idempotency.answered(context.database, context.once)
    if stored is None:
        return None
    text: str = opened(context.hub.vault, context.once, stored)
    return text.encode()


async def remember(context: Context, found: Answer, answer: bytes) -> None:
    """Keep the answer to a request whose every change was made."""
    if context.once is None or len(answer) > LARGEST:
        return
    if context.steps and not found.errors and set(context.steps) == found.data.keys():
        kept = sealed(context.hub.vault, context.once, answer.decode())
        await idempotency.remember(context.database, context.once, context.steps[0], kept)

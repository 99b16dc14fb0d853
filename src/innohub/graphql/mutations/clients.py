"""Changes to the programs of the viewer's organisation, and to what the viewer allowed one."""

from typing import Any

import strawberry

from innohub.db.unit_of_work import UnitOfWork
from innohub.graphql.mutations.write import write
from innohub.graphql.read.declare import stored
from innohub.graphql.types.account import Account
from innohub.graphql.types.clients import ApiClient
from innohub.hub.wiring import Hub
from innohub.identity.actor import Actor
from innohub.identity.commands import (
    ChangeClient,
    EndConsent,
    RegisterClient,
    RevokeClient,
    RotateSecret,
)
from innohub.identity.oauth import changing, clients, consenting
from innohub.identity.oauth.clients import WithSecret
from innohub.identity.oauth.models import OAuthGrant


@strawberry.type
class ApiClientPayload:
    id: strawberry.Private[int]
    api_client: ApiClient | None = stored("id")


@strawberry.type
class ApiClientSecretPayload:
    id: strawberry.Private[int]
    api_client: ApiClient | None = stored("id")
    secret: str | None = strawberry.field(
        description="Shown this once; null for a program that has none."
    )


@strawberry.type
class EndedConsentPayload:
    id: strawberry.Private[int]
    account: Account | None = stored("id")


async def _register(
    work: UnitOfWork, actor: Actor, command: RegisterClient, *, hub: Hub
) -> WithSecret:
    return await clients.register_client(work, actor, command, sandbox_open=hub.sandbox)


def _with_secret(made: WithSecret) -> dict[str, Any]:
    return {"id": made.client.id, "secret": made.secret}


def _account(ended: OAuthGrant) -> dict[str, Any]:
    return {"id": ended.person_id}


@strawberry.type
class ClientMutations:
    register_api_client = write(
        _register, RegisterClient, ApiClientSecretPayload, of=_with_secret, needs_hub=True
    )
    change_api_client = write(changing.change_client, ChangeClient, ApiClientPayload)
    rotate_api_client_secret = write(
        clients.rotate_secret, RotateSecret, ApiClientSecretPayload, of=_with_secret
    )
    revoke_api_client = write(clients.revoke_client, RevokeClient, ApiClientPayload)
    end_consent = write(consenting.end, EndConsent, EndedConsentPayload, of=_account)

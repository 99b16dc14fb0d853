"""Changes to a supplier's connections and what is delivered over them."""

from datetime import datetime
from typing import Any

import strawberry

from innohub.graphql.mutations.write import write
from innohub.graphql.read.declare import stored
from innohub.graphql.types.integrations import Delivery, Integration
from innohub.graphql.types.mappings import MappingVersion
from innohub.graphql.types.reconciliations import Reconciliation
from innohub.hub import commands, consents, mapping_changes
from innohub.hub import service as hub
from innohub.hub.delivery import signing
from innohub.hub.mapping import ConnectionMapping


@strawberry.type
class IntegrationPayload:
    id: strawberry.Private[int]
    integration: Integration | None = stored("id")


@strawberry.type
class CreatedIntegrationPayload:
    id: strawberry.Private[int]
    integration: Integration | None = stored("id")
    signing_secret: str = strawberry.field(
        description="Verifies our signatures (Standard Webhooks). Shown this once."
    )


@strawberry.type
class RotatedSecretPayload:
    id: strawberry.Private[int]
    integration: Integration | None = stored("id")
    signing_secret: str = strawberry.field(
        description="Verifies our signatures from now on (Standard Webhooks). Shown this once."
    )


@strawberry.type
class OpenedInboundPayload:
    id: strawberry.Private[int]
    integration: Integration | None = stored("id")
    address: str = strawberry.field(description="Where the system sends its messages: POST.")
    secret: str = strawberry.field(
        description="What it signs them with (Standard Webhooks). Shown this once."
    )
    old_until: datetime | None = strawberry.field(
        description="Until when the secret before this one counts as well."
    )


def _opened(opened: hub.Opened) -> dict[str, Any]:
    return {
        "id": opened.connection.id,
        "address": opened.address,
        "secret": opened.secret,
        "old_until": opened.old_until,
    }


@strawberry.type
class InvitationPayload:
    id: strawberry.Private[int]
    integration: Integration | None = stored("id")
    url: str = strawberry.field(
        description="Where a person of the supplier, signed in to the hub, lets it in. Counts once."
    )
    expires_in_seconds: int


@strawberry.type
class DeliveryPayload:
    id: strawberry.Private[int]
    delivery: Delivery | None = stored("id")


@strawberry.type
class MappingPayload:
    id: strawberry.Private[int]
    connection_id: strawberry.Private[int]
    mapping: MappingVersion | None = stored("id")
    integration: Integration | None = stored("connection_id")


@strawberry.type
class ReplayPayload:
    id: strawberry.Private[int]
    integration: Integration | None = stored("id")
    count: int = strawberry.field(
        description="How many deliveries line up again, or would in a dry run."
    )


@strawberry.type
class ReconciliationPayload:
    id: strawberry.Private[int]
    reconciliation: Reconciliation | None = stored("id")


def _replayed(replayed: hub.Replayed) -> dict[str, Any]:
    return {"id": replayed.connection.id, "count": replayed.count}


def _mapped(mapping: ConnectionMapping) -> dict[str, Any]:
    return {"id": mapping.id, "connection_id": mapping.connection_id}


def _created(made: hub.Created) -> dict[str, Any]:
    return {"id": made.connection.id, "signing_secret": made.signing_secret}


def _rotated(made: signing.Rotated) -> dict[str, Any]:
    return {"id": made.connection.id, "signing_secret": made.signing_secret}


def _invited(invitation: consents.Invitation) -> dict[str, Any]:
    return {
        "id": invitation.connection.id,
        "url": invitation.url,
        "expires_in_seconds": consents.MINUTES * 60,
    }


@strawberry.type
class IntegrationMutations:
    create_integration = write(
        hub.create_connection,
        commands.CreateConnection,
        CreatedIntegrationPayload,
        of=_created,
        needs_hub=True,
    )
    change_integration = write(
        hub.change_connection, commands.ChangeConnection, IntegrationPayload, needs_hub=True
    )
    rotate_signing_secret = write(
        signing.rotate_signing_secret,
        commands.RotateSigningSecret,
        RotatedSecretPayload,
        of=_rotated,
        needs_hub=True,
    )
    end_old_secret = write(
        signing.end_old_secret, commands.EndOldSecret, IntegrationPayload, needs_hub=True
    )
    authorise_integration = write(
        consents.begin_authorisation,
        commands.AuthoriseConnection,
        InvitationPayload,
        of=_invited,
        needs_hub=True,
    )
    pause_integration = write(hub.pause_connection, commands.PauseConnection, IntegrationPayload)
    resume_integration = write(hub.resume_connection, commands.ResumeConnection, IntegrationPayload)
    test_integration = write(hub.test_connection, commands.TestConnection, DeliveryPayload)
    map_integration = write(
        mapping_changes.map_connection,
        commands.MapConnection,
        MappingPayload,
        of=_mapped,
        needs_hub=True,
    )
    restore_mapping = write(
        mapping_changes.restore_mapping, commands.RestoreMapping, MappingPayload, of=_mapped
    )
    open_inbound = write(
        hub.open_inbound, commands.OpenInbound, OpenedInboundPayload, of=_opened, needs_hub=True
    )
    close_inbound = write(hub.close_inbound, commands.CloseInbound, IntegrationPayload)
    reconcile_integration = write(
        hub.reconcile_connection,
        commands.ReconcileConnection,
        ReconciliationPayload,
        needs_hub=True,
    )
    replay_delivery = write(hub.replay_delivery, commands.ReplayDelivery, DeliveryPayload)
    replay_deliveries = write(
        hub.replay_deliveries, commands.ReplayDeliveries, ReplayPayload, of=_replayed
    )

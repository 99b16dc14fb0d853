"""API clients: registered, given new secrets and revoked by those who manage them."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from secrets import token_hex

from sqlalchemy import or_, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Invalid, NotFound, WrongState
from innohub.identity.actor import Actor, ActorKind
from innohub.identity.commands import RegisterClient, RevokeClient, RotateSecret
from innohub.identity.models import (
    ClientProof,
    OAuthClient,
    OAuthClientSecret,
    Organisation,
    OrganisationKind,
)
from innohub.identity.permissions import Permission, Scope
from innohub.identity.policy import visible_client
from innohub.identity.step_up import require_recent_proof
from innohub.identity.tokens import Prefix, fingerprint, new_token
from innohub.identity.viewer import Viewer
from innohub.outbox.service import record

MOST_LIVE_SECRETS = 2

SCOPES_OF_KIND: dict[OrganisationKind, frozenset[Scope]] = {
    OrganisationKind.SUPPLIER: frozenset(Scope) - {Scope.RESULTS_WRITE},
    OrganisationKind.FORCE: frozenset(
        {
            Scope.LISTINGS_READ,
            Scope.PILOTS_READ_OWN,
            Scope.RESULTS_READ_OWN_PUBLISHED,
            Scope.RESULTS_WRITE,
        }
    ),
}
"""A supplier never writes results about itself; a force's machine writes nothing else. Other kinds
of organisation have no clients."""


@dataclass(frozen=True)
class WithSecret:
    """A client and a new secret of it, shown this once: the hub keeps a hash."""

    client: OAuthClient
    secret: str | None = field(repr=False)
    """None: a public client has none."""


async def register_client(
    work: UnitOfWork, actor: Actor, command: RegisterClient, *, sandbox_open: bool = False
) -> WithSecret:
    """Raises NotFound, Denied, StepUpRequired, and Invalid for scopes that the organisation may not
    hold, and for a client of the sandbox in a hub that has none."""
    organisation = await _organisation(work, actor, command)
    require_recent_proof(actor, work.now)
    require_fitting(organisation, command.scopes)
    if command.sandbox and not sandbox_open:
        raise Invalid("This hub has no sandbox.", field="sandbox", rule="sandbox_is_open")
    client = OAuthClient(
        organisation_id=organisation.id,
        client_id=f"ihc_{token_hex(12)}",
        name=command.name,
        proof=command.proof,
        scopes=sorted(command.scopes),
        redirect_uris=command.redirect_uris,
        post_logout_redirect_uris=command.post_logout_redirect_uris,
        jwks=None if command.jwks is None else json.loads(command.jwks),
        jwks_uri=command.jwks_uri,
        dpop_bound=command.dpop_bound,
        par_required=command.par_required,
        sandbox=command.sandbox,
        token_generation=0,
        revoked_at=None,
        created_at=work.now,
    )
    work.session.add(client)
    await record(
        work,
        "client:register",
        client,
        detail={
            "organisation_id": organisation.id,
            "client_id": client.client_id,
            "name": client.name,
            "proof": client.proof.value,
            "scopes": client.scopes,
            "redirect_uris": client.redirect_uris,
            "jwks_uri": client.jwks_uri,
            "dpop_bound": client.dpop_bound,
            "par_required": client.par_required,
            "sandbox": client.sandbox,
        },
    )
    proves = client.proof is ClientProof.SECRET
    return WithSecret(client, _add_secret(work, client) if proves else None)


async def rotate_secret(work: UnitOfWork, actor: Actor, command: RotateSecret) -> WithSecret:
    """Add a secret; the one in use counts for `overlap_hours` more, so that nothing stands still.

    Raises NotFound; StepUpRequired; WrongState for a client that is revoked or has no secret;
    Conflict while two secrets are live, unless the overlap is 0.
    """
    client = await manageable(work, actor, command.client_id)
    require_recent_proof(actor, work.now)
    if client.proof is not ClientProof.SECRET:
        raise WrongState("This client has no secret.")
    live = await _live_secrets(work, client)
    ends_at = work.now + timedelta(hours=command.overlap_hours)
    if command.overlap_hours and len(live) >= MOST_LIVE_SECRETS:
        raise Conflict("Two secrets are live. Wait until the older ends, or choose no overlap.")
    for old in live:
        old.expires_at = min(old.expires_at or ends_at, ends_at)
    if not command.overlap_hours:
        client.token_generation += 1
    secret = _add_secret(work, client)
    await record(
        work, "client:rotate_secret", client, detail={"overlap_hours": command.overlap_hours}
    )
    return WithSecret(client, secret)


async def revoke_client(work: UnitOfWork, actor: Actor, command: RevokeClient) -> OAuthClient:
    """End a client with its secrets and tokens, for good. Raises NotFound, WrongState."""
    client = await manageable(work, actor, command.client_id)
    client.revoked_at = work.now
    for secret in await _live_secrets(work, client):
        secret.expires_at = work.now
    client.token_generation += 1
    await record(work, "client:revoke", client)
    return client


def require_fitting(organisation: Organisation, scopes: frozenset[Scope]) -> None:
    """Raise Invalid for scopes that the organisation's clients may not hold."""
    refused = scopes - SCOPES_OF_KIND.get(organisation.kind, frozenset())
    if refused:
        names = ", ".join(sorted(refused))
        raise Invalid(f"A client of a {organisation.kind} may not hold: {names}.", field="scopes")


async def _organisation(work: UnitOfWork, actor: Actor, command: RegisterClient) -> Organisation:
    id = command.organisation_id
    if id is None:
        id = actor.only_organisation(Permission.CLIENT_MANAGE)
    organisation = await work.session.get(Organisation, id)
    if organisation is None:
        raise NotFound("This organisation does not exist.")
    if actor.kind is not ActorKind.SYSTEM:
        actor.require(Permission.CLIENT_MANAGE, id)
    return organisation


async def manageable(work: UnitOfWork, actor: Actor, id: int) -> OAuthClient:
    """The client, locked: two changes at once take turns."""
    wanted = select(OAuthClient).where(OAuthClient.id == id).with_for_update()
    if actor.kind is not ActorKind.SYSTEM:
        wanted = wanted.where(visible_client(OAuthClient, Viewer(actor)))
    client = (await work.session.scalars(wanted)).one_or_none()
    if client is None:
        raise NotFound("This client does not exist.")
    if client.revoked_at is not None:
        raise WrongState("This client is revoked.")
    return client


async def _live_secrets(work: UnitOfWork, client: OAuthClient) -> list[OAuthClientSecret]:
    expires_at = OAuthClientSecret.expires_at
    live = select(OAuthClientSecret).where(
        OAuthClientSecret.oauth_client_id == client.id,
        or_(expires_at.is_(None), expires_at > work.now),
    )
    return list(await work.session.scalars(live))


def _add_secret(work: UnitOfWork, client: OAuthClient) -> str:
    secret = new_token(Prefix.CLIENT)
    work.session.add(
        OAuthClientSecret(
            oauth_client_id=client.id,
            secret_hash=fingerprint(secret),
            expires_at=None,
            created_at=work.now,
        )
    )
    return secret

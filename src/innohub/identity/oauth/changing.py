"""A client that is registered already, changed by those who manage it."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Text, and_, func, or_, update
from sqlalchemy.dialects.postgresql import ARRAY

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid
from innohub.identity.actor import Actor
from innohub.identity.commands import ChangeClient
from innohub.identity.models import ClientProof, OAuthClient, Organisation
from innohub.identity.oauth.clients import manageable, require_fitting
from innohub.identity.oauth.models import OAuthGrant
from innohub.identity.oauth.openid import IdentityScope
from innohub.identity.step_up import require_recent_proof
from innohub.outbox.service import record

KEYS = frozenset({"jwks", "jwks_uri"})
ADDRESSES = ("redirect_uris", "post_logout_redirect_uris")
FLAGS = ("dpop_bound", "par_required")


async def change_client(work: UnitOfWork, actor: Actor, command: ChangeClient) -> OAuthClient:
    """Change what is named. What went beyond the new scopes has ended: an access token at its next
    use, a consent, and with it its refresh tokens, here.

    Raises NotFound; WrongState for a client that is revoked; StepUpRequired where the client may do
    more than before; Invalid for scopes that its organisation may not hold, and for keys or
    addresses that do not suit the way it proves itself.
    """
    client = await manageable(work, actor, command.client_id)
    if command.scopes is not None:
        require_fitting(
            await work.session.get_one(Organisation, client.organisation_id), command.scopes
        )
    _require_suitable(client, command)
    changed = _changed(client, command)
    if _lets_do_more(client, changed):
        require_recent_proof(actor, work.now)
    if "dpop_bound" in changed:
        client.token_generation += 1
    for name, value in changed.items():
        setattr(client, name, value)
    await work.session.flush()
    ended = await _end_consents(work, client)
    # The keys themselves can be long, and say nothing to a reader of the trail.
    detail = {**changed, "consents_ended": ended}
    if "jwks" in detail:
        detail["jwks"] = [key.get("kid") for key in (changed["jwks"] or {}).get("keys", [])]
    await record(work, "client:change", client, detail=detail)
    return client


def _require_suitable(client: OAuthClient, command: ChangeClient) -> None:
    """Raise Invalid."""
    if client.proof is ClientProof.NONE and command.redirect_uris == []:
        raise Invalid(
            "A program without a secret needs an address to send people back to.",
            field="redirect_uris",
        )
    if client.proof is not ClientProof.KEY:
        for name in sorted(KEYS):
            if getattr(command, name) is not None:
                raise Invalid("Only a program that signs has keys.", field=name)


def _changed(client: OAuthClient, command: ChangeClient) -> dict[str, Any]:
    """The columns that will hold something else than now."""
    wanted: dict[str, Any] = {"name": command.name}
    if command.scopes is not None:
        wanted["scopes"] = sorted(command.scopes)
    for name in (*ADDRESSES, *FLAGS):
        wanted[name] = getattr(command, name)
    wanted = {name: value for name, value in wanted.items() if value is not None}
    if command.jwks is not None:
        wanted |= {"jwks": json.loads(command.jwks), "jwks_uri": None}
    elif command.jwks_uri is not None:
        wanted |= {"jwks": None, "jwks_uri": command.jwks_uri}
    return {name: value for name, value in wanted.items() if value != getattr(client, name)}


def _lets_do_more(client: OAuthClient, changed: Mapping[str, Any]) -> bool:
    """Whether the client could do, or somebody could do in its name, what they could not before."""
    wider = any(
        not set(changed.get(name, ())) <= set(getattr(client, name))
        for name in ("scopes", *ADDRESSES)
    )
    looser = any(changed.get(name) is False for name in FLAGS)
    return wider or looser or bool(KEYS & changed.keys())


async def _end_consents(work: UnitOfWork, client: OAuthClient) -> int:
    """End what people allowed beyond the client's scopes, and codes on their way to an address that
    is no longer its own. How many that were."""
    held = [*client.scopes, *(scope.value for scope in IdentityScope)]
    granted = func.string_to_array(OAuthGrant.scope, " ", type_=ARRAY(Text()))
    beyond = ~granted.contained_by(held)
    astray = and_(
        OAuthGrant.redeemed_at.is_(None), OAuthGrant.redirect_uri.not_in(client.redirect_uris)
    )
    ended = await work.session.scalars(
        update(OAuthGrant)
        .where(
            OAuthGrant.oauth_client_id == client.id,
            OAuthGrant.revoked_at.is_(None),
            or_(beyond, astray),
        )
        .values(revoked_at=work.now)
        .returning(OAuthGrant.id)
    )
    return len(ended.all())

"""Programs that call in, and what people allowed them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from innohub.graphql.read.declare import Node, column, node
from innohub.identity.models import OAuthClient as Clients
from innohub.identity.models import OAuthClientSecret as Secrets
from innohub.identity.models import Organisation as Organisations
from innohub.identity.oauth.models import OAuthGrant as Grants
from innohub.identity.policy import own_consent, visible_client


def _older_secret_ends(row: Any) -> ColumnElement[datetime | None]:
    secret = aliased(Secrets)
    return (
        select(func.max(secret.expires_at))
        .where(secret.oauth_client_id == row.id)
        .correlate_except(secret)
        .scalar_subquery()
    )


@node(Clients, visible_client, name="ApiClient")
class ApiClient(Node):
    """A program of the viewer's organisation. Its secret is shown once, when it is made."""

    client_id: str = column(Clients.client_id, "What it calls itself at the token endpoint.")
    name: str = column(Clients.name)
    proof: str = column(
        Clients.proof, "How it shows who it is: `secret`, `private_key_jwt`, or `none` if public."
    )
    scopes: list[str] = column(Clients.scopes)
    redirect_uris: list[str] = column(Clients.redirect_uris)
    post_logout_redirect_uris: list[str] = column(Clients.post_logout_redirect_uris)
    jwks_uri: str | None = column(Clients.jwks_uri)
    dpop_bound: bool = column(
        Clients.dpop_bound, "Its tokens count only beside a proof of their key (DPoP)."
    )
    par_required: bool = column(
        Clients.par_required, "It hands every authorization request over beforehand (PAR)."
    )
    sandbox: bool = column(
        Clients.sandbox, "It works with the sandbox's invented data, and never with the market's."
    )
    registered_at: datetime = column(Clients.created_at)
    older_secret_ends_at: datetime | None = column(
        _older_secret_ends, "Until when the secret before the newest counted, or counts."
    )
    revoked_at: datetime | None = column(Clients.revoked_at)


def _of_client(row: Any, wanted: Any) -> Any:
    client, organisation = aliased(Clients), aliased(Organisations)
    return (
        select(wanted(client, organisation))
        .join_from(client, organisation, organisation.id == client.organisation_id)
        .where(client.id == row.oauth_client_id)
        .correlate_except(client, organisation)
        .scalar_subquery()
    )


@node(Grants, own_consent, name="Consent")
class Consent(Node):
    """What the viewer allowed a program."""

    program: str = column(lambda row: _of_client(row, lambda client, _: client.name), "Its name.")
    registered_by: str = column(
        lambda row: _of_client(row, lambda _, organisation: organisation.name),
        "The organisation that answers for it.",
    )
    scopes: list[str] = column(lambda row: func.string_to_array(row.scope, " "))
    allowed_at: datetime = column(Grants.created_at)
    last_renewed_at: datetime | None = column(
        lambda row: func.coalesce(row.refreshed_at, row.redeemed_at),
        "When it last got a token; each is good for ten minutes.",
    )
    ends_at: datetime = column(Grants.ends_at)

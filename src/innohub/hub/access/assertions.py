"""The JWTs that the hub signs with a connection's private key: joserfc signs, the manifest says
what. All times in them are whole seconds as integers: strict servers refuse anything else."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from innohub.hub.connectors.grants import Assertion, ClientAssertion, Signed
from innohub.hub.connectors.templates import render
from innohub.hub.wire import key_material
from innohub.hub.wire.key_material import SigningKey


def for_client(
    signed: ClientAssertion,
    client_id: str,
    token_url: str,
    values: Mapping[str, Any],
    secrets: Mapping[str, str],
    now: datetime,
) -> str:
    """Proves who the client is, RFC 7523 section 3. Raises NotUsable, KeyError without a key."""
    audience = render(signed.audience, values) or token_url
    claims = {"iss": client_id, "sub": client_id, "aud": audience}
    return _signed(signed, claims, values, secrets, now)


def for_bearer(
    signed: Assertion,
    default_audience: str | None,
    values: Mapping[str, Any],
    secrets: Mapping[str, str],
    now: datetime,
) -> str:
    """Speaks for the issuer. A claim whose setting is empty is left out.

    Raises NotUsable, KeyError without a key.
    """
    named = {"iss": signed.issuer, "sub": signed.subject, "aud": signed.audience}
    claims = {name: render(text, values) for name, text in (named | signed.claims).items() if text}
    claims["aud"] = claims.get("aud") or default_audience
    return _signed(signed, claims, values, secrets, now)


def _signed(
    signed: Signed,
    claims: Mapping[str, Any],
    values: Mapping[str, Any],
    secrets: Mapping[str, str],
    now: datetime,
) -> str:
    begins = int(now.timestamp()) - signed.backdate_seconds
    lived = {
        **{name: value for name, value in claims.items() if value},
        "iat": begins,
        "exp": begins + signed.lifetime_seconds,
        "jti": uuid.uuid4().hex,
    }
    header: dict[str, Any] = {"alg": signed.algorithm}
    key_id = render(signed.key_id, values)
    if key_id:
        header["kid"] = key_id
    key = signing_key(signed, secrets)
    if signed.certificate_thumbprint:
        certificate = key_material.client_certificate(secrets["client_certificate"])
        header[signed.certificate_thumbprint] = certificate.thumbprint(
            signed.certificate_thumbprint
        )
    return jwt.encode(header, lived, _jwk(key), algorithms=[signed.algorithm])


def signing_key(signed: Signed, secrets: Mapping[str, str]) -> SigningKey:
    """Raises NotUsable, KeyError where it is not stored."""
    if signed.signs_with("private_key", secrets):
        return key_material.private_key(secrets["private_key"])
    return key_material.client_certificate(secrets["client_certificate"]).key


def _jwk(key: SigningKey) -> RSAKey | ECKey:
    pem = key_material.pem_of(key)
    kind = ECKey if hasattr(key, "curve") else RSAKey
    return kind.import_key(pem)

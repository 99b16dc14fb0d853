"""What the authorization server can do, as RFC 8414 writes it: only what works is listed."""

from typing import Any

from innohub.identity.oauth import assurance, authorising, keys, proofs, storage
from innohub.settings import Settings


def of(settings: Settings) -> dict[str, Any]:
    base = settings.base_url
    return {
        "issuer": base,
        "authorization_endpoint": f"{base}/oauth/authorize",
        "authorization_response_iss_parameter_supported": True,
        "code_challenge_methods_supported": ["S256"],
        "jwks_uri": f"{base}/oauth/jwks",
        "token_endpoint": f"{base}/oauth/token",
        "token_endpoint_auth_methods_supported": [*storage.AUTH_METHODS, storage.PUBLIC],
        "revocation_endpoint": f"{base}/oauth/revoke",
        "revocation_endpoint_auth_methods_supported": [*storage.AUTH_METHODS, storage.PUBLIC],
        "token_endpoint_auth_signing_alg_values_supported": proofs.ALGORITHMS,
        "revocation_endpoint_auth_signing_alg_values_supported": proofs.ALGORITHMS,
        "introspection_endpoint_auth_signing_alg_values_supported": proofs.ALGORITHMS,
        "pushed_authorization_request_endpoint": f"{base}/oauth/par",
        "require_pushed_authorization_requests": False,
        "dpop_signing_alg_values_supported": proofs.ALGORITHMS,
        "introspection_endpoint": f"{base}/oauth/introspect",
        "introspection_endpoint_auth_methods_supported": storage.AUTH_METHODS,
        "grant_types_supported": storage.GRANT_TYPES,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "scopes_supported": storage.supported_scopes(),
    }


def of_openid(settings: Settings) -> dict[str, Any]:
    """OpenID Connect Discovery 1.0: the same, and what concerns people."""
    base = settings.base_url
    return {
        **of(settings),
        "userinfo_endpoint": f"{base}/oauth/userinfo",
        "end_session_endpoint": f"{base}/oauth/logout",
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [keys.ALGORITHM],
        "claims_supported": [
            "sub",
            "iss",
            "aud",
            "exp",
            "iat",
            "auth_time",
            "acr",
            "amr",
            "nonce",
            "name",
            "email",
        ],
        "acr_values_supported": list(assurance.CLASSES),
        "prompt_values_supported": sorted(authorising.PROMPTS),
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }

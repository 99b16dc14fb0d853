"""How a manifest says that a connection gets its access tokens: one model for each OAuth grant.

`authorise.grant` names the grant. All its texts are filled in from the connection's settings; keys
and secrets are never part of a manifest, but of the connection's sealed secrets.
"""

from collections.abc import Collection, Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from innohub.hub.connectors.parts import Part, SettingsTemplate

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384"]
ClientAuth = Literal[
    "none",
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
    "tls_client_auth",
    "self_signed_tls_client_auth",
]
BasicEncoding = Literal["rfc6749", "raw"]
SecretName = Literal["client_secret", "private_key", "client_certificate"]


def _not_a_token(name: str) -> str:
    if name in ("access_token", "refresh_token", "id_token"):
        raise ValueError("tokens are kept by themselves, and sent as the connector says")
    return name


Kept = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z_]{0,39}$"), AfterValidator(_not_a_token)
]
"""A field of the token answer, to be used as `{token.<field>}`."""
Parameters = dict[str, SettingsTemplate]


class Signed(Part):
    """A JWT that the hub signs with the connection's private key. All its times are integers."""

    algorithm: Algorithm = "RS256"
    key_id: SettingsTemplate | None = None
    """The header's `kid`."""
    certificate_thumbprint: Literal["x5t", "x5t#S256"] | None = None
    """Which header names the certificate, RFC 7515 sections 4.1.7 and 4.1.8: Entra wants one."""
    lifetime_seconds: int = Field(180, ge=30, le=3_600)
    backdate_seconds: int = Field(0, ge=0, le=300)
    """How far `iat` lies in the past, for servers whose clock is behind."""

    def signs_with(self, secret: str, secrets: Collection[str]) -> bool:
        """Whether `secret`, of those that the manifest asks for, holds the key that signs: the
        private key where there is one and no certificate is named, else the certificate's."""
        alone = "private_key" in secrets and not self.certificate_thumbprint
        return secret == ("private_key" if alone else "client_certificate")


class ClientAssertion(Signed):
    """Proves the client by its key: RFC 7523 section 2.2. Issuer and subject are its id."""

    audience: SettingsTemplate | None = None
    """The token address, where nothing is said."""


class Assertion(Signed):
    """Speaks for somebody, or for an app."""

    issuer: SettingsTemplate
    subject: SettingsTemplate | None = None
    audience: SettingsTemplate | None = None
    claims: Parameters = {}
    """Further claims, as texts."""


class TokenRequest(Part):
    """What the grants of RFC 6749 have in common."""

    token_url: SettingsTemplate
    client_auth: ClientAuth = "client_secret_basic"
    basic_encoding: BasicEncoding = "rfc6749"
    """RFC 6749 section 2.3.1 form-encodes id and secret first; some servers want them raw. Where
    a new connection is refused one way, the other is tried once."""
    client_assertion: ClientAssertion = ClientAssertion()
    scope: SettingsTemplate | None = None
    parameters: Parameters = {}
    """Further fields of every token request, such as `resource`."""
    keep: list[Kept] = []
    """Fields of the token answer that requests need, such as `instance_url`."""


class ClientCredentials(TokenRequest):
    """OAuth 2.0 client credentials, RFC 6749 section 4.4."""

    grant: Literal["client_credentials"]
    client_id: SettingsTemplate


class JwtBearer(TokenRequest):
    """A signed assertion is changed for a token, RFC 7523 section 2.1."""

    grant: Literal["jwt_bearer"]
    assertion: Assertion
    """Its audience is the token address, where nothing is said."""
    client_id: SettingsTemplate | None = None
    client_auth: ClientAuth = "none"


class AuthorizationCode(TokenRequest):
    """A person lets the hub in, RFC 6749 section 4.1, always with PKCE (RFC 7636, S256)."""

    grant: Literal["authorization_code"]
    client_id: SettingsTemplate
    authorise_url: SettingsTemplate
    authorise_parameters: Parameters = {}
    """Further fields of the authorise address, such as `audience` and `prompt`."""
    issuer: SettingsTemplate | None = None
    """Where it is named, the answer must name it too: RFC 9207."""
    redirect_uri_on_refresh: bool = False
    """Some servers want to read the redirect address again with every refresh."""


class SignedApp(Part):
    """An app shows a JWT as its bearer token, and gets an access token in JSON: GitHub Apps."""

    grant: Literal["signed_app"]
    token_url: SettingsTemplate
    assertion: Assertion
    headers: Parameters = {}
    keep: list[Kept] = []


Grant = Annotated[
    ClientCredentials | JwtBearer | AuthorizationCode | SignedApp, Field(discriminator="grant")
]


def signatures(grant: Grant) -> Iterator[Signed]:
    """The JWTs that the grant has signed."""
    if isinstance(grant, JwtBearer | SignedApp):
        yield grant.assertion
    if not isinstance(grant, SignedApp) and grant.client_auth == "private_key_jwt":
        yield grant.client_assertion


OURS = frozenset(
    {"client_id", "code_challenge", "code_challenge_method", "redirect_uri", "response_type"}
    | {"scope", "state"}
)
"""Fields of the authorise address that the hub fills in itself."""


def lacking(grant: Grant, secrets: Collection[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Where the grant cannot work as it stands, for want of a secret above all, and why."""
    if not isinstance(grant, SignedApp):
        where = ("authorise", "client_auth")
        if grant.client_auth == "none" and not isinstance(grant, JwtBearer | AuthorizationCode):
            yield where, "client_credentials needs a way for the client to prove itself"
        if grant.client_auth != "none" and grant.client_id is None:
            yield where, f"{grant.client_auth} needs a client_id"
        if grant.client_auth.startswith("client_secret") and "client_secret" not in secrets:
            yield where, f"{grant.client_auth} needs the secret client_secret"
        if grant.client_auth.endswith("tls_client_auth") and "client_certificate" not in secrets:
            yield where, f"{grant.client_auth} needs the secret client_certificate"
        if grant.client_auth == "private_key_jwt":
            yield from _unsigned(where, grant.client_assertion, secrets)
    if isinstance(grant, AuthorizationCode):
        for name in OURS & grant.authorise_parameters.keys():
            yield ("authorise", "authorise_parameters", name), "the hub fills this in itself"
    if isinstance(grant, JwtBearer | SignedApp):
        yield from _unsigned(("authorise", "assertion"), grant.assertion, secrets)


def _unsigned(
    where: tuple[str, ...], signed: Signed, secrets: Collection[str]
) -> Iterator[tuple[tuple[str, ...], str]]:
    if signed.certificate_thumbprint and "client_certificate" not in secrets:
        yield where, "a certificate's thumbprint needs the secret client_certificate"
    elif not {"private_key", "client_certificate"} & set(secrets):
        yield where, "a signed assertion needs the secret private_key or client_certificate"

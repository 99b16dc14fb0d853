"""Every grant and every proof of the client, against oidc-provider, which is certified and not
ours; where a server of another mind is needed, against a few lines."""

import ssl
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jws, jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

from innohub.db.unit_of_work import Database
from innohub.hub.access import credentials
from innohub.hub.access.authorisation import Credential, CredentialKind
from innohub.hub.access.token_answer import NotGranted
from innohub.hub.access.tokens import AccessToken, Tokens
from innohub.hub.connectors.contract import Outcome, OutcomeClass
from innohub.hub.models import Connection, DeliveryState
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub
from tests.counterparts import oidc
from tests.counterparts.oidc import AuthorizationServer
from tests.hub.connecting import connected, grant_of, with_connector
from tests.hub.keys import ec_pair, rsa_pair
from tests.hub.scene import RealClock, a_courier, deliveries, happen, served

ODD_ID = "innohub: at %20 the supplier"
ODD_SECRET = "s3cr+t/ with:reserved%characters=&"
BASIC = {"token_endpoint_auth_method": "client_secret_basic"}
SIGNED = {"token_endpoint_auth_method": "private_key_jwt"}
CC: dict[str, Any] = {"grant": "client_credentials"}
BEARER: dict[str, Any] = {
    "grant": "jwt_bearer",
    "client_auth": "client_secret_post",
    "assertion": {
        "issuer": "innohub-app",
        "subject": "integration@force.example",
        "audience": "{config.audience}",
        "key_id": "2026",
    },
    "keep": ["instance_url"],
}
APP: dict[str, Any] = {
    "grant": "signed_app",
    "client_id": None,
    "assertion": {"issuer": "31415", "lifetime_seconds": 540, "backdate_seconds": 60},
    "headers": {"x-github-api-version": "2022-11-28"},
}
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def clients() -> list[dict[str, Any]]:
    rsa, ec = rsa_pair(), ec_pair()
    return [
        {"client_id": ODD_ID, "client_secret": ODD_SECRET, **BASIC},
        {"client_id": "plain", "client_secret": "plain", **BASIC},
        {"client_id": "posted", "client_secret": ODD_SECRET,
         "token_endpoint_auth_method": "client_secret_post",
         "grant_types": ["client_credentials", JWT_BEARER]},
        {"client_id": "rs256", **SIGNED, "token_endpoint_auth_signing_alg": "RS256",
         "jwks": {"keys": [rsa.jwk(kid="2026")]}},
        {"client_id": "ps256", **SIGNED, "token_endpoint_auth_signing_alg": "PS256",
         "jwks": {"keys": [rsa.jwk(kid="by certificate")]}},
        {"client_id": "es256", **SIGNED, "token_endpoint_auth_signing_alg": "ES256",
         "jwks": {"keys": [ec.jwk()]}},
    ]  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[AuthorizationServer]:
    bearer = {
        "jwk": {**rsa_pair().jwk(), "alg": "RS256"},
        "issuer": "innohub-app",
        "subject": "integration@force.example",
    }
    app = {"jwk": {**rsa_pair().jwk(), "alg": "RS256"}, "id": "31415"}
    with oidc.running(
        clients=clients(), bearer=bearer, app=app, instance="https://force.my.example.com"
    ) as server:
        yield server


class Asker:
    """Connects over a connector, and asks for the connection's token."""

    connection: Connection
    hub: Hub

    def __init__(self, database: Database, hub: Hub, outbound: Outbound) -> None:
        self.database, self.plain, self.outbound = database, hub, outbound

    async def ask(
        self, authorise: dict[str, Any], secrets: dict[str, str], **config: str
    ) -> AccessToken:
        self.hub = with_connector(self.plain, authorise, *secrets)
        supplied = await connected(self.database, self.hub, secrets=secrets, **config)
        self.connection = supplied.connection
        return await self.again()

    async def again(self, refused: int | None = None) -> AccessToken:
        tokens = Tokens(self.database, self.hub, self.outbound)
        return await tokens.current(self.connection, grant_of(self.hub), refused=refused)

    async def refused(
        self, authorise: dict[str, Any], secrets: dict[str, str], **config: str
    ) -> Outcome:
        with pytest.raises(NotGranted) as refusal:
            await self.ask(authorise, secrets, **config)
        assert (await self.row()).ciphertext is None
        return refusal.value.outcome

    async def row(self) -> Credential:
        async with self.database.session() as session:
            kind = CredentialKind.ACCESS_TOKEN
            row = (await credentials.read_all(session, self.connection.id)).get(kind)
        assert row is not None
        return row


@pytest_asyncio.fixture
async def asker(database: Database, hub: Hub, outbound: Outbound) -> Asker:
    return Asker(database, hub, outbound)


@pytest.mark.parametrize(
    ("client_id", "proof", "secrets"),
    [
        (ODD_ID, {"client_auth": "client_secret_basic"}, {"client_secret": ODD_SECRET}),
        ("posted", {"client_auth": "client_secret_post"}, {"client_secret": ODD_SECRET}),
        (
            "rs256",
            {"client_auth": "private_key_jwt", "client_assertion": {"key_id": "2026"}},
            {"private_key": rsa_pair().key_pem},
        ),
        (
            "ps256",
            {
                "client_auth": "private_key_jwt",
                "client_assertion": {
                    "algorithm": "PS256",
                    "certificate_thumbprint": "x5t#S256",
                    "audience": "{config.token_url}",
                },
            },
            {"client_certificate": rsa_pair().both},
        ),
        (
            "es256",
            {"client_auth": "private_key_jwt", "client_assertion": {"algorithm": "ES256"}},
            {"private_key": ec_pair().key_pem},
        ),
    ],
    ids=["basic", "post", "rs256", "ps256 with thumbprint", "es256"],
)
async def test_the_client_proves_itself(
    asker: Asker,
    server: AuthorizationServer,
    client_id: str,
    proof: dict[str, Any],
    secrets: dict[str, str],
) -> None:
    before = server.granted(client_id, "client_credentials")
    token = await asker.ask(CC | proof, secrets, token_url=server.token_url, client_id=client_id)
    assert token.generation == 1
    assert server.granted(client_id, "client_credentials") == before + 1


async def test_the_other_encoding_is_tried_once_and_what_worked_is_remembered(
    asker: Asker, server: AuthorizationServer
) -> None:
    """Trap 5: by the manifest raw, but this server decodes, and refuses."""
    refused = len(server.seen()["refused"])
    raw = CC | {"basic_encoding": "raw"}
    config = {"token_url": server.token_url, "client_id": ODD_ID}
    first = await asker.ask(raw, {"client_secret": ODD_SECRET}, **config)
    assert len(server.seen()["refused"]) == refused + 1
    assert (await asker.row()).basic_encoding == "rfc6749"

    await asker.again(refused=first.generation)
    assert len(server.seen()["refused"]) == refused + 1


async def test_a_server_that_decodes_nothing_is_found_out_too(asker: Asker) -> None:
    async def token(request: Request) -> Response:
        shown = b64decode(request.headers["authorization"].partition(" ")[2]).decode()
        if shown != f"{ODD_ID}:{ODD_SECRET}":
            return JSONResponse({"error": "invalid_client"}, 401)
        return JSONResponse({"access_token": "t", "token_type": "bearer"})

    async with served(Starlette(routes=[Route("/token", token, methods=["POST"])])) as url:
        await asker.ask(
            CC, {"client_secret": ODD_SECRET}, token_url=f"{url}/token", client_id=ODD_ID
        )
    assert (await asker.row()).basic_encoding == "raw"


async def test_a_wrong_secret_is_tried_in_both_encodings_and_then_told(
    asker: Asker, server: AuthorizationServer
) -> None:
    before = len(server.seen()["refused"])
    outcome = await asker.refused(
        CC, {"client_secret": "not+it"}, token_url=server.token_url, client_id=ODD_ID
    )
    assert outcome.kind is OutcomeClass.AUTH_REVOKED
    assert "invalid_client" in outcome.detail
    assert "not+it" not in outcome.detail
    assert len(server.seen()["refused"]) == before + 2


async def test_where_both_encodings_say_the_same_nothing_is_asked_twice(
    asker: Asker, server: AuthorizationServer
) -> None:
    before = len(server.seen()["refused"])
    await asker.refused(
        CC, {"client_secret": "wrong"}, token_url=server.token_url, client_id="plain"
    )
    assert len(server.seen()["refused"]) == before + 1


@pytest.mark.parametrize(
    ("changes", "ahead"),
    [
        ({"audience": "https://elsewhere.example/token"}, 0.0),
        ({"key_id": "1999"}, 0.0),
        ({"algorithm": "PS256"}, 0.0),
        ({}, -3_600.0),
    ],
    ids=["wrong audience", "unknown key", "wrong algorithm", "expired"],
)
async def test_a_client_assertion_that_does_not_count_stops_the_connection(
    asker: Asker,
    server: AuthorizationServer,
    clock: RealClock,
    changes: dict[str, Any],
    ahead: float,
) -> None:
    clock.pass_seconds(ahead)
    proof = {"client_auth": "private_key_jwt", "client_assertion": {"key_id": "2026"} | changes}
    outcome = await asker.refused(
        CC | proof,
        {"private_key": rsa_pair().key_pem},
        token_url=server.token_url,
        client_id="rs256",
    )
    assert outcome.kind is OutcomeClass.AUTH_REVOKED
    assert "invalid_client" in outcome.detail


async def test_an_assertion_is_changed_for_a_token_with_what_belongs_to_it(
    asker: Asker, server: AuthorizationServer
) -> None:
    secrets = {"private_key": rsa_pair().key_pem, "client_secret": ODD_SECRET}
    token = await asker.ask(
        BEARER, secrets, token_url=server.token_url, client_id="posted", audience=server.token_url
    )
    assert token.extra == {"instance_url": "https://force.my.example.com"}
    assert server.granted("posted", JWT_BEARER) > 0
    row = await asker.row()
    assert row.ciphertext is not None
    assert b"force.my" not in row.ciphertext


@pytest.mark.parametrize(
    ("changes", "ahead", "said"),
    [
        ({"audience": "https://elsewhere.example"}, 0.0, "aud"),
        ({}, -3_600.0, "exp"),
        ({"issuer": "somebody else"}, 0.0, "iss"),
    ],
)
async def test_a_bearer_assertion_that_does_not_count_stops_the_connection(
    asker: Asker,
    server: AuthorizationServer,
    clock: RealClock,
    changes: dict[str, Any],
    ahead: float,
    said: str,
) -> None:
    clock.pass_seconds(ahead)
    outcome = await asker.refused(
        BEARER | {"assertion": BEARER["assertion"] | changes},
        {"private_key": rsa_pair().key_pem, "client_secret": ODD_SECRET},
        token_url=server.token_url,
        client_id="posted",
        audience=server.token_url,
    )
    assert outcome.kind is OutcomeClass.AUTH_REVOKED
    assert "invalid_grant" in outcome.detail
    assert f'"{said}"' in server.seen()["refused"][-1]["detail"]


async def test_an_assertion_alone_says_who_asks_and_all_its_times_are_integers(
    asker: Asker,
) -> None:
    """As Salesforce wants it. Trap 9: a strict server refuses times that are texts."""
    seen: dict[str, Any] = {}

    async def token(request: Request) -> Response:
        seen.update(dict(await request.form()), headers=request.headers)
        return JSONResponse({"access_token": "t", "instance_url": "https://f.my.example.com"})

    authorise = BEARER | {"client_auth": "none", "client_id": None}
    async with served(Starlette(routes=[Route("/token", token, methods=["POST"])])) as url:
        secrets = {"private_key": rsa_pair().key_pem}
        await asker.ask(authorise, secrets, token_url=f"{url}/token")

    assert "authorization" not in seen.pop("headers")
    assert sorted(seen) == ["assertion", "grant_type"]
    read = jwt.decode(seen["assertion"], RSAKey.import_key(rsa_pair().key_pem))
    claims = read.claims
    assert [type(claims[name]) for name in ("iat", "exp")] == [int, int]
    assert claims["exp"] - claims["iat"] == 180
    assert claims["aud"] == f"{url}/token"
    row = await asker.row()
    assert (row.expires_at, row.refresh_at) == (None, None)


async def test_the_header_names_the_certificate_as_entra_reads_it(asker: Asker) -> None:
    seen: dict[str, Any] = {}

    async def token(request: Request) -> Response:
        seen.update(await request.form())
        return JSONResponse({"access_token": "t", "expires_in": 3599})

    proof = {
        "client_auth": "private_key_jwt",
        "client_assertion": {"algorithm": "PS256", "certificate_thumbprint": "x5t#S256"},
        "scope": "https://force.crm11.dynamics.com/.default",
        "parameters": {"resource": "{config.audience}", "empty": "{config.endpoint}"},
    }
    async with served(Starlette(routes=[Route("/token", token, methods=["POST"])])) as url:
        secrets = {"client_certificate": rsa_pair().both}
        config = {"token_url": f"{url}/token", "client_id": "innohub", "audience": "crm"}
        await asker.ask(CC | proof, secrets, **config)

    header = jws.extract_compact(seen["client_assertion"].encode()).headers()
    digest = rsa_pair().certificate.fingerprint(SHA256())
    thumbprint = urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert header == {"typ": "JWT", "alg": "PS256", "x5t#S256": thumbprint}
    assert seen["scope"] == "https://force.crm11.dynamics.com/.default"
    assert (seen["resource"], "empty" in seen) == ("crm", False)


async def test_an_app_is_given_a_token_with_its_end(
    asker: Asker, server: AuthorizationServer, clock: RealClock
) -> None:
    url = f"{server.issuer}/app/installations/7/access_tokens"
    token = await asker.ask(APP, {"private_key": rsa_pair().key_pem}, token_url=url)
    assert token.value == "ghs_0123456789"
    row = await asker.row()
    assert row.expires_at is not None
    assert abs(row.expires_at - clock() - timedelta(hours=1)) < timedelta(seconds=30)
    assert row.refresh_at is not None
    assert row.refresh_at < row.expires_at - timedelta(minutes=5)


async def test_an_app_that_is_not_known_there_asks_the_supplier(
    asker: Asker, server: AuthorizationServer
) -> None:
    url = f"{server.issuer}/app/installations/7/access_tokens"
    outcome = await asker.refused(APP, {"private_key": rsa_pair("stranger").key_pem}, token_url=url)
    assert outcome.kind is OutcomeClass.AUTH_REVOKED
    assert "does not know the app" in outcome.detail


@pytest.mark.parametrize(
    ("instance", "kind"),
    [
        ("http://169.254.169.254/latest", OutcomeClass.REJECTED),
        ("https://10.1.2.3", OutcomeClass.REJECTED),
        ("", OutcomeClass.RETRY),
        (None, OutcomeClass.RETRY),
        ({"a": 1}, OutcomeClass.RETRY),
        ("https://a.example\r\nx: y", OutcomeClass.RETRY),
    ],
)
async def test_an_address_from_the_answer_is_judged_like_any_other(
    asker: Asker, instance: Any, kind: OutcomeClass
) -> None:
    async def token(request: Request) -> Response:
        body = {"access_token": "t", "token_type": "bearer", "instance_url": instance}
        return JSONResponse({name: value for name, value in body.items() if value is not None})

    async with served(Starlette(routes=[Route("/token", token, methods=["POST"])])) as url:
        outcome = await asker.refused(
            CC | {"keep": ["instance_url"]},
            {"client_secret": "x"},
            token_url=f"{url}/token",
            client_id="innohub",
        )
    assert outcome.kind is kind
    assert "instance_url" in outcome.detail


@pytest.fixture(scope="module")
def mutual() -> Iterator[AuthorizationServer]:
    """Over TLS, asking for client certificates; it believes in one authority."""
    own, client, authority = rsa_pair("server"), ec_pair(), rsa_pair("authority")
    registered = [
        {"client_id": "self-signed", "token_endpoint_auth_method": "self_signed_tls_client_auth",
         "jwks": {"keys": [client.jwk(x5c=[_der(client.certificate_pem)])]}},
        {"client_id": "known", "token_endpoint_auth_method": "tls_client_auth",
         "tls_client_auth_subject_dn": "CN=authority"},
    ]  # fmt: skip
    tls = {"cert": own.certificate_pem, "key": own.key_pem, "ca": [authority.certificate_pem]}
    with oidc.running(clients=registered, tls=tls, verify=_trust()) as server:
        yield server


def _trust() -> ssl.SSLContext:
    return ssl.create_default_context(cadata=rsa_pair("server").certificate_pem)


def _der(pem: str) -> str:
    return "".join(line for line in pem.splitlines() if "CERTIFICATE" not in line)


@pytest_asyncio.fixture
async def by_certificate(database: Database, hub: Hub) -> AsyncIterator[Asker]:
    async with Outbound(allow_loopback=True, trust=_trust) as outbound:
        yield Asker(database, hub, outbound)


@pytest.mark.parametrize(
    ("method", "client_id", "shown"),
    [
        ("self_signed_tls_client_auth", "self-signed", ec_pair().both),
        ("tls_client_auth", "known", rsa_pair("authority").both),
    ],
)
async def test_a_certificate_proves_the_client_in_the_handshake(
    by_certificate: Asker, mutual: AuthorizationServer, method: str, client_id: str, shown: str
) -> None:
    await by_certificate.ask(
        CC | {"client_auth": method},
        {"client_certificate": shown},
        token_url=mutual.token_url,
        client_id=client_id,
    )
    assert mutual.granted(client_id, "client_credentials") == 1


async def test_another_certificate_proves_nothing_also_right_after_the_right_one(
    by_certificate: Asker, mutual: AuthorizationServer
) -> None:
    """No connection that was made with one certificate is used for another."""
    proof = CC | {"client_auth": "self_signed_tls_client_auth"}
    config = {"token_url": mutual.token_url, "client_id": "self-signed"}
    await by_certificate.ask(proof, {"client_certificate": ec_pair().both}, **config)
    outcome = await by_certificate.refused(
        proof, {"client_certificate": ec_pair("another").both}, **config
    )
    assert outcome.kind is OutcomeClass.AUTH_REVOKED
    assert "invalid_client" in outcome.detail


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("page", "answered with a web page and no token"),
        ("flood", "longer than any token"),
        ("redirect", "answered 302"),
        ("private", "not a public one"),
    ],
)
async def test_an_address_that_gives_no_tokens_is_told_in_plain_words(
    asker: Asker, kind: str, said: str
) -> None:
    async def flood() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b"x" * 1_000_000

    async def token(request: Request) -> Response:
        if kind == "page":
            return HTMLResponse("<!doctype html><title>Sign in</title>")
        if kind == "flood":
            return StreamingResponse(flood(), media_type="application/json")
        return RedirectResponse("http://169.254.169.254/token", 302)

    async with served(Starlette(routes=[Route("/token", token, methods=["POST"])])) as url:
        address = "{config.token_url}" if kind != "private" else "https://10.0.0.7/token"
        outcome = await asker.refused(
            CC | {"token_url": address},
            {"client_secret": "x"},
            token_url=f"{url}/token",
            client_id="innohub",
        )
    assert said in outcome.detail
    assert outcome.kind is (OutcomeClass.REJECTED if kind == "private" else OutcomeClass.RETRY)


async def test_what_is_kept_of_the_answer_says_where_to_write_also_after_a_move(
    database: Database, hub: Hub, outbound: Outbound
) -> None:
    """The first token is refused, and with the second the records live elsewhere."""
    written: list[str] = []
    asked = 0

    async def token(request: Request) -> Response:
        nonlocal asked
        asked += 1
        home = f"{request.base_url}home{asked}"
        return JSONResponse({"access_token": f"t{asked}", "instance_url": home})

    async def record(request: Request) -> Response:
        written.append(request.url.path)
        return Response(status_code=401 if "home1" in request.url.path else 201)

    routes = [
        Route("/token", token, methods=["POST"]),
        Route("/{home}/records", record, methods=["POST"]),
    ]
    kept = CC | {"keep": ["instance_url"]}
    hub = with_connector(hub, kept, "client_secret", url="{token.instance_url}/records")
    async with served(Starlette(routes=routes)) as url:
        supplied = await connected(
            database,
            hub,
            secrets={"client_secret": "x"},
            token_url=f"{url}/token",
            client_id="innohub",
        )
        await happen(database, supplied.supplier)
        await a_courier(database, hub, outbound).drain()
    assert written == ["/home1/records", "/home2/records"]
    assert [one.state for one in await deliveries(database)] == [DeliveryState.DELIVERED]

"""Clients that prove keys: signed assertions (RFC 7523), requests handed over beforehand
(RFC 9126), tokens that are bound to a key (RFC 9449)."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2
import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry
from starlette.applications import Starlette

from innohub.db.unit_of_work import Database
from innohub.errors import Invalid
from innohub.identity.commands import RegisterClient
from innohub.identity.models import Organisation
from innohub.identity.oauth import proofs
from innohub.identity.oauth.key_sets import KeySets
from tests.conftest import Clock
from tests.security.flow import AUTHORIZE, Person, Program, a_program, alive, sent_back
from tests.web.visitor import Seen

ISSUER = "https://hub.test"
TOKEN = f"{ISSUER}/oauth/token"
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
KEY = ECKey.generate_key("P-256", {"kid": "one"})
OTHER = ECKey.generate_key("P-256", {"kid": "two"})
JWKS = {"keys": [KEY.as_dict(private=False)]}
MACHINE = {"grant_type": "client_credentials"}
VIEWER = {"query": "{ viewer { isClient } }"}


def signed(key: Any, claims: dict[str, Any], **header: Any) -> str:
    head = {"alg": "ES256", **({"kid": key.kid} if key.kid else {}), **header}
    registry = JWSRegistry(algorithms=[head["alg"]], strict_check_header=False)
    given = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(head, given, key, registry=registry)


class Signs:
    """A program that signs."""

    def __init__(self, program: Program, clock: Clock) -> None:
        self.program, self.clock = program, clock

    def asserts(self, key: Any = KEY, header: dict[str, Any] | None = None, **claims: Any) -> str:
        now = int(self.clock.now.timestamp())
        said = {
            "iss": self.program.client_id,
            "sub": self.program.client_id,
            "aud": ISSUER,
            "exp": now + 60,
            "iat": now,
            "jti": uuid4().hex,
            **claims,
        }
        return signed(key, said, **(header or {}))

    def form(self, assertion: str | None = None, **more: str) -> dict[str, str]:
        shown = {"client_assertion_type": TYPE, "client_assertion": assertion or self.asserts()}
        return {**MACHINE, **shown, **more}


class Bound:
    """A key of a program, and its proofs."""

    def __init__(self, clock: Clock, key: Any = None) -> None:
        self.clock, self.key = clock, key or ECKey.generate_key("P-256")

    def proof(self, url: str = TOKEN, method: str = "POST", token: str = "", **changes: Any) -> str:
        header = {"typ": "dpop+jwt", "jwk": self.key.as_dict(private=False)}
        header |= {n: v for n, v in changes.items() if n in ("typ", "jwk", "alg")}
        said = {
            "htm": method,
            "htu": url,
            "iat": int(self.clock.now.timestamp()),
            "jti": uuid4().hex,
            "ath": proofs.hash_of(token) if token else None,
            **{n: v for n, v in changes.items() if n not in header},
        }
        return signed(self.key, said, **header)

    def at(self, token: str, **changes: Any) -> dict[str, str]:
        proof = self.proof(f"{ISSUER}/graphql", "POST", token, **changes)
        return {"Authorization": f"DPoP {token}", "DPoP": proof}


@pytest.fixture
async def signs(database: Database, supplier: Organisation, clock: Clock) -> Signs:
    program = await a_program(database, supplier, proof="private_key_jwt", jwks=json.dumps(JWKS))
    return Signs(program, clock)


@pytest.fixture
async def program(database: Database, supplier: Organisation) -> Program:
    return await a_program(database, supplier)


@pytest.fixture
def hub(ada: Person) -> httpx2.AsyncClient:
    return ada.client


def assert_refused(answer: httpx2.Response, error: str, status: int = 400) -> None:
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
    assert "access_token" not in answer.json()


# Who signs.


async def test_an_assertion_that_is_not_by_the_rules_proves_nobody(
    hub: httpx2.AsyncClient, signs: Signs, program: Program, clock: Clock
) -> None:
    now = int(clock.now.timestamp())
    bad: dict[str, str] = {
        "another key": signs.asserts(OTHER),
        "another key of that name": signs.asserts(ECKey.generate_key("P-256", {"kid": "one"})),
        "another issuer": signs.asserts(iss="ihc_other"),
        "another subject": signs.asserts(sub=program.client_id),
        "another audience": signs.asserts(aud="https://elsewhere.test/oauth/token"),
        "no audience": signs.asserts(aud=None),
        "a longer audience": signs.asserts(aud=ISSUER + "/"),
        "several audiences": signs.asserts(aud=[ISSUER, "https://elsewhere.test"]),
        "no end": signs.asserts(exp=None),
        "ten years": signs.asserts(exp=now + 315_360_000),
        "over": signs.asserts(exp=now - 60),
        "an end that is no number": signs.asserts(exp=str(now + 60)),
        "an end beyond all time": signs.asserts(exp=1e300),
        "not yet": signs.asserts(nbf=now + 120),
        "signed tomorrow": signs.asserts(iat=now + 86_400),
        "no mark": signs.asserts(jti=None),
        "an empty mark": signs.asserts(jti=""),
        "an endless mark": signs.asserts(jti="x" * 5000),
        "no token": "e30.e30.e30",
        "nonsense": "\N{KEY}.\0.",
        "cut off": signs.asserts().rpartition(".")[0] + ".",
    }
    for what, assertion in bad.items():
        answer = await hub.post("/oauth/token", data=signs.form(assertion))
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), what
    for more in (
        {"client_assertion_type": "urn:other"},
        {"client_id": program.client_id},
    ):
        assert_refused(
            await hub.post("/oauth/token", data=signs.form(**more)), "invalid_client", 401
        )
    assert program.secret is not None
    two = signs.form(client_secret=program.secret)
    assert_refused(await hub.post("/oauth/token", data=two), "invalid_request")
    two_ways = await hub.post("/oauth/token", data=signs.form(), headers=program.basic)
    assert_refused(two_ways, "invalid_request")


@pytest.mark.parametrize("audience", [ISSUER, TOKEN, [ISSUER]])
async def test_a_client_that_signs_gets_tokens_and_may_ask_about_them(
    hub: httpx2.AsyncClient, signs: Signs, audience: Any
) -> None:
    form = signs.form(signs.asserts(aud=audience))
    token = (await hub.post("/oauth/token", data=form)).json()["access_token"]
    assert await alive(hub, token)
    shown = signs.form(token=token, client_id=signs.program.client_id)
    assert (await hub.post("/oauth/introspect", data=shown)).json()["active"] is True
    assert (await hub.post("/oauth/revoke", data=signs.form(token=token))).status_code == 200
    assert not await alive(hub, token)


async def test_an_assertion_counts_once_also_among_eight_at_once(
    hub: httpx2.AsyncClient, signs: Signs
) -> None:
    form = signs.form()
    answers = await asyncio.gather(*(hub.post("/oauth/token", data=form) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 7


async def test_who_signs_has_no_secret_and_who_has_one_does_not_sign(
    hub: httpx2.AsyncClient, signs: Signs, program: Program, clock: Clock
) -> None:
    assert signs.program.secret is None
    named = {**MACHINE, "client_id": signs.program.client_id}
    assert_refused(await hub.post("/oauth/token", data=named), "invalid_client", 401)
    other = Signs(program, clock)
    assert_refused(await hub.post("/oauth/token", data=other.form()), "invalid_client", 401)


async def test_keys_are_fetched_from_the_client_and_again_when_they_change(
    app: Starlette, hub: httpx2.AsyncClient, database: Database, supplier: Organisation,
    clock: Clock,
) -> None:  # fmt: skip
    uri = "https://program.test/jwks"
    given = {"proof": "private_key_jwt", "jwks_uri": uri}
    signs = Signs(await a_program(database, supplier, **given), clock)
    asked: list[str] = []
    answers: list[Callable[[], bytes]] = [lambda: orjson.dumps(JWKS)]

    async def fetch(url: str) -> bytes:
        asked.append(url)
        return answers[-1]()

    app.state.key_sets = KeySets(fetch)

    async def status(key: Any) -> int:
        answer = await hub.post("/oauth/token", data=signs.form(signs.asserts(key)))
        return answer.status_code

    assert [await status(KEY), await status(KEY), await status(OTHER)] == [200, 200, 401]
    assert asked == [uri]
    both = {"keys": [*JWKS["keys"], OTHER.as_dict(private=False)]}
    answers.append(lambda: orjson.dumps(both))
    assert await status(OTHER) == 401
    clock.now += timedelta(seconds=31)
    assert [await status(OTHER), await status(KEY)] == [200, 200]
    assert len(asked) == 2

    def fails() -> bytes:
        raise OSError("gone")

    for bad in (fails, lambda: b"no JSON", lambda: b"[]", lambda: b'{"keys": [{"kty": "oct"}]}'):
        answers.append(bad)
        clock.now += timedelta(minutes=11)
        assert await status(KEY) == 401


async def test_keys_are_not_fetched_from_inside(
    app: Starlette, hub: httpx2.AsyncClient, database: Database, supplier: Organisation,
    clock: Clock,
) -> None:  # fmt: skip
    for uri in ("https://169.254.169.254/jwks", "https://10.0.0.1/jwks", "http://program.test/"):
        given = {"proof": "private_key_jwt", "jwks_uri": uri}
        signs = Signs(await a_program(database, supplier, **given), clock)
        answer = await hub.post("/oauth/token", data=signs.form())
        assert_refused(answer, "invalid_client", 401)


@pytest.mark.parametrize(
    "given",
    [
        {}, {"jwks": "no JSON"}, {"jwks": "{}"}, {"jwks": {"keys": []}},
        {"jwks": {"keys": [KEY.as_dict(private=True)]}}, {"jwks": JWKS, "proof": "secret"},
        {"jwks": JWKS, "jwks_uri": "https://program.test/jwks"},
        {"jwks": {"keys": [{"kty": "RSA", "n": "x" * 171, "e": "AQAB"}]}},
        {"jwks": {"keys": [{"kty": "oct", "k": "AAAA"}]}}, {"jwks_uri": "ftp://program.test/"},
    ],
)  # fmt: skip
def test_keys_that_do_not_serve_are_not_registered(given: dict[str, Any]) -> None:
    if isinstance(given.get("jwks"), dict):
        given = {**given, "jwks": json.dumps(given["jwks"])}
    whole = {"name": "X", "scopes": "listings.read", "proof": "private_key_jwt", **given}
    with pytest.raises(Invalid):
        RegisterClient.parse(whole)


# What is handed over beforehand.


def asks(program: Program, **changes: Any) -> dict[str, str]:
    return dict(httpx2.QueryParams(program.asks(**changes)))


async def pushed(hub: httpx2.AsyncClient, program: Program, **changes: Any) -> httpx2.Response:
    return await hub.post("/oauth/par", data=asks(program, **changes), headers=program.basic)


async def test_what_would_be_refused_at_the_browser_is_refused_beforehand(
    hub: httpx2.AsyncClient, program: Program
) -> None:
    for change, error in (
        ({"code_challenge": None}, "invalid_request"),
        ({"redirect_uri": "https://evil.test/"}, "invalid_request"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "request_uri_not_supported"),
        ({"client_id": "ihc_other"}, "invalid_request"),
    ):
        assert_refused(await pushed(hub, program, **change), error)
    unproven = await hub.post("/oauth/par", data=asks(program))
    assert_refused(unproven, "invalid_client", 401)
    assert (await hub.get("/oauth/par")).status_code == 405


async def test_a_request_handed_over_is_its_clients_and_is_answered_once(
    ada: Person, program: Program, database: Database, supplier: Organisation, clock: Clock
) -> None:
    other = await a_program(database, supplier)
    answer = await pushed(ada.client, program, state="kept")
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    assert answer.json()["expires_in"] == 600
    name = answer.json()["request_uri"]

    def address(client_id: str, request_uri: str = name) -> str:
        asked = {"client_id": client_id, "request_uri": request_uri, "state": "changed"}
        return f"{AUTHORIZE}?{httpx2.QueryParams(asked)}"

    for bad in (address(other.client_id), address(program.client_id, name + "x")):
        refused = await ada.client.get(bad)
        assert (refused.status_code, "location" in refused.headers) == (400, False)
    here = address(program.client_id)
    pages = [Seen(await ada.client.get(here)) for _ in range(2)]
    sent = [
        {f["name"]: f["value"] for f in page.form("allow").all("input", type="hidden")}
        for page in pages
    ]
    told = sent_back(await ada.client.post(here, data=sent[0]), program)
    assert told["state"] == "kept"
    assert (await program.post(ada.client, program.shows(told["code"]))).status_code == 200
    assert (await ada.client.post(here, data=sent[1])).status_code == 400
    late = (await pushed(ada.client, program)).json()["request_uri"]
    clock.now += timedelta(minutes=10)
    assert (await ada.client.get(address(program.client_id, late))).status_code == 400


# What is bound to a key.


async def test_a_proof_that_is_not_by_the_rules_gets_no_token(
    hub: httpx2.AsyncClient, program: Program, clock: Clock
) -> None:
    mine, now = Bound(clock), int(clock.now.timestamp())
    private = mine.key.as_dict(private=True)
    for bad in (
        mine.proof(typ="JWT"),
        mine.proof(jwk=OTHER.as_dict(private=False)),
        mine.proof(jwk=private),
        mine.proof(jwk={"kty": "oct", "k": "AAAA"}),
        mine.proof(method="GET"),
        mine.proof(f"{ISSUER}/oauth/revoke"),
        mine.proof(htu=None),
        mine.proof(iat=now - 120),
        mine.proof(iat=now + 120),
        mine.proof(iat=None),
        mine.proof(jti=None),
        "e30.e30.e30",
        "x",
        "",
    ):
        headers = {**program.basic, "DPoP": bad}
        answer = await hub.post("/oauth/token", data=MACHINE, headers=headers)
        assert_refused(answer, "invalid_dpop_proof")
    twice = [*program.basic.items(), ("DPoP", mine.proof()), ("DPoP", mine.proof())]
    assert_refused(
        await hub.post("/oauth/token", data=MACHINE, headers=twice), "invalid_dpop_proof"
    )


async def test_a_client_that_is_bound_gets_nothing_without_a_proof_and_each_counts_once(
    hub: httpx2.AsyncClient, database: Database, supplier: Organisation, clock: Clock
) -> None:
    bound = await a_program(database, supplier, dpop_bound=True)
    assert_refused(await bound.post(hub, MACHINE), "invalid_dpop_proof")
    headers = {**bound.basic, "DPoP": Bound(clock).proof()}
    answers = await asyncio.gather(
        *(hub.post("/oauth/token", data=MACHINE, headers=headers) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]


async def test_a_bound_token_opens_nothing_without_its_key(
    hub: httpx2.AsyncClient, program: Program, clock: Clock
) -> None:
    mine, theirs = Bound(clock), Bound(clock)
    headers = {**program.basic, "DPoP": mine.proof()}
    granted = (await hub.post("/oauth/token", data=MACHINE, headers=headers)).json()
    assert granted["token_type"] == "DPoP"
    token = granted["access_token"]
    known = await hub.post("/oauth/introspect", data={"token": token}, headers=program.basic)
    assert known.json()["cnf"] == {"jkt": mine.key.thumbprint()}

    async def status(headers: Any) -> int:
        answer = await hub.post("/graphql", json=VIEWER, headers=headers)
        if answer.status_code == 401:
            assert 'DPoP realm="InnoHub"' in answer.headers["www-authenticate"]
        return answer.status_code

    plain = (await program.post(hub, MACHINE)).json()["access_token"]
    for bad in (
        {"Authorization": f"Bearer {token}"},
        {"Authorization": f"DPoP {token}"},
        {"Authorization": f"Bearer {token}", "DPoP": mine.at(token)["DPoP"]},
        theirs.at(token),
        mine.at(token, ath=proofs.hash_of(plain)),
        mine.at(token, htm="GET"),
        mine.at(token, htu=f"{ISSUER}/other"),
        {"Authorization": f"DPoP {plain}", "DPoP": mine.at(plain)["DPoP"]},
    ):
        assert await status(bad) == 401
    once = mine.at(token)
    assert [await status(once), await status(once), await status(mine.at(token))] == [200, 401, 200]
    assert await status({"Authorization": f"Bearer {plain}"}) == 200


async def test_a_public_clients_refresh_tokens_and_a_bound_code_need_the_same_key(
    ada: Person, database: Database, supplier: Organisation, clock: Clock
) -> None:
    uris = ["http://127.0.0.1/back"]
    public = await a_program(database, supplier, proof="none", redirect_uris=uris)
    hub, mine, theirs = ada.client, Bound(clock), Bound(clock)

    async def post(form: dict[str, str], by: Bound | None) -> httpx2.Response:
        return await hub.post("/oauth/token", data=form, headers={"DPoP": by.proof()} if by else {})

    code = await ada.code_for(public, dpop_jkt=mine.key.thumbprint())
    for other in (None, theirs):
        assert_refused(await post(public.shows(code), other), "invalid_grant")
    tokens = (await post(public.shows(code), mine)).json()
    form = {
        "grant_type": "refresh_token",
        "refresh_token": tokens["refresh_token"],
        "client_id": public.client_id,
    }
    for other in (None, theirs):
        assert_refused(await post(form, other), "invalid_grant")
    fresh = (await post(form, mine)).json()
    assert fresh["token_type"] == "DPoP"
    assert fresh["refresh_token"] != tokens["refresh_token"]


async def test_a_request_handed_over_with_a_proof_is_bound_to_its_key(
    hub: httpx2.AsyncClient, program: Program, clock: Clock
) -> None:
    mine = Bound(clock)
    headers = {**program.basic, "DPoP": mine.proof(f"{ISSUER}/oauth/par")}
    other = asks(program, dpop_jkt=Bound(clock).key.thumbprint())
    assert_refused(await hub.post("/oauth/par", data=other, headers=headers), "invalid_request")
    headers = {**program.basic, "DPoP": mine.proof(f"{ISSUER}/oauth/par")}
    answer = await hub.post("/oauth/par", data=asks(program), headers=headers)
    asked = {"client_id": program.client_id, "request_uri": answer.json()["request_uri"]}
    here = f"{AUTHORIZE}?{httpx2.QueryParams(asked)}"
    form = Seen(await hub.get(here)).form("allow")
    sent = {f["name"]: f["value"] for f in form.all("input", type="hidden")}
    code = sent_back(await hub.post(here, data=sent), program)["code"]
    assert_refused(await program.post(hub, program.shows(code)), "invalid_grant")
    headers = {**program.basic, "DPoP": mine.proof()}
    granted = await hub.post("/oauth/token", data=program.shows(code), headers=headers)
    assert granted.json()["token_type"] == "DPoP"

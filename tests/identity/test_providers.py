"""An organisation's word is taken only where every part of it holds. Each test tells one lie."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from innohub.identity.providers.discovery import Directory
from innohub.identity.providers.errors import NotSignedInThere
from innohub.identity.providers.going import Errand, Reason, address, errand_to, returned
from innohub.identity.providers.models import IdentityProvider
from innohub.identity.providers.tokens import Told, groups_in
from tests.conftest import Clock

ISSUER = "https://sign-in.kent.example/v2.0"
BACK = "https://hub.test/login/organisation/1/callback"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
OTHER = RSAKey.generate_key(2048, {"kid": "one"})
CURVE = ECKey.generate_key("P-256", {"kid": "two", "use": "sig"})
Claims = dict[str, Any]


def a_provider(**changed: Any) -> IdentityProvider:
    given = {
        "id": 1,
        "organisation_id": 1,
        "issuer": ISSUER,
        "client_id": "hub",
        "tenant": None,
        "groups_claim": "groups",
        "acr_values": [],
        "enabled": True,
    }
    return IdentityProvider(**{**given, **changed})


class There:
    """A provider that says what it is told to say."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.metadata: Claims = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
        }
        self.keys = [KEY, CURVE]
        self.header: Claims = {"alg": "RS256", "kid": "one"}
        self.key: Any = KEY
        self.claims: Claims = {}
        self.token: Callable[[str], object] = lambda token: token
        self.asked: list[dict[str, str]] = []
        self.keys_fetched = 0
        self.directory = Directory(httpx2.AsyncClient(transport=httpx2.MockTransport(self)))

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        path = str(request.url).removeprefix(ISSUER)
        if path == "/.well-known/openid-configuration":
            return httpx2.Response(200, json=self.metadata)
        if path == "/keys":
            self.keys_fetched += 1
            return httpx2.Response(
                200, json={"keys": [k.as_dict(private=False) for k in self.keys]}
            )
        self.asked.append(dict(httpx2.QueryParams(request.content.decode())))
        return httpx2.Response(
            200,
            json={
                "access_token": "a",
                "token_type": "Bearer",
                "id_token": self.token(self.signed()),
            },
        )

    def signed(self) -> str:
        claims = {name: value for name, value in self.claims.items() if value is not None}
        return jwt.encode(self.header, claims, self.key, algorithms=["RS256", "ES256", "HS256"])

    async def back(
        self,
        provider: IdentityProvider | None = None,
        reason: Reason = Reason.SIGN_IN,
        *,
        answer: dict[str, str] | None = None,
        errand: Errand | None = None,
        **claims: Any,
    ) -> Told:
        """The whole way there and back, with these claims in place of the true ones."""
        provider = provider or a_provider()
        now = self.clock()
        errand = errand or errand_to(provider, reason, "/", now)
        true = {
            "iss": ISSUER,
            "aud": "hub",
            "sub": "kent-7",
            "exp": int((now + timedelta(minutes=5)).timestamp()),
            "iat": int(now.timestamp()),
            "nonce": errand.nonce,
            "email": "ada@kent.example",
            "groups": ["leads"],
        }
        self.claims = {**true, **claims}
        given = answer or {"state": errand.state, "code": "c"}
        return await returned(
            self.directory, provider, errand, given, secret="s", back=BACK, now=now
        )


@pytest.fixture
def there(clock: Clock) -> There:
    return There(clock)


async def test_a_true_answer_is_taken_and_the_code_is_bound_to_this_browser(there: There) -> None:
    told = await there.back(amr=["pwd", "mfa"])
    assert (told.subject, told.email, told.groups) == ("kent-7", "ada@kent.example", {"leads"})
    assert told.several_factors
    assert there.asked[0]["redirect_uri"] == BACK
    assert len(there.asked[0]["code_verifier"]) >= 43
    there.header, there.key = {"alg": "ES256", "kid": "two"}, CURVE
    assert not (await there.back()).several_factors


async def test_the_way_there_asks_for_pkce_state_nonce_and_a_context(
    there: There, clock: Clock
) -> None:
    provider = a_provider(acr_values=["several"])
    errand = errand_to(provider, Reason.PROVE, "/", clock())
    url = httpx2.URL(await address(there.directory, provider, errand, back=BACK, now=clock()))
    asked = url.params
    assert asked["code_challenge_method"] == "S256"
    assert errand.verifier not in str(url)
    assert (asked["state"], asked["nonce"]) == (errand.state, errand.nonce)
    assert (asked["prompt"], asked["max_age"], asked["acr_values"]) == ("login", "0", "several")


LIES: dict[str, tuple[Claims, str]] = {
    "another issuer": ({"iss": "https://evil.example"}, "(iss)"),
    "no issuer": ({"iss": None}, "(iss)"),
    "another audience": ({"aud": "somebody"}, "(aud)"),
    "no audience": ({"aud": None}, "(aud)"),
    "several audiences and no party": ({"aud": ["hub", "other"]}, "(azp)"),
    "another party": ({"azp": "other"}, "(azp)"),
    "another sign-in": ({"nonce": "replayed"}, "(nonce)"),
    "no nonce": ({"nonce": None}, "(nonce)"),
    "expired": ({"exp": 1}, "(exp)"),
    "without an end": ({"exp": None}, "ends"),
    "an end that is no number": ({"exp": "never"}, "numbers"),
    "an end beyond all years": ({"exp": 10**40}, "numbers"),
    "from the future": ({"iat": 10**10}, "(iat)"),
    "not yet": ({"nbf": 10**10}, "(nbf)"),
    "nobody": ({"sub": None}, "(sub)"),
    "a subject that is no text": ({"sub": 7}, "(sub)"),
}


@pytest.mark.parametrize("lie", LIES)
async def test_an_id_token_with_a_lie_signs_nobody_in(there: There, lie: str) -> None:
    claims, why = LIES[lie]
    with pytest.raises(NotSignedInThere) as refused:
        await there.back(**claims)
    assert why in refused.value.why
    assert "kent-7" not in refused.value.message


async def test_another_tenant_of_the_same_provider_signs_nobody_in(there: There) -> None:
    provider = a_provider(tenant="tenant-kent")
    assert (await there.back(provider, tid="tenant-kent")).subject == "kent-7"
    for tid in ("tenant-evil", None):
        with pytest.raises(NotSignedInThere, match="sign-in"):
            await there.back(provider, tid=tid)


def _unsigned(token: str) -> str:
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode()
    return f"{head}.{token.split('.')[1]}."


def _by_public_key(token: str) -> str:
    """Signed with the provider's public key as a shared secret."""
    claims = jwt.decode(token, KEY, algorithms=["RS256"]).claims
    shared = OctKey.import_key(KEY.as_pem(private=False))
    return jwt.encode({"alg": "HS256", "kid": "one"}, claims, shared, algorithms=["HS256"])


FORGED: dict[str, Callable[[str], object]] = {
    "alg none": _unsigned,
    "the public key as a secret": _by_public_key,
    "another key of the same name": lambda token: jwt.encode(
        {"alg": "RS256", "kid": "one"}, jwt.decode(token, KEY, algorithms=["RS256"]).claims, OTHER
    ),
    "a signature cut off": lambda token: token.rpartition(".")[0] + ".",
    "claims of another": lambda token: ".".join(
        [token.split(".")[0], base64.urlsafe_b64encode(b'{"sub":"chief"}').decode(), "x"]
    ),
    "no token": lambda _: None,
    "no text": lambda _: 7,
    "letters": lambda _: "a.b.c",
    "nothing": lambda _: "",
    "far too much": lambda token: token + "a" * 70_000,
}


@pytest.mark.parametrize("forgery", FORGED)
async def test_a_forged_id_token_signs_nobody_in(there: There, forgery: str) -> None:
    there.token = FORGED[forgery]
    with pytest.raises(NotSignedInThere):
        await there.back()


async def test_an_answer_to_another_browser_s_sign_in_is_refused_before_the_code_is_shown(
    there: There,
) -> None:
    for answer in ({"code": "injected"}, {"code": "injected", "state": "another"}):
        with pytest.raises(NotSignedInThere) as refused:
            await there.back(answer=answer)
        assert "(state)" in refused.value.why
    assert there.asked == []


async def test_a_mix_up_of_two_providers_is_noticed(there: There, clock: Clock) -> None:
    errand = errand_to(a_provider(), Reason.SIGN_IN, "/", clock())
    answer = {"state": errand.state, "code": "c", "iss": "https://evil.example"}
    with pytest.raises(NotSignedInThere, match="sign-in") as refused:
        await there.back(errand=errand, answer=answer)
    assert "(iss)" in refused.value.why
    there.directory = There(clock).directory
    there.metadata["authorization_response_iss_parameter_supported"] = True
    there.directory = Directory(httpx2.AsyncClient(transport=httpx2.MockTransport(there)))
    with pytest.raises(NotSignedInThere) as refused:
        await there.back(errand=errand, answer={"state": errand.state, "code": "c"})
    assert "(iss)" in refused.value.why
    assert there.asked == []


async def test_a_sign_in_of_an_hour_ago_proves_nothing_before_a_signature(
    there: There, clock: Clock
) -> None:
    now = int(clock().timestamp())
    assert await there.back(reason=Reason.PROVE, auth_time=now)
    for stale in (now - 3600, None):
        with pytest.raises(NotSignedInThere) as refused:
            await there.back(reason=Reason.PROVE, auth_time=stale)
        assert "(auth_time)" in refused.value.why


async def test_a_way_that_took_too_long_or_was_never_begun_leads_nowhere(clock: Clock) -> None:
    errand = errand_to(a_provider(), Reason.SIGN_IN, "/", clock())
    assert Errand.unpacked(errand.packed(), clock()) == errand
    with pytest.raises(NotSignedInThere):
        Errand.unpacked(None, clock())
    with pytest.raises(NotSignedInThere):
        Errand.unpacked(replace(errand, ends=0).packed(), clock())


async def test_discovery_under_another_name_is_refused(there: There) -> None:
    there.metadata["issuer"] = "https://evil.example"
    with pytest.raises(NotSignedInThere) as refused:
        await there.back()
    assert "another name" in refused.value.why


async def test_an_address_without_tls_is_refused(there: There) -> None:
    there.metadata["token_endpoint"] = "http://sign-in.kent.example/token"
    with pytest.raises(NotSignedInThere):
        await there.back()


async def test_keys_that_changed_are_fetched_again_but_not_for_every_false_token(
    there: There, clock: Clock
) -> None:
    await there.back()
    fresh = RSAKey.generate_key(2048, {"kid": "three"})
    there.keys, there.key, there.header = [fresh], fresh, {"alg": "RS256", "kid": "three"}
    with pytest.raises(NotSignedInThere):
        await there.back()
    clock.now += timedelta(minutes=2)
    assert await there.back()
    there.header = {"alg": "RS256", "kid": "unknown"}
    for _ in range(3):
        with pytest.raises(NotSignedInThere):
            await there.back()
    assert there.keys_fetched == 2


def test_groups_are_found_where_each_kind_of_provider_puts_them() -> None:
    assert groups_in({"groups": ["a", 7, "b"]}, "groups") == {"a", "b"}
    assert groups_in({"roles": "one"}, "roles") == {"one"}
    assert groups_in({"realm_access": {"roles": ["k"]}}, "realm_access.roles") == {"k"}
    assert groups_in({"https://x.example/groups": ["o"]}, "https://x.example/groups") == {"o"}
    for claims in ({}, {"realm_access": []}, {"realm_access": {"roles": {"a": 1}}}):
        assert groups_in(claims, "realm_access.roles") == set()


async def test_an_address_that_the_provider_did_not_check_is_none(there: There) -> None:
    assert (await there.back(email_verified=False)).email is None
    entra = await there.back(email=None, preferred_username="ada@kent.example")
    assert entra.email == "ada@kent.example"

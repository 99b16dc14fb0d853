"""Access tokens are judged by their signature and claims, and end at once where they have to."""

import asyncio
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry
from sqlalchemy import select
from typer.testing import CliRunner

from innohub.cli.main import app as commands
from innohub.db.engine import ReadPool
from innohub.db.unit_of_work import Database
from innohub.errors import NotFound, WrongState
from innohub.identity.actor import SYSTEM
from innohub.identity.commands import RotateSecret
from innohub.identity.oauth import clients, keys
from innohub.identity.oauth.access_tokens import Verifier
from innohub.identity.oauth.keys import Keys
from innohub.identity.oauth.models import SigningKey
from innohub.settings import Settings
from innohub.vault import Vault
from tests.conftest import Clock
from tests.identity.a_hub import Machine, a_client, a_token, an_app


async def status(hub: httpx2.AsyncClient, token: str) -> int:
    answer = await hub.get("/whoami", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code


def claims_of(token: str) -> dict[str, Any]:
    header, payload = (urlsafe_b64decode(part + "==") for part in token.split(".")[:2])
    return {**json.loads(header), **json.loads(payload)}


def by_hmac(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    parts = [urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims)]
    mac = hmac.digest(secret, b".".join(parts), "sha256")
    return b".".join([*parts, urlsafe_b64encode(mac).rstrip(b"=")]).decode()


async def signing_key(database: Database, settings: Settings) -> ECKey:
    """The hub's own: what no attacker has."""
    vault = Vault.of(settings.vault_secret)
    async with database.session() as session, session.begin():
        return await session.run_sync(lambda sync: Keys(vault).signing(sync, database.clock()))


@pytest.fixture
async def vault(settings: Settings) -> Vault:
    return Vault.of(settings.vault_secret)


async def test_only_what_the_hub_signed_for_itself_as_an_access_token_counts(
    hub: httpx2.AsyncClient, machine: Machine, database: Database, settings: Settings
) -> None:
    token = await a_token(hub, machine)
    said = {n: v for n, v in claims_of(token).items() if n not in ("alg", "typ", "kid")}
    ours = await signing_key(database, settings)
    theirs = ECKey.generate_key("P-256")
    header = {"typ": "at+jwt", "alg": "ES256", "kid": ours.kid}

    def forged(key: Any = ours, head: Any = None, **claims: Any) -> str:
        given = {n: v for n, v in {**said, **claims}.items() if v is not ...}
        algorithm = {**header, **(head or {})}["alg"]
        registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
        return jwt.encode({**header, **(head or {})}, given, key, registry=registry)

    assert await status(hub, forged()) == 200
    refused = {
        "another's key": forged(theirs),
        "a key of no name": forged(theirs, {"kid": "unknown"}),
        "our public key as a shared secret": by_hmac(
            {**header, "alg": "HS256"}, said, ours.as_pem(private=False)
        ),
        "no signature": by_hmac({**header, "alg": "none"}, said, b"").rpartition(".")[0] + ".",
        "cut off": token.rpartition(".")[0] + ".",
        "an ID token": forged(ours, {"typ": "JWT"}),
        "a foreign issuer": forged(iss="https://elsewhere.test"),
        "another audience": forged(aud="https://elsewhere.test"),
        "several audiences": forged(aud=[settings.base_url, "https://elsewhere.test"]),
        "no audience": forged(aud=...),
        "no end": forged(exp=...),
        "an end that is no moment": forged(exp="tomorrow"),
        "an end beyond all time": forged(exp=10**30),
        "an end in the past": forged(exp=said["iat"]),
        "no client": forged(client_id=...),
        "an unknown client": forged(client_id="ihc_nobody"),
        "a generation that is over": forged(gen=-1),
        "a generation that is no number": forged(gen="0 x"),
        "marks within marks": forged(jti="a b c", client_id=f"x {machine.client_id}"),
        "NUL": forged(client_id="\0"),
        "endless": forged(scope="x" * 5000),
    }
    for what, bad in refused.items():
        assert await status(hub, bad) == 401, what


async def test_a_token_says_what_rfc_9068_asks(hub: httpx2.AsyncClient, machine: Machine) -> None:
    token = await a_token(hub, machine, scope="listings.read")
    said = claims_of(token)
    assert (said["typ"], said["alg"]) == ("at+jwt", "ES256")
    assert said["iss"] == said["aud"] == "https://hub.test"
    assert said["sub"] == said["client_id"] == machine.client_id
    assert said["scope"] == "listings.read"
    assert said["exp"] - said["iat"] == 600
    assert said["jti"] != claims_of(await a_token(hub, machine))["jti"]


async def test_verifying_asks_no_database_once_the_key_is_known(
    hub: httpx2.AsyncClient, machine: Machine, reads: ReadPool, settings: Settings, clock: Clock
) -> None:
    token = await a_token(hub, machine)
    elsewhere = Verifier(Keys(Vault.of(settings.vault_secret)), settings.base_url)
    assert elsewhere.judged(token, clock()) is None
    assert await elsewhere.verified(reads, token, clock()) is not None
    assert elsewhere.judged(token, clock()) is not None
    assert elsewhere.judged(token, clock() + timedelta(minutes=10)) is None


async def test_what_is_taken_back_here_is_refused_at_once_by_every_process(
    hub: httpx2.AsyncClient,
    machine: Machine,
    database: Database,
    reads: ReadPool,
    settings: Settings,
) -> None:
    one, two, three = [await a_token(hub, machine) for _ in range(3)]
    async with a_client(an_app(database, reads, settings), settings) as elsewhere:
        assert [await status(elsewhere, token) for token in (one, two, three)] == [200] * 3
        await hub.post("/oauth/revoke", data={"token": one}, headers=machine.basic)
        assert [await status(elsewhere, token) for token in (one, two, three)] == [401, 200, 200]
        async with database.unit_of_work(SYSTEM.signature()) as work:
            leaked = RotateSecret(client_id=machine.id, overlap_hours=0)
            await clients.rotate_secret(work, SYSTEM, leaked)
        assert [await status(elsewhere, token) for token in (two, three)] == [401, 401]


async def test_a_key_that_ended_takes_its_tokens_with_it_and_another_signs(
    hub: httpx2.AsyncClient, machine: Machine, database: Database, vault: Vault, clock: Clock
) -> None:
    before = await a_token(hub, machine)
    kid = claims_of(before)["kid"]
    async with database.session() as session, session.begin():
        await keys.end(session, vault, kid, now=clock())
    assert await status(hub, before) == 401
    after = await a_token(hub, machine)
    assert claims_of(after)["kid"] != kid
    assert await status(hub, after) == 200
    assert kid not in str((await hub.get("/oauth/jwks")).json())
    async with database.session() as session, session.begin():
        with pytest.raises(NotFound):
            await keys.end(session, vault, kid, now=clock())


async def test_a_new_key_is_published_before_it_signs_and_the_old_verifies_after(
    hub: httpx2.AsyncClient, machine: Machine, database: Database, vault: Vault, clock: Clock
) -> None:
    async def published() -> set[str]:
        answer = await hub.get("/oauth/jwks")
        assert answer.headers["cache-control"] == "public, max-age=300"
        found = answer.json()["keys"]
        assert all("d" not in key and key["alg"] == "ES256" for key in found)
        return {key["kid"] for key in found}

    old = claims_of(await a_token(hub, machine))["kid"]
    async with database.session() as session, session.begin():
        new = (await keys.rotate(session, vault, now=clock())).kid
        with pytest.raises(WrongState):
            await keys.rotate(session, vault, now=clock())
    assert await published() == {old, new}
    last = await a_token(hub, machine)
    assert claims_of(last)["kid"] == old
    clock.now += keys.NOTICE
    first = await a_token(hub, machine)
    assert claims_of(first)["kid"] == new
    assert [await status(hub, token) for token in (first,)] == [200]
    clock.now += keys.OVERLAP
    assert await published() == {new}
    assert claims_of(await a_token(hub, machine))["kid"] == new


async def test_processes_that_start_at_once_agree_on_one_key(
    machine: Machine, database: Database, reads: ReadPool, settings: Settings
) -> None:
    hubs = [a_client(an_app(database, reads, settings), settings) for _ in range(6)]
    tokens = await asyncio.gather(*(a_token(one, machine) for one in hubs))
    assert len({claims_of(token)["kid"] for token in tokens}) == 1
    for one in hubs:
        assert [await status(one, token) for token in tokens] == [200] * 6
        await one.aclose()


async def test_private_keys_are_stored_sealed(
    hub: httpx2.AsyncClient, machine: Machine, database: Database, settings: Settings
) -> None:
    await a_token(hub, machine)
    key = await signing_key(database, settings)
    async with database.session() as session:
        row = (await session.scalars(select(SigningKey))).one()
    assert "d" not in row.public
    assert key.as_dict(private=True)["d"] not in f"{row.public} {row.ciphertext!r}"
    assert key.as_pem(private=True) not in row.ciphertext


def test_the_command_lists_rotates_and_ends_keys(
    migrated_url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", migrated_url)
    monkeypatch.setenv("INNOHUB_DATA_DIR", str(settings.data_dir))

    def said(*arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(commands, ["keys", *arguments])
        assert result.exit_code == code, result.output
        return result.output

    kid = said("rotate").split()[0]
    assert f"{kid}  signs from" in said("list")
    assert said("end", kid) == "The key has ended.\n"
    listed = said("list")
    assert f"{kid}  ended" in listed
    assert sum(line.endswith("  signs") for line in listed.splitlines()) == 1
    said("end", kid, code=1)

"""What the hub keeps sealed, and whom it calls: Redis, mail, the scanner, the way out."""

import asyncio
from collections.abc import AsyncIterator

import aiosmtplib
import httpx2
from redis.asyncio import Redis
from redis.exceptions import RedisError

from innohub.cli.database import engine_on
from innohub.cli.doctor.finding import Finding, first_line, look, well, wrong
from innohub.hub.access.resealing import under_each_key
from innohub.hub.database import database_of
from innohub.hub.wire.outbound import Outbound, OutboundRefused
from innohub.market.documents.clamd import Clamd, ScannerFailed
from innohub.settings import Settings
from innohub.vault import Vault

SECONDS = 10.0
NEVER_CALLED = (
    "https://127.0.0.1/",
    "https://[::1]/",
    "https://169.254.169.254/latest/meta-data/",
    "https://10.0.0.1/",
    "https://[::ffff:192.168.0.1]/",
)
"""This machine, a cloud's address of its own secrets, and the network within."""


async def vault(settings: Settings, url: str) -> AsyncIterator[Finding]:
    try:
        ring = Vault.of(settings.vault_secret)
    except ValueError as error:
        yield wrong("vault", f"INNOHUB_VAULT_KEY: {error}.", "See docs/vault-keys.md.")
        return
    async with engine_on(settings, url) as engine, database_of(engine).session() as session:
        sealed = await under_each_key(session)
    lost = sum(count for key_id, count in sealed.items() if key_id not in ring.ring)
    older = sum(sealed.get(key_id, 0) for key_id in ring.ring if key_id != ring.primary)
    if lost:
        yield wrong(
            "vault",
            f"{lost:,} secrets are sealed by a key that INNOHUB_VAULT_KEY does not name.",
            "Name the older key behind the newest, between commas: docs/vault-keys.md.",
        )
    elif older:
        yield look(
            "vault",
            f"{older:,} secrets are sealed by an older key.",
            "Workers seal them anew within the hour; `innohub vault --reseal` does it now.",
        )
    else:
        yield well("vault", f"Opens all {sum(sealed.values()):,} secrets that are stored.")


async def mail(settings: Settings) -> AsyncIterator[Finding]:
    """Speaks with the mail server as the hub does, and sends nothing."""
    if settings.demonstration_mailbox:
        yield well("mail", "Kept in the demonstration's mailbox.")
        return
    if settings.smtp_host is None:
        yield look(
            "mail",
            "INNOHUB_SMTP_HOST is not set: no digest and no notice goes out.",
            "Name a mail server, and INNOHUB_MAIL_FROM.",
        )
        return
    client = aiosmtplib.SMTP(
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        use_tls=settings.smtp_tls == "tls",
        start_tls=settings.smtp_tls == "starttls",
        timeout=SECONDS,
    )
    try:
        async with client:
            if settings.smtp_user and settings.smtp_password:
                await client.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        yield well("mail", f"{settings.smtp_host} takes mail of ours.")
    except (aiosmtplib.SMTPException, OSError) as error:
        yield wrong(
            "mail",
            f"{settings.smtp_host}:{settings.smtp_port} cannot be used: {first_line(error)}.",
            "See INNOHUB_SMTP_HOST, _PORT, _TLS, _USER and _PASSWORD. Nothing is lost meanwhile.",
        )


async def redis(settings: Settings) -> AsyncIterator[Finding]:
    if settings.redis_url is None:
        yield look(
            "redis",
            "REDIS_URL is not set: workers look for work every second, and are not woken.",
            "Name a Redis or Valkey. It holds nothing that may not be lost.",
        )
        return
    mend = "The hub works without it, more slowly. See REDIS_URL, and that it runs."
    try:
        client: Redis = Redis.from_url(
            settings.redis_url, socket_connect_timeout=SECONDS, socket_timeout=SECONDS
        )
    except ValueError as error:
        yield wrong("redis", f"REDIS_URL is no address of one: {first_line(error)}.", mend)
        return
    try:
        told = await client.info("server")
        yield well("redis", f"Answers, version {told.get('redis_version', 'unknown')}.")
    except (RedisError, OSError, ValueError) as error:
        yield wrong("redis", f"It does not answer: {first_line(error)}.", mend)
    finally:
        await client.aclose()


async def scanner(settings: Settings) -> AsyncIterator[Finding]:
    if settings.clamd is None:
        yield look(
            "scanner",
            "INNOHUB_CLAMD is not set: files that people upload are marked as not scanned.",
            "Name a clamd.",
        )
        return
    try:
        await Clamd.at(settings.clamd).scan(b"InnoHub asks whether you are there.")
        yield well("scanner", f"{settings.clamd} looks at files.")
    except ScannerFailed as error:
        yield wrong(
            "scanner",
            f"{settings.clamd} does not answer as clamd does: {first_line(error)}.",
            "See that it runs and listens on TCP. Files wait for it meanwhile.",
        )


async def way_out(settings: Settings) -> AsyncIterator[Finding]:
    """Tries addresses that must not be called. Nothing leaves this machine: the guard refuses
    before it connects."""
    reached = [address for address in NEVER_CALLED if not await _refused(settings, address)]
    if reached:
        yield wrong(
            "outbound guard",
            f"It lets through {', '.join(reached)}.",
            "Do not run this release: suppliers could reach what lies inside.",
        )
    elif settings.outbound_allow_loopback:
        yield look(
            "outbound guard",
            "Connectors may call this machine (INNOHUB_OUTBOUND_ALLOW_LOOPBACK).",
            "Leave it out where others than you use the hub.",
        )
    else:
        yield well("outbound guard", "Calls public addresses only.")


async def _refused(settings: Settings, address: str) -> bool:
    here = "127.0.0.1" in address or "[::1]" in address
    if here and settings.outbound_allow_loopback:
        return True
    async with Outbound(allow_loopback=False) as outbound, asyncio.timeout(SECONDS):
        try:
            await outbound.client.get(address)
        except OutboundRefused:
            return True
        except httpx2.TransportError:
            return False
    return False

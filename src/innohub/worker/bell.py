"""The bell between web and worker: an arq job that says "look". It carries no data and no truth.

Every wake-up is a job of its own: with a fixed id, arq drops one that comes while another runs.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import orjson
import structlog
from arq.connections import ArqRedis, RedisSettings
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from innohub.db.unit_of_work import AfterCommit, Wake

log = structlog.get_logger()

JOB = "drain"
RING_SECONDS = 0.5
"""The longest that a request waits for the bell after its commit."""


def packed(value: Any) -> bytes:
    return orjson.dumps(value, default=str)


def connect(redis_url: str) -> ArqRedis:
    """A client that connects on first use, and gives up quickly."""
    pool: ConnectionPool = ConnectionPool.from_url(
        redis_url,
        socket_connect_timeout=RING_SECONDS,
        socket_timeout=RING_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    redis = ArqRedis(pool_or_conn=pool, job_serializer=packed, job_deserializer=orjson.loads)
    # The pool is nobody else's: `aclose` is to close it too.
    redis.auto_close_connection_pool = True
    return redis


def redis_settings(redis_url: str) -> RedisSettings:
    """arq's settings for a worker; it is the supervisor that tries again."""
    settings = RedisSettings.from_dsn(redis_url)
    settings.conn_retries = 0
    return settings


async def ring(redis: ArqRedis, job: str = JOB) -> None:
    """Wake a worker. Never fails: what is not heard now is found by the worker's own look."""
    try:
        async with asyncio.timeout(RING_SECONDS):
            await redis.enqueue_job(job)
    except (RedisError, OSError, TimeoutError) as error:
        log.warning("bell_not_rung", reason=str(error) or type(error).__name__)


def after_commit(redis: ArqRedis) -> AfterCommit:
    """The hook for `Database.after_commit`."""

    async def ring_for(events: Sequence[Any]) -> None:
        if any(event.supplier_id is not None for event in events):
            await ring(redis)

    return ring_for


def waking(redis: ArqRedis) -> Wake:
    """The hook for `Database.wake`."""

    async def wake(job: str) -> None:
        await ring(redis, job)

    return wake

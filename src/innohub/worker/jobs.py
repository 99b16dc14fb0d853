"""What arq runs. It is in maintenance and in doubt: imported in `worker/` alone, and for wake-ups
only. Its work queue may be lost at any moment without a delivery being lost."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Any

import orjson
import structlog
from arq.worker import Function, Worker, func
from redis.exceptions import RedisError

from innohub.worker.bell import JOB, packed, redis_settings

log = structlog.get_logger()

POLL_SECONDS = 0.05
RESTART_SECONDS = 1.0


Wakes = Mapping[str, Callable[[], None]]


def worker(redis_url: str, wake: Callable[[], None], wakes: Wakes | None = None) -> Worker:
    """An arq worker whose jobs wake this process: a single drain then serves many lanes. `wakes`:
    of the sweeps, by the name of the job."""
    jobs = {JOB: wake, **(wakes or {})}
    return Worker(
        functions=[_job(name, woken) for name, woken in jobs.items()],
        redis_settings=redis_settings(redis_url),
        handle_signals=False,
        max_jobs=50,
        max_tries=1,
        keep_result=0,
        poll_delay=POLL_SECONDS,
        log_results=False,
        job_serializer=packed,
        job_deserializer=orjson.loads,
    )


def _job(name: str, wake: Callable[[], None]) -> Function:
    async def woken(ctx: dict[Any, Any], *args: Any, **kwargs: Any) -> None:
        wake()

    return func(woken, name=name, keep_result=0, max_tries=1, timeout=5)


async def supervise(redis_url: str, wake: Callable[[], None], wakes: Wakes | None = None) -> None:
    """Keep an arq worker going until cancelled: it ends with an error whenever Redis does."""
    told = False
    while True:
        listener = worker(redis_url, wake, wakes)
        try:
            await listener.async_run()
        except Exception as error:
            # Once for each silence, not for each try.
            if "redis" in listener.ctx or not told:
                log.warning("redis_lost", reason=str(error) or type(error).__name__)
                told = True
        finally:
            await close(listener)
        wake()
        await asyncio.sleep(RESTART_SECONDS)


async def close(listener: Worker) -> None:
    """Drop its jobs and connections. arq's own `close` raises where a job is cancelled or Redis is
    gone, and calls what redis-py has deprecated."""
    for task in listener.tasks.values():
        task.cancel()
    await asyncio.gather(*listener.tasks.values(), return_exceptions=True)
    if listener.pool is not None:
        with contextlib.suppress(RedisError, OSError):
            await listener.pool.aclose(close_connection_pool=True)

"""Requests that may come twice: the change is made once, and both are given its answer.

As the IETF's draft of the `Idempotency-Key` header has it. A claim is a row of the very transaction
that makes the change: both are stored, or neither is. A second request with the key waits for the
first at the row's unique index, and then finds what came of it.

What was refused changed nothing and keeps no key: sent again, it is tried again.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Index, UniqueConstraint, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped

from innohub.db import retention
from innohub.db.model import Entity
from innohub.db.unit_of_work import Database, UnitOfWork
from innohub.errors import Invalid

KEPT = timedelta(hours=24)
LONGEST_KEY = 255


class KeyReused(Invalid):
    """The key came with another request before."""

    code = "idempotency_key_reused"
    status = 422


class IdempotentStep(Entity):
    """One change that was made under a key, and what its payload names."""

    __tablename__ = "idempotent_step"
    __table_args__ = (
        UniqueConstraint("caller", "key", "step"),
        Index("ix_idempotent_step_created_at", "created_at"),
    )

    caller: Mapped[str]
    """Keys are each caller's own: `client/4`, `person/17`."""
    key: Mapped[str]
    step: Mapped[str]
    """Which change of the request: one may hold several."""
    request_hash: Mapped[str]
    outcome: Mapped[dict[str, Any]]
    """The payload's own fields, as the caller of `keep` gave them."""
    answer: Mapped[dict[str, Any] | None]
    """The whole response as it was sent, on the request's first step; None where the hub stopped
    before it was sent."""


@dataclass(frozen=True)
class RequestKey:
    """A caller's key, and the request that it stands for."""

    caller: str
    key: str
    request_hash: str

    @classmethod
    def of(cls, caller: str, key: str, request: Any) -> "RequestKey":
        """`request`: anything JSON; equal ones are the same request. Raises Invalid for a key that
        is none."""
        key = key.strip()
        if len(key) > 1 and key[0] == key[-1] == '"':
            key = key[1:-1]
        if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
            raise Invalid(
                f"An Idempotency-Key has 1 to {LONGEST_KEY} printable ASCII characters, such as a "
                "random UUID.",
                field="Idempotency-Key",
            )
        text = orjson.dumps(request, option=orjson.OPT_SORT_KEYS)
        return cls(caller, key, hashlib.sha256(text).hexdigest())


async def claim(work: UnitOfWork, request: RequestKey, step: str) -> Mapping[str, Any] | None:
    """What came of this step before; None where it is this unit of work's to do, which then calls
    `keep`. Waits while another request with the key does it.

    Raises KeyReused. Where the other holds on for too long, the lock's timeout is a Conflict.
    """
    fresh = insert(IdempotentStep).values(
        caller=request.caller,
        key=request.key,
        step=step,
        request_hash=request.request_hash,
        outcome={},
        created_at=work.now,
    )
    # A key that is older than we promise is as good as new.
    taken = fresh.on_conflict_do_update(
        index_elements=["caller", "key", "step"],
        set_={
            "request_hash": fresh.excluded.request_hash,
            "outcome": fresh.excluded.outcome,
            "created_at": fresh.excluded.created_at,
            "answer": None,
        },
        where=IdempotentStep.created_at < work.now - KEPT,
    ).returning(IdempotentStep.id)
    if await work.session.scalar(taken) is not None:
        return None
    held = (
        await work.session.execute(
            select(IdempotentStep.request_hash, IdempotentStep.outcome).where(
                *_mine(request), IdempotentStep.step == step
            )
        )
    ).one()
    _same(request, held.request_hash)
    outcome: Mapping[str, Any] = held.outcome
    return outcome


async def keep(
    work: UnitOfWork, request: RequestKey, step: str, outcome: Mapping[str, Any]
) -> None:
    """Note what a claimed step led to, in the transaction that it is a part of."""
    mine = (*_mine(request), IdempotentStep.step == step)
    await work.session.execute(update(IdempotentStep).where(*mine).values(outcome=dict(outcome)))


async def answered(database: Database, request: RequestKey) -> Mapping[str, Any] | None:
    """The answer that was remembered for this request. Raises KeyReused."""
    alive = IdempotentStep.created_at >= database.clock() - KEPT
    async with database.session() as session:
        rows = await session.execute(
            select(IdempotentStep.request_hash, IdempotentStep.answer).where(*_mine(request), alive)
        )
        found = rows.all()
    for row in found:
        _same(request, row.request_hash)
    return next((row.answer for row in found if row.answer is not None), None)


async def remember(
    database: Database, request: RequestKey, step: str, answer: Mapping[str, Any]
) -> None:
    """Keep the answer to a request whose every step was done, to be sent again."""
    mine = (*_mine(request), IdempotentStep.step == step)
    async with database.session() as session, session.begin():
        await session.execute(
            update(IdempotentStep)
            .where(*mine, IdempotentStep.request_hash == request.request_hash)
            .values(answer=dict(answer))
        )


async def forget(session: AsyncSession, *, now: datetime) -> int:
    """Delete a lot of what is older than is promised; how many rows."""
    return await retention.forget(session, IdempotentStep, IdempotentStep.created_at < now - KEPT)


def _mine(request: RequestKey) -> tuple[Any, Any]:
    return IdempotentStep.caller == request.caller, IdempotentStep.key == request.key


def _same(request: RequestKey, request_hash: str) -> None:
    if request_hash != request.request_hash:
        raise KeyReused(
            "This Idempotency-Key came with another request before. Send a new key with it.",
            field="Idempotency-Key",
        )

"""Where a query is read: from a copy of the database where that is sound, else from itself.

Who calls is never asked of a copy: what was taken from somebody is gone with their next request,
however far a copy is behind. The same question to the database tells how much of the audit trail
they wrote, which is what a copy must hold for them to see their own changes.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from innohub.db.engine import ReadPool
from innohub.db.replica import Replica, Unfit
from innohub.graphql.context import Context
from innohub.graphql.read import engine
from innohub.graphql.read.arguments import Variables
from innohub.graphql.read.engine import Plan, Unproven
from innohub.identity.actor import Actor
from innohub.identity.actors import Proof
from innohub.telemetry import metrics

_PERSON = "SELECT max(seq) FROM audit_entry WHERE person_id = $1::bigint"
_CLIENT = "SELECT max(seq) FROM audit_entry WHERE client_id = $2::bigint"
_NEWEST = f"coalesce(greatest(({_PERSON}), ({_CLIENT})), 0)"
_ASKED = f"SELECT {_NEWEST}"
_PROVING = f"SELECT {_NEWEST}, ({{question}})"


async def fetched(plan: Plan, variables: Variables, context: Context) -> str:
    """The plan's answer as JSON. Raises as `engine.run` does."""
    viewer = context.viewer
    if context.copy is not None:
        try:
            return await _copied(context.copy, plan, variables, context)
        except Unfit as unfit:
            metrics.reads.labels("database", unfit.why).inc()
    async with context.reads.connection() as connection:
        return await engine.run(plan, variables, viewer, connection, context.proof)


async def _copied(copy: Replica, plan: Plan, variables: Variables, context: Context) -> str:
    """Raises Unfit as well."""
    if _came_just_now(context.actor, context.database.clock, copy.longest):
        raise Unfit("unseen")
    entry = await _newest_entry(context.reads, context.actor, context.proof)
    async with copy.connection(entry) as connection:
        answer = await engine.run(plan, variables, context.viewer, connection)
    metrics.reads.labels("copy", "fit").inc()
    return answer


def _came_just_now(actor: Actor, clock: Callable[[], datetime], seconds: float) -> bool:
    """Sign-ins are in no audit trail, and what they wrote is shown to the person, too."""
    return actor.proved is not None and clock() - actor.proved.at < timedelta(seconds=seconds)


async def _newest_entry(reads: ReadPool, actor: Actor, proof: Proof | None) -> int:
    """The newest of the audit trail that the actor wrote; 0 for none. Raises Unproven."""
    by = actor.signature()
    if by.person_id is None and by.client_id is None:
        return 0
    async with reads.connection() as connection:
        if proof is None:
            entry: int = await connection.fetchval(_ASKED, by.person_id, by.client_id)
            return entry
        credential = proof.credential
        sql = _PROVING.format(question=credential.question.format(key="$3", now="$4"))
        row = await connection.fetchrow(sql, by.person_id, by.client_id, credential.key, proof.now)
    entry, testimony = row
    if testimony != proof.testimony:
        raise Unproven
    return entry

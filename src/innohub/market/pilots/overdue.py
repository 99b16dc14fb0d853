"""Results that nobody reported: what that blocks, and the explanation that lifts the block.

Until an unreported result is reported, or its senior responsible owner explains in public why not,
its force begins nothing new with that supplier, and the board shortlists nothing of the supplier's.
"""

from collections.abc import Collection

from sqlalchemy import Date, literal, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.pilots import alerts
from innohub.market.pilots.commands import ExplainOverdue
from innohub.market.pilots.models import Pilot, Protocol
from innohub.market.pilots.register import GRACE, unreported
from innohub.market.pilots.timeline import held, note, require_force, seen
from innohub.market.working_days import in_words, london_date


async def refuse_while_overdue(work: UnitOfWork, force_id: int | None, supplier_id: int) -> None:
    """Before a force begins anything new with a supplier: raise WrongState, naming the pilot and
    leading to it, where one of theirs is unreported and unexplained."""
    today = literal(london_date(work.now), Date)
    row = (
        await work.session.execute(
            select(Pilot.id, Pilot.title, Protocol.result_due_on)
            .join(Protocol, Protocol.pilot_id == Pilot.id)
            .where(
                Pilot.force_id == force_id,
                Pilot.supplier_id == supplier_id,
                Pilot.overdue_explained_at.is_(None),
                unreported(Pilot, today),
            )
            .order_by(Protocol.result_due_on, Pilot.id)
            .limit(1)
        )
    ).one_or_none()
    if row is not None:
        raise WrongState(
            f"The result of your force’s pilot “{row.title}” with this supplier was due on "
            f"{in_words(row.result_due_on)}. Nothing new starts with the supplier until it is "
            "reported, or your senior responsible owner explains why it is not.",
            address=f"/pilots/{row.id}",
        )


async def suppliers_overdue(work: UnitOfWork, supplier_ids: Collection[int]) -> set[int]:
    """Those of the suppliers with a pilot, of whichever force, that is unreported and unexplained:
    the board shortlists nothing of theirs."""
    today = literal(london_date(work.now), Date)
    found = select(Pilot.supplier_id).where(
        Pilot.supplier_id.in_(supplier_ids),
        Pilot.overdue_explained_at.is_(None),
        unreported(Pilot, today),
    )
    return set(await work.session.scalars(found))


async def explain(work: UnitOfWork, actor: Actor, command: ExplainOverdue) -> Pilot:
    """The force's senior responsible owner says in public why there is no result yet; the market's
    programme officers are told.

    Raises NotFound, Denied, Conflict on a stale revision and the second time; WrongState for a
    pilot that is not unreported.
    """
    pilot = await held(work, actor, command.pilot_id)
    require_force(actor, Permission.PILOT_APPROVE, pilot)
    seen(pilot, command.revision)
    today = literal(london_date(work.now), Date)
    late = select(Pilot.id).where(Pilot.id == pilot.id, unreported(Pilot, today))
    if await work.session.scalar(late) is None:
        raise WrongState(
            f"This pilot is not overdue: a result is called unreported {GRACE.days} days after its "
            "due date."
        )
    if pilot.overdue_explained_at is not None:
        raise Conflict("It is explained already why this result is overdue.")
    pilot.overdue_explanation, pilot.overdue_explained_at = command.reason, work.now
    reason = command.reason
    await note(work, actor, pilot, "explain_overdue", before=pilot.state, reason=reason)
    await alerts.overdue_explained(work, pilot)
    return pilot

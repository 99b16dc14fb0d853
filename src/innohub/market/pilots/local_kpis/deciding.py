"""A force proposes a KPI of its own; an evaluation adviser approves or refuses it."""

import re

from sqlalchemy import func, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, NotFound
from innohub.identity.actor import Actor
from innohub.identity.models import Organisation, ReferenceValue, Role
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.pilots.local_kpis import policy
from innohub.market.pilots.local_kpis.commands import ApproveKpi, ProposeKpi, RefuseKpi
from innohub.market.pilots.local_kpis.models import LOCAL_KPI, LocalKpi, LocalKpiState
from innohub.market.working_days import london_date
from innohub.notices.models import NoticeKind
from innohub.notices.service import notify_person, notify_role
from innohub.outbox.service import record

PAGE = "/kpis"
AFTER_THE_SHARED = 1_000
"""The place in the list from which local KPIs stand."""


async def propose(work: UnitOfWork, actor: Actor, command: ProposeKpi) -> LocalKpi:
    """Keep the proposal, and tell the evaluation advisers.

    Raises Denied to everybody but a force's analysts, Conflict where the dictionary has a KPI of
    that name or one is proposed.
    """
    force_id = command.force_id or actor.only_organisation(Permission.PROTOCOL_PROPOSE)
    actor.require(Permission.PROTOCOL_PROPOSE, force_id)
    await _one_at_a_time(work)
    await _refuse_known(work, command.name)
    proposed = LocalKpi(
        **command.model_dump(exclude={"force_id", "unit"}),
        unit=command.unit or "percent",
        force_id=force_id,
        state=LocalKpiState.PROPOSED,
        proposed_by_id=actor.person_id,
        created_at=work.now,
    )
    work.session.add(proposed)
    await work.session.flush()
    detail = {"name": proposed.name, "force_id": force_id}
    await record(work, "kpi:propose", proposed, detail=detail)
    force = await work.session.get_one(Organisation, force_id)
    await notify_role(
        work,
        kind=NoticeKind.KPI,
        roles=[Role.EVALUATION_ADVISER],
        text=f"{force.name} proposes a KPI of its own, “{proposed.name}”. Approve or refuse it.",
        path=PAGE,
        key=f"kpi:{proposed.id}:proposed",
    )
    return proposed


async def approve(work: UnitOfWork, actor: Actor, command: ApproveKpi) -> LocalKpi:
    """Enter it in the dictionary. Raises NotFound, Denied, WrongState once it was decided, Conflict
    where a KPI of that name came in meanwhile."""
    kpi = await _to_decide(work, actor, command)
    target = LOCAL_KPI.after("approve", kpi.state)
    await _one_at_a_time(work)
    await _refuse_known(work, kpi.name, but=kpi.id)
    force = await work.session.get_one(Organisation, kpi.force_id)
    kpi.kpi = await _free_id(work, f"{force.slug} {kpi.name}")
    work.session.add(
        ReferenceValue(
            list="kpi",
            id=kpi.kpi,
            label=kpi.name,
            position=AFTER_THE_SHARED + kpi.id,
            detail={
                "definition": kpi.definition,
                "type": kpi.type,
                "direction": kpi.direction,
                "unit": kpi.unit,
                "local_to": force.slug,
            },
            valid_from=london_date(work.now),
        )
    )
    await _decided(work, actor, kpi, target, command.reason)
    return kpi


async def refuse(work: UnitOfWork, actor: Actor, command: RefuseKpi) -> LocalKpi:
    """Raises NotFound, Denied, WrongState once it was decided."""
    kpi = await _to_decide(work, actor, command)
    target = LOCAL_KPI.after("refuse", kpi.state)
    await _decided(work, actor, kpi, target, command.reason)
    return kpi


async def _decided(
    work: UnitOfWork, actor: Actor, kpi: LocalKpi, state: LocalKpiState, reason: str | None
) -> None:
    kpi.state, kpi.decision_reason = state, reason
    kpi.decided_by_id, kpi.decided_at = actor.person_id, work.now
    detail = {"name": kpi.name, "kpi": kpi.kpi}
    verb = "approve" if state is LocalKpiState.APPROVED else "refuse"
    await record(work, f"kpi:{verb}", kpi, detail=detail, reason=reason)
    if kpi.proposed_by_id is None:
        return
    said = {
        LocalKpiState.APPROVED: "is approved: protocols may choose it.",
        LocalKpiState.REFUSED: "is refused:",
    }[state]
    await notify_person(
        work,
        kind=NoticeKind.KPI,
        person_id=kpi.proposed_by_id,
        text=" ".join(part for part in (f"Your KPI “{kpi.name}” {said}", reason) if part),
        path=PAGE,
        key=f"kpi:{kpi.id}:decided",
    )


async def _to_decide(work: UnitOfWork, actor: Actor, command: ApproveKpi | RefuseKpi) -> LocalKpi:
    """The proposal, locked: of two advisers at once, the second finds it decided."""
    found = await work.session.scalars(
        select(LocalKpi)
        .where(LocalKpi.id == command.kpi_id, policy.visible(LocalKpi, Viewer(actor)))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    kpi = found.one_or_none()
    if kpi is None:
        raise NotFound("There is no such proposal.")
    actor.require(Permission.PILOT_ADVISE)
    return kpi


async def _one_at_a_time(work: UnitOfWork) -> None:
    """Two that enter one name wait for each other, until the end of the transaction."""
    await work.session.execute(select(func.pg_advisory_xact_lock(func.hashtext("local_kpi"))))


async def _refuse_known(work: UnitOfWork, name: str, *, but: int | None = None) -> None:
    known = select(ReferenceValue.id).where(
        ReferenceValue.list == "kpi", func.lower(ReferenceValue.label) == name.lower()
    )
    if await work.session.scalar(known.limit(1)):
        raise Conflict("The dictionary has a KPI of this name already.", field="name")
    waiting = select(LocalKpi.id).where(
        LocalKpi.state == LocalKpiState.PROPOSED, func.lower(LocalKpi.name) == name.lower()
    )
    if but is not None:
        waiting = waiting.where(LocalKpi.id != but)
    if await work.session.scalar(waiting.limit(1)):
        raise Conflict("A KPI of this name is proposed already.", field="name")


async def _free_id(work: UnitOfWork, text: str) -> str:
    """An id for the dictionary, made of the words."""
    wanted = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:60].strip("_")
    taken = set(
        await work.session.scalars(
            select(ReferenceValue.id).where(
                ReferenceValue.list == "kpi", ReferenceValue.id.startswith(wanted, autoescape=True)
            )
        )
    )
    number, free = 1, wanted
    while free in taken:
        number += 1
        free = f"{wanted}_{number}"
    return free

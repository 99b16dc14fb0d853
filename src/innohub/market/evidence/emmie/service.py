"""EMMIE by site: told by the people of the force whose site it is."""

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Denied, Invalid, NotFound, WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.evidence.emmie.commands import RecordEmmie
from innohub.market.evidence.emmie.models import NOTES, EmmieRecord
from innohub.market.pilots import service as pilots
from innohub.market.pilots.models import PilotSite, PilotState
from innohub.outbox.service import record

S = PilotState
TOLD_IN = frozenset(
    {S.RUNNING, S.PAUSED, S.STOPPED, S.ANALYSING, S.REPORTED, S.DECIDED, S.PUBLISHED}
)
"""From the first day of use on: what was seen is written down while it is fresh."""


async def record_emmie(work: UnitOfWork, actor: Actor, command: RecordEmmie) -> EmmieRecord:
    """Keep the record as its site's next version.

    It is the word of who runs the pilot at the site, or analyses it. Raises NotFound, Denied to
    everybody else and to machines, WrongState before the pilot has begun, Conflict where the
    newest record is not the one that was read, Invalid without a reason where it was public.
    """
    site = await work.session.get(PilotSite, command.site_id)
    if site is None:
        raise NotFound("There is no such site.")
    pilot = await pilots.held(work, actor, site.pilot_id)
    if actor.person_id is None:
        raise Denied("A person answers for these notes, not a machine.")
    runs = actor.may(Permission.PILOT_RUN, site.force_id)
    permission = Permission.PILOT_RUN if runs else Permission.RESULT_RECORD
    await pilots.acting_force(work, actor, pilot, permission, site.force_id)
    if pilot.state not in TOLD_IN:
        raise WrongState("A site tells of the pilot once it has begun.")
    before = await _newest(work, site)
    if command.revision != (before.version if before else None):
        raise Conflict("Somebody wrote a newer record meanwhile: read that one, and change it.")
    if before is not None and pilot.state is S.PUBLISHED and command.reason is None:
        raise Invalid("Others have read this record: say why it is replaced.", field="reason")
    kept = EmmieRecord(
        **command.model_dump(include={*NOTES, *(f"{name}_quality" for name in NOTES)}),
        pilot_id=pilot.id,
        site_id=site.id,
        version=before.version + 1 if before else 1,
        reason=command.reason if before else None,
        recorded_by_id=actor.person_id,
        created_at=work.now,
    )
    work.session.add(kept)
    facts = {"site": site.name, "version": kept.version}
    await record(work, "pilot:record_emmie", kept, detail=facts)
    said = site.name if kept.reason is None else f"{site.name}: {kept.reason}"
    await pilots.note(
        work, actor, pilot, "record_emmie", before=pilot.state, reason=said, detail=facts
    )
    return kept


async def _newest(work: UnitOfWork, site: PilotSite) -> EmmieRecord | None:
    found = await work.session.scalars(
        select(EmmieRecord)
        .where(EmmieRecord.site_id == site.id)
        .order_by(EmmieRecord.version.desc())
        .limit(1)
    )
    return found.one_or_none()

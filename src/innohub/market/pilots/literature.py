"""Published trials that no force of the hub ran, in the form in which pilots can be compared."""

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.canonical import digest
from innohub.market.catalogue import service as catalogue
from innohub.market.pilots import events
from innohub.market.pilots.commands import EnterLiterature, ProposeProtocol, ProtocolSections
from innohub.market.pilots.headings import WITH_TEXT, must_be_written
from innohub.market.pilots.kpis import primary_kpi_of
from innohub.market.pilots.models import Pilot, PilotState, Protocol
from innohub.market.pilots.protocols import canonical_of, content_of, refuse_unsound
from innohub.market.pilots.technology import listed, recount
from innohub.market.pilots.timeline import note
from innohub.market.working_days import london_date

IN_THE_PUBLICATION = "As the publication describes it: the hub registered no plan of its own."
NO_STOP_RULES = "None of the hub's: the trial was over before it was entered here."
OF_THE_TRIAL = (
    "technology_id", "site", "title", "question", "kpi", "start_on", "end_on", "citation",
    "citation_url", "evaluated_by",
)  # fmt: skip
OF_THE_PLAN = (
    "unit", "baseline_value", "baseline_source", "minimum_important_effect", "design",
    "unit_of_analysis", "sample_size", "analysis_plan",
)  # fmt: skip


async def enter(work: UnitOfWork, actor: Actor, command: EnterLiterature) -> tuple[Pilot, Protocol]:
    """Store the trial as `published`, with its protocol fixed under a hash: it took no step here.

    The caller adds figures, result and decision in the same unit of work. Raises Denied without
    `listing:review` or to a member of the supplier, NotFound, WrongState where the listing is not
    published, Invalid for a trial that is not over or a plan that the engine cannot answer.
    """
    actor.require(Permission.LISTING_REVIEW)
    technology = await listed(work, command.technology_id)
    catalogue.independent_of(actor, technology)
    if command.end_on >= london_date(work.now):
        raise Invalid("A trial is entered once it is over.", field="end_on")
    pilot = Pilot(
        **command.model_dump(include=set(OF_THE_TRIAL)),
        supplier_id=technology.supplier_id,
        listing_version_id=technology.current_version_id,
        state=PilotState.PUBLISHED,
        published_at=work.now,
        demonstration=False,
        created_at=work.now,
    )
    work.session.add(pilot)
    await work.session.flush()
    await recount(work, technology.id)
    protocol = await _protocol(work, pilot, command)
    detail = {"citation": pilot.citation, "hash": protocol.hash}
    await note(work, actor, pilot, "enter_literature", before=None, detail=detail)
    return pilot, protocol


async def _protocol(work: UnitOfWork, pilot: Pilot, command: EnterLiterature) -> Protocol:
    plan = ProposeProtocol(
        **command.model_dump(include=set(OF_THE_PLAN)),
        pilot_id=pilot.id,
        sections=ProtocolSections(
            **{
                heading: IN_THE_PUBLICATION
                for heading in WITH_TEXT
                if must_be_written(heading, command.design)
            }
        ),
        stop_rules=NO_STOP_RULES,
        result_due_on=london_date(work.now),
    )
    kpi = await primary_kpi_of(work, pilot.kpi)
    refuse_unsound(plan, kpi, pilot)
    protocol = Protocol(pilot_id=pilot.id, created_at=work.now, **content_of(plan, kpi))
    protocol.canonical = canonical_of(protocol, pilot, await events.subject(work, pilot))
    protocol.hash = digest(protocol.canonical)
    protocol.locked_at = work.now
    work.session.add(protocol)
    await work.session.flush()
    return protocol

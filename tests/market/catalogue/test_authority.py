"""Each operation on a listing: who may do it, and in which states, from the machine's own table."""

from typing import Any

from innohub.market.assurance import service as assurance
from innohub.market.catalogue import commands, policy, service
from innohub.market.catalogue.models import (
    EDITABLE,
    LISTING,
    PUBLIC,
    ListingState,
    Section,
    Technology,
)
from tests.market.catalogue.stage import OUTSIDERS, REASON, UNCONCERNED, Stage, draft_fields

REVIEWER = {"catalogue_reviewer"}
WRITERS = {"supplier_admin", "supplier_editor", "writing_client"}
SUBMITTERS = {"supplier_admin", "writing_client"}
NOT_PUBLIC = set(ListingState) - PUBLIC


def of(command: Any, technology: Technology, **fields: Any) -> Any:
    return command.parse({"technology_id": technology.id, **fields})


def sources(verb: str) -> frozenset[ListingState]:
    (found,) = (step.sources for step in LISTING.transitions if step.verb == verb)
    return found


async def test_only_writers_of_the_supplier_begin_a_listing_for_it(stage: Stage) -> None:
    command = commands.DraftTechnology.parse(draft_fields(supplier_id=stage.supplier.id))
    await stage.try_everybody(service.draft, command, allowed=WRITERS)


async def test_only_writers_of_the_supplier_edit_a_draft(stage: Stage) -> None:
    technology = await stage.drafted()
    command = of(commands.EditTechnology, technology, name="Redact Swiftly 2")
    await stage.try_everybody(
        service.edit, command, allowed=WRITERS, hidden_from=OUTSIDERS | REVIEWER
    )
    await stage.try_every_state(
        "supplier_editor", service.edit, command, technology, works_in=EDITABLE
    )


async def test_only_writers_of_the_supplier_write_a_section(stage: Stage) -> None:
    technology = await stage.drafted()
    command = of(commands.WriteSection, technology, section=Section.DATA_USE, body="None at all.")
    await stage.try_everybody(
        service.write_section, command, allowed=WRITERS, hidden_from=OUTSIDERS | REVIEWER
    )
    await stage.try_every_state(
        "supplier_editor", service.write_section, command, technology, works_in=EDITABLE
    )


async def test_only_the_supplier_s_admin_or_client_submits(stage: Stage) -> None:
    technology = await stage.drafted()
    command = of(commands.SubmitTechnology, technology)
    await stage.try_everybody(
        assurance.submit, command, allowed=SUBMITTERS, hidden_from=OUTSIDERS | REVIEWER
    )
    await stage.try_every_state(
        "supplier_admin", assurance.submit, command, technology, works_in=sources("submit")
    )


async def test_only_a_catalogue_reviewer_approves(stage: Stage) -> None:
    technology = await stage.submitted()
    command = of(commands.ApproveTechnology, technology)
    await stage.try_everybody(service.approve, command, allowed=REVIEWER, hidden_from=UNCONCERNED)
    await stage.try_every_state(
        "catalogue_reviewer",
        service.approve,
        command,
        technology,
        works_in=sources("approve"),
        unseen_in=policy.UNSUBMITTED,
    )


async def test_only_a_catalogue_reviewer_requests_changes(stage: Stage) -> None:
    technology = await stage.submitted()
    command = of(commands.RequestChanges, technology, reason=REASON)
    await stage.try_everybody(
        service.request_changes, command, allowed=REVIEWER, hidden_from=UNCONCERNED
    )
    await stage.try_every_state(
        "catalogue_reviewer",
        service.request_changes,
        command,
        technology,
        works_in=sources("request_changes"),
        unseen_in=policy.UNSUBMITTED,
    )


async def test_only_an_assurance_officer_suspends(stage: Stage) -> None:
    technology = await stage.published()
    command = of(commands.SuspendTechnology, technology, reason=REASON)
    await stage.try_everybody(service.suspend, command, allowed={"assurance_officer"})
    await stage.try_every_state(
        "assurance_officer",
        service.suspend,
        command,
        technology,
        works_in=sources("suspend"),
        unseen_in=policy.UNSUBMITTED,
    )


async def test_only_an_assurance_officer_reinstates(stage: Stage) -> None:
    technology = await stage.published()
    await stage.put(technology, state=ListingState.SUSPENDED)
    command = of(commands.ReinstateTechnology, technology, reason=REASON)
    await stage.try_everybody(service.reinstate, command, allowed={"assurance_officer"})
    await stage.try_every_state(
        "assurance_officer",
        service.reinstate,
        command,
        technology,
        works_in=sources("reinstate"),
        unseen_in=policy.UNSUBMITTED,
    )


async def test_only_the_supplier_s_admin_or_client_withdraws(stage: Stage) -> None:
    technology = await stage.published()
    command = of(commands.WithdrawTechnology, technology, reason=REASON)
    await stage.try_everybody(service.withdraw, command, allowed=SUBMITTERS)
    await stage.try_every_state(
        "supplier_admin", service.withdraw, command, technology, works_in=sources("withdraw")
    )

"""Each operation on a listing: who may do it, and in which states, from the machine's own table."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import pytest

from innohub.market.assurance import service as assurance
from innohub.market.catalogue import commands, policy, service
from innohub.market.catalogue.models import (
    EDITABLE,
    LISTING,
    ListingState,
    Section,
    Technology,
)
from tests.market.catalogue.stage import (
    OUTSIDERS,
    REASON,
    UNCONCERNED,
    Operation,
    Stage,
    draft_fields,
)

REVIEWER = {"catalogue_reviewer"}
OFFICER = {"assurance_officer"}
WRITERS = {"supplier_admin", "supplier_editor", "writing_client"}
SUBMITTERS = {"supplier_admin", "writing_client"}
SAID = {"reason": REASON}


def of(command: Any, technology: Technology, **fields: Any) -> Any:
    return command.parse({"technology_id": technology.id, **fields})


class Verb(NamedTuple):
    """A step of the machine: what carries it out, on which listing, and who may."""

    operation: Operation
    command: Any
    ready: Callable[[Stage], Awaitable[Technology]]
    allowed: set[str]
    by: str
    fields: Any = {}
    hidden_from: frozenset[str] = frozenset()
    unseen_in: frozenset[ListingState] = frozenset()
    """States in which the one who may does not even see it."""
    also: str | None = None
    """The step that the same operation is in a published listing."""


async def drafted(stage: Stage) -> Technology:
    return await stage.drafted()


async def submitted(stage: Stage) -> Technology:
    return await stage.submitted()


async def published(stage: Stage) -> Technology:
    return await stage.published()


async def edited(stage: Stage) -> Technology:
    """Published, with a draft that says more about its support."""
    technology = await stage.published()
    await stage.write(technology, Section.SUPPORT, "Day and night.")
    return technology


async def repriced(stage: Stage) -> Technology:
    """Published, with a dearer draft."""
    technology = await stage.published()
    command = commands.EditTechnology(
        technology_id=technology.id, price_from_pence=2_000, price_to_pence=9_000,
        price_unit="officer", price_interval="month",
    )  # fmt: skip
    await stage.do("supplier_editor", service.edit, command)
    return technology


async def proposed(stage: Stage) -> Technology:
    """Published, with a dearer version before the reviewers."""
    return await stage.submit(await repriced(stage))


async def suspended(stage: Stage) -> Technology:
    technology = await stage.published()
    await stage.put(technology, state=ListingState.SUSPENDED)
    return technology


UNSUBMITTED = frozenset(policy.UNSUBMITTED)
VERBS: dict[str, Verb] = {
    "submit": Verb(
        assurance.submit, commands.SubmitTechnology, drafted, SUBMITTERS, "supplier_admin",
        hidden_from=OUTSIDERS | REVIEWER, also="amend",
    ),
    "amend": Verb(
        assurance.submit, commands.SubmitTechnology, edited, WRITERS, "supplier_admin",
        also="submit",
    ),
    "propose": Verb(
        assurance.submit, commands.SubmitTechnology, repriced, WRITERS, "supplier_admin",
        also="submit",
    ),
    "approve": Verb(
        assurance.approve, commands.ApproveTechnology, submitted, REVIEWER, "catalogue_reviewer",
        hidden_from=UNCONCERNED, unseen_in=UNSUBMITTED, also="adopt",
    ),
    "adopt": Verb(
        assurance.approve, commands.ApproveTechnology, proposed, REVIEWER, "catalogue_reviewer",
        unseen_in=UNSUBMITTED, also="approve",
    ),
    "request_changes": Verb(
        service.request_changes, commands.RequestChanges, submitted, REVIEWER,
        "catalogue_reviewer", fields=SAID, hidden_from=UNCONCERNED, unseen_in=UNSUBMITTED,
        also="send_back",
    ),
    "send_back": Verb(
        service.request_changes, commands.RequestChanges, proposed, REVIEWER,
        "catalogue_reviewer", fields=SAID, unseen_in=UNSUBMITTED, also="request_changes",
    ),
    "suspend": Verb(
        service.suspend, commands.SuspendTechnology, published, OFFICER, "assurance_officer",
        fields=SAID, unseen_in=UNSUBMITTED,
    ),
    "reinstate": Verb(
        service.reinstate, commands.ReinstateTechnology, suspended, OFFICER, "assurance_officer",
        fields=SAID | {"evidence": "Report 7"}, unseen_in=UNSUBMITTED,
    ),
    "withdraw": Verb(
        service.withdraw, commands.WithdrawTechnology, published, SUBMITTERS, "supplier_admin",
        fields=SAID,
    ),
}  # fmt: skip
"""Every step of the machine that a person takes; the hub's own, `archive`, has its own tests."""


def sources(*verbs: str | None) -> set[ListingState]:
    return {s for step in LISTING.transitions if step.verb in verbs for s in step.sources}


def target(verb: str) -> ListingState:
    (found,) = (step.target for step in LISTING.transitions if step.verb == verb)
    return found


def test_every_step_of_the_machine_is_tried() -> None:
    assert {*VERBS, "archive"} == {step.verb for step in LISTING.transitions}


@pytest.mark.parametrize("verb", VERBS)
async def test_a_step_is_taken_by_whom_it_belongs_to_and_leads_where_it_says(
    stage: Stage, verb: str
) -> None:
    one = VERBS[verb]
    technology = await one.ready(stage)
    command = of(one.command, technology, **one.fields)
    await stage.try_everybody(
        one.operation, command, allowed=one.allowed, hidden_from=one.hidden_from
    )
    await stage.do(one.by, one.operation, command)
    assert (await stage.load(technology)).state == target(verb)


@pytest.mark.parametrize("verb", VERBS)
async def test_a_step_is_refused_in_every_state_that_the_machine_does_not_name(
    stage: Stage, verb: str
) -> None:
    one = VERBS[verb]
    technology = await one.ready(stage)
    command = of(one.command, technology, **one.fields)
    await stage.try_every_state(
        one.by,
        one.operation,
        command,
        technology,
        works_in=sources(verb, one.also),
        unseen_in=one.unseen_in,
    )


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

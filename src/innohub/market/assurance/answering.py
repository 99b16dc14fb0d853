"""Each force's part: it accepts what was verified for all, adds what is its own, or refuses it."""

from sqlalchemy import update

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid, WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.assurance.commands import RespondToItem
from innohub.market.assurance.loading import visible_item
from innohub.market.assurance.models import (
    AssuranceAddition,
    AssuranceItem,
    AssuranceResponse,
    PassportResponse,
)
from innohub.market.assurance.models import AssuranceStatus as Status
from innohub.market.reference_lists import chosen_from
from innohub.market.working_days import london_date
from innohub.outbox.service import record

DPIA = "dpia"
ADDENDUM = "addendum"
"""The one part of what a force adds to an item of any other type."""


async def respond(work: UnitOfWork, actor: Actor, command: RespondToItem) -> AssuranceResponse:
    """Answer a verified item for the actor's own force, in the place of its earlier answer.

    Raises NotFound, Denied without `assurance:respond` at the force, WrongState for an item that
    is not verified or is past, Invalid for an addendum that does not suit the answer.
    """
    item, technology = await visible_item(work, actor, command.item_id)
    force_id = command.force_id
    if force_id is None:
        force_id = actor.only_organisation(Permission.ASSURANCE_RESPOND)
    actor.require(Permission.ASSURANCE_RESPOND, force_id)
    _answerable(work, item)
    await _check_additions(work, item, command)
    await _retire(work, item, force_id)
    answer = AssuranceResponse(
        item_id=item.id,
        technology_id=technology.id,
        force_id=force_id,
        by_id=actor.person_id,
        response=command.response,
        reason=command.reason,
        latest=True,
        created_at=work.now,
    )
    work.session.add(answer)
    await work.session.flush()
    work.session.add_all(
        AssuranceAddition(
            response_id=answer.id, part=one.part, technology_id=technology.id, body=one.body
        )
        for one in command.additions
    )
    await record(
        work,
        "assurance_response:create",
        answer,
        detail={
            "item_id": item.id,
            "force_id": force_id,
            "response": command.response.value,
            "additions": [one.part for one in command.additions],
        },
        reason=command.reason,
    )
    return answer


def _answerable(work: UnitOfWork, item: AssuranceItem) -> None:
    if item.status is not Status.VERIFIED:
        state = item.status.replace("_", " ")
        raise WrongState(f"This item is {state}. Forces answer items that are verified.")
    if item.expires_on is not None and item.expires_on <= london_date(work.now):
        raise WrongState(f"This item expired on {item.expires_on:%d %B %Y}.")


async def _check_additions(work: UnitOfWork, item: AssuranceItem, command: RespondToItem) -> None:
    adds = command.response is PassportResponse.ACCEPTED_WITH_LOCAL_ADDENDUM
    if adds and not command.additions:
        raise Invalid("Write what your force adds.", field="additions")
    if not adds and command.additions:
        raise Invalid(
            "What your force adds belongs to “Accepted with a local addendum”.", field="response"
        )
    parts = [one.part for one in command.additions]
    if item.type == DPIA:
        await chosen_from(work, "dpia_addition", parts, field="additions")
    elif set(parts) - {ADDENDUM}:
        raise Invalid(f"Call the addendum to this item “{ADDENDUM}”.", field="additions")


async def _retire(work: UnitOfWork, item: AssuranceItem, force_id: int) -> None:
    # Under the item's lock, so that of two answers of one force exactly one is the latest.
    await work.session.execute(
        update(AssuranceResponse)
        .where(
            AssuranceResponse.item_id == item.id,
            AssuranceResponse.force_id == force_id,
            AssuranceResponse.latest,
        )
        .values(latest=False)
    )

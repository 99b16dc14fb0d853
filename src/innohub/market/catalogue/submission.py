"""A draft becomes a version: reviewed first where it must be, live at once where it may."""

from collections.abc import Mapping, Sequence
from typing import Any

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Invalid
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.canonical import digest
from innohub.market.catalogue import drafts, events, loading, review, telling, versions
from innohub.market.catalogue.commands import SubmitTechnology
from innohub.market.catalogue.models import (
    LISTING,
    ListingDraft,
    ListingState,
    ListingVersion,
    Technology,
    VersionState,
)
from innohub.market.catalogue.parts import areas_of, changed_between
from innohub.market.working_days import close_of_working_day
from innohub.outbox.service import record

REVIEW_WORKING_DAYS = 5


async def submit(
    work: UnitOfWork,
    actor: Actor,
    command: SubmitTechnology,
    *,
    assurance: Sequence[Mapping[str, Any]],
) -> Technology:
    """Freeze the draft as the next version. A first one, or one with a material change, goes to the
    reviewers, in place of another that waits there; a minor one is live at once.

    `assurance` are the items held, which the assurance service knows; call `submit` there.
    Raises NotFound, Denied without `listing:submit` (`listing:edit` for a published listing),
    WrongState, Conflict where listing or draft changed since they were seen, Invalid with one
    problem for each part that is missing, or where nothing changed.
    """
    technology = await loading.visible_technology(work, actor, command.technology_id)
    published = technology.state == ListingState.PUBLISHED
    needed = Permission.LISTING_EDIT if published else Permission.LISTING_SUBMIT
    actor.require(needed, technology.supplier_id)
    loading.unchanged(technology, command)
    LISTING.after("amend" if published else "submit", technology.state)
    draft = await drafts.draft_of(work, technology)
    if command.draft_revision not in (None, draft.revision):
        raise Conflict("Somebody else changed the draft since you opened it. Load it again.")
    version = await _frozen(work, technology, draft, assurance)
    verb = "submit" if not published else "propose" if version.material else "amend"
    technology.state = LISTING.after(verb, technology.state)
    work.session.add(version)
    await work.session.flush()
    await record(
        work,
        "technology:submit",
        technology,
        detail={
            "version": version.number,
            "content_hash": version.content_hash,
            "changed": version.changed,
            "material": version.material,
        },
        event=events.VersionCreated.about(technology, version),
    )
    if version.material:
        await telling.tell_reviewers(work, technology, version)
    else:
        await _amend(work, technology, version)
    return technology


async def _frozen(
    work: UnitOfWork,
    technology: Technology,
    draft: ListingDraft,
    assurance: Sequence[Mapping[str, Any]],
) -> ListingVersion:
    """The draft as the next version. Raises Invalid for one that is incomplete or no different."""
    content = versions.content_of(draft, await drafts.sections_of(work, draft), assurance)
    problems = [versions.problem_of(part) for part in versions.missing_from(content)]
    if problems:
        raise Invalid(problems[0].message, field=problems[0].field, problems=problems)
    live = await loading.live_version(work, technology)
    changed = changed_between(live.content if live else {}, content)
    if not changed:
        raise Invalid("Nothing has changed since the version that is published.")
    areas = areas_of(changed, live.content, content) if live else set()
    material = live is None or bool(areas)
    before = await review.give_up(work, technology)
    return ListingVersion(
        technology_id=technology.id,
        number=before.number + 1 if before else 1,
        state=VersionState.IN_REVIEW if material else VersionState.APPROVED,
        content=content,
        content_hash=digest(content),
        changed=changed,
        areas=sorted(areas),
        material=material,
        review_due_on=close_of_working_day(work.now, REVIEW_WORKING_DAYS) if material else None,
        created_at=work.now,
    )


async def _amend(work: UnitOfWork, technology: Technology, version: ListingVersion) -> None:
    await review.go_live(work, technology, version)
    await record(
        work,
        "technology:amend",
        technology,
        detail={"version": version.number},
        event=events.ListingPublished.about(technology, version),
    )

"""Listings: drafted, assured, submitted, reviewed, and what became of them."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from innohub.identity.actor import Actor
from innohub.identity.models import Role
from innohub.market.assurance import service as assurance
from innohub.market.assurance.commands import DeclareItem, VerifyItem
from innohub.market.assurance.models import AssuranceStatus, VerificationMethod
from innohub.market.catalogue import service as catalogue
from innohub.market.catalogue.commands import (
    ApproveTechnology,
    DraftTechnology,
    EditTechnology,
    PartReason,
    RequestChanges,
    SubmitTechnology,
    SuspendTechnology,
    WithdrawTechnology,
    WriteSection,
)
from innohub.market.catalogue.models import ListingState, Section
from innohub.market.pilots import service as pilots
from innohub.seed.records import Price, StoryEdit, StoryItem, StoryTechnology
from innohub.seed.telling.papers import evidence_of
from innohub.seed.telling.stage import COMPANY, Stage
from innohub.seed.telling.timetable import AFTERNOON, DAWN, MORNING, NOON, Step

DAYS_OF_DRAFTING = 18
DAYS_OF_REVIEW = 6
DAYS_TO_DECLARE = 2
DAYS_TO_VERIFY = 4
JUDGED = {AssuranceStatus.VERIFIED, AssuranceStatus.EXPIRED}


def technology_steps(stage: Stage, row: StoryTechnology) -> Iterator[Step]:
    """From the draft to the state that the story leaves the listing in."""
    reviewed = _reviewed_on(row)
    begun = _begun_on(row)
    yield Step(begun + MORNING, f"{row.name} is drafted", partial(_draft, stage, row, begun))
    yield from _item_steps(stage, row, begun)
    if row.status is not ListingState.DRAFT:
        yield Step(
            reviewed - DAYS_OF_REVIEW + AFTERNOON,
            f"{row.name} is submitted",
            partial(_submit, stage, row),
        )
    if row.published_day is not None:
        yield Step(row.published_day + NOON, f"{row.name} is listed", partial(_approve, stage, row))
    for edit in row.edits:
        what = f"{row.name} changes its listing"
        yield Step(edit.day + MORNING, what, partial(_edit, stage, row, edit))
        if edit.reviewed_day is not None:
            what = f"The change of {row.name} is approved"
            yield Step(edit.reviewed_day + NOON, what, partial(_approve, stage, row))
    closing = {
        ListingState.CHANGES_REQUESTED: _request_changes,
        ListingState.SUSPENDED: _suspend,
        ListingState.WITHDRAWN: _withdraw,
    }
    if row.status in closing and row.status_day is not None:
        what = f"{row.name} is {row.status.replace('_', ' ')}"
        yield Step(row.status_day + MORNING, what, partial(closing[row.status], stage, row))


def expiry_steps(stage: Stage) -> Iterator[Step]:
    """The hub's own look at what expires, on each day on which something does or is warned of."""
    items = [item for row in stage.story.technologies for item in row.assurance]
    ends = {item.expires_day for item in items if item.expires_day is not None}
    days = {end - ahead for end in ends for ahead in (*assurance.WARNINGS, 0)}
    for day in sorted(day for day in days if day < 0):
        yield Step(day + DAWN, "The hub looks at what expires", partial(_look, stage))


def _reviewed_on(row: StoryTechnology) -> int:
    """The day of the reviewer's decision; for a listing under review a day still to come."""
    if row.published_day is not None:
        return row.published_day
    days = row.status_day or 0
    return days + DAYS_OF_REVIEW if row.status is ListingState.IN_REVIEW else days


def _begun_on(row: StoryTechnology) -> int:
    if row.status is ListingState.DRAFT:
        return row.status_day or 0
    return _reviewed_on(row) - DAYS_OF_REVIEW - DAYS_OF_DRAFTING


def _item_steps(stage: Stage, row: StoryTechnology, begun: int) -> Iterator[Step]:
    """Renewals come while the listing is on the market; the rest with the draft."""
    judged: dict[int, list[StoryItem]] = {}
    for item in row.assurance:
        declared = max(begun, min(item.issued_day + DAYS_TO_DECLARE, -1))
        if item.issued_day > begun:
            what = f"{row.name} renews {item.reference}"
            yield Step(declared + MORNING, what, partial(_declare, stage, row, item))
        if item.status in JUDGED:
            # The officer sees a listing once it is public.
            listed = max(declared, row.published_day or declared)
            judged.setdefault(min(listed + DAYS_TO_VERIFY, -1), []).append(item)
    for day, items in judged.items():
        what = f"The assurance of {row.name} is verified"
        yield Step(day + NOON, what, partial(_verify, stage, row, items))


def _editor(stage: Stage, row: StoryTechnology) -> Actor:
    return stage.holder(row.supplier, Role.SUPPLIER_EDITOR, Role.SUPPLIER_ADMIN)


async def _draft(stage: Stage, row: StoryTechnology, begun: int) -> None:
    editor = _editor(stage, row)
    async with stage.work_of(editor) as work:
        technology = await catalogue.draft(work, editor, _facts(row))
        stage.technologies[row.slug] = technology.id
        for section, body in _sections(row).items():
            written = WriteSection(technology_id=technology.id, section=section, body=body)
            await catalogue.write_section(work, editor, written)
        for item in row.assurance:
            if item.issued_day <= begun:
                command = _declared(stage, row, item)
                file = evidence_of(stage, row.slug, item.reference)
                declared = await assurance.declare_item(work, editor, command, file=file)
                stage.items[row.slug, item.type, item.reference] = declared.id


def _facts(row: StoryTechnology) -> DraftTechnology:
    return DraftTechnology(
        name=row.name,
        summary=row.summary,
        category=row.category,
        trl=row.trl,
        trl_evidence=row.trl_evidence,
        capabilities=list(row.capabilities),
        research_lines=list(row.research_lines),
        integrations=list(row.integrations),
        hosting=list(row.hosting),
        data_kinds=list(row.data_kinds),
        ai_role=row.ai_role,
        **_price(row.price),
    )


def _price(band: Price) -> dict[str, Any]:
    return {f"price_{name}": value for name, value in band.model_dump().items()}


def _sections(row: StoryTechnology) -> dict[Section, str]:
    written = row.sections.model_dump(exclude_none=True)
    return {Section(name): body for name, body in written.items()}


def _declared(stage: Stage, row: StoryTechnology, item: StoryItem) -> DeclareItem:
    expires = item.expires_day
    return DeclareItem(
        technology_id=stage.technologies[row.slug],
        type=item.type,
        issuer=item.issuer,
        reference=item.reference,
        issued_on=stage.clock.date_of(item.issued_day),
        expires_on=None if expires is None else stage.clock.date_of(expires),
        scope=item.scope,
        evidence=_evidence(row, item) if item.status in JUDGED else None,
    )


def _evidence(row: StoryTechnology, item: StoryItem) -> str:
    """A supplier publishes its own documents; a certificate stands in its issuer's register."""
    if _by_others(item):
        return f"{item.issuer}, public register, {item.reference}"
    return f"https://{row.supplier}.example/assurance/{item.reference.lower()}"


def _by_others(item: StoryItem) -> bool:
    return item.issuer.startswith("Demonstration ")


def _verdict(item: StoryItem) -> tuple[VerificationMethod, str]:
    if _by_others(item):
        seen = f"{item.reference} stands as declared in the register of {item.issuer}."
        return VerificationMethod.ISSUERS_REGISTER, seen
    seen = f"Read {item.reference} in full: it covers the version that is listed."
    return VerificationMethod.EVIDENCE_READ, seen


async def _declare(stage: Stage, row: StoryTechnology, item: StoryItem) -> None:
    command = _declared(stage, row, item)
    file = evidence_of(stage, row.slug, item.reference)
    declare = partial(assurance.declare_item, file=file)
    declared = await stage.do(_editor(stage, row), declare, command)
    stage.items[row.slug, item.type, item.reference] = declared.id


async def _verify(stage: Stage, row: StoryTechnology, items: list[StoryItem]) -> None:
    officer = stage.holder(COMPANY, Role.ASSURANCE_OFFICER)
    async with stage.work_of(officer) as work:
        for item in items:
            method, seen = _verdict(item)
            id = stage.items[row.slug, item.type, item.reference]
            command = VerifyItem(item_id=id, method=method, reason=seen)
            await assurance.verify_item(work, officer, command)


async def _look(stage: Stage) -> None:
    await assurance.watch(stage.database, pilots.forces_using)


async def _submit(stage: Stage, row: StoryTechnology) -> None:
    admin = stage.holder(row.supplier, Role.SUPPLIER_ADMIN)
    command = SubmitTechnology(technology_id=stage.technologies[row.slug])
    await stage.do(admin, assurance.submit, command)


async def _edit(stage: Stage, row: StoryTechnology, edit: StoryEdit) -> None:
    editor, id = _editor(stage, row), stage.technologies[row.slug]
    async with stage.work_of(editor) as work:
        if edit.price is not None:
            changed = EditTechnology.parse({"technology_id": id, **_price(edit.price)})
            await catalogue.edit(work, editor, changed)
        for section, body in edit.sections.items():
            written = WriteSection(technology_id=id, section=section, body=body)
            await catalogue.write_section(work, editor, written)
        await assurance.submit(work, editor, SubmitTechnology(technology_id=id))


async def _approve(stage: Stage, row: StoryTechnology) -> None:
    reviewer = stage.holder(COMPANY, Role.CATALOGUE_REVIEWER)
    command = ApproveTechnology(technology_id=stage.technologies[row.slug])
    await stage.do(reviewer, assurance.approve, command)


async def _request_changes(stage: Stage, row: StoryTechnology) -> None:
    reviewer = stage.holder(COMPANY, Role.CATALOGUE_REVIEWER)
    command = RequestChanges(
        technology_id=stage.technologies[row.slug],
        reason=_reason(row),
        reasons=[PartReason(part=p, reason=reason) for p, reason in row.part_reasons.items()],
    )
    await stage.do(reviewer, catalogue.request_changes, command)


async def _suspend(stage: Stage, row: StoryTechnology) -> None:
    officer = stage.holder(COMPANY, Role.ASSURANCE_OFFICER)
    command = SuspendTechnology(technology_id=stage.technologies[row.slug], reason=_reason(row))
    await stage.do(officer, catalogue.suspend, command)


async def _withdraw(stage: Stage, row: StoryTechnology) -> None:
    admin = stage.holder(row.supplier, Role.SUPPLIER_ADMIN)
    command = WithdrawTechnology(technology_id=stage.technologies[row.slug], reason=_reason(row))
    await stage.do(admin, catalogue.withdraw, command)


def _reason(row: StoryTechnology) -> str:
    # The checks of the story see to it that it is there.
    return row.status_reason or ""

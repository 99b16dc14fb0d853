"""How two contents of a listing differ, in words that a busy reader can follow."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.errors import NotFound
from innohub.identity.models import ReferenceValue
from innohub.identity.viewer import Viewer
from innohub.market.catalogue import policy, versions
from innohub.market.catalogue.models import (
    DraftSection,
    ListingDraft,
    ListingVersion,
    Section,
    Technology,
)
from innohub.market.catalogue.parts import LABELS, Area, areas_of, changed_between, part_of

SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
WORD = re.compile(r"\s+|[^\s]+")
MOST_WORDS = 400
"""Beyond as many words in a changed passage the whole of it is shown as replaced: the time that a
comparison takes grows with their square, and nobody reads a mosaic."""
LISTS = {
    "category": "category",
    "capabilities": "capability",
    "research_lines": "ari_service_line",
    "hosting": "hosting",
    "data_kinds": "data_kind",
    "ai_role": "ai_role",
}
Labels = Mapping[tuple[str, str], str]


class Kind(StrEnum):
    KEPT = "kept"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True)
class Run:
    """Some text that was kept, added or removed."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Part:
    part: str
    label: str
    area: Area | None
    runs: Sequence[Run]


@dataclass(frozen=True)
class Difference:
    material: bool
    parts: Sequence[Part]


async def difference_of(
    session: AsyncSession, viewer: Viewer, slug: str, since: int | None, to: int | None
) -> Difference:
    """How the version `to` of a listing, None for the supplier's draft, differs from `since`: None
    for the version that is live, 0 for nothing at all. Raises NotFound for what the viewer may not
    see."""
    after = await _content(session, viewer, slug, to)
    before = await _live(session, viewer, slug) if since is None else {}
    if since:
        before = await _content(session, viewer, slug, since)
    labels = await session.execute(
        select(ReferenceValue.list, ReferenceValue.id, ReferenceValue.label).where(
            ReferenceValue.list.in_(LISTS.values())
        )
    )
    return difference(before, after, {(row.list, row.id): row.label for row in labels})


def difference(before: Mapping[str, Any], after: Mapping[str, Any], labels: Labels) -> Difference:
    """The parts that differ, in the order of the page."""
    changed = changed_between(before, after)
    return Difference(
        material=not before or bool(areas_of(changed, before, after)),
        parts=[
            Part(
                part,
                LABELS[part],
                next(iter(areas_of([part], before, after)), None) if before else None,
                list(runs(text_of(part, before, labels), text_of(part, after, labels))),
            )
            for part in changed
        ],
    )


def text_of(part: str, content: Mapping[str, Any], labels: Labels) -> str:
    """A part as text; one line for each entry of a list."""
    value = part_of(content, part)
    if value is None:
        return ""
    if part == "price":
        return _price(value)
    entries = value if isinstance(value, list) else [value]
    return "\n".join(labels.get((LISTS.get(part, ""), str(one)), str(one)) for one in entries)


def runs(before: str, after: str) -> Iterator[Run]:
    """From one text to the other: sentence by sentence, and word by word in those that changed."""
    old, new = _sentences(before), _sentences(after)
    found: list[Run] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Run(Kind.KEPT, "".join(old[a:b])))
        else:
            found += _words(WORD.findall("".join(old[a:b])), WORD.findall("".join(new[c:d])))
    yield from _joined(found)


def _sentences(text: str) -> list[str]:
    """The sentences and lines of a text, each with the space behind it."""
    ends = [match.end() for match in SENTENCE.finditer(text)]
    starts = [0, *ends]
    return [text[a:b] for a, b in zip(starts, [*ends, len(text)], strict=True) if a < b]


def _words(old: list[str], new: list[str]) -> list[Run]:
    if max(len(old), len(new)) > MOST_WORDS:
        return [Run(Kind.REMOVED, "".join(old)), Run(Kind.ADDED, "".join(new))]
    found: list[Run] = []
    for tag, a, b, c, d in SequenceMatcher(str.isspace, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Run(Kind.KEPT, "".join(old[a:b])))
        else:
            found.append(Run(Kind.REMOVED, "".join(old[a:b])))
            found.append(Run(Kind.ADDED, "".join(new[c:d])))
    return found


def _joined(found: Sequence[Run]) -> Iterator[Run]:
    """Without the empty ones, neighbours of one kind made one."""
    kept: Run | None = None
    for run in found:
        if not run.text:
            continue
        if kept is not None and kept.kind is run.kind:
            kept = Run(run.kind, kept.text + run.text)
            continue
        if kept is not None:
            yield kept
        kept = run
    if kept is not None:
        yield kept


def _price(price: Mapping[str, Any]) -> str:
    unit, interval = (str(price[name]).replace("_", " ") for name in ("unit", "interval"))
    paid = "once" if interval == "one off" else f"each {interval}"
    sums = f"{_pounds(price['from_pence'])} to {_pounds(price['to_pence'])}"
    return f"{sums} per {unit} {paid}"


def _pounds(pence: int) -> str:
    return f"£{pence / 100:,.2f}".removesuffix(".00")


async def _content(
    session: AsyncSession, viewer: Viewer, slug: str, number: int | None
) -> dict[str, Any]:
    if number is None:
        return await _draft(session, viewer, slug)
    found = await session.scalar(
        select(ListingVersion)
        .join(Technology, Technology.id == ListingVersion.technology_id)
        .where(
            Technology.slug == slug,
            ListingVersion.number == number,
            policy.version_visible(ListingVersion, viewer),
        )
    )
    if found is None:
        raise NotFound("There is no such version of this listing.")
    return found.content


async def _live(session: AsyncSession, viewer: Viewer, slug: str) -> dict[str, Any]:
    """What everybody reads; nothing before the first publication."""
    found = await session.scalar(
        select(ListingVersion.content)
        .join(Technology, Technology.current_version_id == ListingVersion.id)
        .where(Technology.slug == slug, policy.version_visible(ListingVersion, viewer))
    )
    return found or {}


async def _draft(session: AsyncSession, viewer: Viewer, slug: str) -> dict[str, Any]:
    draft = await session.scalar(
        select(ListingDraft)
        .join(Technology, Technology.id == ListingDraft.technology_id)
        .where(Technology.slug == slug, policy.draft_visible(ListingDraft, viewer))
    )
    if draft is None:
        raise NotFound("There is no draft of this listing.")
    written = await session.scalars(select(DraftSection).where(DraftSection.draft_id == draft.id))
    return versions.content_of(draft, {Section(row.section): row.body for row in written})

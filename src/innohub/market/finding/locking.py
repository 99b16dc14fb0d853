"""A force keeps why it chose a supplier: the search, its results at that moment, the reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text, func, literal, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Denied, Invalid, NotFound
from innohub.identity.actor import Actor
from innohub.identity.models import Organisation, OrganisationKind, Person
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.canonical import digest
from innohub.market.catalogue.models import ListingState, ListingVersion, Technology
from innohub.market.finding import policy, predicates
from innohub.market.finding.commands import LockSearch
from innohub.market.finding.criteria import Criteria
from innohub.market.finding.locked import LockedResult, LockedSearch
from innohub.outbox.service import record

KEPT = 100
"""Results of a locked search: what nobody pages to was not chosen from."""


@dataclass(frozen=True)
class Found:
    """What a search finds now, the best first."""

    total: int
    results: Sequence[dict[str, Any]]
    """Each with the columns of LockedResult that the listing gives."""


@dataclass(frozen=True)
class Change:
    """What became of one listing since the search was locked. Places count from 1; None: not
    among the results."""

    name: str
    slug: str
    place_then: int | None
    place_now: int | None
    changes: Sequence[str]
    """In plain words; empty where all is as it was."""


@dataclass(frozen=True)
class Replay:
    total_now: int
    whole: bool
    """The record still has its hash."""
    lines: Sequence[Change]


async def lock(work: UnitOfWork, actor: Actor, command: LockSearch) -> LockedSearch:
    """Keep the search, what it finds now and why these were chosen; nothing of it changes again.

    Raises Denied without `search:lock` in a force; Invalid where nothing is asked, or where what
    was chosen is not among the results.
    """
    force = await _force(work, actor, command)
    if not command.criteria.kept():
        raise Invalid("Say what to look for: words, or a filter.", field="criteria")
    found = await run(work.session, command.criteria)
    chosen = set(command.chosen)
    if missing := chosen - {row["technology_id"] for row in found.results}:
        raise Invalid(
            f"{len(missing)} of what you chose is not among the results now. Search again.",
            field="chosen",
        )
    rows = [{**row, "chosen": row["technology_id"] in chosen} for row in found.results]
    person = await work.session.get_one(Person, actor.person_id)
    facts = {
        "force_id": force.id,
        "locked_by_id": person.id,
        "locked_by_name": person.name,
        "title": command.title,
        "criteria": command.criteria.kept(),
        "query": command.criteria.query(),
        "read_as": await _read_as(work.session, command.criteria.search),
        "total": found.total,
        "reason": command.reason,
    }
    content = {**facts, "locked_at": work.now.isoformat(), "results": rows}
    locked = LockedSearch(**facts, content=content, hash=digest(content), created_at=work.now)
    work.session.add(locked)
    await work.session.flush()
    work.session.add_all(LockedResult(locked_search_id=locked.id, **row) for row in rows)
    detail = {"hash": locked.hash, "found": found.total, "chosen": sorted(chosen)}
    await record(work, "search:lock", locked, detail=detail, reason=command.reason)
    return locked


async def run(session: AsyncSession, criteria: Criteria) -> Found:
    """What the search page would show now, its first hundred, in its order."""
    row = Technology
    fit: Any = predicates.band(row, literal(criteria.search))
    order = "relevance" if criteria.search else "evidence"
    why = func.search_why(
        literal_column(row.__tablename__),
        order,
        predicates.terms(literal(criteria.search)),
        type_=Text,
    )
    wanted = (row.state == ListingState.PUBLISHED, criteria.fits(row))
    statement = (
        select(
            row.id.label("technology_id"),
            ListingVersion.id.label("listing_version_id"),
            row.name,
            Organisation.name.label("supplier"),
            ListingVersion.number.label("version"),
            ListingVersion.content_hash,
            fit.label("fit"),
            row.evidence,
            why.label("why"),
        )
        .join(ListingVersion, ListingVersion.id == row.current_version_id)
        .join(Organisation, Organisation.id == row.supplier_id)
        .where(*wanted)
        .order_by(fit.desc(), row.evidence.desc(), row.id.desc())
        .limit(KEPT)
    )
    results = [
        {"place": place, **one}
        for place, one in enumerate((await session.execute(statement)).mappings(), start=1)
    ]
    total = await session.scalar(select(func.count()).select_from(row).where(*wanted))
    return Found(total or 0, results)


async def replay(session: AsyncSession, actor: Actor, id: int) -> Replay:
    """The locked search asked again now, and what has changed since.

    Raises NotFound for another force's.
    """
    seen = policy.locked_search_visible(LockedSearch, Viewer(actor))
    locked = await session.scalar(select(LockedSearch).where(LockedSearch.id == id, seen))
    if locked is None:
        raise NotFound("There is no such record.")
    now = await run(session, Criteria.model_validate(locked.criteria))
    then = {row["technology_id"]: row for row in locked.content["results"]}
    again = {row["technology_id"]: row for row in now.results}
    slugs = await _slugs(session, [*then, *again])
    lines = [
        _change(slugs[id], then.get(id), again.get(id)) for id in dict.fromkeys([*then, *again])
    ]
    return Replay(now.total, digest(locked.content) == locked.hash, lines)


def _change(slug: str, then: dict[str, Any] | None, now: dict[str, Any] | None) -> Change:
    told = []
    if then is None:
        told.append("It was not among the results.")
    elif now is None:
        told.append("It is not among the results any longer.")
    else:
        if then["place"] != now["place"]:
            told.append(f"It moved from place {then['place']} to {now['place']}.")
        if then["content_hash"] != now["content_hash"]:
            told.append(f"Its listing changed, from version {then['version']} to {now['version']}.")
        if then["fit"] != now["fit"]:
            told.append("It fits the words differently.")
        if then["evidence"] != now["evidence"]:
            told.append(f"Its evidence changed. Now: {now['why']}")
    known = now or then or {}
    return Change(known["name"], slug, _place(then), _place(now), told)


def _place(row: dict[str, Any] | None) -> int | None:
    return None if row is None else row["place"]


async def _slugs(session: AsyncSession, ids: Sequence[int]) -> dict[int, str]:
    rows = await session.execute(
        select(Technology.id, Technology.slug).where(Technology.id.in_(ids))
    )
    return {row.id: row.slug for row in rows}


async def _read_as(session: AsyncSession, search: str) -> str:
    reading = select(func.search_mended(search, type_=Text))
    return str(await session.scalar(reading))


async def _force(work: UnitOfWork, actor: Actor, command: LockSearch) -> Organisation:
    force_id = command.force_id or actor.only_organisation(Permission.SEARCH_LOCK)
    actor.require(Permission.SEARCH_LOCK, force_id)
    force = await work.session.get_one(Organisation, force_id)
    if force.kind != OrganisationKind.FORCE or actor.person_id is None:
        raise Denied("Only a force's people lock a search.")
    return force

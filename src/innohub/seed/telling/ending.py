"""The last look before the commit: the market stands as the story says."""

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.market.assurance.models import AssuranceItem
from innohub.market.board.models import Round, RoundItem
from innohub.market.catalogue.models import Technology
from innohub.market.challenges.models import Challenge
from innohub.market.demand.models import Pool
from innohub.market.evidence.models import Result
from innohub.market.pilots.models import Pilot
from innohub.seed.telling.stage import Stage


class StoryUntold(RuntimeError):
    """The services led elsewhere than the story: a fault of the content or of the telling."""

    def __init__(self, differences: Iterable[str]) -> None:
        super().__init__("\n  ".join(["the market is not as the story says:", *differences]))


async def demand_the_end(stage: Stage) -> None:
    """Raises StoryUntold, naming every difference."""
    async with stage.database.session() as session:
        found = [
            *_differences("technology", _listings(stage), await _listed(session)),
            *_differences("assurance item", _items(stage), await _assured(session)),
            *_differences("pilot", _pilots(stage), await _piloted(session)),
            *_differences("verdict", _verdicts(stage), await _judged(session)),
            *_differences("challenge", _challenges(stage), await _posted(session)),
            *_differences("pool", _pools(stage), await _pooled(session)),
            *_differences("round", _rounds(stage), await _held(session)),
            *_differences("candidate", _decisions(stage), await _decided(session)),
        ]
    if found:
        raise StoryUntold(found)


def _differences(
    what: str, told: Mapping[str, object], found: Mapping[str, object]
) -> Iterator[str]:
    for name in sorted(told.keys() | found.keys()):
        if told.get(name) != found.get(name):
            yield f"{what} {name}: is {found.get(name)}, and should be {told.get(name)}"


def _pools(stage: Stage) -> Mapping[str, object]:
    return {row.title: row.state for row in stage.story.pools}


async def _pooled(session: AsyncSession) -> Mapping[str, object]:
    rows = await session.execute(select(Pool.title, Pool.state))
    return dict(rows.all())


def _listings(stage: Stage) -> Mapping[str, object]:
    return {row.slug: row.status for row in stage.story.technologies}


async def _listed(session: AsyncSession) -> Mapping[str, object]:
    rows = await session.execute(select(Technology.slug, Technology.state))
    return dict(rows.all())


def _items(stage: Stage) -> Mapping[str, object]:
    return {
        f"{row.slug} {item.type} {item.reference}": item.status
        for row in stage.story.technologies
        for item in row.assurance
    }


async def _assured(session: AsyncSession) -> Mapping[str, object]:
    item = AssuranceItem
    rows = await session.execute(
        select(Technology.slug, item.type, item.reference, item.status).join(
            Technology, Technology.id == item.technology_id
        )
    )
    return {f"{slug} {type_} {reference}": status for slug, type_, reference, status in rows}


def _challenges(stage: Stage) -> Mapping[str, object]:
    return {row.title: row.state for row in stage.story.challenges}


async def _posted(session: AsyncSession) -> Mapping[str, object]:
    rows = await session.execute(select(Challenge.title, Challenge.state))
    return dict(rows.all())


def _pilots(stage: Stage) -> Mapping[str, object]:
    return {pilot.title: pilot.state for pilot in stage.story.pilots}


async def _piloted(session: AsyncSession) -> Mapping[str, object]:
    rows = await session.execute(select(Pilot.title, Pilot.state))
    return dict(rows.all())


def _verdicts(stage: Stage) -> Mapping[str, object]:
    told = ((pilot.title, pilot.expected_verdict) for pilot in stage.story.pilots)
    return {title: verdict for title, verdict in told if verdict is not None}


async def _judged(session: AsyncSession) -> Mapping[str, object]:
    of = Pilot.id == Result.pilot_id
    rows = await session.execute(select(Pilot.title, Result.verdict).join(Pilot, of))
    return dict(rows.all())


def _rounds(stage: Stage) -> Mapping[str, object]:
    return {round_.title: round_.state for round_ in stage.story.rounds}


async def _held(session: AsyncSession) -> Mapping[str, object]:
    rows = await session.execute(select(Round.title, Round.state))
    return dict(rows.all())


def _decisions(stage: Stage) -> Mapping[str, object]:
    return {
        f"{entry.item} in {round_.title}": entry.decision
        for round_ in stage.story.rounds
        for entry in round_.decisions
    }


async def _decided(session: AsyncSession) -> Mapping[str, object]:
    rows = await session.execute(
        select(Technology.slug, Round.title, RoundItem.decision)
        .join(RoundItem, RoundItem.technology_id == Technology.id)
        .join(Round, Round.id == RoundItem.round_id)
        .where(RoundItem.decision.is_not(None))
    )
    return {f"{slug} in {title}": decision for slug, title, decision in rows}

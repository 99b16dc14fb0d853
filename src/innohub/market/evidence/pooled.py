"""The pooled effects of a technology, or of the pilots for a challenge, made anew whenever one of
their results is published.

They are kept, not computed for each reader: a page of forty trials is then read like any other.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import delete, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid
from innohub.identity.actor import SYSTEM
from innohub.market.catalogue.models import Technology
from innohub.market.challenges import service as challenges
from innohub.market.evidence import events
from innohub.market.evidence.models import PooledEffect, PooledTrial
from innohub.market.evidence.published_trials import trials_for, trials_of
from innohub.market.evidence.synthesis.between import SOURCES
from innohub.market.evidence.synthesis.pooling import Interval, Pooled
from innohub.market.evidence.synthesis.scale import REACH, Trial
from innohub.market.evidence.synthesis.together import VIEWS, Together, View, together
from innohub.outbox.service import record

Told = events.Pooled | None
"""Of the widest view: all trials that may be pooled."""


async def pool_anew(work: UnitOfWork, technology_id: int, kpi: str) -> None:
    """Bring every view of the technology's trials of one indicator up to date.

    The technology's row must be locked: two publications at once would pool past each other.
    """
    await work.session.flush()
    trials = await trials_of(work, technology_id, kpi)
    before, after = await _pool(work, {"technology_id": technology_id}, kpi, trials)
    if trials or before is not None:
        await _note(work, technology_id, kpi, after, before)


async def pool_for_challenge(work: UnitOfWork, challenge_id: int, kpi: str) -> None:
    """The same of the pilots for a challenge, on its own indicator alone: what they show together,
    whichever technology each of them tried. Locks the challenge."""
    await work.session.flush()
    challenge = await challenges.held(work, SYSTEM, challenge_id)
    if challenge.kpi != kpi:
        return
    trials = await trials_for(work, challenge.id, kpi)
    before, after = await _pool(work, {"challenge_id": challenge.id}, kpi, trials)
    if trials or before is not None:
        detail = {"kpi": kpi, "trials": 0 if after is None else after.trial_count}
        await record(work, "evidence:pool", challenge, detail=detail)


async def _pool(
    work: UnitOfWork, of: dict[str, int], kpi: str, trials: Sequence[Trial]
) -> tuple[Told, Told]:
    """Make the views anew; what the widest said before, and what it says now."""
    # The mathematics takes its time, and other requests their turn meanwhile.
    found = await asyncio.to_thread(_views, trials)
    mine = select(PooledEffect.id).filter_by(**of, kpi=kpi)
    await work.session.execute(delete(PooledTrial).where(PooledTrial.pooled_effect_id.in_(mine)))
    kept = await _kept(work, of, kpi)
    before = _told(kept.get(VIEWS[0]))
    for view in kept.keys() - found.keys():
        await work.session.delete(kept.pop(view))
    for view, one in found.items():
        row = kept[view] = kept.get(view) or PooledEffect(
            **of, kpi=kpi, grade_at_least=view.grade_at_least,
            independent_only=view.independent_only, created_at=work.now,
        )  # fmt: skip
        for name, value in _columns(one).items():
            setattr(row, name, value)
        row.pooled_at = work.now
        work.session.add(row)
        await work.session.flush()
        work.session.add_all(_rows(row, one, work))
    await work.session.flush()
    return before, _told(kept.get(VIEWS[0]))


def _told(row: PooledEffect | None) -> Told:
    """What the world hears of a pooled effect."""
    return (
        None
        if row is None
        else events.Pooled(**{one.name: getattr(row, one.name) for one in fields(events.Pooled)})
    )


async def _note(work: UnitOfWork, technology_id: int, kpi: str, pooled: Told, before: Told) -> None:
    """The audit trail keeps what the trials said together, and when; the world hears of it where
    it is not what they said before."""
    detail: dict[str, Any] = {"kpi": kpi, "trials": 0}
    if pooled is not None:
        detail |= {"trials": pooled.trial_count, "verdict": pooled.verdict}
    technology = await work.session.get_one(Technology, technology_id)
    event = events.PooledUpdated(
        stream=f"technology/{technology.id}",
        supplier_id=technology.supplier_id,
        technology_id=technology.id,
        technology_slug=technology.slug,
        technology_name=technology.name,
        kpi=kpi,
        pooled=pooled,
        before=before,
    )
    changed = event if pooled != before else None
    await record(work, "evidence:pool", technology, detail=detail, event=changed)


def _views(trials: Sequence[Trial]) -> dict[View, Together]:
    found = {}
    for view in VIEWS:
        try:
            one = together(trials, view)
        except Invalid:
            continue  # too extreme for a finite answer: each trial still stands by itself
        if one is not None:
            found[view] = one
    return found


async def _kept(work: UnitOfWork, of: dict[str, int], kpi: str) -> dict[View, PooledEffect]:
    rows = await work.session.scalars(select(PooledEffect).filter_by(**of, kpi=kpi))
    return {View(row.grade_at_least, row.independent_only): row for row in rows}


def _columns(one: Together) -> dict[str, Any]:
    pooled, beside = one.pooled, one.pooled.heterogeneity
    lower, upper = one.shown_interval(pooled.interval)
    predicted = (None, None) if pooled.prediction is None else one.shown_interval(pooled.prediction)
    return {
        "scale": str(one.scale),
        "direction": one.direction,
        "unit": one.trials[0].trial.unit,
        "trial_count": pooled.k,
        "independent_count": one.independent,
        "best_grade": one.best_grade,
        "effect": one.shown(pooled.effect),
        "lower": lower,
        "upper": upper,
        "p_value": pooled.p_value,
        "prediction_lower": predicted[0],
        "prediction_upper": predicted[1],
        "q": beside and beside.q,
        "q_p_value": beside and beside.p_value,
        "i_squared": beside and beside.i_squared,
        "tau_squared": beside and beside.tau_squared,
        "minimum_important_effect": None if one.minimum is None else one.shown(one.minimum),
        "verdict": one.decision.verdict,
        "because": one.decision.because,
        "models": [_model(one, model) for model in one.models],
    }


def _model(one: Together, model: Pooled) -> dict[str, Any]:
    return {
        "between": model.between or "fixed_effect",
        "source": SOURCES[model.between] if model.between else "Inverse variance, one true effect",
        "effect": one.shown(model.effect),
        "wald": one.shown_interval(model.wald),
        "hartung_knapp": model.hartung_knapp and one.shown_interval(model.hartung_knapp),
        "prediction": model.prediction and one.shown_interval(model.prediction),
        "tau_squared": model.heterogeneity.tau_squared if model.heterogeneity else None,
        "p_value": model.p_value,
    }


def _rows(row: PooledEffect, one: Together, work: UnitOfWork) -> Iterable[PooledTrial]:
    same: dict[str, Any] = {
        "pooled_effect_id": row.id, "technology_id": row.technology_id,
        "challenge_id": row.challenge_id, "created_at": work.now,
    }  # fmt: skip
    pooled = zip(one.trials, one.pooled.weights, one.without, strict=True)
    for place, (trial, weight, rest) in enumerate(pooled):
        reach = trial.standard_error * REACH / 2
        own = Interval(trial.effect - reach, trial.effect + reach)
        lower, upper = one.shown_interval(own)
        others = {} if rest is None else _others(one, rest)
        yield PooledTrial(
            **same, **others, result_id=trial.trial.result_id, role=trial.trial.role, place=place,
            grade=trial.trial.grade, analyst_supplied=trial.trial.analyst_supplied, weight=weight,
            effect=one.shown(trial.effect), lower=lower, upper=upper,
        )  # fmt: skip
    for place, left in enumerate(one.excluded, len(one.trials)):
        yield PooledTrial(
            **same,
            result_id=left.trial.result_id,
            role=left.trial.role,
            grade=left.trial.grade,
            analyst_supplied=left.trial.analyst_supplied,
            place=place,
            excluded_because=left.because,
        )


def _others(one: Together, rest: Pooled) -> dict[str, float]:
    lower, upper = one.shown_interval(rest.interval)
    return {
        "effect_without": one.shown(rest.effect),
        "lower_without": lower,
        "upper_without": upper,
    }

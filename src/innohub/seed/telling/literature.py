"""Trials from the literature: entered by the company's reviewer, with what a reader must know."""

from innohub.identity.models import Role
from innohub.market.evidence import service as evidence
from innohub.market.evidence.commands import RecordLiterature
from innohub.seed.telling.pilot_verbs import cells_of
from innohub.seed.telling.stage import COMPANY, Stage
from innohub.seed.trials import Literature, StoryPilot


async def record_trial(stage: Stage, pilot: StoryPilot) -> None:
    """Store one published trial and its result."""
    source, decision = pilot.literature, pilot.decision
    if source is None or decision is None:
        return
    command = RecordLiterature(
        technology_id=stage.technologies[pilot.technology],
        site=pilot.site,
        title=pilot.title,
        question=pilot.question,
        kpi=pilot.kpi,
        start_on=source.started_on,
        end_on=source.ended_on,
        citation=source.citation if source.doi is None else f"{source.citation} doi:{source.doi}",
        citation_url=source.url,
        unit=pilot.unit,
        baseline_value=pilot.baseline.value,
        baseline_source=f"{pilot.baseline.source}. {pilot.baseline.period}",
        minimum_important_effect=pilot.minimum_important_effect,
        design=pilot.design,
        unit_of_analysis=pilot.unit_of_analysis,
        sample_size=pilot.sample_size,
        analysis_plan=f"As published: {source.figures}\n\n{source.mapping}\n\n"
        + pilot.groups.in_words(),
        cells=cells_of(pilot.cells, source.started_on),
        notes=[source.relevance, source.caveats, _when(source)],
        decision=decision.code,
        reason=decision.reason,
    )
    reviewer = stage.holder(COMPANY, Role.CATALOGUE_REVIEWER)
    result = await stage.do(reviewer, evidence.record_literature, command)
    stage.pilots[pilot.slug] = result.pilot_id
    stage.results[pilot.slug] = result.id


def _when(source: Literature) -> str:
    exact = {
        "day": "its dates are known to the day",
        "month": "its dates are known to the month",
        "year": "only the year of its dates is known",
    }
    return f"The trial ran: {source.trial_period}; {exact[source.dates_to_the]}."

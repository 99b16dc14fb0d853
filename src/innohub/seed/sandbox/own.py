"""What an organisation finds of its own in the sandbox, for its program to work on.

A supplier: a published listing, a pilot that asks for its answer, one that runs, and one whose
result is published. A force: a pilot of its own that runs, and one that waits for its figures.
"""

from dataclasses import dataclass
from functools import partial

from innohub.identity.models import OrganisationKind, ReviewerType, Role
from innohub.identity.sandbox import Newcomer
from innohub.market.pilots import commands
from innohub.market.pilots import service as pilots
from innohub.market.pilots.models import OverlapChoice, Pilot, PilotState
from innohub.seed.market import Story
from innohub.seed.records import (
    StoryMembership,
    StoryOrganisation,
    StoryPerson,
    StorySupplier,
    StoryTechnology,
    Tenant,
)
from innohub.seed.sandbox.market import FORCES, PILOT
from innohub.seed.telling.pilot_verbs import VERBS
from innohub.seed.telling.pilots import PATHS, SAID, moments_of, publishing_steps
from innohub.seed.telling.stage import Stage
from innohub.seed.telling.technologies import technology_steps
from innohub.seed.telling.timetable import Step
from innohub.seed.trials import PilotTimeline, StoryPilot

SAMPLE = "ottercall-video"
ASKED = ("request", "choose")
RUNNING = PilotTimeline(
    requested_day=-150, locked_day=-70, starts_day=-56, ends_day=56, result_due_day=90
)
ENDED = PilotTimeline(
    requested_day=-240, locked_day=-160, starts_day=-146, ends_day=-10, result_due_day=45
)
WANTED = PilotTimeline(requested_day=-5, starts_day=70, ends_day=160)
REASON = "The sandbox tells each supplier the same trials: they are like one another by design."
TITLES = {
    PilotState.PUBLISHED: "Sandbox trial with a published result",
    PilotState.RUNNING: "Sandbox trial that runs",
    PilotState.OVERLAP_REVIEW: "Sandbox trial that waits for the supplier's answer",
    PilotState.ANALYSING: "Sandbox trial that waits for its figures",
}
SEATS_OF_FORCE = {
    "lead": Role.FORCE_INNOVATION_LEAD,
    "analyst": Role.FORCE_ANALYST,
    "second-analyst": Role.FORCE_ANALYST,
    "owner": Role.FORCE_SENIOR_RESPONSIBLE_OWNER,
    "reviewer": Role.FORCE_ASSURANCE_REVIEWER,
}


@dataclass(frozen=True)
class Own:
    """An organisation's part of the sandbox."""

    story: Story
    """With everybody who plays in it, also those who are there already."""
    tenant: Tenant
    people: tuple[StoryPerson, ...]
    technology: StoryTechnology | None
    pilots: tuple[tuple[StoryPilot, tuple[str, ...]], ...]
    """Each with the verbs that lead to where it stands."""


def own_part(common: Story, newcomer: Newcomer) -> Own:
    if newcomer.kind is OrganisationKind.SUPPLIER:
        return _of_supplier(common, newcomer)
    return _of_force(common, newcomer)


def own_steps(stage: Stage, own: Own) -> list[Step]:
    steps = [] if own.technology is None else list(technology_steps(stage, own.technology))
    for pilot, verbs in own.pilots:
        moments = moments_of(pilot)
        for verb in verbs:
            do = _choose if verb == "choose" else VERBS[verb]
            what = f"“{pilot.title}” {SAID[verb]}"
            steps.append(Step(moments[verb], what, partial(do, stage, pilot)))
        steps += publishing_steps(stage, pilot)
    return steps


def _of_supplier(common: Story, newcomer: Newcomer) -> Own:
    slug = newcomer.slug
    sample = common.technology[SAMPLE].model_copy(
        update={"slug": f"{slug}-sample", "name": f"Sample product {newcomer.id}", "supplier": slug}
    )
    lead = ((f"editor@{slug}.example", Role.SUPPLIER_ADMIN),)
    told = (
        ("published", FORCES[0], PilotState.PUBLISHED, None, PATHS[PilotState.PUBLISHED]),
        ("running", FORCES[1], PilotState.RUNNING, RUNNING, PATHS[PilotState.RUNNING]),
        ("asked", FORCES[1], PilotState.OVERLAP_REVIEW, WANTED, ASKED),
    )
    trials = tuple(
        (_trial(common, newcomer, f"{slug}-{name}", sample.slug, force, state, days), verbs)
        for name, force, state, days, verbs in told
    )
    tenant = StorySupplier(**_tenant(newcomer), size="small")
    return _own(common, tenant, _people(slug, lead), sample, trials)


def _of_force(common: Story, newcomer: Newcomer) -> Own:
    slug = newcomer.slug
    seats = tuple((f"{name}@{slug}.example", role) for name, role in SEATS_OF_FORCE.items())
    told = (
        ("running", PilotState.RUNNING, RUNNING),
        ("ended", PilotState.ANALYSING, ENDED),
    )
    trials = tuple(
        (_trial(common, newcomer, f"{slug}-{name}", SAMPLE, slug, state, days), PATHS[state])
        for name, state, days in told
    )
    tenant = StoryOrganisation(**_tenant(newcomer), kind=OrganisationKind.FORCE)
    return _own(common, tenant, _people(slug, seats), None, trials)


def _own(
    common: Story,
    tenant: Tenant,
    people: tuple[StoryPerson, ...],
    technology: StoryTechnology | None,
    trials: tuple[tuple[StoryPilot, tuple[str, ...]], ...],
) -> Own:
    protocol = common.protocol[PILOT]
    story = common.model_copy(
        update={
            "people": (*common.people, *people),
            "technologies": (*common.technologies, *([technology] if technology else [])),
            "pilots": tuple(pilot for pilot, _ in trials),
            "protocols": tuple(
                protocol.model_copy(update={"pilot": pilot.slug}) for pilot, _ in trials
            ),
        }
    )
    return Own(story, tenant, people, technology, trials)


def _tenant(newcomer: Newcomer) -> dict[str, object]:
    return {
        "slug": newcomer.slug,
        "name": f"{newcomer.name} (sandbox)",
        "summary": "Stands for the organisation in the sandbox: what is told of it is invented.",
        "website": f"https://{newcomer.slug}.example",
        "nation": "england",
        "region": "south_east",
        "demonstration": True,
    }


def _people(slug: str, seats: tuple[tuple[str, Role], ...]) -> tuple[StoryPerson, ...]:
    return tuple(
        StoryPerson(
            name=f"Sandbox {email.partition('@')[0].replace('-', ' ')}",
            email=email,
            memberships=(
                StoryMembership(
                    organisation=slug,
                    role=role,
                    reviews=tuple(ReviewerType) if role is Role.FORCE_ASSURANCE_REVIEWER else (),
                ),
            ),
        )
        for email, role in seats
    )


def _trial(
    common: Story,
    newcomer: Newcomer,
    slug: str,
    technology: str,
    force: str,
    state: PilotState,
    timeline: PilotTimeline | None,
) -> StoryPilot:
    model = common.pilot[PILOT]
    changes: dict[str, object] = {
        "slug": slug,
        "technology": technology,
        "force": force,
        "state": state,
        "title": f"{TITLES[state]}: {newcomer.name}",
    }
    if timeline is not None:
        changes["timeline"] = timeline
    return model.model_copy(update=changes)


async def _choose(stage: Stage, pilot: StoryPilot) -> None:
    """What the force is to do about pilots like its own, if it was shown any."""
    id = stage.pilots[pilot.slug]
    async with stage.database.session() as session:
        row = await session.get_one(Pilot, id)
    if row.state is PilotState.OVERLAP_REVIEW:
        lead = stage.holder(pilot.force or "", Role.FORCE_INNOVATION_LEAD)
        command = commands.ChooseOverlap(
            pilot_id=id, choice=OverlapChoice.INDEPENDENT_CHECK, reason=REASON
        )
        await stage.do(lead, pilots.choose, command)

"""What everybody finds in the sandbox: a few pages out of the demonstration's story."""

from functools import cache

from innohub.seed.market import Story
from innohub.seed.story import load_story
from innohub.seed.telling.pilots import pilot_steps
from innohub.seed.telling.ratings import rating_steps
from innohub.seed.telling.stage import COMPANY, Stage
from innohub.seed.telling.technologies import technology_steps
from innohub.seed.telling.timetable import Step

DAYS_BEFORE = 14
"""How long before the first step the organisations and their people arrive."""
FORCES = ("northmere", "eastfen")
PILOT = "northmere-ottercall"
TECHNOLOGIES = ("ottercall-video", "casefold", "tarnspark")


@cache
def common_story() -> Story:
    story = load_story()
    technologies = tuple(row for row in story.technologies if row.slug in TECHNOLOGIES)
    kept = {*FORCES, COMPANY, *(row.supplier for row in technologies)}
    nothing = ("answers", "rounds", "together", "papers", "searches", "kpis", "challenges")
    return story.model_copy(
        update={
            "organisations": tuple(row for row in story.organisations if row.slug in kept),
            "suppliers": tuple(row for row in story.suppliers if row.slug in kept),
            "people": tuple(
                person
                for person in story.people
                if {seat.organisation for seat in person.memberships} <= kept
            ),
            "technologies": technologies,
            "pilots": tuple(pilot for pilot in story.pilots if pilot.slug == PILOT),
            "ratings": tuple(rating for rating in story.ratings if rating.pilot == PILOT),
            "emmie": (),
            **dict.fromkeys((*nothing, "pools", "quotes", "savings"), ()),
        }
    )


def steps_of(stage: Stage) -> list[Step]:
    story = stage.story
    return [
        *(step for row in story.technologies for step in technology_steps(stage, row)),
        *(step for pilot in story.pilots for step in pilot_steps(stage, pilot)),
        *(step for rating in story.ratings for step in rating_steps(stage, rating)),
    ]

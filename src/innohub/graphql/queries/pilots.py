"""Needs, what was tried to meet them, and what came of it."""

import strawberry
from sqlalchemy import func

from innohub.graphql.read.declare import Connection, one, paged
from innohub.graphql.types.challenge_browsing import (
    CHALLENGE_ORDERS,
    ChallengeConnection,
    ChallengeFilter,
    ChallengeOrder,
)
from innohub.graphql.types.challenge_parts import ChallengeResponse
from innohub.graphql.types.challenges import Challenge
from innohub.graphql.types.earlier_pilots import EarlierPilotConnection, all_of_them, newest_first
from innohub.graphql.types.evidence import (
    RESULT_ORDERS,
    ResultConnection,
    ResultFilter,
    ResultOrder,
    is_published,
)
from innohub.graphql.types.local_kpis import LocalKpiConnection, LocalKpiFilter
from innohub.graphql.types.pilot_register import (
    PILOT_ORDERS,
    PilotConnection,
    PilotFilter,
    PilotOrder,
)
from innohub.graphql.types.pilots import Pilot
from innohub.graphql.types.power import sample_size
from innohub.graphql.types.ratings import Rating
from innohub.graphql.types.uploads import TrialUpload
from innohub.market.london import today_in_london
from innohub.market.pilots import overlap
from innohub.market.pilots.earlier import overlap as earlier

SINCE = today_in_london() - func.make_interval(0, overlap.MONTHS)
"""The last day on which a pilot may have ended and still be like one that is asked for now."""


@strawberry.type
class PilotQueries:
    challenges: ChallengeConnection = paged(
        None,
        "What forces need: published challenges for all, those open to forces for policing.",
        filter=ChallengeFilter,
        orders=CHALLENGE_ORDERS,
        default=ChallengeOrder.DEADLINE,
    )
    challenge: Challenge | None = one(lambda _, row, id: row.id == id, id=strawberry.ID)
    challenge_responses: Connection[ChallengeResponse] = paged(
        None, "Responses that the viewer may read, the newest first: a supplier its own."
    )
    earlier_pilots: EarlierPilotConnection = all_of_them(
        "Pilots that forces ran without the hub, in their own words: for policing, and for the "
        "supplier whose listing one names."
    )
    local_kpis: LocalKpiConnection = paged(
        None,
        "KPIs that forces propose: approved ones for all, the others for policing.",
        filter=LocalKpiFilter,
    )
    pilots: PilotConnection = paged(
        None, filter=PilotFilter, orders=PILOT_ORDERS, default=PilotOrder.NEWEST
    )
    pilot: Pilot | None = one(lambda _, row, id: row.id == id, id=strawberry.ID)
    results: ResultConnection = paged(
        lambda _, row: is_published(row),
        "What was found out: the published result of every pilot, failures too.",
        filter=ResultFilter,
        orders=RESULT_ORDERS,
        default=ResultOrder.NEWEST,
    )
    rating: Rating | None = one(lambda _, row, id: row.id == id, id=strawberry.ID)
    similar_pilots: PilotConnection = paged(
        lambda _, row, technology, kpi, challenge=None: overlap.alike(
            row, technology, kpi, SINCE, challenge
        ),
        "The overlap check: pilots of the same technology, KPI or challenge in the last 36 months.",
        technology_id=strawberry.ID,
        kpi=str,
        challenge_id=strawberry.ID | None,
    )
    similar_earlier_pilots: EarlierPilotConnection = paged(
        lambda _, row, technology, kpi: earlier.alike(row, technology, kpi, SINCE),
        "The overlap check among the pilots from before the hub: of the same technology or KPI, "
        "over for 36 months at most.",
        order=newest_first,
        technology_id=strawberry.ID,
        kpi=str,
    )
    sample_size = strawberry.field(
        sample_size,
        description="How many units a trial needs to find the effect that matters, or the chance "
        "that so many have of finding it.",
    )
    trial_upload: TrialUpload | None = one(lambda _, row, id: row.id == id, id=strawberry.ID)

"""What is like a challenge: other challenges, listings that may answer it, pilots that teach
something about it."""

from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from sqlalchemy import select, true
from sqlalchemy.orm import aliased

from innohub.graphql.read.declare import Row, column, node, one
from innohub.graphql.types.catalogue import Technology
from innohub.graphql.types.pilots import Pilot
from innohub.identity.viewer import Viewer
from innohub.market.challenges import matching, policy
from innohub.market.challenges import models as rows
from innohub.market.pilots.for_challenges import matching as pilots

if TYPE_CHECKING:
    from innohub.graphql.types.challenges import Challenge

AnyChallenge = Annotated["Challenge", strawberry.lazy("innohub.graphql.types.challenges")]
"""For types that `Challenge` names itself."""


def everybody(row: Row, viewer: Viewer) -> Any:
    """What is published anyway."""
    return true()


def other_visible(row: Row, viewer: Viewer) -> Any:
    """Pairs of which the viewer may see the other challenge."""
    other = aliased(rows.Challenge)
    return (
        select(policy.ONE)
        .select_from(other)
        .where(other.id == row.other_id, policy.visible(other, viewer))
        .correlate_except(other)
        .exists()
    )


@node(matching.SimilarChallenge, other_visible, name="SimilarChallenge")
class SimilarChallenge:
    """An open challenge like another, and what they share."""

    same_kpi: bool = column(lambda row: row.same_kpi)
    same_category: bool = column(lambda row: row.same_category)
    shared_words: int = column(lambda row: row.shared_words, "Words that both titles have.")
    challenge: AnyChallenge | None = one(lambda row, other: other.id == row.other_id)


@node(pilots.ListingMatch, everybody, name="ListingMatch")
class ListingMatch:
    """A published listing that may answer a challenge, and why."""

    same_kpi: bool = column(lambda row: row.same_kpi, "It was piloted on the challenge's KPI.")
    same_category: bool = column(lambda row: row.same_category)
    shared_words: int = column(
        lambda row: row.shared_words, "Words of the title that its name or summary has."
    )
    technology: Technology | None = one(lambda row, other: other.id == row.technology_id)


@node(pilots.PilotMatch, everybody, name="PilotMatch")
class PilotMatch:
    """A registered pilot, or a published trial, like what the challenge asks for, and why."""

    same_kpi: bool = column(lambda row: row.same_kpi)
    same_category: bool = column(lambda row: row.same_category)
    shared_words: int = column(lambda row: row.shared_words, "Words that both titles have.")
    pilot: Pilot | None = one(lambda row, other: other.id == row.pilot_id)

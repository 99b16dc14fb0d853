"""Who is recused from what, and who may yet be asked to score: as SQL, for the policies.

Constants are written into the SQL, so that only ids are parameters.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, literal_column, or_, select, union
from sqlalchemy.orm import aliased

from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.board.models import (
    PUBLIC,
    RECUSING,
    Interest,
    Round,
    RoundItem,
    Score,
)
from innohub.market.board.seats.models import RoundMember
from innohub.market.constants import in_states

ONE: ColumnElement[int] = literal_column("1")


def of_board(round: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Rounds of a board with which the viewer reads."""
    return viewer.among(round.board_id, Permission.ROUND_READ)


def recused(item: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Items from which the viewer is recused, by themselves or with the whole round."""
    interest = aliased(Interest)
    from_item = (
        select(ONE)
        .select_from(interest)
        .where(
            interest.item_id == item.id,
            in_states(interest.action, RECUSING),
            viewer.is_person(interest.person_id),
        )
        .correlate_except(interest)
        .exists()
    )
    return or_(from_item, _seat_recused(item.round_id, viewer))


def recused_from_all(round: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Rounds from the whole of which the viewer is recused."""
    return _seat_recused(round.id, viewer)


def _seat_recused(round_id: Any, viewer: Viewer) -> ColumnElement[bool]:
    seat = aliased(RoundMember)
    return (
        select(ONE)
        .select_from(seat)
        .where(seat.round_id == round_id, seat.recused, viewer.is_person(seat.person_id))
        .correlate_except(seat)
        .exists()
    )


def people_recused(item: RoundItem) -> Select[int]:
    """Ids of the people who see and hear nothing of an item."""
    by_item = select(Interest.person_id).where(
        Interest.item_id == item.id, in_states(Interest.action, RECUSING)
    )
    by_round = select(RoundMember.person_id).where(
        RoundMember.round_id == item.round_id, RoundMember.recused
    )
    people = union(by_item, by_round).subquery()
    return select(people.c.person_id)


def recused_in(round: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Rounds in which the viewer is recused from a candidate, or from all."""
    item = aliased(RoundItem)
    return (
        select(ONE)
        .select_from(item)
        .where(item.round_id == round.id, recused(item, viewer))
        .correlate_except(item)
        .exists()
    )


def blind(item: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Items that the viewer may yet be asked to score, and whose scores they therefore do not see
    before the round is published: they score for its board without running it, and either do not
    sit on it, or were seated late and have not scored the item yet."""
    if not viewer.holds(Permission.ROUND_SCORE):
        return false()
    round, seat, score = aliased(Round), aliased(RoundMember), aliased(Score)
    sits = (
        select(ONE)
        .select_from(seat)
        .where(
            seat.round_id == item.round_id,
            viewer.is_person(seat.person_id),
            ~seat.seated_late,
        )
        .correlate_except(seat)
        .exists()
    )
    has_scored = (
        select(ONE)
        .select_from(score)
        .where(score.item_id == item.id, viewer.is_person(score.person_id))
        .correlate_except(score)
        .exists()
    )
    runs = or_(
        viewer.among(round.board_id, Permission.ROUND_CHAIR),
        viewer.among(round.board_id, Permission.ROUND_RUN),
    )
    return (
        select(ONE)
        .select_from(round)
        .where(
            round.id == item.round_id,
            ~in_states(round.state, PUBLIC),
            and_(viewer.among(round.board_id, Permission.ROUND_SCORE), ~runs),
            ~sits,
            ~has_scored,
        )
        .correlate_except(round)
        .exists()
    )

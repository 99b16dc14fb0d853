"""Who sees who sits on a round, and who could. Constants are written into the SQL."""

from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import aliased

from innohub.identity.models import Membership
from innohub.identity.permissions import OF_ROLE, Permission
from innohub.identity.viewer import Viewer
from innohub.market.board.models import Round
from innohub.market.board.recusal import ONE, of_board, recused_in
from innohub.market.constants import in_states


def seat_reason_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Why a seat ended: it may speak of a candidate, so not to whoever is recused from one."""
    round = aliased(Round)
    open_to_all_of_it = (
        select(ONE)
        .select_from(round)
        .where(round.id == row.round_id, ~recused_in(round, viewer))
        .correlate_except(round)
        .exists()
    )
    return or_(viewer.is_person(row.person_id), open_to_all_of_it)


def member_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Who sits on a round is for its board."""
    round = aliased(Round)
    return (
        select(ONE)
        .select_from(round)
        .where(round.id == row.round_id, of_board(round, viewer))
        .correlate_except(round)
        .exists()
    )


def scores_for_a_board(person: Any) -> ColumnElement[bool]:
    """People who can sit on a round of a board, whichever board it is."""
    seat = aliased(Membership)
    scoring = sorted(role for role, held in OF_ROLE.items() if Permission.ROUND_SCORE in held)
    return (
        select(ONE)
        .select_from(seat)
        .where(seat.person_id == person.id, in_states(seat.role, scoring))
        .correlate_except(seat)
        .exists()
    )

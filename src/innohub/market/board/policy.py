"""Who sees what of a round. Constants are written into the SQL, so that only ids are parameters.

Whoever is recused from an item never sees it: nor its scores, nor what others declared about it.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, literal_column, or_, select
from sqlalchemy.orm import aliased

from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.board.models import PUBLIC, Interest, Round, RoundItem, RoundState

REVEALED = {
    RoundState.MODERATION,
    RoundState.PROVISIONAL,
    RoundState.STANDSTILL,
    RoundState.UNDER_REVIEW,
    RoundState.FINAL,
}
"""From the end of scoring on, the board sees every score."""
ONE: ColumnElement[int] = literal_column("1")


def visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Rounds: final ones for all, others for those who read with that board."""
    return or_(_is(row.state, PUBLIC), _board(row, viewer))


def criterion_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Criteria follow their round."""
    round = aliased(Round)
    return (
        select(ONE)
        .select_from(round)
        .where(round.id == row.round_id, visible(round, viewer))
        .correlate_except(round)
        .exists()
    )


def member_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Who sits on a round is for its board."""
    round = aliased(Round)
    return (
        select(ONE)
        .select_from(round)
        .where(round.id == row.round_id, _board(round, viewer))
        .correlate_except(round)
        .exists()
    )


def item_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Items follow their round, but for members recused from them."""
    return and_(criterion_visible(row, viewer), ~_recused(row, viewer))


def interest_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Interests: one's own, and for the board those about items that the viewer may see."""
    item, round = aliased(RoundItem), aliased(Round)
    seen = (
        select(ONE)
        .select_from(item)
        .join(round, round.id == item.round_id)
        .where(item.id == row.item_id, _board(round, viewer), ~_recused(item, viewer))
        .correlate_except(item, round)
        .exists()
    )
    return or_(viewer.is_person(row.person_id), seen)


def score_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Scores: one's own; the board's from the end of scoring on; all of a final round."""
    item, round = aliased(RoundItem), aliased(Round)
    revealed = and_(_is(round.state, REVEALED), _board(round, viewer))
    allowed = or_(viewer.is_person(row.person_id), revealed, _is(round.state, PUBLIC))
    return (
        select(ONE)
        .select_from(item)
        .join(round, round.id == item.round_id)
        .where(item.id == row.item_id, item_visible(item, viewer), allowed)
        .correlate_except(item, round)
        .exists()
    )


def scorer_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Whether the name beside a visible score may be shown: to its author and to the board."""
    item, round = aliased(RoundItem), aliased(Round)
    board = (
        select(ONE)
        .select_from(item)
        .join(round, round.id == item.round_id)
        .where(item.id == row.item_id, _board(round, viewer))
        .correlate_except(item, round)
        .exists()
    )
    return or_(viewer.is_person(row.person_id), board)


def _recused(item: Any, viewer: Viewer) -> ColumnElement[bool]:
    interest = aliased(Interest)
    return (
        select(ONE)
        .select_from(interest)
        .where(
            interest.item_id == item.id,
            interest.action == literal_column("'recuse_item'"),
            viewer.is_person(interest.person_id),
        )
        .correlate_except(interest)
        .exists()
    )


def _board(round: Any, viewer: Viewer) -> ColumnElement[bool]:
    return viewer.among(round.board_id, Permission.ROUND_READ)


def _is(column: Any, states: Iterable[str]) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.in_([literal_column(f"'{s}'") for s in sorted(states)])
    return found

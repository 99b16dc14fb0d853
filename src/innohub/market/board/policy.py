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
from innohub.market.board.moderation.models import ModerationRecord

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
    """Rounds: their rules are published when they open; before, for those who read with that
    board."""
    return or_(row.opened_at.is_not(None), of_board(row, viewer))


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
        .where(round.id == row.round_id, of_board(round, viewer))
        .correlate_except(round)
        .exists()
    )


def item_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Items: all of a final round, others for those who read with its board; but never for members
    recused from them."""
    round = aliased(Round)
    seen = (
        select(ONE)
        .select_from(round)
        .where(round.id == row.round_id, or_(_is(round.state, PUBLIC), of_board(round, viewer)))
        .correlate_except(round)
        .exists()
    )
    return and_(seen, ~_recused(row, viewer))


def follows_item(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Gates, moderation records and variations of the rank: whoever sees the item."""
    item = aliased(RoundItem)
    return (
        select(ONE)
        .select_from(item)
        .where(item.id == row.item_id, item_visible(item, viewer))
        .correlate_except(item)
        .exists()
    )


def approval_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """What members said of a moderation record: whoever sees the record."""
    record = aliased(ModerationRecord)
    return (
        select(ONE)
        .select_from(record)
        .where(record.id == row.record_id, follows_item(record, viewer))
        .correlate_except(record)
        .exists()
    )


def approver_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Whether the name beside an approval may be shown: to its author and to the board."""
    record, item, round = aliased(ModerationRecord), aliased(RoundItem), aliased(Round)
    board = (
        select(ONE)
        .select_from(record)
        .join(item, item.id == record.item_id)
        .join(round, round.id == item.round_id)
        .where(record.id == row.record_id, of_board(round, viewer))
        .correlate_except(record, item, round)
        .exists()
    )
    return or_(viewer.is_person(row.person_id), board)


def interest_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Interests: one's own, and for the board those about items that the viewer may see."""
    item, round = aliased(RoundItem), aliased(Round)
    seen = (
        select(ONE)
        .select_from(item)
        .join(round, round.id == item.round_id)
        .where(item.id == row.item_id, of_board(round, viewer), ~_recused(item, viewer))
        .correlate_except(item, round)
        .exists()
    )
    return or_(viewer.is_person(row.person_id), seen)


def score_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Scores: one's own; the board's from the end of scoring on; all of a final round."""
    item, round = aliased(RoundItem), aliased(Round)
    revealed = and_(_is(round.state, REVEALED), of_board(round, viewer))
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
        .where(item.id == row.item_id, of_board(round, viewer))
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


def of_board(round: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Rounds of a board with which the viewer reads."""
    return viewer.among(round.board_id, Permission.ROUND_READ)


def _is(column: Any, states: Iterable[str]) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.in_([literal_column(f"'{s}'") for s in sorted(states)])
    return found

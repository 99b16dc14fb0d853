"""Who sees what of a round. Constants are written into the SQL, so that only ids are parameters.

Whoever is recused from an item never sees it: nor its scores, nor what others declared about it.
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import aliased

from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.board.models import PUBLIC, Round, RoundItem, RoundState
from innohub.market.board.moderation.models import ModerationRecord
from innohub.market.board.recusal import ONE, blind, of_board, recused
from innohub.market.catalogue.models import Technology
from innohub.market.constants import in_states
from innohub.market.pilots.models import Pilot
from innohub.market.pilots.policy import REGISTERED

REVEALED = {
    RoundState.MODERATION,
    RoundState.PROVISIONAL,
    RoundState.STANDSTILL,
    RoundState.UNDER_REVIEW,
    RoundState.FINAL,
}
"""From the end of scoring on, the board sees every score."""
CHALLENGED = {RoundState.STANDSTILL, RoundState.UNDER_REVIEW}
"""Those whom a decision concerns read it, to challenge it."""


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


def item_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Items: all of a final round, others for those who read with its board; from the standstill on
    for the supplier, the forces that piloted it and, under review, for those who decide reviews.
    Never for members recused from them."""
    round = aliased(Round)
    seen = (
        select(ONE)
        .select_from(round)
        .where(round.id == row.round_id, or_(*_open_to(row, round, viewer)))
        .correlate_except(round)
        .exists()
    )
    return and_(seen, ~recused(row, viewer))


def scores_open(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Items whose scores and totals may be shown: not to those who may yet score them."""
    return ~blind(row, viewer)


def follows_item(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Gates and variations of the rank: whoever sees the item."""
    item = aliased(RoundItem)
    return (
        select(ONE)
        .select_from(item)
        .where(item.id == row.item_id, item_visible(item, viewer))
        .correlate_except(item)
        .exists()
    )


def moderation_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Moderation records: whoever sees the item, and will not score it any more."""
    item = aliased(RoundItem)
    return (
        select(ONE)
        .select_from(item)
        .where(item.id == row.item_id, item_visible(item, viewer), ~blind(item, viewer))
        .correlate_except(item)
        .exists()
    )


def approval_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """What members said of a moderation record: whoever sees the record."""
    record = aliased(ModerationRecord)
    return (
        select(ONE)
        .select_from(record)
        .where(record.id == row.record_id, moderation_visible(record, viewer))
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
        .where(item.id == row.item_id, of_board(round, viewer), ~recused(item, viewer))
        .correlate_except(item, round)
        .exists()
    )
    return or_(viewer.is_person(row.person_id), seen)


def score_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Scores: one's own; the board's from the end of scoring on, but for those who may yet score;
    from the standstill on those of every item that may be seen."""
    item, round = aliased(RoundItem), aliased(Round)
    revealed = and_(in_states(round.state, REVEALED), of_board(round, viewer))
    told = in_states(round.state, PUBLIC | CHALLENGED)
    allowed = or_(viewer.is_person(row.person_id), and_(or_(revealed, told), ~blind(item, viewer)))
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


def review_visible(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Reviews: for who asked, the board and those who decide them; for all in a final round. Never
    for whoever is recused from the item."""
    item, round = aliased(RoundItem), aliased(Round)
    seen = or_(
        viewer.among(row.organisation_id, Permission.LISTING_READ),
        viewer.among(row.organisation_id, Permission.PILOT_READ),
        true() if viewer.holds(Permission.REVIEW_DECIDE) else false(),
        of_board(round, viewer),
        in_states(round.state, PUBLIC),
    )
    return (
        select(ONE)
        .select_from(item)
        .join(round, round.id == item.round_id)
        .where(item.id == row.item_id, seen, ~recused(item, viewer))
        .correlate_except(item, round)
        .exists()
    )


def _open_to(item: Any, round: Any, viewer: Viewer) -> list[ColumnElement[bool]]:
    """Who sees an item, and when."""
    seen = [in_states(round.state, PUBLIC), of_board(round, viewer)]
    if viewer.holds(Permission.LISTING_READ) or viewer.holds(Permission.PILOT_READ):
        seen.append(and_(in_states(round.state, CHALLENGED), _party(item, viewer)))
    if viewer.holds(Permission.REVIEW_DECIDE):
        seen.append(in_states(round.state, {RoundState.UNDER_REVIEW}))
    return seen


def _party(item: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Items of the viewer's own listings, and of those with a registered pilot of its force."""
    technology, pilot = aliased(Technology), aliased(Pilot)
    listed = (
        select(ONE)
        .select_from(technology)
        .where(
            technology.id == item.technology_id,
            viewer.among(technology.supplier_id, Permission.LISTING_READ),
        )
        .correlate_except(technology)
        .exists()
    )
    piloted = (
        select(ONE)
        .select_from(pilot)
        .where(
            pilot.technology_id == item.technology_id,
            in_states(pilot.state, REGISTERED),
            viewer.among(pilot.force_id, Permission.PILOT_READ),
        )
        .correlate_except(pilot)
        .exists()
    )
    return or_(listed, piloted)

"""Moderation: the record of what was talked over, and the panel's word on it."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Denied, Invalid, NotFound
from innohub.identity.actor import Actor
from innohub.identity.viewer import Viewer
from innohub.market.board import policy
from innohub.market.board.loading import PLANNERS, must_be, require_any, the_item, weights_of
from innohub.market.board.models import Round, RoundItem, RoundState, Score
from innohub.market.board.moderation.commands import AnswerModeration, ModerateCriterion
from innohub.market.board.moderation.models import ModerationApproval, ModerationRecord
from innohub.market.board.ranking import EVIDENCE, Candidate, total_of
from innohub.outbox.service import record


async def moderate(work: UnitOfWork, actor: Actor, command: ModerateCriterion) -> ModerationRecord:
    """Write down how the panel came to one score; the chair or the secretary does, also to put the
    wording right: then the panel is asked again. Nobody's own score is changed.

    Raises NotFound, also to a chair recused from the item, Denied, WrongState outside of the
    moderation, Invalid for a criterion that is not the round's and an agreed score over the
    evidence cap.
    """
    item, round = await the_item(work, actor, command.item_id)
    require_any(actor, round.board_id, *PLANNERS)
    must_be(round, {RoundState.MODERATION}, "moderate a score")
    await work.session.refresh(item, with_for_update=True)
    weights = await weights_of(work, round)
    _check(command, weights, item.evidence_cap)
    scores = await _scores(work, item)
    written = await work.session.scalar(
        select(ModerationRecord).where(
            ModerationRecord.item_id == item.id, ModerationRecord.criterion == command.criterion
        )
    )
    if written is None:
        written = ModerationRecord(item_id=item.id, created_at=work.now)
        work.session.add(written)
    for name, value in command.model_dump(exclude={"item_id"}).items():
        setattr(written, name, value)
    assert actor.person_id is not None
    written.written_by_id, written.written_at = actor.person_id, work.now
    written.scores_before = sorted(s.value for s in scores if s.criterion == command.criterion)
    await work.session.flush()
    asked_again = delete(ModerationApproval).where(ModerationApproval.record_id == written.id)
    await work.session.execute(asked_again)
    item.total = float(total_of(await _as_agreed(work, item, scores), weights))
    detail = {
        "item_id": item.id, "criterion": command.criterion, "before": written.scores_before,
        "after": command.score_after, "wording": command.model_dump(exclude={"item_id"}),
    }  # fmt: skip
    await record(work, "moderation:write", written, detail=detail)
    return written


async def answer(work: UnitOfWork, actor: Actor, command: AnswerModeration) -> ModerationRecord:
    """Approve a record, or say why not; each member of the panel does: those who scored the item.

    Raises NotFound, also to a recused member, Denied to others, WrongState outside of the
    moderation, Conflict where the wording was changed since.
    """
    found = await work.session.execute(
        select(ModerationRecord, Round)
        .join(RoundItem, RoundItem.id == ModerationRecord.item_id)
        .join(Round, Round.id == RoundItem.round_id)
        .where(
            ModerationRecord.id == command.record_id,
            policy.item_visible(RoundItem, Viewer(actor)),
        )
        .with_for_update(read=True, of=Round)
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound("This moderation record does not exist.")
    written, round = row
    if actor.person_id not in await panel(work, written.item_id):
        raise Denied("Only those who scored this candidate approve its moderation.")
    must_be(round, {RoundState.MODERATION}, "approve a moderation record")
    await work.session.refresh(written, with_for_update=True)
    if command.revision is not None and command.revision != written.revision:
        raise Conflict("The wording was changed since you opened it. Read it again.")
    given = await work.session.scalar(
        select(ModerationApproval).where(
            ModerationApproval.record_id == written.id,
            ModerationApproval.person_id == actor.person_id,
        )
    )
    if given is None:
        given = ModerationApproval(record_id=written.id, created_at=work.now)
        given.person_id = actor.person_id
        work.session.add(given)
    given.approves, given.reason = command.approves, command.reason
    detail = {"record_id": written.id, "revision": written.revision, "approves": given.approves}
    await record(work, "moderation:answer", given, detail=detail, reason=command.reason)
    return written


async def panel(work: UnitOfWork, item_id: int) -> set[int]:
    """Ids of those who scored the item: its panel."""
    scorers = select(Score.person_id).where(Score.item_id == item_id)
    return set(await work.session.scalars(scorers))


def _check(command: ModerateCriterion, weights: dict[str, int], cap: int) -> None:
    if command.criterion not in weights:
        raise Invalid("This is no criterion of the round.", field="criterion")
    if command.criterion == EVIDENCE and command.score_after > cap:
        raise Invalid(
            f"The evidence cap of this item is {cap}: its best published evidence allows no "
            "higher score.",
            field="score_after",
            rule="evidence_cap",
        )


async def _scores(work: UnitOfWork, item: RoundItem) -> Sequence[Score]:
    given = select(Score).where(Score.item_id == item.id).order_by(Score.id)
    return (await work.session.scalars(given)).all()


async def _as_agreed(work: UnitOfWork, item: RoundItem, scores: Sequence[Score]) -> Candidate:
    by_criterion: dict[str, list[int]] = {}
    for score in scores:
        by_criterion.setdefault(score.criterion, []).append(score.value)
    rows = await work.session.execute(
        select(ModerationRecord.criterion, ModerationRecord.score_after).where(
            ModerationRecord.item_id == item.id
        )
    )
    return Candidate(item.id, by_criterion | {name: [value] for name, value in rows})

"""Whom a decision concerns: the supplier, the forces that piloted it; and who tells them."""

from collections.abc import Collection, Iterable

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.models import Membership, Role
from innohub.market.board.loading import members_of
from innohub.market.board.models import Round, RoundItem, RoundState
from innohub.market.board.recusal import people_recused
from innohub.market.catalogue.models import Technology
from innohub.market.pilots.models import Pilot
from innohub.market.pilots.policy import REGISTERED
from innohub.market.working_days import in_words
from innohub.notices.models import NoticeKind
from innohub.notices.service import notify_person

ANSWER_FOR = (
    Role.SUPPLIER_ADMIN,
    Role.FORCE_INNOVATION_LEAD,
    Role.FORCE_SENIOR_RESPONSIBLE_OWNER,
)
REVIEWERS = (Role.EVALUATION_ADVISER, Role.ETHICS_ADVISER)


async def parties(work: UnitOfWork, item: RoundItem) -> set[int]:
    """Ids of the item's supplier and of the forces with a registered pilot of it."""
    forces = await work.session.scalars(
        select(Pilot.force_id).where(
            Pilot.technology_id == item.technology_id,
            Pilot.force_id.is_not(None),
            Pilot.state.in_(REGISTERED),
        )
    )
    technology = await work.session.get_one(Technology, item.technology_id)
    return {technology.supplier_id, *(id for id in forces if id is not None)}


async def tell_of_assessment(work: UnitOfWork, round: Round, item: RoundItem) -> None:
    """That the board has assessed the item, and until when it can be challenged."""
    assert round.standstill_until is not None
    name = (await work.session.get_one(Technology, item.technology_id)).name
    until = in_words(round.standstill_until)
    text = (
        f"The board has assessed {name} in “{round.title}”. Read its scores and reasons. Until "
        f"{until} you can ask for a review."
    )
    people = await _who_answer_for(work, await parties(work, item))
    await _tell(work, round, item, people, text, f"assessed:{round.standstill_until}")


async def tell_of_review(work: UnitOfWork, round: Round, item: RoundItem, key: str) -> None:
    """The board, the parties and the independent reviewers: where the round stands now."""
    name = (await work.session.get_one(Technology, item.technology_id)).name
    text = {
        RoundState.UNDER_REVIEW: f"The decision on {name} in “{round.title}” is under review.",
        RoundState.MODERATION: f"A review was upheld: “{round.title}” goes back to moderation.",
        RoundState.FINAL: f"No review was upheld: the decisions of “{round.title}” are published.",
    }.get(round.state, f"A review of the decision on {name} in “{round.title}” was decided.")
    people = await members_of(work, round)
    people |= await _who_answer_for(work, await parties(work, item))
    people |= await _holders(work, [round.board_id], [Role.BOARD_SECRETARY])
    people |= await _holders(work, None, REVIEWERS)
    await _tell(work, round, item, people, text, key)


async def _who_answer_for(work: UnitOfWork, organisations: Collection[int]) -> set[int]:
    return await _holders(work, organisations, ANSWER_FOR)


async def _holders(
    work: UnitOfWork, organisations: Collection[int] | None, roles: Collection[Role]
) -> set[int]:
    found = select(Membership.person_id).where(Membership.role.in_(roles))
    if organisations is not None:
        found = found.where(Membership.organisation_id.in_(organisations))
    return set(await work.session.scalars(found))


async def _tell(
    work: UnitOfWork, round: Round, item: RoundItem, people: Iterable[int], text: str, key: str
) -> None:
    """Everybody but those recused from the item: they hear nothing of it, whatever else they do."""
    recused = set(await work.session.scalars(people_recused(item)))
    for person_id in sorted(set(people) - recused):
        await notify_person(
            work,
            person_id=person_id,
            kind=NoticeKind.BOARD,
            text=text,
            path=f"/rounds/{round.id}",
            key=f"round-item:{item.id}:{key}",
        )

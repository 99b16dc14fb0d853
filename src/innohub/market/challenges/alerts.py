"""Who is told of what happens to a challenge, beside those who read its page."""

from collections.abc import Collection, Iterable

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.models import Role
from innohub.market.catalogue.models import Technology
from innohub.market.challenges.loading import name_of, sponsors_of
from innohub.market.challenges.models import (
    Challenge,
    ChallengeFollower,
    ChallengeMerger,
    ChallengeQuestion,
    ChallengeResponse,
)
from innohub.market.working_days import in_words
from innohub.notices.models import NoticeKind
from innohub.notices.service import notify, notify_person, notify_role

LEADERS = (Role.FORCE_INNOVATION_LEAD, Role.FORCE_SENIOR_RESPONSIBLE_OWNER)
OWNERS = (Role.FORCE_SENIOR_RESPONSIBLE_OWNER,)
BUYERS = (*LEADERS, Role.FORCE_COMMERCIAL)
SELLERS = (Role.SUPPLIER_ADMIN, Role.SUPPLIER_EDITOR)


async def invited(work: UnitOfWork, challenge: Challenge, forces: Iterable[int]) -> None:
    """The leaders of the forces that are asked to co-sponsor."""
    assert challenge.cosponsors_until is not None
    owner = await name_of(work, challenge.force_id)
    text = (
        f"{owner} has a challenge that may be yours, too: “{challenge.title}”. Co-sponsor it by "
        f"{in_words(challenge.cosponsors_until)}."
    )
    await _tell(work, challenge, forces, LEADERS, text, "invited")


async def reminded(work: UnitOfWork, challenge: Challenge, forces: Iterable[int]) -> None:
    """Those that have not joined, shortly before their invitation ends."""
    assert challenge.cosponsors_until is not None
    until = in_words(challenge.cosponsors_until)
    text = f"Until {until} your force can co-sponsor the challenge “{challenge.title}”."
    await _tell(work, challenge, forces, LEADERS, text, f"reminded:{challenge.cosponsors_until}")


async def to_publish(work: UnitOfWork, challenge: Challenge) -> None:
    """The owner's senior responsible owner, once the invitation is over."""
    text = f"The time to co-sponsor “{challenge.title}” is over. Publish it, or withdraw it."
    await _tell(work, challenge, [challenge.force_id], LEADERS, text, "to_publish")


async def joined(work: UnitOfWork, challenge: Challenge, force_id: int, name: str) -> None:
    others = [id for id in await sponsors_of(work, challenge) if id != force_id]
    text = f"{name} co-sponsors the challenge “{challenge.title}”."
    await _tell(work, challenge, others, LEADERS, text, f"joined:{force_id}:{work.now}")


async def left(work: UnitOfWork, challenge: Challenge, force_id: int, name: str) -> None:
    text = f"{name} no longer sponsors the challenge “{challenge.title}”."
    sponsors = await sponsors_of(work, challenge)
    await _tell(work, challenge, sponsors, LEADERS, text, f"left:{force_id}:{work.now}")


async def merger_proposed(
    work: UnitOfWork, merger: ChallengeMerger, one: Challenge, into: Challenge
) -> None:
    """The owners that have not agreed yet."""
    text = f"It is proposed to merge the challenge “{one.title}” into “{into.title}”. Agree or not."
    waiting = [
        challenge
        for challenge, agreed in ((one, merger.agreed_at), (into, merger.into_agreed_at))
        if agreed is None
    ]
    for challenge in waiting:
        owner = [challenge.force_id]
        await _tell(work, challenge, owner, LEADERS, text, f"merger:{merger.id}")


async def merger_agreed(
    work: UnitOfWork, merger: ChallengeMerger, one: Challenge, into: Challenge
) -> None:
    """The programme officers, who do it."""
    await notify_role(
        work,
        kind=NoticeKind.CHALLENGE,
        roles=[Role.PROGRAMME_OFFICER],
        text=f"Both owners agree to merge “{one.title}” into “{into.title}”. Merge them.",
        path=f"/challenges/{one.id}",
        key=f"challenge-merger:{merger.id}:agreed",
    )


async def merged(work: UnitOfWork, one: Challenge, into: Challenge, sponsors: list[int]) -> None:
    text = f"The challenge “{one.title}” goes on as “{into.title}”."
    await _tell(work, into, sponsors, LEADERS, text, f"merged:{one.id}")
    await _tell_followers(work, into, text, f"merged:{one.id}")


async def published(work: UnitOfWork, challenge: Challenge, suppliers: Iterable[int]) -> None:
    """The sponsors, the followers, and the suppliers whose listings match."""
    assert challenge.respond_by is not None
    by = in_words(challenge.respond_by)
    text = f"The challenge “{challenge.title}” is published. Suppliers respond by {by}."
    await _tell(work, challenge, await sponsors_of(work, challenge), BUYERS, text, "published")
    await _tell_followers(work, challenge, text, "published")
    asked = f"Forces need what you may have: “{challenge.title}”. Respond by {by}."
    await _tell(work, challenge, suppliers, SELLERS, asked, "matches")


async def listing_fits(work: UnitOfWork, challenge: Challenge, technology: Technology) -> None:
    """Of a listing that is new while suppliers respond: its supplier, the sponsors, and whoever
    follows the challenge."""
    assert challenge.respond_by is not None
    key = f"listing:{technology.id}"
    asked = (
        f"Forces need what {technology.name} may do: “{challenge.title}”. Respond by "
        f"{in_words(challenge.respond_by)}."
    )
    await _tell(work, challenge, [technology.supplier_id], SELLERS, asked, key)
    text = f"{technology.name} is new, and may answer the challenge “{challenge.title}”."
    await _tell(work, challenge, await sponsors_of(work, challenge), LEADERS, text, key)
    await _tell_followers(work, challenge, text, key)


async def deadline_moved(work: UnitOfWork, challenge: Challenge) -> None:
    assert challenge.respond_by is not None
    by = in_words(challenge.respond_by)
    text = f"There is more time to respond to “{challenge.title}”: until {by}."
    await tell_everybody(work, challenge, text, f"deadline:{challenge.respond_by}")


async def deadline_near(work: UnitOfWork, challenge: Challenge) -> None:
    """Whoever follows or asked; and the owner where questions wait for an answer."""
    assert challenge.respond_by is not None
    by = in_words(challenge.respond_by)
    key = f"near:{challenge.respond_by}"
    text = f"Until {by} suppliers can respond to the challenge “{challenge.title}”."
    await _tell_followers(work, challenge, text, key)
    await _tell(work, challenge, await _asked(work, challenge), SELLERS, text, key)
    waiting = await work.session.scalar(
        select(ChallengeQuestion.id)
        .where(ChallengeQuestion.challenge_id == challenge.id, ChallengeQuestion.answer.is_(None))
        .limit(1)
    )
    if waiting is not None:
        text = f"Questions about “{challenge.title}” wait for your answer before {by}."
        await _tell(work, challenge, [challenge.force_id], LEADERS, text, f"unanswered:{key}")


async def asked(work: UnitOfWork, challenge: Challenge, question: ChallengeQuestion) -> None:
    text = f"A supplier asks about “{challenge.title}”. Your answer is public."
    await _tell(work, challenge, [challenge.force_id], LEADERS, text, f"asked:{question.id}")


async def answered(work: UnitOfWork, challenge: Challenge, question: ChallengeQuestion) -> None:
    text = f"A question about the challenge “{challenge.title}” is answered."
    key = f"answered:{question.id}"
    await _tell(work, challenge, [question.supplier_id], SELLERS, text, key)
    await _tell_followers(work, challenge, text, key)


async def responded(work: UnitOfWork, challenge: Challenge, response: ChallengeResponse) -> None:
    """The sponsors; not of each change."""
    name = await name_of(work, response.supplier_id)
    text = f"{name} responds to the challenge “{challenge.title}”."
    sponsors = await sponsors_of(work, challenge)
    await _tell(work, challenge, sponsors, LEADERS, text, f"responded:{response.id}")


async def tell_everybody(work: UnitOfWork, challenge: Challenge, text: str, key: str) -> None:
    """The sponsors, the suppliers that asked or responded, and the followers."""
    sponsors = await sponsors_of(work, challenge)
    await _tell(work, challenge, sponsors, BUYERS, text, key)
    await _tell(work, challenge, await _asked(work, challenge), SELLERS, text, key)
    await _tell_followers(work, challenge, text, key)


async def _asked(work: UnitOfWork, challenge: Challenge) -> list[int]:
    """Suppliers that asked or responded."""
    of = [
        select(table.supplier_id).where(table.challenge_id == challenge.id)
        for table in (ChallengeQuestion, ChallengeResponse)
    ]
    found: set[int] = set()
    for query in of:
        found |= set(await work.session.scalars(query))
    return sorted(found)


async def _tell(
    work: UnitOfWork,
    challenge: Challenge,
    organisations: Iterable[int],
    roles: Collection[Role],
    text: str,
    key: str,
) -> None:
    for id in sorted(set(organisations)):
        await notify(
            work,
            kind=NoticeKind.CHALLENGE,
            organisation_id=id,
            roles=roles,
            text=text,
            path=f"/challenges/{challenge.id}",
            key=f"challenge:{challenge.id}:{key}",
        )


async def _tell_followers(work: UnitOfWork, challenge: Challenge, text: str, key: str) -> None:
    followers = await work.session.scalars(
        select(ChallengeFollower.person_id)
        .where(ChallengeFollower.challenge_id == challenge.id)
        .order_by(ChallengeFollower.person_id)
    )
    for person_id in followers:
        await notify_person(
            work,
            kind=NoticeKind.CHALLENGE,
            person_id=person_id,
            text=text,
            path=f"/challenges/{challenge.id}",
            key=f"challenge:{challenge.id}:{key}",
        )

"""Who is told of what happens to a pilot, beside those who read its page."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.models import Role
from innohub.market.pilots.models import Pilot, PilotTurn, TurnKind
from innohub.market.pilots.participants import taking_part
from innohub.market.working_days import in_words
from innohub.notices.models import NoticeKind
from innohub.notices.service import notify, notify_role

LEADERS = (Role.FORCE_INNOVATION_LEAD, Role.FORCE_SENIOR_RESPONSIBLE_OWNER)
OWING = (*LEADERS, Role.FORCE_ANALYST)
"""Who in a force answers for its result."""
SUPPLIER = (Role.SUPPLIER_ADMIN,)
TURNS = {
    TurnKind.ANSWER_REQUEST: "A force asks for a pilot. Accept or decline “{title}” by {due}.",
    TurnKind.APPROVE_SCOPE: "The supplier accepted “{title}”. Approve its scope by {due}.",
    TurnKind.APPROVE_JOINING: "Your force joined “{title}”. Approve it by {due}.",
    TurnKind.AGREE_TO_RESUME: "“{title}” is paused. Say by {due} whether it may go on.",
    TurnKind.COMMENT: "The result of “{title}” is in. Comment on its facts by {due}.",
    TurnKind.DECIDE: "The result of “{title}” is in. Decide what follows by {due}.",
}
"""Turns that pass from one party to the other, or to somebody who does not work on it daily."""


async def turn_came(work: UnitOfWork, pilot: Pilot, turn: PilotTurn) -> None:
    """Tell whoever holds the turn, where it is one of `TURNS`."""
    words = TURNS.get(turn.kind)
    if words is not None:
        text = words.format(title=pilot.title, due=in_words(turn.due_on))
        await _tell(
            work, pilot, NoticeKind.TURN, turn.organisation_id, [turn.role], text, f"turn:{turn.id}"
        )


async def paused(work: UnitOfWork, pilot: Pilot, step: int) -> None:
    """The vocabulary's three: the supplier, each force's data protection officer, the board's
    secretary; and the forces' leaders, where it was not they who paused it."""
    text = f"“{pilot.title}” is paused: {pilot.closing_reason}"
    key = f"paused:{step}"
    reviewers = [*LEADERS, Role.FORCE_ASSURANCE_REVIEWER]
    await _tell(work, pilot, NoticeKind.HALT, pilot.supplier_id, SUPPLIER, text, key)
    await _tell_forces(work, pilot, NoticeKind.HALT, reviewers, text, key)
    await _tell(work, pilot, NoticeKind.HALT, None, [Role.BOARD_SECRETARY], text, key)


async def joined(work: UnitOfWork, pilot: Pilot, force: str) -> None:
    """The forces of the pilot, and the supplier: it grows by a force."""
    text = f"{force} joins “{pilot.title}” with a site of its own."
    await _tell_forces(work, pilot, NoticeKind.PILOT, LEADERS, text, f"joined:{force}")
    await _tell(work, pilot, NoticeKind.PILOT, pilot.supplier_id, SUPPLIER, text, f"joined:{force}")


async def published(work: UnitOfWork, pilot: Pilot) -> None:
    """All who took part, and the board's secretary."""
    text = f"The result of “{pilot.title}” is published."
    await _tell(work, pilot, NoticeKind.PILOT, pilot.supplier_id, SUPPLIER, text, "published")
    await _tell_forces(work, pilot, NoticeKind.PILOT, LEADERS, text, "published")
    await _tell(work, pilot, NoticeKind.PILOT, None, [Role.BOARD_SECRETARY], text, "published")


async def result_due(
    work: UnitOfWork, pilot: Pilot, verb: str, due_on: date, unreported_on: date
) -> None:
    """Those who answer for the result, in each force of the pilot."""
    text = (
        f"The result of “{pilot.title}” is due by {in_words(due_on)}. Not reported by "
        f"{in_words(unreported_on)}, it is called unreported in the public register."
    )
    await _tell_forces(work, pilot, NoticeKind.RESULT_DUE, OWING, text, f"{verb}:{due_on}")


async def result_overdue(work: UnitOfWork, pilot: Pilot, due_on: date) -> None:
    """Those who answer for it, the supplier, and the market's programme officers."""
    text = f"The result of “{pilot.title}” was due by {in_words(due_on)} and is not reported."
    key = f"result_overdue:{due_on}"
    forces = f"{text} Your force begins nothing new with its supplier until it is, or explained."
    await _tell_forces(work, pilot, NoticeKind.RESULT_DUE, OWING, forces, key)
    await _tell(work, pilot, NoticeKind.RESULT_DUE, pilot.supplier_id, SUPPLIER, text, key)
    await _tell(work, pilot, NoticeKind.RESULT_DUE, None, [Role.PROGRAMME_OFFICER], text, key)


async def safety_breached(work: UnitOfWork, pilot: Pilot, breaches: Sequence[str]) -> None:
    """The vocabulary's `safety_override`: the board is told, by its chair and its secretary."""
    text = f"“{pilot.title}” broke a stop rule. {' '.join(breaches)}"
    board = [Role.BOARD_CHAIR, Role.BOARD_SECRETARY]
    await _tell(work, pilot, NoticeKind.HALT, None, board, text, "safety_breached")


async def overdue_explained(work: UnitOfWork, pilot: Pilot) -> None:
    """The market's programme officers, who watch over what is reported; and the supplier."""
    text = f"Why the result of “{pilot.title}” is overdue: {pilot.overdue_explanation}"
    key = "overdue_explained"
    await _tell(work, pilot, NoticeKind.RESULT_DUE, None, [Role.PROGRAMME_OFFICER], text, key)
    await _tell(work, pilot, NoticeKind.RESULT_DUE, pilot.supplier_id, SUPPLIER, text, key)


async def idle(
    work: UnitOfWork, pilot: Pilot, days: int, *, after: int, to_owner: bool = False
) -> None:
    """Whoever must act next, since the step `after`; and in the end the owner as well."""
    text = f"Nobody has moved “{pilot.title}” for {days} days. It lapses after 90."
    key = f"idle:{after}:{days}"
    turns = await work.session.scalars(select(PilotTurn).where(PilotTurn.pilot_id == pilot.id))
    for turn in turns:
        await _tell(work, pilot, NoticeKind.PILOT, turn.organisation_id, [turn.role], text, key)
    if to_owner:
        owner = [Role.FORCE_SENIOR_RESPONSIBLE_OWNER]
        await _tell(work, pilot, NoticeKind.PILOT, pilot.force_id, owner, text, key)


async def lapsed(work: UnitOfWork, pilot: Pilot) -> None:
    text = f"“{pilot.title}” has lapsed: nobody moved it for 90 days."
    await _tell_forces(work, pilot, NoticeKind.PILOT, LEADERS, text, "lapsed")
    await _tell(work, pilot, NoticeKind.PILOT, pilot.supplier_id, SUPPLIER, text, "lapsed")


async def _tell_forces(
    work: UnitOfWork,
    pilot: Pilot,
    kind: NoticeKind,
    roles: Collection[Role],
    text: str,
    key: str,
) -> None:
    """The force that leads the pilot, where there is one, and those that joined it."""
    joined = [further.force_id for further in await taking_part(work, pilot)]
    for id in (pilot.force_id, *joined):
        if id is not None:
            await _tell(work, pilot, kind, id, roles, text, key)


async def _tell(
    work: UnitOfWork,
    pilot: Pilot,
    kind: NoticeKind,
    organisation_id: int | None,
    roles: Collection[Role],
    text: str,
    key: str,
) -> None:
    """Without an organisation, holders of a role that acts across tenants."""
    path, whole = f"/pilots/{pilot.id}", f"pilot:{pilot.id}:{key}"
    if organisation_id is None:
        await notify_role(work, kind=kind, roles=roles, text=text, path=path, key=whole)
        return
    await notify(
        work,
        kind=kind,
        organisation_id=organisation_id,
        roles=roles,
        text=text,
        path=path,
        key=whole,
    )

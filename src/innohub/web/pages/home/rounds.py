"""What waits in the rounds of the innovation board, for its members and for who judges a review."""

from collections.abc import Iterable, Iterator

from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.board.models import RoundState as S
from innohub.web.pages.home.task import Row, Task
from innohub.web.wording import plural

P = Permission
CONCERNED = (P.ROUND_SCORE, P.ROUND_RUN, P.ROUND_CHAIR, P.REVIEW_DECIDE)
STEPS = {
    S.PLANNED: (P.ROUND_CHAIR, "Open the round"),
    S.OPEN: (P.ROUND_RUN, "Enter the candidates, and close the entries"),
    S.PROVISIONAL: (P.ROUND_RUN, "Begin the standstill"),
}
"""Steps of its chair and its secretary that nothing else has to come before."""


def concerned(actor: Actor) -> bool:
    return any(actor.may(permission) for permission in CONCERNED)


def of_rounds(actor: Actor, rounds: Iterable[Row]) -> Iterator[Task]:
    """One line for each round in which something is the actor's to do."""
    for round_ in rounds:
        words = _of_member(actor, round_) or _of_office(actor, round_)
        if words:
            about = plural(len(round_["items"]), "candidate")
            yield Task(f"/rounds/{round_['number']}", round_["title"], words, about)


def _of_member(actor: Actor, round_: Row) -> str | None:
    if not round_["seated"] or not actor.may(P.ROUND_SCORE):
        return None
    if round_["state"] == S.DECLARATIONS.name and _without_mine(round_, "interests"):
        return "Declare your interests"
    if round_["state"] == S.SCORING.name and _without_mine(round_, "scores"):
        return "Score the candidates"
    return None


def _without_mine(round_: Row, what: str) -> bool:
    """Whether the reader has given nothing of this on a candidate; of a candidate that they are
    recused from, nothing is read here."""
    return any(not any(one["mine"] for one in item[what]) for item in round_["items"])


def _of_office(actor: Actor, round_: Row) -> str | None:
    state = S[round_["state"]]
    if not round_["ofBoard"]:
        judges = state is S.UNDER_REVIEW and actor.may(P.REVIEW_DECIDE)
        return "Decide the review" if judges else None
    permission, words = STEPS.get(state, (None, None))
    return words if permission is not None and actor.may(permission) else None

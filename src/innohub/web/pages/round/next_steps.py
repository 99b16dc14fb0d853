"""What a round waits for, and whose step that is."""

from collections.abc import Mapping
from typing import Any

from innohub.market.board.models import RoundState as S
from innohub.web.wording import day

_STEPS: dict[S, tuple[str, str]] = {
    S.PLANNED: ("Open the round: from then on its rules are locked.", "Chair"),
    S.OPEN: ("Enter the candidates, then close the entries.", "Secretary"),
    S.DECLARATIONS: (
        "Every member declares on every candidate. The chair settles what was declared, then the "
        "scoring starts.",
        "Members, chair, then the secretary",
    ),
    S.SCORING: (
        "Members score by themselves, unseen by each other; then the scoring is closed.",
        "Members, then the secretary",
    ),
    S.MODERATION: (
        "Scores that lie two or more apart are talked over, and the panel approves the record; "
        "then the candidates are ranked, with a reason for each decision.",
        "Chair and secretary, members, then the chair",
    ),
    S.PROVISIONAL: ("Begin the standstill.", "Secretary"),
    S.UNDER_REVIEW: (
        "Somebody independent decides the review. Upheld, the round goes back to its moderation; "
        "not upheld, the decisions are published when the standstill is over.",
        "An independent reviewer",
    ),
}


def next_step(round_: Mapping[str, Any]) -> tuple[str, str] | None:
    """The words and whose step it is; None for a round that is over."""
    state = S[round_["state"]]
    if state is S.STANDSTILL:
        until = round_["standstillUntil"]
        words = f"The decisions can be challenged until {day(until)}; then they are published."
        return words, "Suppliers and forces, then the hub"
    return _STEPS.get(state)

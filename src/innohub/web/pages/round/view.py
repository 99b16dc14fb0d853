"""One round of the board: its rules and candidates, the steps of those who sit on it, and in the
end the published decision record."""

from datetime import date
from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.board import commands
from innohub.market.board import service as board
from innohub.market.board.gating.models import Gate
from innohub.market.board.models import (
    ConflictInterest,
    DeclineReason,
    InterestAction,
    InterestKind,
    RoundState,
    TieRule,
)
from innohub.market.board.moderation.checking import approved
from innohub.market.board.reviews import commands as reviews
from innohub.market.board.reviews.models import ReviewGround, ReviewOutcome
from innohub.market.board.seats import commands as seats
from innohub.market.board.seats.changing import UNDECIDED
from innohub.market.working_days import london_date
from innohub.web.authentication import caller_of
from innohub.web.page import Data, Page, step
from innohub.web.pages.new_round.view import may_plan
from innohub.web.pages.round.next_steps import next_step
from innohub.web.pages.round.picture import swatch, totals_chart
from innohub.web.pages.round.stability import stability_of
from innohub.web.pages.round.standings import (
    failing,
    foretold,
    is_current,
    is_masked,
    late,
    means,
    number_of,
    owed,
)
from innohub.web.reading import global_id
from innohub.web.wording import words

KINDS = [
    {"value": InterestKind.NONE.value, "label": "None", "help": "Nothing links me to it."},
    {
        "value": InterestKind.ACTUAL.value,
        "label": "Actual",
        "help": "Something of mine hangs on it: my employer, my money, my family.",
    },
    {"value": InterestKind.POTENTIAL.value, "label": "Potential", "help": "It could come to that."},
    {
        "value": InterestKind.PERCEIVED.value,
        "label": "Perceived",
        "help": "Somebody could think so, though it is not.",
    },
]
ACTIONS = [
    {"value": InterestAction.RECUSE_ITEM.value, "label": "Recuse: no sight of this candidate"},
    {
        "value": InterestAction.RECUSE_ROUND.value,
        "label": "Recuse from the whole round: the seat stays empty",
    },
    {
        "value": InterestAction.REPLACE_MEMBER.value,
        "label": "Recuse from the whole round, and seat somebody else",
    },
    {"value": InterestAction.DISCLOSE_ONLY.value, "label": "Disclose it, and let the member score"},
    {"value": InterestAction.NONE_NEEDED.value, "label": "Nothing is needed"},
]

INTERESTS = [
    (ConflictInterest.PERSONAL.value, "Personal"),
    (ConflictInterest.PROFESSIONAL.value, "Professional"),
    (ConflictInterest.FINANCIAL.value, "Financial"),
    (ConflictInterest.FAMILY.value, "Family"),
    (ConflictInterest.EMPLOYMENT_PAST_2Y.value, "Employment in the past 2 years"),
    (ConflictInterest.EMPLOYER_FORCE_RUNS_PILOT.value, "My force runs a pilot of it"),
    (ConflictInterest.GIFT_HOSPITALITY.value, "Gift or hospitality"),
    (ConflictInterest.PRIOR_INVOLVEMENT.value, "Prior involvement"),
]

DECLINE_REASONS = [(one.value, words(one)) for one in DeclineReason]
TIE_RULES = {
    TieRule.HIGHER_EVIDENCE_OF_EFFECT.name: "the higher evidence of effect",
    TieRule.HIGHER_VALUE_FOR_MONEY.name: "the higher value for money",
    TieRule.LOWER_WHOLE_LIFE_COST.name: "the lower whole-life cost",
    TieRule.RECORDED_LOT.name: "a recorded lot",
}

GATES = {
    Gate.NO_OVERDUE_RESULTS.name: "Results",
    Gate.ASSURANCE_MINIMUM_MET.name: "Assurance",
    Gate.NO_UNRESOLVED_SAFETY_STOP.name: "Safety",
    Gate.PRICE_QUOTED.name: "Price",
    Gate.NOT_DEBARRED.name: "Debarment",
}
"""What each gate is about, where it is not passed."""

GROUNDS = [(one.value, words(one)) for one in ReviewGround]
OUTCOMES = [
    (ReviewOutcome.UPHELD_RESCORE.value, "Upheld: the panel scores again"),
    (ReviewOutcome.PARTLY_UPHELD.value, "Partly upheld: the panel looks at it again"),
    (ReviewOutcome.NOT_UPHELD.value, "Not upheld"),
]


async def variables(request: Request) -> Data:
    actor = (await caller_of(request)).actor
    words = request.query_params.get("q", "").strip()[:200]
    return {
        "id": global_id("Round", request.path_params["number"]),
        "find": {"search": words},
        "finding": bool(words) and may_plan(actor),
        "planning": may_plan(actor),
    }


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    round_ = data["round"]
    state = RoundState[round_["state"]]
    decided = any(item["decision"] for item in round_["items"])
    return {
        "round": round_,
        "state": state.name,
        "items": round_["items"],
        "decided": decided,
        "chairs": round_["ofBoard"] and actor.may(Permission.ROUND_CHAIR),
        "runs": round_["ofBoard"] and actor.may(Permission.ROUND_RUN),
        "plans": round_["ofBoard"] and may_plan(actor),
        "waiting": next_step(round_),
        "foretold": foretold(round_) if state is RoundState.MODERATION else {},
        "means": means,
        "failing": failing,
        "unsettled": _unsettled(round_),
        "decline_reasons": DECLINE_REASONS,
        "tie_rules": TIE_RULES,
        "stability": stability_of(round_),
        "challenges": not round_["ofBoard"] and actor.may(Permission.REVIEW_REQUEST),
        "reviews": not round_["ofBoard"] and actor.may(Permission.REVIEW_DECIDE),
        "grounds": GROUNDS,
        "outcomes": OUTCOMES,
        "number_of": number_of,
        "owed": owed,
        "picture": totals_chart(round_),
        "swatch": swatch,
        "kinds": KINDS,
        "interest_actions": ACTIONS,
        "sorts": INTERESTS,
        "late": late(round_),
        "masked": is_masked(round_),
        "gates": GATES,
        "publishable": _publishable(round_, london_date(request.app.state.database.clock())),
        **_panel(round_, data["colleagues"]["nodes"] if "colleagues" in data else []),
        "words_sought": request.query_params.get("q", ""),
        "found": [] if "found" not in data else _not_entered(round_, data["found"]["nodes"]),
    }


def _publishable(round_: Data, today: date) -> bool:
    """Whether the standstill is over and no review waits."""
    until = round_["standstillUntil"]
    over = not round_["standstillDays"] or (until is not None and today > date.fromisoformat(until))
    reviews = [review for item in round_["items"] for review in item["reviews"]["nodes"]]
    return over and all(review["outcome"] for review in reviews)


def _panel(round_: Data, colleagues: list[Any]) -> Data:
    """Who sits on the round, who could take a seat, and whether the reader may change it."""
    members = round_["members"]
    seen = {one["person"]["id"] for one in members if one["person"]}
    return {
        "changeable": RoundState[round_["state"]] in UNDECIDED,
        "standing": [
            (one["person"]["id"], one["member"])
            for one in members
            if one["person"] and not one["leftAt"]
        ],
        "spare": [(one["id"], one["name"]) for one in colleagues if one["id"] not in seen],
    }


def _unsettled(round_: Data) -> int:
    """Criteria without a moderation record of the present scores that its panel approved."""
    count = 0
    for item in round_["items"]:
        panel = len(item["scores"]) // max(1, len(round_["criteria"]))
        given = {
            one["criterion"]: sum(said["approves"] for said in one["approvals"])
            if is_current(one, item["scores"])
            else 0
            for one in item["moderation"]
        }
        due = {*item["flagged"], *given}
        count += sum(not approved(given.get(name, 0), panel) for name in due)
    return count


def _not_entered(round_: Data, found: list[Any]) -> list[Any]:
    entered = {item["technology"]["slug"] for item in round_["items"] if item["technology"]}
    return [technology for technology in found if technology["slug"] not in entered]


PAGE = Page(
    "round",
    "/rounds/{number:int}",
    variables=variables,
    needed=("round",),
    context=context,
    actions={
        "open_round": step(
            commands.OpenRound,
            board.open_round,
            done="The round is open and its rules are locked. Next, candidates are entered.",
        ),
        "add_item": step(commands.AddItem, board.add_item, done="The candidate is entered."),
        "remove_item": step(
            commands.RemoveItem, board.remove_item, done="The candidate is taken out."
        ),
        "close_entries": step(
            commands.CloseEntries,
            board.close_entries,
            done="The entries are closed. Next, every member declares on every candidate.",
        ),
        "replace_member": step(
            seats.ReplaceMember, board.replace_member, done="The seat is changed."
        ),
        "recuse_member": step(
            seats.RecuseMember, board.recuse_member, done="The member is recused."
        ),
        "declare": step(
            commands.DeclareInterest,
            board.declare_interest,
            done="Your declaration is recorded. You can correct it until the scoring starts.",
        ),
        "resolve": step(
            commands.ResolveInterest, board.resolve_interest, done="The interest is settled."
        ),
        "start_scoring": step(
            commands.StartScoring,
            board.start_scoring,
            done="The scoring has started. Next, every member scores the candidates.",
        ),
        "close_scoring": step(
            commands.CloseScoring,
            board.close_scoring,
            done="The scoring is closed and the board sees all scores. Next, the chair ranks.",
        ),
        "rank": step(
            commands.RankRound,
            board.rank,
            done="The candidates are ranked. Next, the secretary begins the standstill.",
        ),
        "start_standstill": step(
            commands.StartStandstill,
            board.start_standstill,
            done="The standstill has begun. Next, the decision record is published.",
        ),
        "finish": step(
            commands.FinishRound, board.finish, done="The decision record is published."
        ),
        "request_review": step(
            reviews.RequestReview, board.request_review, done="Your request is on record."
        ),
        "decide_review": step(
            reviews.DecideReview, board.decide_review, done="The review is decided."
        ),
        "cancel": step(commands.CancelRound, board.cancel, done="The round is cancelled."),
    },
)

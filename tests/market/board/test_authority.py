"""Each step of a round: who may take it, and in which states, from the machine's own table."""

from typing import Any

from innohub.market.board import commands, service
from innohub.market.board.models import ROUND, Round, RoundState
from innohub.market.board.seats import commands as seats
from innohub.market.board.seats.changing import JUDGING, UNDECIDED
from tests.market.board.rounds import MEMBERS, REASON, BoardStage, plan_fields, score_of

S = RoundState
PLANNERS = {"chair", "secretary"}
CHAIR = {"chair"}
SECRETARY = {"secretary"}
SECRETARY_OR_HUB = {"secretary", "system"}


def sources(verb: str) -> frozenset[RoundState]:
    (found,) = (step.sources for step in ROUND.transitions if step.verb == verb)
    return found


async def try_step(
    stage: BoardStage,
    verb: str,
    operation: Any,
    command: Any,
    round: Round,
    allowed: set[str],
    works_in: frozenset[RoundState] | None = None,
) -> None:
    # The rules of an opened round are public; its candidates are not.
    shown = hasattr(command, "round_id") and (await stage.load(round)).opened_at is not None
    hidden = frozenset() if shown else stage.hidden - allowed
    await stage.try_everybody(operation, command, allowed=allowed, hidden_from=hidden)
    part = min(allowed - {"system"})
    works_in = works_in or sources(verb)
    await stage.try_every_state(part, operation, command, round, works_in=works_in)


async def test_the_secretary_or_the_chair_plans_a_round(stage: BoardStage) -> None:
    command = commands.PlanRound.parse(plan_fields(stage, board_id=stage.board.id))
    await stage.try_everybody(service.plan_round, command, allowed=PLANNERS)


async def test_the_chair_opens_it(stage: BoardStage) -> None:
    round = await stage.planned()
    command = commands.OpenRound(round_id=round.id)
    await try_step(stage, "open", service.open_round, command, round, CHAIR)


async def test_the_secretary_or_the_chair_adds_a_candidate(stage: BoardStage) -> None:
    round = await stage.planned()
    technology = await stage.published()
    command = commands.AddItem(round_id=round.id, technology_id=technology.id)
    await try_step(
        stage, "", service.add_item, command, round, PLANNERS, frozenset({S.PLANNED, S.OPEN})
    )


async def test_the_secretary_or_the_chair_removes_a_candidate(stage: BoardStage) -> None:
    round = await stage.opened(1)
    (item,) = await stage.items(round)
    command = commands.RemoveItem(round_id=round.id, item_id=item.id, reason=REASON)
    await try_step(
        stage, "", service.remove_item, command, round, PLANNERS, frozenset({S.PLANNED, S.OPEN})
    )


async def test_the_secretary_closes_the_entries(stage: BoardStage) -> None:
    round = await stage.opened(1)
    command = commands.CloseEntries(round_id=round.id)
    await try_step(stage, "close_entries", service.close_entries, command, round, SECRETARY)


async def test_those_who_sit_on_the_round_declare(stage: BoardStage) -> None:
    round = await stage.declaring(1)
    (item,) = await stage.items(round)
    command = commands.DeclareInterest.parse({"item_id": item.id, "kind": "none"})
    await try_step(
        stage,
        "",
        service.declare_interest,
        command,
        round,
        set(MEMBERS),
        JUDGING,
    )


async def test_the_chair_or_the_secretary_settles_an_interest(stage: BoardStage) -> None:
    round = await stage.declaring(1)
    (item,) = await stage.items(round)
    interest = await stage.declare("member_2", item, "potential")
    fields = {"interest_id": interest.id, "action": "disclose_only"}
    command = commands.ResolveInterest.parse(fields)
    await try_step(
        stage,
        "",
        service.resolve_interest,
        command,
        round,
        PLANNERS,
        JUDGING,
    )


async def test_the_secretary_starts_the_scoring(stage: BoardStage) -> None:
    round = await stage.declared(1)
    command = commands.StartScoring(round_id=round.id)
    await try_step(stage, "start_scoring", service.start_scoring, command, round, SECRETARY)


async def test_those_who_sit_on_the_round_score(stage: BoardStage) -> None:
    round = await stage.scoring(1)
    (item,) = await stage.items(round)
    await try_step(
        stage,
        "",
        service.score,
        score_of(item, 4, 4, 4),
        round,
        set(MEMBERS),
        frozenset({S.SCORING}),
    )


async def test_the_secretary_or_the_hub_closes_the_scoring(stage: BoardStage) -> None:
    round = await stage.scored((4, 4, 4))
    command = commands.CloseScoring(round_id=round.id)
    await try_step(stage, "close_scoring", service.close_scoring, command, round, SECRETARY_OR_HUB)


async def test_the_chair_ranks(stage: BoardStage) -> None:
    round = await stage.moderated((4, 4, 4))
    await try_step(stage, "rank", service.rank, await stage.ranking(round), round, CHAIR)


async def test_the_secretary_starts_the_standstill(stage: BoardStage) -> None:
    round = await stage.ranked((4, 4, 4))
    command = commands.StartStandstill(round_id=round.id)
    await try_step(stage, "start_standstill", service.start_standstill, command, round, SECRETARY)


async def test_the_secretary_or_the_hub_finishes(stage: BoardStage) -> None:
    round = await stage.standing_still((4, 4, 4), demonstration=True, standstill_days=0)
    command = commands.FinishRound(round_id=round.id)
    await try_step(stage, "finish", service.finish, command, round, SECRETARY_OR_HUB)


async def test_the_chair_cancels(stage: BoardStage) -> None:
    round = await stage.planned()
    command = commands.CancelRound(round_id=round.id, reason=REASON)
    await try_step(stage, "cancel", service.cancel, command, round, CHAIR)


async def test_the_chair_or_the_secretary_changes_who_sits(stage: BoardStage) -> None:
    round = await stage.declared(1)
    who = {"round_id": round.id, "member_id": stage.people["member_4"].id}
    leaving = seats.ReplaceMember.parse(who | {"reason": REASON})
    await try_step(stage, "", service.replace_member, leaving, round, PLANNERS, UNDECIDED)
    found = {"kind": "actual", "conflict_interest": "family", "detail": REASON}
    recusing = seats.RecuseMember.parse(who | found)
    await stage.put(round, state=S.DECLARATIONS)
    await try_step(stage, "", service.recuse_member, recusing, round, PLANNERS, JUDGING)

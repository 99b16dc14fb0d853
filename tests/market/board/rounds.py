"""The board of a round, and the steps that take it from stage to stage."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from innohub.db.unit_of_work import Database
from innohub.identity.models import OrganisationKind, Role
from innohub.market.assurance.models import AssuranceItem, AssuranceStatus
from innohub.market.board import commands, service
from innohub.market.board.models import Interest, Round, RoundItem
from innohub.market.catalogue.models import Technology
from innohub.market.quotes.models import (
    PriceBasis,
    PriceInterval,
    PriceUnit,
    Quote,
    QuoteTier,
    TierMode,
)
from tests.factories import an_organisation
from tests.market.catalogue.stage import Operation, Stage, a_stage

MEMBERS = ("chair", "board_member", "member_2", "member_3", "member_4")
"""Who sits on the round."""
BOARD = frozenset({*MEMBERS, "spare_member", "secretary", "adviser"})
"""Who reads with the board."""
WEIGHTS = {"evidence_of_effect": 50, "value_for_money": 30, "operational_need": 20}
WHY = (
    "The published result, the price and what three forces told us about living with it "
    "speak for this score, and nothing that we read speaks against it."
)
REASON = "The published evidence and the price were weighed."


@dataclass
class BoardStage(Stage):
    """A stage with a full board and technologies to judge."""

    technologies: list[Technology] = field(default_factory=list)

    @property
    def hidden(self) -> set[str]:
        """Everybody who does not read with the board."""
        return set(self.actors) - BOARD

    async def planned(self, **given: Any) -> Round:
        command = commands.PlanRound.parse(plan_fields(self, **given))
        planned: Round = await self.do("secretary", service.plan_round, command)
        return planned

    async def move(
        self, part: str, operation: Operation, command: Any, round: Round, **fields: Any
    ) -> Any:
        return await self.do(part, operation, command.parse({"round_id": round.id, **fields}))

    async def opened(self, items: int = 2, **given: Any) -> Round:
        round = await self.planned(**given)
        await self.move("chair", service.open_round, commands.OpenRound, round)
        for place in range(items):
            await self.enter(round, place)
        return round

    async def enter(self, round: Round, place: int) -> RoundItem:
        """Enter the technology with this number, publishing it first where needed."""
        while len(self.technologies) <= place:
            self.technologies.append(
                await self.published(name=f"Candidate {len(self.technologies) + 1}")
            )
            await self.assure(self.technologies[-1])
            await self.price(self.technologies[-1])
        technology = self.technologies[place]
        await self.put(technology, best_grade=5)
        item: RoundItem = await self.move(
            "secretary", service.add_item, commands.AddItem, round, technology_id=technology.id
        )
        return item

    async def assure(self, technology: Technology) -> None:
        """Verify what its category needs, so that it passes that gate."""
        now = self.database.clock()
        async with self.database.session() as session, session.begin():
            for type_ in ("dpia", "cyber_essentials"):
                session.add(
                    AssuranceItem(
                        technology_id=technology.id, type=type_, issuer="IASME", reference="R-1",
                        issued_on=now.date(), status=AssuranceStatus.VERIFIED, created_at=now,
                    )
                )  # fmt: skip

    async def price(self, technology: Technology) -> None:
        """A quote that stands for its version, so that it passes that gate."""
        now = self.database.clock()
        async with self.database.session() as session, session.begin():
            quote = Quote(
                technology_id=technology.id, listing_version_id=technology.current_version_id,
                supplier_id=technology.supplier_id, number=1, standalone=True,
                tier_mode=TierMode.ALL_UNITS, unit=PriceUnit.OFFICER, interval=PriceInterval.YEAR,
                term_months=36, intervals=3, extension_months=0,
                price_basis=PriceBasis.FIXED_FOR_TERM, setup_pence=0, training_pence=0,
                exit_pence=0, data_return="As files.", valid_until=now.date() + timedelta(days=365),
                vat_rate=20, most_favoured_customer=False, open_to_late_joiners=False,
                created_at=now,
            )  # fmt: skip
            session.add(quote)
            await session.flush()
            session.add(
                QuoteTier(
                    quote_id=quote.id, number=1, from_quantity=1, unit_price_pence=10_000,
                    units_below=0, below_pence=0, created_at=now,
                )
            )  # fmt: skip

    async def declaring(self, items: int = 2, **given: Any) -> Round:
        round = await self.opened(items, **given)
        await self.move("secretary", service.close_entries, commands.CloseEntries, round)
        return round

    async def declare(self, part: str, item: RoundItem, kind: str = "none") -> Interest:
        detail = None if kind == "none" else "My force runs its pilot."
        sort = None if kind == "none" else "employer_force_runs_pilot"
        fields = {"item_id": item.id, "kind": kind, "detail": detail, "conflict_interest": sort}
        command = commands.DeclareInterest.parse(fields)
        interest: Interest = await self.do(part, service.declare_interest, command)
        return interest

    async def resolve(
        self, interest: Interest, action: str, part: str = "chair", instead: str | None = None
    ) -> Interest:
        """`instead` names who takes the member's seat."""
        fields = {"interest_id": interest.id, "action": action}
        if instead is not None:
            fields["replacement_id"] = self.people[instead].id
        command = commands.ResolveInterest.parse(fields)
        resolved: Interest = await self.do(part, service.resolve_interest, command)
        return resolved

    async def declared(
        self, items: int = 2, recused: Mapping[str, int] | None = None, **given: Any
    ) -> Round:
        """All have declared. `recused` names members, each with the place of an item."""
        round = await self.declaring(items, **given)
        for place, item in enumerate(await self.items(round)):
            for part in MEMBERS:
                conflicted = (recused or {}).get(part) == place
                interest = await self.declare(part, item, "actual" if conflicted else "none")
                if conflicted:
                    await self.resolve(interest, "recuse_item")
        return round

    async def scoring(self, items: int = 2, **given: Any) -> Round:
        round = await self.declared(items, **given)
        await self.move("secretary", service.start_scoring, commands.StartScoring, round)
        return round

    async def score(self, part: str, item: RoundItem, *values: int) -> RoundItem:
        command = score_of(item, *values)
        scored: RoundItem = await self.do(part, service.score, command)
        return scored

    async def scored(self, *values: tuple[int, ...], **given: Any) -> Round:
        """Every member gives item n the n-th values: one for each criterion of WEIGHTS."""
        round = await self.scoring(len(values), **given)
        recused = given.get("recused") or {}
        for place, item in enumerate(await self.items(round)):
            for part in MEMBERS:
                if recused.get(part) != place:
                    await self.score(part, item, *values[place])
        return round

    async def moderated(self, *values: tuple[int, ...], **given: Any) -> Round:
        round = await self.scored(*values, **given)
        await self.move("secretary", service.close_scoring, commands.CloseScoring, round)
        return round

    async def ranked(self, *values: tuple[int, ...], **given: Any) -> Round:
        round = await self.moderated(*values, **given)
        await self.do("chair", service.rank, await self.ranking(round))
        return round

    async def ranking(self, round: Round, **chosen: str) -> commands.RankRound:
        """The chair's command, with `item_1="deferred_for_evidence"` for a decision of hers."""
        decisions = [
            {
                "item_id": item.id,
                "reason": REASON,
                "decision": chosen.get(f"item_{item.id}"),
                "decline_reason": "evidence_weak",
            }
            for item in await self.items(round)
        ]
        return commands.RankRound.parse({"round_id": round.id, "decisions": decisions})

    async def standing_still(self, *values: tuple[int, ...], **given: Any) -> Round:
        round = await self.ranked(*values, **given)
        await self.move("secretary", service.start_standstill, commands.StartStandstill, round)
        return round

    async def final(self, *values: tuple[int, ...], **given: Any) -> Round:
        short = {"demonstration": True, "standstill_days": 0}
        round = await self.standing_still(*values, **(short | given))
        await self.move("secretary", service.finish, commands.FinishRound, round)
        return round

    async def items(self, round: Round) -> list[RoundItem]:
        async with self.database.session() as session:
            query = select(RoundItem).where(RoundItem.round_id == round.id).order_by(RoundItem.id)
            return list(await session.scalars(query))


def plan_fields(stage: Stage, **given: Any) -> dict[str, Any]:
    return {
        "title": "Redaction, winter round",
        "purpose": "To find what saves officers' time on case files.",
        "criteria": [{"criterion": name, "weight": w} for name, w in WEIGHTS.items()],
        "places": 1,
        "members": [stage.people[part].id for part in MEMBERS],
        "quorum": 3,
        "min_scores_per_item": 3,
    } | {name: value for name, value in given.items() if name != "recused"}


def score_of(item: RoundItem, *values: int) -> commands.ScoreItem:
    scores = [
        {"criterion": name, "value": value, "reason": WHY}
        for name, value in zip(WEIGHTS, values, strict=True)
    ]
    return commands.ScoreItem.parse({"item_id": item.id, "scores": scores})


async def a_board_stage(database: Database) -> BoardStage:
    stage = BoardStage(**vars(await a_stage(database)))
    independent = await an_organisation(database, OrganisationKind.INDEPENDENT)
    other_board = await an_organisation(database, OrganisationKind.BOARD)
    parts = {
        "chair": (stage.board, Role.BOARD_CHAIR),
        "member_2": (stage.board, Role.BOARD_MEMBER),
        "member_3": (stage.board, Role.BOARD_MEMBER),
        "member_4": (stage.board, Role.BOARD_MEMBER),
        "spare_member": (stage.board, Role.BOARD_MEMBER),
        "secretary": (stage.board, Role.BOARD_SECRETARY),
        "adviser": (stage.board, Role.TECHNICAL_ADVISER_NONVOTING),
        "evaluation_adviser": (independent, Role.EVALUATION_ADVISER),
        "other_chair": (other_board, Role.BOARD_CHAIR),
        "other_secretary": (other_board, Role.BOARD_SECRETARY),
    }
    await stage.cast(parts)
    return stage

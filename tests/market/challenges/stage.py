"""The people of a challenge's story, and the steps that take it from stage to stage."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from innohub.db.unit_of_work import Database
from innohub.identity.models import Role
from innohub.identity.permissions import Scope
from innohub.market.challenges import commands, service
from innohub.market.challenges.models import (
    Challenge,
    ChallengeMerger,
    ChallengeQuestion,
    ChallengeResponse,
)
from innohub.notices.models import Notice
from tests.factories import client_of, the_force
from tests.market.catalogue.stage import Operation, Stage, a_stage

REASON = "A reason that somebody else will read."
FORCES = frozenset(
    {"lead", "sro", "analyst", "chief", "reviewer", "other_lead", "other_sro", "third_lead",
     "other_reviewer"}
)  # fmt: skip
REGISTER = FORCES | {
    "catalogue_reviewer", "assurance_officer", "programme_officer", "board_member", "auditor",
}  # fmt: skip
"""Who reads the challenges that are open to forces."""
OWN = frozenset({"lead", "sro", "analyst", "chief", "reviewer"})


@dataclass
class ChallengeStage(Stage):
    """A stage with senior responsible owners, a third force and a supplier's client."""

    async def written(self, **given: Any) -> Challenge:
        part = given.pop("part", "lead")
        command = commands.DraftChallenge.parse(need(**given))
        drafted: Challenge = await self.do(part, service.draft, command)
        return drafted

    async def opened(self, **given: Any) -> Challenge:
        part = given.get("part", "lead")
        challenge = await self.written(**given)
        return await self.take(part, service.open_to_forces, commands.OpenChallenge, challenge)

    async def open_to_suppliers(self, **given: Any) -> Challenge:
        challenge = await self.opened(**given)
        return await self.publish(challenge)

    async def publish(self, challenge: Challenge, days: int = 30) -> Challenge:
        respond_by = self.today + timedelta(days=days)
        return await self.take(
            "sro", service.publish, commands.PublishChallenge, challenge, respond_by=respond_by
        )

    async def matching(self, **given: Any) -> Challenge:
        challenge = await self.open_to_suppliers(**given)
        self.database.clock.pass_days(31)  # type: ignore[attr-defined]
        await service.tend_challenges(self.database)
        return await self.load(challenge)

    async def take(
        self, part: str, operation: Operation, command: Any, challenge: Challenge, **fields: Any
    ) -> Any:
        given = {"challenge_id": challenge.id, **fields}
        return await self.do(part, operation, command.parse(given))

    async def ask(self, challenge: Challenge, part: str = "supplier_admin") -> ChallengeQuestion:
        question: ChallengeQuestion = await self.take(
            part, service.ask, commands.AskQuestion, challenge,
            question="Which records system do you use?",
        )  # fmt: skip
        return question

    async def respond(
        self, challenge: Challenge, part: str = "supplier_admin", **given: Any
    ) -> ChallengeResponse:
        response: ChallengeResponse = await self.take(
            part, service.respond, commands.RespondToChallenge, challenge, **offer(**given)
        )
        return response

    async def merger(self, one: Challenge, into: Challenge, part: str = "lead") -> ChallengeMerger:
        fields = {"challenge_id": one.id, "into_id": into.id, "reason": REASON}
        command = commands.ProposeMerger.parse(fields)
        merger: ChallengeMerger = await self.do(part, service.propose_merger, command)
        return merger

    async def told(self, part: str) -> list[str]:
        """What somebody was told about challenges, the newest last."""
        async with self.database.session() as session:
            query = select(Notice.text).where(
                Notice.person_id == self.people[part].id, Notice.key.startswith("challenge")
            )
            return list(await session.scalars(query.order_by(Notice.id)))

    async def who_sees(self, model: Any, rule: Any, id: int) -> set[str]:
        """The parts to which `rule` shows the row."""
        return {part for part in self.actors if id in await self.sees(part, model, rule)}

    @property
    def today(self) -> date:
        return self.database.clock().date()


def need(**given: Any) -> dict[str, Any]:
    return {
        "title": "Redaction of case files takes officers off the street",
        "problem": "Each file is blacked out by hand before it goes to the prosecutor.",
        "kpi": "case_file_quality_pass",
        "category": "software_saas",
        "baseline_value": 64,
        "constraints": "No data leaves the force's own cloud.",
        "budget_from_pence": 2_000_000,
        "budget_to_pence": 6_000_050,
    } | given


def offer(**given: Any) -> dict[str, Any]:
    return {
        "proposal": "Our service blacks out names and faces, and an officer checks the marks.",
        "delivery": "Six weeks from the order, in your own cloud.",
        "price_from_pence": 1_500_000,
        "price_to_pence": 2_500_000,
    } | given


async def a_challenge_stage(database: Database) -> ChallengeStage:
    plain = await a_stage(database)
    stage = ChallengeStage(**vars(plain))
    third = await the_force(database, "durham")
    await stage.cast(
        {
            "sro": (stage.force, Role.FORCE_SENIOR_RESPONSIBLE_OWNER),
            "other_sro": (stage.other_force, Role.FORCE_SENIOR_RESPONSIBLE_OWNER),
            "third_lead": (third, Role.FORCE_INNOVATION_LEAD),
        }
    )
    stage.actors["responding_client"] = client_of(stage.supplier, Scope.CHALLENGES_RESPOND)
    return stage

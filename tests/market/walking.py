"""A walker through the market's machines: listings and pilots by their services, on the real
database, at random; after each step it looks whether anything holds no more that must."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from innohub.db.unit_of_work import Database
from innohub.errors import InnoHubError
from innohub.market.assurance import service as assurance
from innohub.market.catalogue import commands as listing_commands
from innohub.market.catalogue import service as catalogue
from innohub.market.catalogue.models import LISTING, ListingState, Technology
from innohub.market.evidence import commands as evidence_commands
from innohub.market.evidence import service as evidence
from innohub.market.pilots import commands, service
from innohub.market.pilots.models import (
    NEVER_RAN,
    PILOT,
    Pilot,
    PilotState,
    PilotStep,
    PilotTurn,
    Protocol,
)
from innohub.market.ratings import commands as rating_commands
from innohub.market.ratings import service as ratings
from innohub.market.ratings.models import DIMENSIONS, Rating
from innohub.outbox.models import AuditEntry
from tests.conftest import Clock
from tests.market.pilots.cast import CELLS, Cast, protocol_fields, request_fields

WHY = "A reason that somebody else will read."
S = PilotState
BEFORE_LOCK = NEVER_RAN | {S.PROPOSED, S.OVERLAP_REVIEW, S.SCOPING, S.ASSURANCE}
STARTS = {"request", "join", "approve", "approve_joining", "start", "resume"}
"""What must not work while the listing is not published."""

Build = Callable[[Pilot], dict[str, Any]]


@dataclass(frozen=True)
class Act:
    """A step: the service, its command, and who usually takes it. `verb` is the machine's."""

    service: Callable[..., Awaitable[Any]]
    command: Any
    part: str
    fields: Build = lambda pilot: {}
    verb: str | None = None


ACTS: dict[str, Act] = {
    "accept": Act(service.accept, commands.AcceptPilot, "supplier_admin"),
    "decline": Act(
        service.decline,
        commands.DeclinePilot,
        "supplier_admin",
        lambda p: {"reason": WHY},
        "decline",
    ),
    "choose": Act(
        service.choose,
        commands.ChooseOverlap,
        "lead",
        lambda p: {"choice": "independent_check"},
        "scope",
    ),
    "set_costs": Act(service.set_costs, commands.SetCosts, "lead", lambda p: {"cost_pence": 5}),
    "approve": Act(service.approve, commands.ApprovePilot, "sro", lambda p: {}, "approve"),
    "join": Act(service.join, commands.JoinPilot, "other_lead", lambda p: {"site": "Thanet"}),
    "approve_joining": Act(service.approve_joining, commands.ApproveJoining, "other_sro"),
    "leave": Act(service.leave, commands.LeavePilot, "other_lead", lambda p: {"reason": WHY}),
    "sign": Act(service.sign_assurance, commands.SignAssurance, "assurance_reviewer"),
    "sign_joined": Act(service.sign_assurance, commands.SignAssurance, "other_reviewer"),
    "propose_protocol": Act(
        service.propose_protocol, commands.ProposeProtocol, "analyst", protocol_fields
    ),
    "lock": Act(
        service.lock_protocol,
        commands.LockProtocol,
        "second_analyst",
        lambda p: {"leave_out": True},
        "lock_protocol",
    ),
    "start": Act(service.start, commands.StartPilot, "lead", lambda p: {}, "start"),
    "pause": Act(service.pause, commands.PausePilot, "sro", lambda p: {"reason": WHY}, "pause"),
    "pause_by_officer": Act(
        service.pause,
        commands.PausePilot,
        "assurance_officer",
        lambda p: {"reason": WHY},
        "pause",
    ),
    "agree": Act(
        service.agree_to_resume,
        commands.AgreeToResume,
        "assurance_officer",
        lambda p: {"reason": WHY},
    ),
    "resume": Act(service.resume, commands.ResumePilot, "sro", lambda p: {"reason": WHY}, "resume"),
    "stop": Act(
        evidence.stop,
        commands.StopPilot,
        "sro",
        lambda p: {"stop_reason": "cost", "reason": WHY},
        "stop",
    ),
    "finish": Act(service.finish, commands.FinishPilot, "sro", lambda p: {}, "finish"),
    "record": Act(
        evidence.record_data,
        evidence_commands.RecordTrialData,
        "analyst",
        lambda p: {"cells": CELLS},
    ),
    "report": Act(evidence.report, evidence_commands.ReportResult, "analyst"),
    "comment": Act(evidence.comment, evidence_commands.CommentOnResult, "supplier_admin"),
    "decide": Act(
        evidence.decide,
        evidence_commands.DecidePilot,
        "sro",
        lambda p: {"decision": "adopt", "reason": WHY, "economics": "It is free."},
        "decide",
    ),
    "rate": Act(
        ratings.rate,
        rating_commands.RatePilot,
        "lead",
        lambda p: dict.fromkeys(DIMENSIONS, 4) | {"comment": "It works well."},
    ),
}
LISTING_ACTS: dict[str, Act] = {
    "submit": Act(assurance.submit, listing_commands.SubmitTechnology, "supplier_admin"),
    "approve": Act(catalogue.approve, listing_commands.ApproveTechnology, "catalogue_reviewer"),
    "suspend": Act(catalogue.suspend, listing_commands.SuspendTechnology, "assurance_officer"),
    "reinstate": Act(
        catalogue.reinstate, listing_commands.ReinstateTechnology, "assurance_officer"
    ),
    "withdraw": Act(catalogue.withdraw, listing_commands.WithdrawTechnology, "supplier_admin"),
}
WITH_REASON = {"suspend", "reinstate", "withdraw"}


@dataclass
class Walk:
    """One walk: a cast, its listing, and the pilots it has asked for so far."""

    cast: Cast
    clock: Clock
    pilots: list[int] = field(default_factory=list)
    taken: int = 0
    """Steps that were taken, and those that were rightly refused."""
    refused: int = 0

    @property
    def database(self) -> Database:
        return self.cast.database

    async def request(self, part: str) -> None:
        listing = await self._listing()
        fields = request_fields(
            self.cast, overlap_choice="independent_check", technology_id=listing.id
        )
        command = commands.RequestPilot.parse(fields)
        made = await self._try(self.cast.do(part, service.request, command))
        if made is not None:
            assert listing.state is ListingState.PUBLISHED, "a suspended listing started something"
            self.pilots.append(made.id)

    async def act(self, name: str, place: int, part: str | None = None) -> None:
        """Try one step on one of the pilots, by whoever usually takes it or by somebody else."""
        if not self.pilots:
            return
        act, before = ACTS[name], await self._pilot(self.pilots[place % len(self.pilots)])
        listing = await self._listing()
        command = act.command.parse({"pilot_id": before.id, **act.fields(before)})
        done = await self._try(self.cast.do(part or act.part, act.service, command))
        after = await self._pilot(before.id)
        if done is None:
            assert after.revision == before.revision, f"{name} was refused and left a mark"
            assert after.state is before.state
            return
        if act.verb is not None:
            assert PILOT.allows(act.verb, before.state), f"{name} from {before.state}"
        if name in STARTS:
            assert listing.state is not ListingState.SUSPENDED, f"{name} of a suspended listing"

    async def confirm(self, place: int, part: str) -> None:
        """The second analyst's word on the newest result."""
        if not self.pilots:
            return
        pilot = await self._pilot(self.pilots[place % len(self.pilots)])
        async with self.database.unit_of_work(self.cast[part].signature()) as work:
            result = await evidence.newest_result(work, pilot)
        if result is None:
            return
        command = evidence_commands.ConfirmResult(result_id=result.id)
        await self._try(self.cast.do(part, evidence.confirm, command))

    async def list(self, name: str) -> None:
        before = await self._listing()
        act = LISTING_ACTS[name]
        fields = {"reason": WHY} if name in WITH_REASON else {}
        command = act.command.parse({"technology_id": before.id, **fields})
        done = await self._try(self.cast.do(act.part, act.service, command))
        after = await self._listing()
        if done is None:
            assert after.state is before.state
        else:
            assert LISTING.allows(name, before.state), f"{name} from {before.state}"

    async def pass_days(self, days: int) -> None:
        self.clock.pass_days(days)
        await service.tend_pilots(self.database)
        await evidence.publish_due(self.database)

    async def look(self) -> None:
        """What must hold after every step."""
        async with self.database.session() as session:
            for id in self.pilots:
                pilot = await session.get_one(Pilot, id)
                steps = (
                    await session.scalars(
                        select(PilotStep).where(PilotStep.pilot_id == id).order_by(PilotStep.id)
                    )
                ).all()
                protocol = await session.scalar(select(Protocol).where(Protocol.pilot_id == id))
                turns = await session.scalar(
                    select(func.count()).select_from(PilotTurn).where(PilotTurn.pilot_id == id)
                )
                audits = await session.scalar(
                    select(func.count())
                    .select_from(AuditEntry)
                    .where(
                        AuditEntry.object_type == "pilot",
                        AuditEntry.object_id == id,
                        AuditEntry.action.like("pilot:%"),
                    )
                )
                _locked_before_it_ran(pilot, protocol, steps)
                _told_whole(pilot, steps, int(audits or 0))
                _somebodys_turn(pilot, int(turns or 0))
            for rating in await session.scalars(select(Rating)):
                rated = await session.get_one(Pilot, rating.pilot_id)
                assert rated.state in ratings.RATEABLE, "a rating without a pilot that ran"
                assert rated.force_id == rating.force_id

    async def _try(self, doing: Coroutine[Any, Any, Any]) -> Any:
        try:
            done = await doing
        except InnoHubError:
            self.refused += 1
            return None
        self.taken += 1
        return done

    async def _pilot(self, id: int) -> Pilot:
        return await self.cast.load(Pilot, id)

    async def _listing(self) -> Technology:
        return await self.cast.load(Technology, self.cast.technology.id)


def _locked_before_it_ran(pilot: Pilot, protocol: Protocol | None, steps: Any) -> None:
    if pilot.state in BEFORE_LOCK:
        return
    assert protocol is not None, f"{pilot.state} without a protocol"
    assert protocol.hash, f"{pilot.state} without a locked protocol"
    verbs = [step.verb for step in steps]
    if "start" in verbs:
        assert verbs.index("lock_protocol") < verbs.index("start")


def _told_whole(pilot: Pilot, steps: Any, audits: int) -> None:
    """Each step begins where the one before ended; the last one ends where the pilot stands; and
    the audit trail has them all."""
    state = None
    for step in steps:
        assert step.from_state == state, f"{step.verb} begins at {step.from_state}, not {state}"
        state = step.to_state
    assert state == pilot.state
    assert audits == len(steps)


def _somebodys_turn(pilot: Pilot, turns: int) -> None:
    over = NEVER_RAN | {S.PUBLISHED}
    if pilot.state in over:
        assert turns == 0, f"somebody is waited for in {pilot.state}"
    elif pilot.state is not S.DECIDED:
        assert turns > 0, f"nobody is waited for in {pilot.state}"

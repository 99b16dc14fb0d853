"""What a walker through the market's machines may try: each service with its command, and who
usually takes the step."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from innohub.market.assurance import service as assurance
from innohub.market.catalogue import commands as listing_commands
from innohub.market.catalogue import service as catalogue
from innohub.market.catalogue.models import Section, Technology
from innohub.market.evidence import commands as evidence_commands
from innohub.market.evidence import service as evidence
from innohub.market.machine import Machine
from innohub.market.pilots import commands, service
from innohub.market.pilots.models import Pilot
from innohub.market.ratings import commands as rating_commands
from innohub.market.ratings import service as ratings
from innohub.market.ratings.models import DIMENSIONS
from tests.market.pilots.cast import CELLS, protocol_fields

WHY = "A reason that somebody else will read."
STARTS = {"request", "join", "approve", "approve_joining", "start"}
"""What must not work while the listing is not published. To go on after a pause is no start: that
must only not work while it is suspended."""


@dataclass(frozen=True)
class Act:
    """A step: the service, its command, and who usually takes it. `verbs` are the machine's, of
    which it takes one or several; without any the state stays, as it may where `may_stay`."""

    service: Callable[..., Awaitable[Any]]
    command: Any
    part: str
    fields: Callable[[Any], dict[str, Any]] = lambda row: {}
    verbs: frozenset[str] = frozenset()
    may_stay: bool = False

    def leads(self, machine: Machine[Any], before: StrEnum, after: StrEnum) -> bool:
        """Whether the machine's table has this way, by one of its steps or by one after another."""
        if before is after and (self.may_stay or not self.verbs):
            return True
        steps = [step for step in machine.transitions if step.verb in self.verbs]
        reached = {step.target for step in steps if before in step.sources}
        for _ in steps:
            reached |= {step.target for step in steps if reached & step.sources}
        return after in reached


def _act(
    service: Any,
    command: Any,
    part: str,
    *verbs: str,
    fields: Any = None,
    may_stay: bool = False,
    **given: Any,
) -> Act:
    return Act(service, command, part, fields or (lambda row: given), frozenset(verbs), may_stay)


def _dearer(listing: Technology) -> dict[str, Any]:
    """A price that the listing does not have."""
    price = 1_000 + listing.revision
    return {"price_from_pence": price, "price_to_pence": price, "price_unit": "officer",
            "price_interval": "month"}  # fmt: skip


def _newer_support(listing: Technology) -> dict[str, Any]:
    return {"section": Section.SUPPORT, "body": f"Answered within {listing.revision} hours."}


ACTS: dict[str, Act] = {
    "accept": _act(service.accept, commands.AcceptPilot, "supplier_admin"),
    "decline": _act(service.decline, commands.DeclinePilot, "supplier_admin", "decline",
                    reason=WHY),
    "choose": _act(service.choose, commands.ChooseOverlap, "lead", "scope",
                   choice="independent_check"),
    "set_costs": _act(service.set_costs, commands.SetCosts, "lead", cost_pence=5),
    "approve": _act(service.approve, commands.ApprovePilot, "sro", "approve"),
    "join": _act(service.join, commands.JoinPilot, "other_lead", site="Thanet"),
    "approve_joining": _act(service.approve_joining, commands.ApproveJoining, "other_sro"),
    "leave": _act(service.leave, commands.LeavePilot, "other_lead", reason=WHY),
    "sign": _act(service.sign_assurance, commands.SignAssurance, "assurance_reviewer"),
    "sign_joined": _act(service.sign_assurance, commands.SignAssurance, "other_reviewer"),
    "propose_protocol": _act(service.propose_protocol, commands.ProposeProtocol, "analyst",
                             fields=protocol_fields),
    "lock": _act(service.lock_protocol, commands.LockProtocol, "second_analyst", "lock_protocol"),
    "lock_without": _act(service.lock_protocol, commands.LockProtocol, "second_analyst",
                         "lock_protocol", leave_out=True),
    "start": _act(service.start, commands.StartPilot, "lead", "start"),
    "pause": _act(service.pause, commands.PausePilot, "sro", "pause", reason=WHY),
    "pause_by_officer": _act(service.pause, commands.PausePilot, "assurance_officer", "pause",
                             reason=WHY),
    "agree": _act(service.agree_to_resume, commands.AgreeToResume, "assurance_officer",
                  reason=WHY),
    "resume": _act(service.resume, commands.ResumePilot, "sro", "resume", reason=WHY),
    "agree_continuation": _act(service.agree_continuation, commands.AgreeContinuation, "sro",
                               reason=WHY),
    "stop": _act(evidence.stop, commands.StopPilot, "sro", "stop", stop_reason="cost", reason=WHY),
    "finish": _act(service.finish, commands.FinishPilot, "sro", "finish"),
    "record": _act(evidence.record_data, evidence_commands.RecordTrialData, "analyst",
                   "analyse_stopped", may_stay=True, cells=CELLS),
    "report": _act(evidence.report, evidence_commands.ReportResult, "analyst",
                   "analyse_stopped", may_stay=True),
    "comment": _act(evidence.comment, evidence_commands.CommentOnResult, "supplier_admin",
                    "publish", may_stay=True),
    "decide": _act(evidence.decide, evidence_commands.DecidePilot, "sro", "decide", "publish",
                   decision="adopt", reason=WHY, economics="It is free."),
    "rate": _act(ratings.rate, rating_commands.RatePilot, "lead", comment="It works well.",
                 **dict.fromkeys(DIMENSIONS, 4)),
    "lapse": _act(service.lapse, commands.LapsePilot, "system", "lapse", reason=WHY),
}  # fmt: skip
LISTING_ACTS: dict[str, Act] = {
    "edit": _act(catalogue.edit, listing_commands.EditTechnology, "supplier_admin",
                 fields=_dearer),
    "write": _act(catalogue.write_section, listing_commands.WriteSection, "supplier_admin",
                  fields=_newer_support),
    "submit": _act(assurance.submit, listing_commands.SubmitTechnology, "supplier_admin",
                   "submit", "amend", "propose"),
    "approve": _act(assurance.approve, listing_commands.ApproveTechnology, "catalogue_reviewer",
                    "approve", "adopt"),
    "request_changes": _act(catalogue.request_changes, listing_commands.RequestChanges,
                            "catalogue_reviewer", "request_changes", "send_back", reason=WHY),
    "suspend": _act(catalogue.suspend, listing_commands.SuspendTechnology, "assurance_officer",
                    "suspend", reason=WHY),
    "reinstate": _act(catalogue.reinstate, listing_commands.ReinstateTechnology,
                      "assurance_officer", "reinstate", reason=WHY, evidence="Report 7"),
    "withdraw": _act(service.withdraw_listing, listing_commands.WithdrawTechnology,
                     "supplier_admin", "withdraw", reason=WHY),
    "archive": _act(catalogue.archive, listing_commands.ArchiveTechnology, "system", "archive"),
}  # fmt: skip


def command_of(act: Act, row: Pilot | Technology) -> Any:
    key = "pilot_id" if isinstance(row, Pilot) else "technology_id"
    return act.command.parse({key: row.id, **act.fields(row)})

"""Changes to pilots and their evidence."""

import strawberry

from innohub.graphql.mutations.write import write
from innohub.graphql.read.declare import stored
from innohub.graphql.types.evidence import Result, TrialDataset
from innohub.graphql.types.pilots import Pilot
from innohub.graphql.types.uploads import TrialUpload
from innohub.market.evidence import commands as evidence_commands
from innohub.market.evidence import service as evidence
from innohub.market.evidence.appraisal.commands import AppraisePilot
from innohub.market.evidence.emmie.commands import RecordEmmie
from innohub.market.evidence.observing import commands as observing
from innohub.market.pilots import commands
from innohub.market.pilots import service as pilots
from innohub.market.pilots.outcomes.commands import AddOutcome, RemoveOutcome


@strawberry.type
class PilotPayload:
    id: strawberry.Private[int]
    pilot: Pilot | None = stored("id")


@strawberry.type
class TrialDatasetPayload:
    id: strawberry.Private[int]
    dataset: TrialDataset | None = stored("id")


@strawberry.type
class TrialUploadPayload:
    id: strawberry.Private[int]
    upload: TrialUpload | None = stored("id")


@strawberry.type
class ResultPayload:
    id: strawberry.Private[int]
    result: Result | None = stored("id")


def _of_pilot(row: object) -> dict[str, int]:
    return {"id": row.pilot_id}  # type: ignore[attr-defined]


@strawberry.type
class PilotMutations:
    propose_pilot = write(pilots.propose, commands.ProposePilot, PilotPayload)
    check_overlap = write(pilots.check_overlap, commands.CheckOverlap, PilotPayload)
    request_pilot = write(pilots.request, commands.RequestPilot, PilotPayload)
    choose_overlap = write(pilots.choose, commands.ChooseOverlap, PilotPayload)
    accept_pilot = write(pilots.accept, commands.AcceptPilot, PilotPayload)
    decline_pilot = write(pilots.decline, commands.DeclinePilot, PilotPayload)
    set_costs = write(pilots.set_costs, commands.SetCosts, PilotPayload)
    approve_pilot = write(pilots.approve, commands.ApprovePilot, PilotPayload)
    join_pilot = write(pilots.join, commands.JoinPilot, PilotPayload)
    approve_joining = write(pilots.approve_joining, commands.ApproveJoining, PilotPayload)
    leave_pilot = write(pilots.leave, commands.LeavePilot, PilotPayload)
    add_site = write(pilots.add_site, commands.AddSite, PilotPayload)
    remove_site = write(pilots.remove_site, commands.RemoveSite, PilotPayload)
    sign_assurance = write(pilots.sign_assurance, commands.SignAssurance, PilotPayload)
    propose_protocol = write(
        pilots.propose_protocol, commands.ProposeProtocol, PilotPayload, of=_of_pilot
    )
    add_outcome = write(pilots.add_outcome, AddOutcome, PilotPayload, of=_of_pilot)
    remove_outcome = write(pilots.remove_outcome, RemoveOutcome, PilotPayload)
    lock_protocol = write(pilots.lock_protocol, commands.LockProtocol, PilotPayload, of=_of_pilot)
    start_pilot = write(pilots.start, commands.StartPilot, PilotPayload)
    pause_pilot = write(pilots.pause, commands.PausePilot, PilotPayload)
    resume_pilot = write(pilots.resume, commands.ResumePilot, PilotPayload)
    agree_to_resume = write(pilots.agree_to_resume, commands.AgreeToResume, PilotPayload)
    agree_continuation = write(pilots.agree_continuation, commands.AgreeContinuation, PilotPayload)
    stop_pilot = write(evidence.stop, commands.StopPilot, PilotPayload)
    explain_overdue = write(pilots.explain_overdue, commands.ExplainOverdue, PilotPayload)
    finish_pilot = write(pilots.finish, commands.FinishPilot, PilotPayload)

    record_trial_data = write(
        evidence.record_data, evidence_commands.RecordTrialData, TrialDatasetPayload
    )
    open_upload = write(evidence.open_upload, observing.OpenUpload, TrialUploadPayload)
    add_observations = write(
        evidence.add_observations, observing.AddObservations, TrialUploadPayload
    )
    record_upload = write(evidence.record_upload, observing.RecordUpload, TrialDatasetPayload)
    abandon_upload = write(evidence.abandon_upload, observing.AbandonUpload, TrialUploadPayload)
    supply_estimate = write(evidence.supply, evidence_commands.SupplyEstimate, TrialDatasetPayload)
    report_result = write(evidence.report, evidence_commands.ReportResult, ResultPayload)
    confirm_result = write(evidence.confirm, evidence_commands.ConfirmResult, ResultPayload)
    appraise_pilot = write(evidence.appraise, AppraisePilot, PilotPayload, of=_of_pilot)
    record_emmie = write(evidence.record_emmie, RecordEmmie, PilotPayload, of=_of_pilot)
    comment_on_result = write(evidence.comment, evidence_commands.CommentOnResult, PilotPayload)
    decide_pilot = write(evidence.decide, evidence_commands.DecidePilot, PilotPayload)

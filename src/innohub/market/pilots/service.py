"""Pilots: every operation, and the steps that the evidence capability drives."""

from innohub.market.pilots.alerts import safety_breached as tell_board_of_breach
from innohub.market.pilots.continuation import agree_continuation, withdraw_listing
from innohub.market.pilots.events import PilotEvent, subject
from innohub.market.pilots.halting import agree_to_resume, analyse_stopped, pause, resume, stop
from innohub.market.pilots.joining import (
    acting_force,
    approve_joining,
    join,
    leave,
    recorded,
)
from innohub.market.pilots.kpis import kpi_of
from innohub.market.pilots.lapsing import lapse
from innohub.market.pilots.listing_changes import tell_forces
from innohub.market.pilots.literature import enter
from innohub.market.pilots.local_kpis.deciding import approve as approve_kpi
from innohub.market.pilots.local_kpis.deciding import propose as propose_kpi
from innohub.market.pilots.local_kpis.deciding import refuse as refuse_kpi
from innohub.market.pilots.outcomes.registered import outcome_of, outcomes_of
from innohub.market.pilots.outcomes.registering import add as add_outcome
from innohub.market.pilots.outcomes.registering import remove as remove_outcome
from innohub.market.pilots.overdue import explain as explain_overdue
from innohub.market.pilots.overdue import suppliers_overdue
from innohub.market.pilots.overlap import Because, Overlap, alike, similar
from innohub.market.pilots.participants import taking_part
from innohub.market.pilots.passport import reject_item, verify_item
from innohub.market.pilots.passport import respond as respond_to_item
from innohub.market.pilots.procurement import reach, set_costs
from innohub.market.pilots.protocols import (
    lock_protocol,
    propose_protocol,
    protocol_of,
    sign_assurance,
)
from innohub.market.pilots.register import GRACE, unreported
from innohub.market.pilots.reporting import (
    answer,
    comment_due_on,
    decide,
    may_publish,
    publish,
    report,
)
from innohub.market.pilots.running import finish, start
from innohub.market.pilots.scoping import (
    accept,
    approve,
    check_overlap,
    choose,
    decline,
    propose,
    request,
)
from innohub.market.pilots.sites import add as add_site
from innohub.market.pilots.sites import remove as remove_site
from innohub.market.pilots.technology import listed_row
from innohub.market.pilots.tending import tend, tend_pilots
from innohub.market.pilots.timeline import held, note, require_force, seen
from innohub.market.pilots.using import forces_using

__all__ = [
    "GRACE",
    "Because",
    "Overlap",
    "PilotEvent",
    "accept",
    "acting_force",
    "add_outcome",
    "add_site",
    "agree_continuation",
    "agree_to_resume",
    "alike",
    "analyse_stopped",
    "answer",
    "approve",
    "approve_joining",
    "approve_kpi",
    "check_overlap",
    "choose",
    "comment_due_on",
    "decide",
    "decline",
    "enter",
    "explain_overdue",
    "finish",
    "forces_using",
    "held",
    "join",
    "kpi_of",
    "lapse",
    "leave",
    "listed_row",
    "lock_protocol",
    "may_publish",
    "note",
    "outcome_of",
    "outcomes_of",
    "pause",
    "propose",
    "propose_kpi",
    "propose_protocol",
    "protocol_of",
    "publish",
    "reach",
    "recorded",
    "refuse_kpi",
    "reject_item",
    "remove_outcome",
    "remove_site",
    "report",
    "request",
    "require_force",
    "respond_to_item",
    "resume",
    "seen",
    "set_costs",
    "sign_assurance",
    "similar",
    "start",
    "stop",
    "subject",
    "suppliers_overdue",
    "taking_part",
    "tell_board_of_breach",
    "tell_forces",
    "tend",
    "tend_pilots",
    "unreported",
    "verify_item",
    "withdraw_listing",
]  # fmt: skip

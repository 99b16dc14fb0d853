"""Stages for the mutations of pilots, their evidence and their ratings."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from innohub.market.canonical import digest
from innohub.market.evidence.computation import basis, compute
from innohub.market.evidence.models import DataSource, Result, TrialDataset
from innohub.market.evidence.observing.models import TrialUpload, UploadKind, UploadState
from innohub.market.pilots.headings import DeliveryFramework, UnitOfAnalysis
from innohub.market.pilots.models import (
    Direction,
    PausedBy,
    Pilot,
    PilotForce,
    PilotOverlap,
    PilotSite,
    PilotState,
    Protocol,
    SiteRole,
)
from innohub.market.pilots.outcomes.models import Aim, OutcomeRole, ProtocolOutcome
from innohub.market.ratings.models import Rating
from tests.graphql.matrix.listings import REASON, Stage, a_technology
from tests.graphql.matrix.world import NOW, World, gid
from tests.market.pilots.cast import TEXTS

S = PilotState
TODAY = NOW.date()
KPI = "case_file_quality_pass"
CELLS = [
    {"arm": "treatment", "period": "after", "events": 80, "n": 400},
    {"arm": "comparison", "period": "after", "events": 40, "n": 400},
]
PLAN: dict[str, Any] = {
    "kpi": KPI, "kpi_type": "proportion", "direction": Direction.HIGHER_IS_BETTER,
    "unit": "percent", "baseline_value": 0.2, "baseline_source": "Records",
    "minimum_important_effect": 0.05, "design": "individual_rct", "sample_size": 400,
    "unit_of_analysis": UnitOfAnalysis.CASE_FILE, "delivery_framework": DeliveryFramework.IN_HOUSE,
    "sections": TEXTS,
    "analysis_plan": "Risk difference.", "stop_rules": "Stop if a file leaves unredacted.",
}  # fmt: skip
PLANNED = {
    "baselineValue": 0.2, "baselineSource": "Records", "minimumImportantEffect": 0.05,
    "design": "individual_rct", "sampleSize": 400, "analysisPlan": "Risk difference.",
    "unitOfAnalysis": "CASE_FILE", "sections": {"timing": "Thirteen weeks."},
    "stopRules": "Stop if a file leaves unredacted.", "resultDueOn": "2027-06-01",
}  # fmt: skip
BEFORE_THE_LOCK = {S.PROPOSED, S.OVERLAP_REVIEW, S.SCOPING, S.ASSURANCE}
STARS = dict.fromkeys(
    ("affordability", "capability", "deployability", "maintainability", "usability"), 4
)


async def a_pilot(
    world: World, state: PilotState, *, due_on: date = date(2027, 6, 1), **columns: Any
) -> Pilot:
    """The own force's pilot of the own supplier's listing; from the lock on with its protocol."""
    technology = await a_technology(world)
    planned = {
        "technology_id": technology.id, "supplier_id": technology.supplier_id,
        "listing_version_id": technology.current_version_id,
        "force_id": world.everybody.organisation("force").id, "state": state,
        "site": "Medway", "title": "Redaction", "question": "Do more files pass?", "kpi": KPI,
        "start_on": TODAY, "end_on": TODAY + timedelta(days=90), "demonstration": True,
        "created_at": NOW, "cost_pence": 0,
    }  # fmt: skip
    pilot = Pilot(**(planned | columns))
    await world.add(pilot)
    if state not in BEFORE_THE_LOCK:
        await a_protocol(world, pilot, locked=True, due_on=due_on)
    return pilot


async def a_protocol(
    world: World, pilot: Pilot, *, locked: bool, due_on: date = date(2027, 6, 1)
) -> Protocol:
    """Proposed by the own force_analyst."""
    canonical = {name: str(v) if isinstance(v, StrEnum) else v for name, v in PLAN.items()}
    lock = {"locked_at": NOW, "canonical": canonical, "hash": digest(canonical)}
    protocol = Protocol(
        **PLAN, pilot_id=pilot.id, result_due_on=due_on, created_at=NOW,
        proposed_by_id=world.everybody.people["own force_analyst"].person.id,
        **(lock if locked else {}),
    )  # fmt: skip
    await world.add(protocol)
    return protocol


async def recorded(world: World, pilot: Pilot) -> TrialDataset:
    dataset = TrialDataset(
        pilot_id=pilot.id, force_id=pilot.force_id, version=1, source=DataSource.API, cells=CELLS,
        cells_hash=digest(CELLS), created_at=NOW,
    )  # fmt: skip
    await world.add(dataset)
    return dataset


def with_an_upload(state: UploadState = UploadState.CHECKED, **fields: Any) -> Stage:
    """The mutation's input names totals of the own force that were checked, or an open upload."""

    async def stage(world: World) -> dict[str, Any]:
        pilot = await a_pilot(world, S.RUNNING)
        upload = TrialUpload(
            pilot_id=pilot.id, force_id=pilot.force_id, by_name="Somebody", cells=CELLS,
            kind=UploadKind.TOTALS, state=state, size=90, began_on=TODAY, understood={},
            file_name="totals.csv", rows_read=2, expires_at=NOW, created_at=NOW,
        )  # fmt: skip
        await world.add(upload)
        return {"uploadId": gid("TrialUpload", upload), **fields}

    return stage


async def a_result(world: World, pilot: Pilot, *, confirmed: bool) -> Result:
    """Computed by the own force_analyst, as the engine computes it."""
    dataset = await recorded(world, pilot)
    async with world.database.session() as session:
        mine = select(Protocol).where(Protocol.pilot_id == pilot.id)
        protocol = (await session.scalars(mine)).one()
    result = Result(
        **compute(basis(pilot, protocol, [dataset], "Case files that pass")),
        pilot_id=pilot.id, technology_id=pilot.technology_id, supplier_id=pilot.supplier_id,
        force_id=pilot.force_id, dataset_id=dataset.id, revision=1, kpi=KPI, created_at=NOW,
        computed_by_id=world.everybody.people["own force_analyst"].person.id,
        confirmed_at=NOW if confirmed else None,
    )  # fmt: skip
    await world.add(result)
    return result


async def to_supply(world: World) -> dict[str, Any]:
    """A running pilot of a design that totals cannot answer."""
    pilot = await a_pilot(world, S.RUNNING)
    async with world.database.session() as session, session.begin():
        mine = select(Protocol).where(Protocol.pilot_id == pilot.id)
        (await session.scalars(mine)).one().design = "stepped_wedge_randomised"
    return {
        "pilotId": gid("Pilot", pilot), "scale": "RISK_DIFFERENCE", "estimate": 0.08,
        "standardError": 0.02, "n": 400, "method": "Mixed model", "codeReference": "wedge@1f2e",
    }  # fmt: skip


async def a_rating(world: World, **columns: Any) -> Rating:
    """By the own force, of the own supplier's listing."""
    pilot = await a_pilot(world, S.PUBLISHED)
    rating = Rating(
        technology_id=pilot.technology_id, listing_version_id=pilot.listing_version_id,
        pilot_id=pilot.id, force_id=pilot.force_id, overall=4.0, comment="It works.",
        created_at=NOW, **STARS, **columns,
    )  # fmt: skip
    await world.add(rating)
    return rating


def on_rating(columns: dict[str, Any] | None = None, /, **fields: Any) -> Stage:
    """The mutation's input names a rating."""

    async def stage(world: World) -> dict[str, Any]:
        return {"ratingId": gid("Rating", await a_rating(world, **columns or {})), **fields}

    return stage


def on(state: PilotState, columns: dict[str, Any] | None = None, /, **fields: Any) -> Stage:
    """The mutation's input names a pilot in this state."""

    async def stage(world: World) -> dict[str, Any]:
        return {"pilotId": gid("Pilot", await a_pilot(world, state, **columns or {})), **fields}

    return stage


async def to_request(world: World) -> dict[str, Any]:
    force = world.everybody.organisation("force")
    return await to_request_for_oneself(world) | {"forceId": gid("Force", force)}


async def to_request_for_oneself(world: World) -> dict[str, Any]:
    return {
        "technologyId": gid("Technology", await a_technology(world)), "site": "Medway",
        "title": "Redaction", "question": "Do more files pass?", "kpi": KPI,
        "startOn": "2026-12-01", "endOn": "2027-03-01",
    }  # fmt: skip


async def to_choose(world: World) -> dict[str, Any]:
    pilot, other = await a_pilot(world, S.OVERLAP_REVIEW), await a_pilot(world, S.RUNNING)
    await world.add(PilotOverlap(pilot_id=pilot.id, other_id=other.id, because="same_kpi"))
    return {"pilotId": gid("Pilot", pilot), "choice": "INDEPENDENT_CHECK"}


async def to_lock(world: World) -> dict[str, Any]:
    pilot = await a_pilot(world, S.ASSURANCE, assured_at=NOW)
    await a_protocol(world, pilot, locked=False)
    return {"pilotId": gid("Pilot", pilot)}


async def to_register(world: World) -> dict[str, Any]:
    """A protocol that is not locked, to which a KPI is added."""
    pilot = await a_pilot(world, S.ASSURANCE, assured_at=NOW)
    protocol = await a_protocol(world, pilot, locked=False)
    return {
        "pilotId": gid("Pilot", pilot), "revision": protocol.revision, "role": "SECONDARY",
        "kpi": "repeat_victimisation",
    }  # fmt: skip


async def to_take_off(world: World) -> dict[str, Any]:
    pilot = await a_pilot(world, S.ASSURANCE, assured_at=NOW)
    protocol = await a_protocol(world, pilot, locked=False)
    outcome = ProtocolOutcome(
        pilot_id=pilot.id, role=OutcomeRole.SECONDARY, kpi="repeat_victimisation", population="",
        kpi_type="proportion", direction=Aim.LOWER_IS_BETTER, unit="percent",
        design="individual_rct", created_at=NOW,
    )  # fmt: skip
    await world.add(outcome)
    return {"outcomeId": gid("ProtocolOutcome", outcome), "revision": protocol.revision}


async def to_report(world: World) -> dict[str, Any]:
    pilot = await a_pilot(world, S.ANALYSING)
    await recorded(world, pilot)
    return {"pilotId": gid("Pilot", pilot)}


async def to_confirm(world: World) -> dict[str, Any]:
    result = await a_result(world, await a_pilot(world, S.ANALYSING), confirmed=False)
    return {"resultId": gid("Result", result)}


def with_a_result(**fields: Any) -> Stage:
    async def stage(world: World) -> dict[str, Any]:
        pilot = await a_pilot(world, S.REPORTED, comment_due_on=TODAY + timedelta(days=10))
        await a_result(world, pilot, confirmed=True)
        return {"pilotId": gid("Pilot", pilot), **fields}

    return stage


async def of_the_other_force(world: World) -> Pilot:
    other = world.everybody.organisation("force", "other")
    return await a_pilot(world, S.SCOPING, force_id=other.id)


async def to_join(world: World) -> dict[str, Any]:
    pilot = await of_the_other_force(world)
    force = gid("Force", world.everybody.organisation("force"))
    return {"pilotId": gid("Pilot", pilot), "forceId": force, "site": "Thanet"}


def joined_by_own(**fields: Any) -> Stage:
    """The other force's pilot, which the own one joined."""

    async def stage(world: World) -> dict[str, Any]:
        pilot = await of_the_other_force(world)
        force = world.everybody.organisation("force")
        await world.add(PilotForce(pilot_id=pilot.id, force_id=force.id, created_at=NOW))
        return {"pilotId": gid("Pilot", pilot), **fields}

    return stage


def in_a_pilot_joined_by_own(state: PilotState, /, **fields: Any) -> Stage:
    """The other force's pilot, past its lock, in which the own one takes part."""

    async def stage(world: World) -> dict[str, Any]:
        other = world.everybody.organisation("force", "other")
        pilot = await a_pilot(world, state, force_id=other.id)
        own = world.everybody.organisation("force")
        await world.add(
            PilotForce(
                pilot_id=pilot.id, force_id=own.id, approved_at=NOW, assured_at=NOW, created_at=NOW
            )
        )
        return {"pilotId": gid("Pilot", pilot), "forceId": gid("Force", own), **fields}

    return stage


async def to_remove_a_site(world: World) -> dict[str, Any]:
    pilot = await a_pilot(world, S.SCOPING)
    for name in ("Medway", "Thanet"):
        site = PilotSite(
            pilot_id=pilot.id, force_id=pilot.force_id, name=name, role=SiteRole.TREATMENT,
            created_at=NOW,
        )  # fmt: skip
        await world.add(site)
    return {"siteId": gid("PilotSite", site)}


async def to_tell(world: World) -> dict[str, Any]:
    pilot = await a_pilot(world, S.RUNNING)
    site = PilotSite(
        pilot_id=pilot.id, force_id=pilot.force_id, name="Medway", role=SiteRole.TREATMENT,
        created_at=NOW,
    )  # fmt: skip
    await world.add(site)
    return {
        "siteId": gid("PilotSite", site), "economics": "It is free.", "economicsQuality": 1,
    }  # fmt: skip


ENDS_TODAY = {"start_on": TODAY - timedelta(days=90), "end_on": TODAY}


async def to_identify(world: World) -> dict[str, Any]:
    own = world.everybody.organisation("force")
    return {"organisationId": gid("Force", own), "procurementNumber": "PABC-1234-WXYZ"}


async def to_write_context(world: World) -> dict[str, Any]:
    force = world.everybody.organisation("force")
    return {"forceId": gid("Force", force), "rmsPlatform": "Ledger", "networks": ["PSN"]}


async def to_write_context_for_oneself(world: World) -> dict[str, Any]:
    return {"rmsPlatform": "Ledger", "hostingPolicy": ["force_cloud"]}


STAGES: dict[str, Stage] = {
    "requestPilot": to_request,
    "requestPilot without a force": to_request_for_oneself,
    "chooseOverlap": to_choose,
    "acceptPilot": on(S.SCOPING),
    "declinePilot": on(S.SCOPING, reason=REASON),
    "approvePilot": on(S.SCOPING, {"supplier_accepted_at": NOW}),
    "signAssurance": on(S.ASSURANCE),
    "setCosts": on(S.SCOPING, costPence=1_000_000, optionsPence=0, vatPence=200_000),
    "joinPilot": to_join,
    "approveJoining": joined_by_own(),
    "leavePilot": joined_by_own(reason=REASON),
    "addSite": on(S.SCOPING, name="Thanet", role="COMPARISON"),
    "removeSite": to_remove_a_site,
    "proposeProtocol": on(S.ASSURANCE, **PLANNED),
    "addOutcome": to_register,
    "removeOutcome": to_take_off,
    "lockProtocol": to_lock,
    "startPilot": on(S.PROTOCOL_LOCKED),
    "pausePilot": on(S.RUNNING, reason=REASON),
    "proposePilot": to_request,
    "checkOverlap": on(S.PROPOSED),
    "agreeContinuation": on(S.RUNNING, reason=REASON),
    "agreeToResume": on(S.PAUSED, {"paused_by": PausedBy.STOP_RULE}, reason=REASON),
    "resumePilot": on(S.PAUSED, {"paused_by": PausedBy.FORCE}, reason=REASON),
    "stopPilot": on(S.RUNNING, stopReason="COST", reason=REASON, noDataReason=REASON),
    "explainOverdue": on(S.ANALYSING, {"due_on": TODAY - timedelta(days=31)}, reason=REASON),
    "finishPilot": on(S.RUNNING, ENDS_TODAY),
    "finishPilot before its end": on(S.RUNNING),
    "recordTrialData": on(S.RUNNING, cells=CELLS),
    "recordTrialData of a joined force": in_a_pilot_joined_by_own(S.RUNNING, cells=CELLS[:1]),
    "openUpload": on(S.RUNNING),
    "addObservations": with_an_upload(
        UploadState.OPEN,
        observations=[{"arm": "treatment", "period": "after", "unitId": "A1", "event": "1"}],
    ),
    "recordUpload": with_an_upload(),
    "abandonUpload": with_an_upload(),
    "supplyEstimate": to_supply,
    "reportResult": to_report,
    "confirmResult": to_confirm,
    "appraisePilot": on(
        S.ANALYSING,
        priceYear=2026,
        optimismBiasPercent="10",
        assumptions="Prices as quoted.",
        years=[{"costPence": 100_000, "cashablePence": 250_000}],
    ),
    "recordEmmie": to_tell,
    "commentOnResult": with_a_result(comment="No objection."),
    "decidePilot": with_a_result(decision="ADOPT", reason=REASON, economics="It is free."),
    "identifyOrganisation": to_identify,
    "writeForceContext": to_write_context,
    "writeForceContext without a force": to_write_context_for_oneself,
    "ratePilot": on(S.PUBLISHED, comment="It works.", **STARS),
    "ratePilot of a joined force": in_a_pilot_joined_by_own(
        S.PUBLISHED, comment="It works.", **STARS
    ),
    "changeRating": on_rating(comment="It works better now.", **STARS),
    "replyToRating": on_rating(reply="Thank you."),
    "hideRatingWords": on_rating(reason=REASON),
    "reinstateRatingWords": on_rating({"comment_hidden_because": REASON}, reason=REASON),
}

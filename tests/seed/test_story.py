"""The demonstration market is sound, honest about its figures, and says so when it is not."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest

from innohub.identity.models import OrganisationKind, Role
from innohub.market.board.models import BoardDecision
from innohub.market.catalogue.models import ListingState
from innohub.market.evidence.computation import Basis
from innohub.market.evidence.estimators import supplied
from innohub.market.evidence.estimators.engine import estimate
from innohub.market.evidence.estimators.result import favourable, minimum_on_scale
from innohub.market.evidence.grading import maryland_grade
from innohub.market.evidence.observations import from_cells
from innohub.market.evidence.outcome_effects import breach_of
from innohub.market.evidence.verdict import decide
from innohub.market.pilots.models import PilotState
from innohub.market.pilots.outcomes.models import OutcomeRole
from innohub.seed.checks import problems_of
from innohub.seed.pilot_checks import ANY_DAY
from innohub.seed.records import StoryTechnology
from innohub.seed.reference import LISTS, ReferenceList, load_forces, load_reference
from innohub.seed.story import SOURCES, Story, StoryError, load_story, parse_rows
from innohub.seed.trials import StoryJoining, StoryPilot

RIALTO = "rialto-body-worn-cameras"


@pytest.fixture(scope="module")
def story() -> Story:
    return load_story()


def changed(story: Story, kind: str, position: int, **fields: Any) -> list[str]:
    """The problems of the story after one row of one kind is given other field values."""
    rows = list(getattr(story, kind))
    rows[position] = rows[position].model_copy(update=fields)
    return problems_of(story.model_copy(update={kind: tuple(rows)}))


def place(story: Story, kind: str, slug: str) -> int:
    return [getattr(row, "slug", None) for row in getattr(story, kind)].index(slug)


def joined(force: str, times: int = 1) -> tuple[StoryJoining, ...]:
    return (StoryJoining(force=force, site="A station"),) * times


# ------------------------------------------------------------------------- reference data


def test_the_forty_nine_real_forces_are_there() -> None:
    forces = load_forces()
    assert len(forces) == 49
    assert sum(force.kind == "territorial" for force in forces) == 43
    assert {force.slug for force in forces if force.nation == "wales"} == {
        "dyfed-powys", "gwent", "north-wales", "south-wales",
    }  # fmt: skip


def test_a_force_without_a_statistical_code_carries_none() -> None:
    without = {force.slug for force in load_forces() if force.ons_code is None}
    assert without == {"btp", "police-scotland", "mod-police", "cnc", "nca"}


def test_codes_of_forces_are_unique() -> None:
    codes = [force.ons_code for force in load_forces() if force.ons_code is not None]
    assert len(codes) == len(set(codes)) == 44


@pytest.mark.parametrize("name", LISTS)
def test_every_reference_list_loads_with_labels(name: str) -> None:
    found = load_reference(name)
    assert found.entries
    assert all(entry.label.strip() for entry in found.entries)


def test_an_id_given_twice_in_a_reference_list_is_refused() -> None:
    row = {"id": "dpia", "label": "DPIA"}
    with pytest.raises(ValueError, match="more than one entry dpia"):
        ReferenceList.model_validate(
            {"list": "assurance_type", "valid_from": "2026-01-01", "entries": [row, row]}
        )


def test_the_default_weights_of_the_board_sum_to_one_hundred() -> None:
    entries = load_reference("board_criterion").entries
    assert sum(entry.detail["weight"] for entry in entries) == 100


# ------------------------------------------------------------------------- what is told


def test_the_market_is_as_large_as_promised(story: Story) -> None:
    assert len(story.suppliers) == 12
    assert len(story.technologies) >= 42
    assert sum(pilot.source == "demonstration" for pilot in story.pilots) >= 15
    assert sum(pilot.state == "published" for pilot in story.pilots) >= 6
    assert sum(pilot.source == "literature" for pilot in story.pilots) >= 3


def test_every_category_has_a_published_technology(story: Story) -> None:
    covered = {row.category for row in story.technologies if row.status == "published"}
    assert covered == set(story.reference["category"].by_id)


def test_every_pilot_state_is_told_by_an_invented_pilot(story: Story) -> None:
    told = {pilot.state for pilot in story.pilots if pilot.source == "demonstration"}
    assert told == set(PilotState)


def test_listings_stand_in_every_state_a_reader_should_see(story: Story) -> None:
    states = {row.status for row in story.technologies}
    assert states == {
        "draft", "in_review", "changes_requested", "published", "suspended", "withdrawn",
    }  # fmt: skip


def test_failures_are_told_as_openly_as_successes(story: Story) -> None:
    verdicts = {pilot.expected_verdict for pilot in story.pilots if pilot.state == "published"}
    assert verdicts == {"worked", "promising", "inconclusive", "didnt_work", "harmful"}


def test_every_file_of_content_is_read() -> None:
    listed = {name for names in SOURCES.values() for name in names}
    present = {entry.name for entry in files("innohub.seed").joinpath("content").iterdir()}
    assert present == listed


def test_invented_results_are_told_of_no_real_force(story: Story) -> None:
    real = {force.slug for force in story.forces}
    assert not real & {pilot.force for pilot in story.pilots}


def test_every_invented_organisation_is_marked(story: Story) -> None:
    assert all(row.demonstration for row in story.tenants)
    assert all(row.name.endswith("(demonstration)") for row in story.tenants)


def test_every_address_is_in_a_reserved_domain(story: Story) -> None:
    assert all(person.email.endswith(".example") for person in story.people)
    assert all(row.website.endswith(".example") for row in story.tenants)


@pytest.mark.parametrize(
    ("role", "least"),
    [
        (Role.SUPPLIER_ADMIN, 12),
        (Role.SUPPLIER_EDITOR, 2),
        (Role.FORCE_CHIEF_OFFICER, 2),
        (Role.FORCE_VIEWER, 1),
        (Role.CATALOGUE_REVIEWER, 1),
        (Role.ASSURANCE_OFFICER, 1),
        (Role.BOARD_CHAIR, 1),
        (Role.BOARD_MEMBER, 4),
        (Role.BOARD_SECRETARY, 1),
        (Role.EVALUATION_ADVISER, 1),
        (Role.PLATFORM_ADMIN, 1),
        (Role.AUDITOR_READONLY, 1),
    ],
)
def test_each_role_of_the_story_is_held(story: Story, role: Role, least: int) -> None:
    held = [person for person in story.people if role in {m.role for m in person.memberships}]
    assert len(held) >= least


def test_each_force_can_run_a_pilot_by_itself(story: Story) -> None:
    for force in story.organisations:
        if force.kind is OrganisationKind.FORCE:
            assert len(story.holders(force.slug, Role.FORCE_ANALYST)) >= 2
            assert story.holders(force.slug, Role.FORCE_INNOVATION_LEAD)
            assert story.holders(force.slug, Role.FORCE_SENIOR_RESPONSIBLE_OWNER)


# ------------------------------------------------------------------------- figures


def test_the_rialto_trial_carries_its_published_counts(story: Story) -> None:
    cells = story.pilot[RIALTO].cells
    assert [(cell.arm, cell.events, cell.exposure) for cell in cells] == [
        ("treatment", 8, 489),
        ("comparison", 17, 499),
    ]


def test_every_trial_from_the_literature_says_where_its_figures_come_from(story: Story) -> None:
    for pilot in story.pilots:
        if pilot.source == "literature":
            assert pilot.force is None
            assert pilot.literature is not None
            assert pilot.literature.url.startswith(("https://", "http://"))
            assert "hub" in pilot.literature.mapping


def test_each_expected_verdict_follows_from_its_figures(story: Story) -> None:
    told = {p.slug: p.expected_verdict for p in story.pilots if p.expected_verdict is not None}
    assert told == {slug: verdict(story, story.pilot[slug]) for slug in told}


def verdict(story: Story, pilot: StoryPilot) -> str:
    """What the results engine says of the pilot's figures."""
    detail = story.reference["kpi"].by_id[pilot.kpi].detail
    kind, direction = detail["type"], detail["direction"]
    if pilot.estimate is not None:
        found = supplied.estimate(pilot.estimate.as_supplied(kind))
    else:
        cells = [cell.as_input(ANY_DAY) for cell in pilot.cells]
        found = estimate(from_cells(cells, kind, pilot.design), pilot.design)
    effect = favourable(found, direction)
    least = minimum_on_scale(pilot.minimum_important_effect, kind, direction)
    breached = any(breaches(story, pilot))
    grade = maryland_grade(pilot.design)
    return decide(effect, least, grade, safety_breached=breached).verdict


def breaches(story: Story, pilot: StoryPilot) -> Iterator[str]:
    """What its further KPIs say of their stop rules."""
    for outcome in pilot.outcomes:
        if not outcome.cells:
            continue
        kpi = story.reference["kpi"].by_id[outcome.kpi]
        plan = outcome.model_dump(exclude={"cells"}) | {
            "kpi_type": kpi.detail["type"],
            "unit": outcome.unit or kpi.detail["unit"],
            "design": outcome.design or pilot.design,
        }
        cells = [cell.as_input(ANY_DAY) for cell in outcome.cells]
        data = from_cells(cells, plan["kpi_type"], plan["design"])
        if broken := breach_of(Basis(plan, data, kpi.label, stopped=None), data):
            yield broken


def test_a_demonstration_pilot_shows_a_broken_stop_rule_and_what_was_never_reported(
    story: Story,
) -> None:
    assert list(breaches(story, story.pilot["eastfen-ringbeck"])) == [
        "999 calls answered within 10 seconds (safety KPI): 88.9%, at or below the limit of 90% "
        "that was registered."
    ]
    outcomes = [one for pilot in story.pilots for one in pilot.outcomes]
    assert {one.role for one in outcomes} == set(OutcomeRole)
    assert [one.kpi for one in outcomes if not one.cells] == ["cost_per_case"]


# ------------------------------------------------------------------------- the board


def test_the_finished_round_shortlists_in_the_order_of_its_totals(story: Story) -> None:
    standings = story.rounds[0].standings()
    ranked = sorted(standings, key=lambda name: standings[name].rank)
    assert ranked == ["ottercall-video", "veilwright", "beatloom", "casefold"]
    assert float(standings["ottercall-video"].total) == pytest.approx(84.8)
    assert not standings["casefold"].over_thresholds


def test_a_recused_member_scored_nothing_of_the_item(story: Story) -> None:
    finished = story.rounds[0]
    assert finished.recused("veilwright") == {"patience.okoro-lyle@board.example"}
    assert len(finished.given("veilwright", "operational_need")) == 4
    assert len(finished.given("beatloom", "operational_need")) == 5


# ------------------------------------------------------------------------- what is refused


def test_a_sound_story_has_no_problems(story: Story) -> None:
    assert problems_of(story) == []


@pytest.mark.parametrize(
    ("kind", "slug", "fields", "problem"),
    [
        ("technologies", "veilwright", {"supplier": "nobody"}, "unknown supplier nobody"),
        ("technologies", "veilwright", {"category": "magic"}, "unknown category magic"),
        ("technologies", "veilwright", {"capabilities": ("x",)}, "unknown capability x"),
        ("technologies", "gorsewatch-live", {"status_reason": None}, "without a status_reason"),
        (
            "technologies",
            "sorrel-tether",
            {"status": ListingState.DRAFT},
            "category less_lethal: has no",
        ),
        ("technologies", "veilwright", {"assurance": ()}, "published without assurance"),
        ("technologies", "veilwright", {"name": "Veil"}, "the hub makes veil of its name"),
        ("technologies", "veilwright", {"status_day": -3}, "status_day does not suit the state"),
        ("technologies", "gorsewatch-live", {"status_day": 0}, "status_day is not in the past"),
        (
            "technologies",
            "veilwright",
            {"status": ListingState.IN_REVIEW},
            "the officer judges items of public listings",
        ),
        ("technologies", "fennfirst", {"trl": 5}, "needs readiness level 6"),
        ("organisations", "westmarch", {"slug": "kent"}, "belongs to a real force"),
        ("organisations", "westmarch", {"name": "Westmarch"}, "must end with (demonstration)"),
        ("pilots", "westmarch-veilwright", {"technology": "x"}, "unknown technology x"),
        ("pilots", "westmarch-veilwright", {"force": "kent"}, "unknown demonstration force kent"),
        ("pilots", "westmarch-veilwright", {"kpi": "x"}, "unknown indicator x"),
        ("pilots", "westmarch-veilwright", {"kpi": "use_of_force"}, "its figures: "),
        ("pilots", "westmarch-veilwright", {"cells": ()}, "is published without figures"),
        ("pilots", "westmarch-veilwright", {"decision": None}, "decision does not suit"),
        ("pilots", "westmarch-veilwright", {"slug": RIALTO}, "is there 2 times"),
        ("pilots", "westmarch-veilwright", {"unit": "hours"}, "its unit hours is not the minutes"),
        ("pilots", "westmarch-veilwright", {"stop_rules": None}, "analysis_plan and stop_rules"),
        (
            "pilots",
            "calderwick-tarnstone",
            {"design": "stepped_wedge_randomised"},
            "an estimate is supplied",
        ),
        ("pilots", "tamarfold-roadwren", {"stop_reason": None}, "stop_reason does not suit"),
        ("pilots", "kestrelshire-veilwright", {"overlap": None}, "records no choice though"),
        ("pilots", "northmere-ottercall", {"design": "before_after"}, "its figures: "),
        (
            "pilots",
            "glanrhyd-kindcorner",
            {"state": PilotState.SCOPING},
            "pilot state proposed: no",
        ),
        ("pilots", "kestrelshire-plovercam", {"joined": joined("kestrelshire")}, "no other force"),
        ("pilots", "kestrelshire-plovercam", {"joined": joined("eastfen", 2)}, "more than once"),
        ("pilots", "kestrelshire-veilwright", {"joined": joined("eastfen")}, "before it was"),
        ("pilots", "southdowne-hobblerest", {"state": PilotState.RUNNING}, "glanrhyd had not"),
        ("pilots", RIALTO, {"force": "westmarch"}, "claims no force"),
        ("pilots", RIALTO, {"literature": None}, "names its source"),
        ("pilots", RIALTO, {"kpi": "positive_outcome_rate"}, "pooled with the invented pilot"),
    ],
)
def test_a_broken_row_is_named(
    story: Story, kind: str, slug: str, fields: dict[str, Any], problem: str
) -> None:
    found = changed(story, kind, place(story, kind, slug), **fields)
    assert any(problem in line for line in found), found


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"published_day": -230}, "published_day comes before decided_day"),
        ({"published_day": 3}, "published_day is not in the past"),
        ({"closed_day": -3}, "closed_day does not suit the state published"),
        ({"locked_day": None}, "needs locked_day"),
        ({"result_due_day": -300}, "result is not due after its end"),
    ],
)
def test_days_out_of_order_are_named(story: Story, fields: dict[str, Any], problem: str) -> None:
    position = place(story, "pilots", "westmarch-fennfirst")
    timeline = story.pilots[position].timeline.model_copy(update=fields)
    found = changed(story, "pilots", position, timeline=timeline)
    assert any(problem in line for line in found), found


def test_weights_that_do_not_sum_to_one_hundred_are_named(story: Story) -> None:
    first, *rest = story.rounds[1].criteria
    heavier = first.model_copy(update={"weight": first.weight + 5})
    found = changed(story, "rounds", 1, criteria=(heavier, *rest))
    assert found == ["round second-shortlist: the weights sum to 105, not 100"]


def test_a_score_by_a_recused_member_is_named(story: Story) -> None:
    finished = story.rounds[0]
    sheet = finished.scores[0].model_copy(update={"member": "patience.okoro-lyle@board.example"})
    found = changed(story, "rounds", 0, scores=(sheet, *finished.scores[1:]))
    assert any("scored though recused" in line for line in found), found


def test_an_undeclared_interest_is_named(story: Story) -> None:
    found = changed(story, "rounds", 0, interests=())
    assert any("has not declared that westmarch piloted veilwright" in line for line in found)


def test_a_score_over_the_cap_of_the_evidence_is_named(story: Story) -> None:
    finished = story.rounds[0]
    position = [sheet.item for sheet in finished.scores].index("casefold")
    sheet = finished.scores[position]
    evidence = sheet.criteria["evidence_of_effect"].model_copy(update={"score": 3})
    higher = sheet.model_copy(
        update={"criteria": {**sheet.criteria, "evidence_of_effect": evidence}}
    )
    sheets = (*finished.scores[:position], higher, *finished.scores[position + 1 :])
    found = changed(story, "rounds", 0, scores=sheets)
    assert any("3 for evidence is over the cap of 2" in line for line in found), found


def test_a_decision_against_the_rules_is_named(story: Story) -> None:
    finished = story.rounds[0]
    decisions = tuple(
        entry.model_copy(update={"decision": BoardDecision.SHORTLISTED})
        if entry.item == "casefold"
        else entry
        for entry in finished.decisions
    )
    found = changed(story, "rounds", 0, decisions=decisions)
    assert found == [
        "round first-shortlist: casefold is shortlisted, but by the rules it is declined"
    ]


def test_a_rating_of_a_pilot_that_is_not_published_is_named(story: Story) -> None:
    found = changed(story, "ratings", 0, pilot="glanrhyd-kindcorner")
    assert "rating of glanrhyd-kindcorner: only a force's published pilot is rated" in found


def test_a_search_that_chose_what_was_not_published_is_named(story: Story) -> None:
    place_ = next(n for n, row in enumerate(story.searches) if row.chosen)
    assert "search Redaction for the case-file team: nowhere is not published by then" in changed(
        story, "searches", place_, chosen=("nowhere",)
    )
    assert changed(story, "searches", place_, force="nowhere")


def test_a_role_that_does_not_suit_the_organisation_is_named(story: Story) -> None:
    seat = story.people[0].memberships[0].model_copy(update={"role": Role.FORCE_ANALYST})
    found = changed(story, "people", 0, memberships=(seat,))
    assert (
        "person imogen.hartle@plovergate.example: force_analyst does not suit plovergate" in found
    )
    assert "supplier plovergate: has no supplier_admin" in found


def test_a_malformed_row_is_refused_with_its_file_and_field(story: Story) -> None:
    row = story.technologies[0].model_dump(mode="json") | {"trl": 12, "colour": "blue"}
    with pytest.raises(StoryError) as caught:
        parse_rows("technologies-software.yaml", [row], StoryTechnology)
    assert [line.rsplit(":", 1)[0] for line in caught.value.problems] == [
        "technologies-software.yaml: plovercam-4: trl",
        "technologies-software.yaml: plovercam-4: colour",
    ]


def test_a_reason_under_eighty_characters_is_refused(story: Story) -> None:
    row = story.rounds[0].model_dump(mode="json")
    row["decisions"][0]["reason"] = "Because."
    with pytest.raises(StoryError, match=r"first-shortlist: decisions\.0\.reason"):
        parse_rows("board-rounds.yaml", [row], type(story.rounds[0]))

"""The demonstration market is sound, honest about its figures, and says so when it is not."""

import math
from collections.abc import Callable
from importlib.resources import files
from statistics import NormalDist
from typing import Any, get_args

import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep

from innohub.identity.models import OrganisationKind, Role
from innohub.seed.checks import problems_of
from innohub.seed.reference import LISTS, ReferenceList, load_forces, load_reference
from innohub.seed.records import StoryTechnology
from innohub.seed.rounds import SMS_OF_DESIGN
from innohub.seed.story import SOURCES, Story, StoryError, load_story, parse_rows
from innohub.seed.trials import Cell, PilotState, StoryPilot, Verdict

Change = Callable[[Any], Any]
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
    assert told == set(get_args(PilotState))


def test_listings_stand_in_every_state_a_reader_should_see(story: Story) -> None:
    states = {row.status for row in story.technologies}
    assert states == {
        "draft", "in_review", "changes_requested", "published", "suspended", "withdrawn",
    }  # fmt: skip


def test_failures_are_told_as_openly_as_successes(story: Story) -> None:
    verdicts = {pilot.expected_verdict for pilot in story.pilots if pilot.state == "published"}
    assert verdicts == set(get_args(Verdict))


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
    assert [(cell.group, cell.events, cell.exposure) for cell in cells] == [
        ("intervention", 8, 489),
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
    """The market's rule, on an effect signed so that favourable is positive."""
    detail = story.reference["kpi"].by_id[pilot.kpi].detail
    effect, low, high = {"proportion": share, "count_rate": rate, "mean": average}[detail["type"]](
        pilot.cells, 1 if detail["direction"] == "higher_is_better" else -1
    )
    least = pilot.minimum_important_effect
    if detail["type"] == "count_rate":
        least = -math.log(1 - least)
    if SMS_OF_DESIGN[pilot.design] <= 2:
        return "promising" if effect >= least and low > 0 else "inconclusive"
    if high < 0:
        return "harmful"
    if high < least:
        return "didnt_work"
    if effect >= least and low > -least:
        return "worked" if low > 0 else "promising"
    return "inconclusive"


def by_place(cells: tuple[Cell, ...]) -> dict[tuple[str, str], Cell]:
    return {(cell.group, cell.period): cell for cell in cells}


def share(cells: tuple[Cell, ...], sign: int) -> tuple[float, float, float]:
    """Difference of two proportions with Newcombe's interval."""
    with_it, without = (
        by_place(cells)["intervention", "during"],
        by_place(cells)["comparison", "during"],
    )
    figures = (with_it.events, with_it.n, without.events, without.n)
    low, high = confint_proportions_2indep(*figures, method="newcomb", compare="diff")
    difference = figures[0] / figures[1] - figures[2] / figures[3]  # type: ignore[operator]
    return ordered(difference, low, high, sign)


def rate(cells: tuple[Cell, ...], sign: int) -> tuple[float, float, float]:
    """Log of the rate ratio, relative to the ratio before where there is one, with Wald's limits."""
    ratio, variance = 0.0, 0.0
    for cell in cells:
        assert cell.events is not None
        assert cell.exposure is not None
        after = 1 if cell.period == "during" else -1
        ratio += (
            after
            * (1 if cell.group == "intervention" else -1)
            * math.log(cell.events / cell.exposure)
        )
        variance += 1 / cell.events
    margin = NormalDist().inv_cdf(0.975) * math.sqrt(variance)
    return ordered(ratio, ratio - margin, ratio + margin, sign)


def average(cells: tuple[Cell, ...], sign: int) -> tuple[float, float, float]:
    """Difference of means, or of differences, with Welch's limits."""
    groups = {cell.group for cell in cells}
    difference, parts = 0.0, []
    for cell in cells:
        assert cell.mean is not None
        assert cell.sd is not None
        assert cell.n is not None
        after = 1 if cell.period == "during" else -1
        difference += after * (1 if cell.group == "intervention" else -1) * cell.mean
        parts.append((cell.sd**2 / cell.n, cell.n))
    if len(cells) == 2 and groups == {"intervention"}:
        assert {cell.period for cell in cells} == {"before", "during"}
    spread = sum(part for part, _ in parts)
    freedom = spread**2 / sum(part**2 / (n - 1) for part, n in parts)
    margin = stats.t.ppf(0.975, freedom) * math.sqrt(spread)
    return ordered(difference, difference - margin, difference + margin, sign)


def ordered(effect: float, low: float, high: float, sign: int) -> tuple[float, float, float]:
    return (effect, low, high) if sign > 0 else (-effect, -high, -low)


# ------------------------------------------------------------------------- the board


def test_the_finished_round_shortlists_in_the_order_of_its_totals(story: Story) -> None:
    finished = story.rounds[0]
    scored = [item.technology for item in finished.items if item.gate_failed is None]
    ranked = sorted(scored, key=finished.total, reverse=True)
    assert ranked[:3] == ["ottercall-video", "veilwright", "beatloom"]
    assert finished.total("ottercall-video") == pytest.approx(84.8)


def test_a_recused_member_scored_nothing_of_the_item(story: Story) -> None:
    finished = story.rounds[0]
    assert finished.recused("veilwright") == {"patience.okoro-lyle@board.example"}
    assert len(finished.given("veilwright", "operational_need")) == 4
    assert len(finished.given("beatloom", "operational_need")) == 5


def test_a_moderated_score_replaces_the_mean(story: Story) -> None:
    assert story.rounds[0].agreed("beatloom", "evidence_of_effect") == 3


# ------------------------------------------------------------------------- what is refused


def test_a_sound_story_has_no_problems(story: Story) -> None:
    assert problems_of(story) == []


@pytest.mark.parametrize(
    ("kind", "slug", "fields", "problem"),
    [
        ("technologies", "veilwright", {"supplier": "nobody"}, "unknown supplier nobody"),
        ("technologies", "veilwright", {"category": "magic"}, "unknown category magic"),
        ("technologies", "veilwright", {"capabilities": ("x",)}, "unknown capability x"),
        ("technologies", "gorsewatch", {"status_reason": None}, "without a status_reason"),
        ("technologies", "sorrel-tether", {"status": "draft"}, "category less_lethal: has no"),
        ("technologies", "veilwright", {"assurance": ()}, "published without assurance"),
        ("technologies", "fennfirst", {"trl": 5}, "needs readiness level 6"),
        ("organisations", "westmarch", {"slug": "kent"}, "belongs to a real force"),
        ("organisations", "westmarch", {"name": "Westmarch"}, "must end with (demonstration)"),
        ("pilots", "westmarch-veilwright", {"technology": "x"}, "unknown technology x"),
        ("pilots", "westmarch-veilwright", {"force": "kent"}, "unknown demonstration force kent"),
        ("pilots", "westmarch-veilwright", {"kpi": "x"}, "unknown indicator x"),
        ("pilots", "westmarch-veilwright", {"kpi": "use_of_force"}, "does not hold a count_rate"),
        ("pilots", "westmarch-veilwright", {"cells": ()}, "is published without figures"),
        ("pilots", "westmarch-veilwright", {"decision": None}, "decision does not suit"),
        ("pilots", "westmarch-veilwright", {"slug": RIALTO}, "is there 2 times"),
        ("pilots", "tamarfold-roadwren", {"stop_reason": None}, "stop_reason does not suit"),
        ("pilots", "kestrelshire-veilwright", {"overlap": None}, "records no choice though"),
        ("pilots", "northmere-ottercall", {"design": "before_after"}, "do not suit the design"),
        ("pilots", "glanrhyd-kindcorner", {"state": "scoping"}, "pilot state proposed: no"),
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
        ({"published_day": 3}, "published_day is in the future"),
        ({"locked_day": None}, "needs locked_day"),
        ({"result_due_day": -300}, "result is due before it ends"),
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


def test_scores_far_apart_without_moderation_are_named(story: Story) -> None:
    found = changed(story, "rounds", 0, moderation=())
    assert "round first-shortlist: evidence_of_effect of beatloom needs moderation" in found


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


def test_a_candidate_below_a_threshold_cannot_be_shortlisted(story: Story) -> None:
    finished = story.rounds[0]
    decisions = tuple(
        entry.model_copy(update={"decision": "shortlisted", "decline_reason": None})
        if entry.item == "casefold"
        else entry
        for entry in finished.decisions
    )
    found = changed(story, "rounds", 0, decisions=decisions)
    assert found == ["round first-shortlist: casefold is shortlisted below a threshold"]


def test_a_rating_of_a_pilot_that_is_not_published_is_named(story: Story) -> None:
    found = changed(story, "ratings", 0, pilot="glanrhyd-kindcorner")
    assert "rating of glanrhyd-kindcorner: only a force's published pilot is rated" in found


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

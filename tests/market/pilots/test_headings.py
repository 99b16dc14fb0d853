"""The twelve headings of a protocol: a draft may lack any, and the lock waits for all."""

from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from innohub.errors import Invalid
from innohub.graphql.types.protocols import unanswered
from innohub.market.canonical import digest
from innohub.market.pilots import commands
from innohub.market.pilots.headings import (
    ALWAYS_WRITTEN,
    ANSWERED_BY,
    WITH_TEXT,
    DeliveryFramework,
    ProtocolHeading,
    UnitOfAnalysis,
    missing,
    title,
)
from innohub.market.pilots.models import Pilot, PilotState, Protocol
from innohub.market.pilots.protocols import COMPUTED_DESIGNS, SUPPLIED_DESIGNS
from tests.market.pilots.cast import TEXTS, Cast, protocol_fields
from tests.market.pilots.test_protocol import lock, propose

H = ProtocolHeading
WHOLE = {
    "design": "individual_rct", "unit_of_analysis": "case_file", "delivery_framework": "in_house",
    "sections": TEXTS,
}  # fmt: skip
HEADING_OF = {"delivery_framework": H.ORGANISATIONAL_FRAMEWORK}


def lacking(**changed: Any) -> list[str | None]:
    return [problem.field for problem in missing(SimpleNamespace(**(WHOLE | changed)))]


def without(heading: str) -> dict[str, str]:
    return {name: text for name, text in TEXTS.items() if name != heading}


def test_there_are_twelve_in_crim_ports_order() -> None:
    assert [title(heading) for heading in H] == [
        "Name and hypotheses", "Organisational framework", "Unit of analysis",
        "Eligibility criteria", "Pipeline and recruitment", "Timing", "Random assignment",
        "Treatment and comparison", "Measuring and managing treatment", "Measuring outcomes",
        "Analysis plan", "Due date and dissemination",
    ]  # fmt: skip


def test_the_command_takes_a_text_for_each_but_the_analysis_plan() -> None:
    assert (
        set(commands.ProtocolSections.model_fields) == set(WITH_TEXT) == set(H) - {H.ANALYSIS_PLAN}
    )


def test_a_whole_plan_lacks_nothing() -> None:
    assert lacking() == []


@pytest.mark.parametrize("heading", [*ALWAYS_WRITTEN, H.RANDOM_ASSIGNMENT])
def test_each_text_that_no_field_answers_is_waited_for(heading: ProtocolHeading) -> None:
    assert lacking(sections=without(heading)) == [f"sections.{heading}"]


@pytest.mark.parametrize("field", ["unit_of_analysis", "delivery_framework"])
def test_what_is_chosen_is_waited_for(field: str) -> None:
    assert lacking(**{field: None}) == [field]


@pytest.mark.parametrize("design", [*COMPUTED_DESIGNS, *SUPPLIED_DESIGNS])
def test_assignment_is_told_wherever_there_are_groups_to_assign(design: str) -> None:
    one_group = design in {"after_only", "before_after", "interrupted_time_series_no_control"}
    found = lacking(design=design, sections=without(H.RANDOM_ASSIGNMENT))
    assert found == ([] if one_group else ["sections.random_assignment"])


async def test_a_draft_is_kept_with_the_texts_there_are(cast: Cast) -> None:
    pilot = await cast.approved()
    given = {"unit_of_analysis": None, "delivery_framework": None}
    first = await propose(cast, pilot, sections={"timing": " Thirteen weeks. "}, **given)
    assert (first.sections, first.unit_of_analysis) == ({"timing": "Thirteen weeks."}, None)
    # What is left empty is taken out again: the form sends the whole protocol each time.
    second = await propose(cast, pilot, sections={"timing": ""}, revision=first.revision)
    assert second.sections == {}


@pytest.mark.parametrize(
    "sections",
    [{"motto": "Onwards."}, {"analysis_plan": "Twice."}, {"timing": "x" * 5_001}, "Thirteen weeks"],
)
async def test_other_headings_and_endless_texts_are_refused(cast: Cast, sections: Any) -> None:
    fields = protocol_fields(await cast.approved(), sections=sections)
    with pytest.raises(Invalid):
        commands.ProposeProtocol.parse(fields)


async def test_the_lock_names_each_heading_that_is_missing_and_changes_nothing(cast: Cast) -> None:
    sections = without(H.ELIGIBILITY_CRITERIA)
    pilot, _ = await cast.with_protocol(sections=sections, unit_of_analysis=None)
    before = await cast.fingerprint()
    with pytest.raises(Invalid) as caught:
        await lock(cast, pilot)
    assert [(problem.message, problem.field) for problem in caught.value.problems] == [
        ("3. Unit of analysis: choose the unit of analysis.", "unit_of_analysis"),
        (
            "4. Eligibility criteria: nothing is written yet.",
            "sections.eligibility_criteria",
        ),
    ]
    assert await cast.fingerprint() == before


async def test_once_it_is_whole_it_is_locked(cast: Cast) -> None:
    pilot, draft = await cast.with_protocol(sections={})
    with pytest.raises(Invalid):
        await lock(cast, pilot)
    await propose(cast, pilot, revision=draft.revision)
    await lock(cast, pilot)
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.PROTOCOL_LOCKED


async def test_the_hash_covers_all_twelve(cast: Cast) -> None:
    pilot, draft = await cast.with_protocol()
    await lock(cast, pilot)
    protocol = await cast.load(Protocol, draft.id)
    assert protocol.canonical is not None
    registered = protocol.canonical["sections"]
    assert set(registered) == set(H)
    for heading, entry in registered.items():
        assert entry["text"] == TEXTS.get(heading)
        assert entry["text"] or entry["entries"], heading
        assert set(entry["entries"]) <= set(protocol.canonical)
    chosen = (protocol.canonical["unit_of_analysis"], protocol.canonical["delivery_framework"])
    assert chosen == ("case_file", "in_house")
    assert digest(protocol.canonical) == protocol.hash
    registered["timing"]["text"] = "A little longer."
    assert digest(protocol.canonical) != protocol.hash


def test_what_stands_under_a_heading_is_not_empty_unless_it_is_written() -> None:
    assert {heading for heading in H if not ANSWERED_BY[heading]} <= set(ALWAYS_WRITTEN)


async def test_the_api_says_what_is_missing_as_the_lock_does(cast: Cast) -> None:
    """Each combination of a design, the two choices, and one text taken out."""
    _, protocol = await cast.with_protocol()
    texts = [TEXTS, {}, *(without(heading) for heading in TEXTS)]
    cases = product(
        ("cluster_rct", "before_after"),
        (None, UnitOfAnalysis.FORCE),
        (None, DeliveryFramework.INDEPENDENT),
        texts,
    )
    async with cast.database.session() as session:
        row = await session.get_one(Protocol, protocol.id)
        for design, unit, framework, sections in cases:
            row.design, row.sections = design, sections
            row.unit_of_analysis, row.delivery_framework = unit, framework
            await session.flush()
            told = await session.scalar(select(unanswered(Protocol)))
            fields = [str(problem.field).rpartition(".")[2] for problem in missing(row)]
            assert told == list(dict.fromkeys(HEADING_OF.get(field, field) for field in fields))
        await session.rollback()

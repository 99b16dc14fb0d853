"""Writing a listing: its facts, its sections, its address and what it is found by."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from innohub.db.identifiers import encode
from innohub.errors import Conflict, Invalid, WrongState
from innohub.market.catalogue import commands, service
from innohub.market.catalogue.models import (
    ListingDraft,
    ListingSection,
    ListingState,
    Section,
    Technology,
    TechnologyCapability,
)
from innohub.market.catalogue.slugs import LONGEST, first_free, slug_of
from tests.market.catalogue.stage import Stage, draft_fields


async def test_a_draft_holds_what_was_given_and_belongs_to_the_actor_s_supplier(
    stage: Stage,
) -> None:
    command = commands.DraftTechnology.parse(draft_fields())
    drafted = await stage.do("supplier_editor", service.draft, command)
    technology = await stage.load(drafted)
    assert technology.supplier_id == stage.supplier.id
    assert technology.state == ListingState.DRAFT
    assert (technology.slug, technology.trl) == ("redact-swiftly", 8)
    assert (technology.price_from_pence, technology.price_unit) == (1_000, "officer")
    assert technology.demonstration == stage.supplier.demonstration
    served = [row.capability for row in await stage.all(TechnologyCapability)]
    assert sorted(served) == ["criminal_justice", "data_management"]
    assert await stage.actions() == ["technology:draft"]


async def test_a_web_form_s_texts_are_understood_and_its_blanks_count_as_not_given(
    stage: Stage,
) -> None:
    blank = {name: "" for name in draft_fields() if name.startswith("price_")}
    command = commands.DraftTechnology.parse(draft_fields(trl="6", supplier_id=" ", **blank))
    technology = await stage.do("supplier_editor", service.draft, command)
    assert technology.trl == 6
    assert technology.price_from_pence is None


async def test_two_listings_of_one_name_get_two_addresses(stage: Stage) -> None:
    first = await stage.drafted()
    second = await stage.drafted()
    other = await stage.drafted(name="Redact Swiftly Too")
    assert [first.slug, second.slug] == ["redact-swiftly", "redact-swiftly-2"]
    assert other.slug == "redact-swiftly-too"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"summary": "x" * 401}, "summary"),
        ({"trl": 0}, "trl"),
        ({"trl": 10}, "trl"),
        ({"price_from_pence": -1}, "price_from_pence"),
        ({"price_to_pence": 999}, "price_to_pence"),
        ({"price_unit": None}, "price_unit"),
        ({"price_interval": "fortnight"}, "price_interval"),
        ({"colour": "red"}, "colour"),
        ({"supplier_id": encode("Pilot", 1)}, "supplier_id"),
    ],
)
def test_a_wrong_input_is_named_by_its_field(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        commands.DraftTechnology.parse(draft_fields(**wrong))
    assert [problem.field for problem in caught.value.problems] == [field]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"category": "spaceship"}, "category"),
        ({"capabilities": ["flight"]}, "capabilities"),
        ({"research_lines": ["alchemy"]}, "research_lines"),
        ({"hosting": ["the_moon"]}, "hosting"),
        ({"data_kinds": ["gossip"]}, "data_kinds"),
        ({"ai_role": "rules"}, "ai_role"),
    ],
)
async def test_what_is_in_no_reference_list_is_refused(
    stage: Stage, wrong: dict[str, Any], field: str
) -> None:
    before = await stage.fingerprint()
    command = commands.DraftTechnology.parse(draft_fields(**wrong))
    with pytest.raises(Invalid) as caught:
        await stage.do("supplier_editor", service.draft, command)
    assert caught.value.field == field
    assert await stage.fingerprint() == before


async def test_an_edit_changes_what_it_names_and_nothing_else(stage: Stage) -> None:
    technology = await stage.drafted()
    command = commands.EditTechnology.parse(
        {
            "technology_id": encode("Technology", technology.id),
            "revision": "1",
            "trl": "9",
            "capabilities": ["custody"],
        }
    )
    await stage.do("supplier_editor", service.edit, command)
    edited = await stage.load(technology)
    assert (edited.trl, edited.name, edited.price_to_pence) == (9, "Redact Swiftly", 2_500)
    assert [row.capability for row in await stage.all(TechnologyCapability)] == ["custody"]


async def test_an_edit_of_what_somebody_else_changed_meanwhile_is_a_conflict(
    stage: Stage,
) -> None:
    technology = await stage.drafted()
    edit = {"technology_id": technology.id, "revision": 1}
    await stage.do("supplier_admin", service.edit, commands.EditTechnology(**edit, trl=9))
    with pytest.raises(Conflict):
        await stage.do("supplier_editor", service.edit, commands.EditTechnology(**edit, trl=7))
    assert (await stage.load(technology)).trl == 9


async def test_a_listing_under_review_says_why_it_cannot_be_edited(stage: Stage) -> None:
    technology = await stage.submitted()
    command = commands.EditTechnology(technology_id=technology.id, trl=9)
    with pytest.raises(WrongState, match="This listing is in review"):
        await stage.do("supplier_editor", service.edit, command)


async def test_two_people_at_two_sections_do_not_meet(stage: Stage) -> None:
    technology = await stage.drafted()
    for part, section in (("supplier_editor", "support"), ("supplier_admin", "how_it_works")):
        command = commands.WriteSection.parse(
            {"technology_id": technology.id, "section": section, "body": part, "revision": 1}
        )
        await stage.do(part, service.write_section, command)
    edit = commands.EditTechnology(technology_id=technology.id, revision=1, trl=7)
    await stage.do("supplier_editor", service.edit, edit)


async def test_of_two_people_at_one_section_the_second_is_told_what_the_first_wrote(
    stage: Stage,
) -> None:
    technology = await stage.drafted()
    first, second = (
        commands.WriteSection.parse(
            {"technology_id": technology.id, "section": "support", "body": body, "revision": 1}
        )
        for body in ("By pigeon.", "By telephone.")
    )
    _, refused = await stage.overlap(
        ("supplier_admin", service.write_section, first),
        ("supplier_editor", service.write_section, second),
    )
    assert isinstance(refused, Conflict)
    assert str(refused).startswith("supplier_admin changed this section since you opened it.")
    assert "“By pigeon.”" in str(refused)
    assert (await stage.load(technology)).search_text.count("pigeon") == 1


async def test_two_people_who_begin_one_section_do_not_overwrite_each_other(stage: Stage) -> None:
    facts = commands.DraftTechnology.parse(draft_fields())
    technology = await stage.do("supplier_editor", service.draft, facts)
    begin = {"technology_id": technology.id, "section": "security", "revision": 0}
    commands_ = [commands.WriteSection.parse({**begin, "body": body}) for body in ("One", "Two")]
    await stage.do("supplier_admin", service.write_section, commands_[0])
    with pytest.raises(Conflict, match="“One”"):
        await stage.do("supplier_editor", service.write_section, commands_[1])


async def test_the_draft_says_what_it_lacks(stage: Stage) -> None:
    command = commands.DraftTechnology.parse(draft_fields(ai_role="recommends"))
    technology = await stage.do("supplier_editor", service.draft, command)
    (draft,) = await stage.all(ListingDraft)
    assert draft.required == 9
    assert Section.AI_USE in draft.missing
    assert "price" not in draft.missing
    await stage.write(technology, Section.AI_USE)
    (draft,) = await stage.all(ListingDraft)
    assert Section.AI_USE not in draft.missing
    assert {"hosting", "security", "trl_evidence"} <= set(draft.worth_adding)


async def test_a_section_written_again_replaces_the_one_before(stage: Stage) -> None:
    technology = await stage.drafted()
    await stage.write(technology, Section.SUPPORT, "Nine to five.")
    await stage.write(technology, Section.SUPPORT, "Day and night.")
    bodies = [r.body for r in await stage.all(ListingSection) if r.section == Section.SUPPORT]
    assert bodies == ["Day and night."]


@pytest.mark.parametrize(
    "words",
    ["Redact", "personal data", "pixelate", "criminal justice", "Ledger Light", "cloud software"],
)
async def test_a_listing_is_found_by_all_of_its_words(stage: Stage, words: str) -> None:
    technology = await stage.drafted()
    await stage.write(technology, Section.HOW_IT_WORKS, "It pixelates faces.")
    async with stage.database.session() as session:
        query = func.websearch_to_tsquery("english", words)
        found = select(Technology.id).where(Technology.search.op("@@")(query))
        assert list(await session.scalars(found)) == [technology.id]


async def test_words_that_were_taken_out_find_it_no_longer(stage: Stage) -> None:
    technology = await stage.drafted()
    await stage.write(technology, Section.SUPPORT, "By pigeon.")
    await stage.write(technology, Section.SUPPORT, "By telephone.")
    edit = commands.EditTechnology(technology_id=technology.id, capabilities=["custody"])
    await stage.do("supplier_editor", service.edit, edit)
    text = (await stage.load(technology)).search_text
    assert "pigeon" not in text
    assert "Criminal justice" not in text
    assert "Custody" in text


@given(st.text(max_size=300))
def test_every_name_gives_an_address_of_plain_letters(name: str) -> None:
    slug = slug_of(name)
    assert slug
    assert len(slug) <= LONGEST
    assert slug == slug_of(slug)
    assert all(word and word.isascii() and word.isalnum() for word in slug.split("-"))


@given(st.sets(st.integers(min_value=2, max_value=30)), st.booleans())
def test_a_taken_address_gets_the_lowest_free_number(numbers: set[int], plain: bool) -> None:
    taken = {f"cam-{number}" for number in numbers} | ({"cam"} if plain else set())
    free = first_free("cam", taken)
    assert free not in taken
    assert free == "cam" if not plain else free.startswith("cam-")

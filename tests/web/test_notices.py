"""The page of notices, and how many are unread in the header."""

import re

from innohub.db.unit_of_work import Database
from innohub.identity.actor import SYSTEM
from innohub.identity.models import Role
from innohub.notices.models import NoticeKind
from innohub.notices.service import notify_person
from tests.factories import Somebody, somebody, the_force
from tests.web.parts import forge
from tests.web.visitor import Seen, Visitor


async def a_lead(database: Database, told: int = 0) -> Somebody:
    lead = await somebody(database, await the_force(database), Role.FORCE_INNOVATION_LEAD)
    for number in range(1, told + 1):
        await tell(database, lead, number)
    return lead


async def tell(database: Database, who: Somebody, number: int) -> None:
    async with database.unit_of_work(SYSTEM.signature()) as work:
        await notify_person(
            work, kind=NoticeKind.PILOT,
            person_id=who.person.id, text=f"Pilot {number} was paused.",
            path=f"/pilots/{number}", key=str(number),
        )  # fmt: skip


def texts(page: Seen) -> list[str]:
    return [link.text for one in page.main.all(class_="innohub-notice") for link in one.all("a")]


def count(page: Seen) -> str:
    found = page.document.one("header").all(class_="innohub-header__count")
    return found[0].text if found and "hidden" not in found[0].attributes else ""


async def test_a_stranger_is_asked_to_sign_in(visitor: Visitor) -> None:
    page = await visitor.see("/notices")
    assert page.response.headers["location"].startswith("/login")
    assert "Notices" not in (await visitor.see("/about")).document.one("header").text


async def test_who_was_told_nothing_reads_what_notices_are_for(
    visitor: Visitor, database: Database
) -> None:
    await visitor.sign_in_as((await a_lead(database)).person)
    page = await visitor.see("/notices")
    assert "Nothing yet." in page.main.text
    assert not page.has_form("mark_all")
    assert count(page) == ""


async def test_the_newest_stands_first_and_leads_to_what_it_is_about(
    visitor: Visitor, database: Database
) -> None:
    other = await a_lead(database, 1)
    lead = await a_lead(database, 2)
    await visitor.sign_in_as(lead.person)
    page = await visitor.see("/notices")
    assert texts(page) == ["Pilot 2 was paused.", "Pilot 1 was paused."]
    assert "/pilots/2" in page.links()
    assert len(page.main.all(class_="innohub-notice--unread")) == 2
    await visitor.sign_in_as(other.person)
    assert len(texts(await visitor.see("/notices"))) == 1


async def test_every_page_counts_the_unread_ones_in_its_header(
    visitor: Visitor, database: Database
) -> None:
    await visitor.sign_in_as((await a_lead(database, 3)).person)
    for path in ("/", "/technologies", "/about", "/notices"):
        assert re.match("3 ?unread", count(await visitor.see(path))), path


async def test_one_is_marked_as_read(visitor: Visitor, database: Database) -> None:
    await visitor.sign_in_as((await a_lead(database, 2)).person)
    form = (await visitor.see("/notices")).main.all("form")[1]
    notice = form.one("input", name="notice_id")["value"]
    page = await visitor.send("/notices", "mark", {}, notice_id=notice)
    assert page.flash == "The notice is marked as read."
    assert len(page.main.all(class_="innohub-notice--unread")) == 1
    assert count(page).startswith("1")


async def test_all_are_marked_as_read_save_what_came_in_meanwhile(
    visitor: Visitor, database: Database
) -> None:
    lead = await a_lead(database, 2)
    await visitor.sign_in_as(lead.person)
    seen = (await visitor.see("/notices")).form("mark_all")
    sent = {f["name"]: f["value"] for f in seen.all("input", type="hidden")}
    await tell(database, lead, 3)
    await visitor.client.post("/notices", data=sent)
    page = await visitor.see("/notices")
    unread = page.main.all(class_="innohub-notice--unread")
    assert [one.one("a").text for one in unread] == ["Pilot 3 was paused."]
    page = await visitor.send("/notices", "mark_all", {})
    assert "You have read everything." in page.main.text
    assert count(page) == ""


async def test_nobody_marks_the_notices_of_others(visitor: Visitor, database: Database) -> None:
    lead, other = await a_lead(database, 1), await a_lead(database)
    await visitor.sign_in_as(lead.person)
    notice = (await visitor.see("/notices")).form("mark_all").one("input", name="notice_id")
    await visitor.sign_in_as(other.person)
    page = await forge(visitor, "/notices", "mark", notice_id=notice["value"])
    assert page.status == 404


async def test_older_ones_stand_on_the_next_page(visitor: Visitor, database: Database) -> None:
    await visitor.sign_in_as((await a_lead(database, 21)).person)
    page = await visitor.see("/notices")
    assert len(texts(page)) == 20
    (further,) = (a["href"] for a in page.main.all("a") if "after=" in a["href"])
    assert texts(await visitor.see(further)) == ["Pilot 1 was paused."]


async def test_notices_are_filtered_by_kind_and_a_channel_is_chosen_on_the_page(
    visitor: Visitor, database: Database
) -> None:
    lead = await a_lead(database, told=2)
    await visitor.sign_in_as(lead.person)
    page = await visitor.see("/notices?kind=pilot")
    assert len(texts(page)) == 2
    page = await visitor.see("/notices?kind=work")
    assert "Nothing of this kind." in page.main.text
    assert len(texts(await visitor.see("/notices?kind=no-kind"))) == 2
    here = "/notices/preferences"
    page = await visitor.see(here)
    offered = [option.text for option in page.form("channel", kind="halt").all("option")]
    assert offered == ["In the inbox only", "In the digest, too", "By e-mail at once, too"]
    page = await forge(visitor, here, "channel", kind="pilot", channel="nothing")
    assert page.flash == "Your choice is stored."
    await tell(database, lead, 3)
    assert len(texts(await visitor.see("/notices"))) == 2
    page = await visitor.send(here, "cadence", {"cadence": "daily"})
    chosen = [
        box["value"] for box in page.form("cadence").all("input") if "checked" in box.attributes
    ]
    assert chosen == ["daily"]

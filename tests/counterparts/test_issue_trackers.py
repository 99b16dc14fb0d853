"""The connectors for issue trackers: what they ask is what the vendors' own libraries ask, of
stand-ins that those libraries work with; and what becomes of trackers that know no key of ours."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from innohub.hub.conformance.samples import NUMBERS, STREAM, SUPPLIER_ID
from innohub.hub.connectors.contract import OutcomeClass, stream_key
from tests.counterparts.carried import Line, recording_of, shipped_connector
from tests.counterparts.comparing import asked, unlike
from tests.counterparts.issues import TOKEN
from tests.counterparts.rerouting import rerouted
from tests.counterparts.standing_in import Passed
from tests.counterparts.tracked import (
    HALF_AN_HOUR_AGO,
    NOW,
    STANDING_IN,
    Tracked,
    of_library,
)

KEY = stream_key(SUPPLIER_ID, STREAM)
FIRST, NEWER = NUMBERS["first"], NUMBERS["newer"]
OK = OutcomeClass.OK
ALL = ["github", "gitlab", "jira"]


@pytest_asyncio.fixture(params=ALL)
async def tracked(request: pytest.FixtureRequest) -> AsyncIterator[Tracked]:
    name = request.param
    async with STANDING_IN[name]() as system, rerouted(system.url) as outbound:
        config = recording_of(name).settings
        line = Line(shipped_connector(name), config, outbound, token=TOKEN)
        yield Tracked(name, system, line, outbound)


async def test_the_vendors_library_works_with_the_stand_in(tracked: Tracked) -> None:
    tracked.system.left = 12

    said = await of_library(tracked, spend=20)

    assert said["absent"] == []
    assert said["found"] == [said["made"]]
    [issue] = tracked.system.held.values()
    assert "promising" in issue.title
    assert KEY in issue.labels
    refused, spent = {
        "github": ((422, "Validation Failed"), 403),
        "gitlab": ((400, "can't be blank"), 429),
        "jira": ((400, "Atlassian Document"), 429),
    }[tracked.name]
    assert said["refused"]["status"] == refused[0]
    assert refused[1] in said["refused"]["message"]
    assert said["spent"]["status"] == spent
    if tracked.name == "jira":
        assert said["unbounded"]["status"] == 400


async def test_our_requests_are_the_librarys_but_for_what_is_listed(tracked: Tracked) -> None:
    await of_library(tracked)
    theirs = [each for each in tracked.system.log.passed if each.status in (200, 201, 204)]
    look, made, edited = _told(theirs)
    tracked.system.held.clear()
    begins = len(tracked.system.log.passed)

    await tracked.line.send("first")
    await tracked.line.send("newer")

    ours = tracked.system.log.passed[begins:]
    for one, other in zip(ours, (look, made, edited), strict=True):
        assert asked(one)[:3] == asked(other)[:3]
        # Jira: the revision goes with the issue; their library sets properties by themselves, and
        # always has an empty `update`.
        assert _without(one.body, "properties") == _without(other.body, "update")
        # GitHub: theirs says "token" where the documentation wants "Bearer", and names no media
        # type. The others: a media type for answers that have no other.
        assert one.headers["authorization"] == f"Bearer {TOKEN}"
        assert unlike(one, other) <= OF_LIBRARIES


OF_LIBRARIES = {"authorization", "accept", "accept-encoding", "connection", "content-type"} | {
    "cache-control",
    "x-atlassian-token",
}
"""Headers that are the libraries' own: against caches and browsers, or of a GET without a body."""


def _told(passed: list[Passed]) -> list[Passed]:
    """The look-up, the new issue, its edit."""
    named = [each for each in passed if "/issue" in each.path or "/search" in each.path]
    of_issues = [each for each in named if "/properties/" not in each.path]
    look = next(each for each in of_issues if each.method == "GET")
    made = next(each for each in of_issues if each.method == "POST")
    edited = next(each for each in of_issues if each.method in ("PATCH", "PUT"))
    return [look, made, edited]


def _without(body: Any, name: str) -> Any:
    if not isinstance(body, dict):
        return body
    return {each: value for each, value in body.items() if each != name}


async def test_what_changed_is_asked_for_as_the_library_asks(tracked: Tracked) -> None:
    await tracked.line.send("first")
    tracked.system.held[1].add("InnoHub: shipped.")
    begins = len(tracked.system.log.passed)
    await tracked.line.told(HALF_AN_HOUR_AGO, NOW)
    ours = tracked.system.log.passed[begins:]
    await of_library(tracked)

    # Jira's library wants to know all fields of the site as well.
    of_issues = [each for each in tracked.system.log.passed if not each.path.endswith("/field")]
    theirs = of_issues[-len(ours) :]
    assert [each.status for each in (*ours, *theirs)] == [200] * 4
    for one, other in zip(ours, theirs, strict=True):
        # PyGithub's pages are as long as for everything else.
        assert _paged(asked(one)) == _paged(asked(other))


def _paged(asked: tuple[str, str, dict[str, list[str]], Any]) -> tuple[str, str, Any]:
    method, path, query, _ = asked
    return method, path, {name: given for name, given in query.items() if name != "per_page"}


async def test_state_and_comments_meant_for_the_hub_come_back(tracked: Tracked) -> None:
    await tracked.line.send("first")
    [issue] = tracked.system.held.values()
    assert tracked.line.known is not None
    issue.closed, issue.status = True, "Done"
    issue.add("InnoHub: shipped.\nTo all sites.")
    issue.add("Who is on call?")
    issue.add("InnoHub: for us alone.", **HIDDEN[tracked.name])

    told = await tracked.line.told(HALF_AN_HOUR_AGO, NOW)

    status, comment = told
    wanted = {"github": "closed, not planned", "gitlab": "closed", "jira": "Done"}
    assert (status.key, status.status) == (KEY, wanted[tracked.name])
    assert (comment.remote_id, comment.key) == (tracked.line.known.remote_id, None)
    assert comment.text == "shipped.\nTo all sites."
    assert comment.by in ("ada", "Ada Lovelace")
    assert comment.at is not None

    issue.changed = NOW - timedelta(days=2)
    assert await tracked.line.told(HALF_AN_HOUR_AGO, NOW) == []


HIDDEN: dict[str, dict[str, Any]] = {
    "github": {"author_association": "NONE"},
    "gitlab": {"internal": True},
    "jira": {"visibility": {"type": "role", "value": "Administrators"}},
}
"""What makes a comment one that is not the supplier's word to the police."""


async def test_a_pilot_is_one_issue_with_its_newest_facts(tracked: Tracked) -> None:
    await tracked.line.send("first")
    await tracked.line.send("newer")
    late = await tracked.line.send("first", forgetting=True)

    [issue] = tracked.system.held.values()
    assert "promising" in issue.title
    assert late.outcome.detail == f"The system holds revision {NEWER} already."
    [listed] = await tracked.line.listed()
    assert (listed.key, listed.remote.revision) == (KEY, NEWER)


async def test_what_their_people_added_stays(tracked: Tracked) -> None:
    await tracked.line.send("first")
    [issue] = tracked.system.held.values()
    issue.labels.append("urgent")

    await tracked.line.send("newer")

    assert issue.labels == ["innohub", KEY, "urgent"]


async def test_an_issue_whose_answer_was_lost_is_found_again(tracked: Tracked) -> None:
    await tracked.line.send("first")

    again = await tracked.line.send("first", in_doubt=True, forgetting=True)

    assert again.outcome.detail == f"The system holds revision {FIRST} already."
    assert len(tracked.system.held) == 1


async def test_an_issue_that_their_search_shows_late_is_looked_for_twice(tracked: Tracked) -> None:
    await tracked.line.send("first")
    tracked.system.unseen = True

    async def indexed(seconds: float) -> None:
        tracked.system.unseen = False

    tracked.line._pass = indexed  # type: ignore[method-assign]
    again = await tracked.line.send("first", in_doubt=True, forgetting=True)

    assert again.outcome.detail == f"The system holds revision {FIRST} already."
    assert len(tracked.system.held) == 1


async def test_four_at_once_make_four_issues_which_are_told_and_not_added_to(
    tracked: Tracked,
) -> None:
    """Trap 10: looking first keeps nobody from making it too. So one worker has a pilot's lane, the
    promise is at least once, and what was doubled all the same is told."""
    tracked.system.pause = 0.2
    others = [tracked.another() for _ in range(4)]

    await asyncio.gather(*(each.send("first") for each in others))

    assert len(tracked.system.held) == 4
    assert tracked.line.connector.manifest.promise == "at_least_once"
    told = await tracked.line.send("newer")
    assert told.outcome.detail.endswith("4 of their records carry its key.")
    assert len(tracked.system.held) == 4
    assert [each.key for each in await tracked.line.listed()] == [KEY] * 4


async def test_one_issue_too_many_is_retired_and_not_found_again(tracked: Tracked) -> None:
    await tracked.line.send("first")
    await tracked.line.send("first", forgetting=True)
    [issue] = tracked.system.held.values()
    double = tracked.system.add(issue.title, issue.text, [*issue.labels])
    ids = {each.remote.remote_id for each in await tracked.line.listed()}
    [other] = ids - {tracked.line.known.remote_id}

    assert await tracked.line.retire(other) is OK

    assert double.labels == ["innohub-duplicate"]
    # Jira's ways of closing differ from project to project: there people close it.
    assert double.closed == (tracked.name != "jira")
    assert [each.remote.remote_id for each in await tracked.line.listed()] == [*ids - {other}]
    told = (await tracked.line.send("newer", forgetting=True)).outcome.detail
    assert "carry its key" not in told


async def test_their_limit_is_no_refusal(tracked: Tracked) -> None:
    tracked.system.left = 0

    sent = await tracked.line.send("first")

    assert sent.outcome.kind is OutcomeClass.THROTTLED
    waits = {"github": 60, "gitlab": 30, "jira": 7}
    assert sent.outcome.after_seconds == waits[tracked.name]
    rests = {"github": 1_200, "gitlab": 30, "jira": None}[tracked.name]
    assert sent.outcome.rest_seconds == (rests and pytest.approx(rests, abs=3))

"""Connectors against their recordings: the shipped ones conform, and whatever is otherwise is told
where it is."""

import shutil
from pathlib import Path

import pytest

from innohub.errors import Invalid
from innohub.hub.conformance.trial import conform
from innohub.hub.connectors.registry import shipped
from innohub.hub.connectors.scaffold import make

SHIPPED = sorted(path.parent for path in shipped().glob("*/manifest.yaml"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A new connector's folder, with a recording that holds."""
    make(tmp_path / "filing", "..")
    return tmp_path / "filing"


async def test_a_new_connector_conforms(folder: Path) -> None:
    assert [report.conforms for report in await conform(folder)] == [True]


@pytest.mark.parametrize("connector", SHIPPED, ids=[each.name for each in SHIPPED])
async def test_a_shipped_connector_conforms(connector: Path) -> None:
    assert await told(connector) == []


@pytest.mark.parametrize(
    ("before", "after", "difference"),
    [
        (
            "method: PUT",
            "method: POST",
            "created: request 1: the method is PUT, the recording says POST",
        ),
        (
            "/records/ih-4k",
            "/rows/ih-4k",
            "created: request 1: the URL is https://system.example/records/"
            "ih-4kkhi3qntmwv46syojn34vzn6y, the recording says https://system.example/rows/"
            "ih-4kkhi3qntmwv46syojn34vzn6y",
        ),
        (
            "verdict: worked",
            "verdict: none",
            "created: request 1: body.verdict is worked, the recording says none",
        ),
        (
            "            revision: 4\n",
            "            revision: true\n",
            "created: request 1: body.revision is 4, the recording says true",
        ),
        (
            "            force: Avon & Somerset\n",
            "",
            "created: request 1: body.force is Avon & Somerset, and not in the recording",
        ),
        (
            "            revision: 4\n",
            "            revision: 4\n            colour: blue\n",
            "created: request 1: body.colour is missing: the recording says blue",
        ),
        (
            "          method: PUT\n",
            "          method: PUT\n          headers: {If-Match: '1'}\n",
            "created: request 1: header.if-match is missing: the recording says 1",
        ),
        (
            '        answer: {status: 201, body: {id: "1"}}\n',
            "        lost: true\n",
            "created: request 2 is not in the recording: GET https://system.example/records/"
            "ih-4kkhi3qntmwv46syojn34vzn6y with None",
        ),
        (
            "    exchanges: []\n",
            "    exchanges: [{request: *first, lost: true}]\n",
            "already_there: never sent: PUT https://system.example/records/"
            "ih-4kkhi3qntmwv46syojn34vzn6y",
        ),
        (
            'ends: {outcome: ok, remote_id: "1", revision: 4}',
            'ends: {outcome: ok, remote_id: "2", revision: 4}',
            "created: ends.remote_id is 1, the recording says 2 (in words: The system answered "
            "201.)",
        ),
        (
            "after_seconds: 30",
            "after_seconds: 31",
            "throttled: ends.after_seconds is 30.0, the recording says 31.0 (in words: The system "
            "answered 429.)",
        ),
        (
            "detail_contains: verdict",
            "detail_contains: A verdict",
            "rejected: ends: the words are 'The system answered 422: verdict is none of ours', "
            "without 'A verdict is none of ours'",
        ),
        (
            "situation: throttled",
            "situation: conflict",
            "conflict: it is no case of conflict: The system answered 429.",
        ),
        ("situation: throttled", "situation: rule", "no case is about throttled"),
    ],
)
async def test_a_recording_that_does_not_hold_is_told_where(
    folder: Path, before: str, after: str, difference: str
) -> None:
    change(folder / "conformance.yaml", before, after)

    differences = await told(folder)

    assert any(each.startswith(difference) for each in differences), differences


@pytest.mark.parametrize(
    ("before", "after", "difference"),
    [
        (
            "    - key: ih-4kkhi3qntmwv46syojn34vzn6y\n      etag",
            "    - key: null\n      etag",
            "listing: finds[0].key is ih-4kkhi3qntmwv46syojn34vzn6y, the recording says null",
        ),
        (
            "          '@odata.nextLink': Results?",
            "          '@odata.nextLink': https://elsewhere.example/Results?",
            "listing: Their next page leads to another host",
        ),
        (
            '      revision: 4\n    - key: null\n      etag: W/"7"\n',
            "      revision: 4\n",
            'listing: finds[1] is {"key":null}, and not in the recording',
        ),
        (
            "&$skiptoken=1\n        headers",
            "&$skiptoken=2\n        headers",
            "listing: request 2: the URL",
        ),
    ],
)
async def test_a_listing_that_is_not_as_recorded_is_told(
    tmp_path: Path, before: str, after: str, difference: str
) -> None:
    odata = shutil.copytree(shipped() / "odata", tmp_path / "odata")
    change(odata / "conformance.yaml", before, after)
    differences = await told(odata)
    assert any(each.startswith(difference) for each in differences), differences


async def test_a_listing_must_be_recorded(tmp_path: Path) -> None:
    odata = shutil.copytree(shipped() / "odata", tmp_path / "odata")
    text = (odata / "conformance.yaml").read_text()
    (odata / "conformance.yaml").write_text(text[: text.index("\nlisting:")])
    assert await told(odata) == ["the listing is not recorded"] * 2


async def test_a_listing_is_recorded_only_where_there_is_one(folder: Path) -> None:
    change(folder / "conformance.yaml", "cases:", "listing: {exchanges: [], finds: []}\ncases:")
    with pytest.raises(Invalid, match="the manifest has no listing"):
        await conform(folder)


async def test_a_header_that_the_recording_does_not_name_is_told(folder: Path) -> None:
    change(folder / "manifest.yaml", "  method: PUT", "  method: PUT\n  headers: {prefer: blue}")
    differences = await told(folder)
    assert "created: request 1: header.prefer is blue, and not in the recording" in differences


async def test_a_rule_that_no_answer_calls_for_is_told(folder: Path) -> None:
    rule = "answers:\n  rules: [{when: body.code == 'BUSY', means: retry}]"
    change(folder / "manifest.yaml", "answers:", rule)
    assert await told(folder) == ["no answer makes the rule hold: body.code == 'BUSY'"]


async def test_a_connector_that_breaks_its_own_promise_does_not_conform(folder: Path) -> None:
    """The check can fail: without its read-back, the lost answer is not found."""
    text = (folder / "manifest.yaml").read_text()
    begins, ends = text.index("read:\n"), text.index("answers:\n")
    (folder / "manifest.yaml").write_text(text[:begins] + text[ends:])
    [report] = await conform(folder)
    [lost] = [each for each in report.tried if each.told.startswith("lost_answer")]
    assert lost.differences


@pytest.mark.parametrize(
    ("before", "after", "line", "reason"),
    [
        ("situation: created", "situashun: created", 13, "cases.0.situashun: unknown key"),
        ("situation: created", "situation: born", 13, "cases.0.situation: Input should be"),
        ("client_id: innohub", "client: innohub", 9, "settings.client: the manifest has no such"),
        ("  client_id: innohub\n", "", 6, "settings: client_id is missing"),
        ("settings:", "token: {org: 1}\nsettings:", 6, "token.org: Input should be a valid str"),
        ("settings:", "token: {org: a}\nsettings:", 6, "token: it must hold what the manifest"),
        (
            'answer: {status: 201, body: {id: "1"}}',
            "answer: {status: 201, body: {on: 2026-11-27}}",
            26,
            "body: put 2026-11-27 in quotation marks",
        ),
        (
            'answer: {status: 201, body: {id: "1"}}',
            "answers: []",
            26,
            "cases.0.exchanges.0.answers: unknown key",
        ),
    ],
)
async def test_a_faulty_recording_is_refused_with_line_and_reason(
    folder: Path, before: str, after: str, line: int, reason: str
) -> None:
    change(folder / "conformance.yaml", before, after)
    with pytest.raises(Invalid) as refusal:
        await conform(folder)
    assert refusal.value.message.startswith(f"{folder / 'conformance.yaml'}, line {line}: ")
    assert reason in refusal.value.message


async def test_a_folder_without_a_recording_is_refused(folder: Path) -> None:
    (folder / "conformance.yaml").unlink()
    with pytest.raises(Invalid, match=r"conformance\.yaml: missing"):
        await conform(folder)


async def test_settings_are_judged_as_a_suppliers_are(folder: Path) -> None:
    change(folder / "conformance.yaml", "https://system.example/token", "http://10.0.0.1/token")
    with pytest.raises(Invalid, match="must start with https"):
        await conform(folder)


def change(file: Path, before: str, after: str) -> None:
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after, 1))


async def told(folder: Path) -> list[str]:
    """Every difference, with its situation; and what is lacking."""
    found = []
    for report in await conform(folder):
        for tried in report.tried:
            found += [f"{tried.told.partition(':')[0]}: {each}" for each in tried.differences]
        found += report.missing
    return found

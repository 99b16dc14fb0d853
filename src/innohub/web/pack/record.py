"""The decision record of a final round as a PDF, read with the eyes of who asks: whoever is recused
from a candidate gets it without that candidate, as on the page."""

from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from innohub.errors import InnoHubError, NotFound
from innohub.market.board.models import RoundState
from innohub.web import refusals
from innohub.web.pages.round.stability import stability_of
from innohub.web.reading import Document, global_id, read
from innohub.web.wording import day, number, plural, words

DOCUMENT = Document(
    files("innohub.web.pack").joinpath("record.graphql").read_text(), "pack/record.graphql"
)
Row = Mapping[str, Any]


async def respond(request: Request) -> Response:
    try:
        return await _record(request)
    except InnoHubError as error:
        return await refusals.refuse(request, error)


async def _record(request: Request) -> Response:
    wanted = {"id": global_id("Round", request.path_params["number"])}
    round_ = (await read(request, DOCUMENT, wanted))["round"]
    if round_ is None or round_["state"] != RoundState.FINAL.name:
        raise NotFound("This decision record does not exist.")
    printed = await request.app.state.press.print(content_of(round_))
    headers = {
        "Cache-Control": "private, no-cache",
        "ETag": f'"{printed.fingerprint}"',
        "Content-Disposition": f'inline; filename="decision-record-{round_["number"]}.pdf"',
    }
    return Response(printed.pdf, media_type="application/pdf", headers=headers)


def content_of(round_: Row) -> dict[str, Any]:
    """The record as plain words for its template: text and tables, no markup."""
    stability = stability_of(round_)
    return {
        "template": "record.typ",
        "on": round_["publishedAt"][:10],
        "title": round_["title"],
        "purpose": round_["purpose"],
        "dates": f"Opened on {day(round_['openedAt'])}, published on {day(round_['publishedAt'])}",
        "demonstration": round_["demonstration"],
        "weights": [[one["label"], str(one["weight"])] for one in round_["criteria"]],
        "rules": list(_rules(round_)),
        "decisions": [_decision(item) for item in round_["items"]],
        "items": [_item(round_, item) for item in round_["items"]],
        "stability": stability.sentence if stability else "",
        "variations": [[label, *map(str, ranks)] for label, ranks in stability.rows]
        if stability
        else [],
        "varied": [one["technology"]["name"] for one in stability.items] if stability else [],
        "seed": round_["lotSeed"] or "",
        "lots": [[i["technology"]["name"], str(i["number"]), i["lot"]] for i in _drawn(round_)],
    }


def _drawn(round_: Row) -> list[Row]:
    return [item for item in round_["items"] if item["lot"]]


def _rules(round_: Row) -> Iterator[str]:
    yield f"{plural(round_['places'], 'place')} on the shortlist"
    total, each = number(round_["thresholdTotal"]), number(round_["thresholdAnyCriterion"], 1)
    yield f"At least {total} of 100 in total, and {each} of 5 on every criterion"
    yield f"Quorum {round_['quorum']}; at least {round_['minScoresPerItem']} scores each"
    yield f"{plural(round_['standstillDays'], 'working day')} of standstill"


def _decision(item: Row) -> list[str]:
    total = "" if item["total"] is None else number(item["total"], 1)
    return [str(item["rank"] or "–"), _name(item), total, words(item["decision"] or "")]


def _name(item: Row) -> str:
    supplier = item["technology"]["supplier"]
    version = f", version {item['version']['number']}" if item["version"] else ""
    return f"{item['technology']['name']}{version}" + (f" ({supplier['name']})" if supplier else "")


def _item(round_: Row, item: Row) -> dict[str, Any]:
    ground = item["declineReason"]
    return {
        "name": item["technology"]["name"],
        "reason": item["decisionReason"] or "",
        "ground": f"Declined on the ground: {words(ground).lower()}." if ground else "",
        "tie": f"Equal in total with another; set apart by: {words(item['tie']).lower()}."
        if item["tie"]
        else "",
        "gates": [
            [words(one["gate"]), "Passed" if one["passed"] else "Not passed", one["detail"]]
            for one in item["gates"]
            if one["stage"] == "RANKING"
        ],
        "scores": [
            [one["label"], str(score["value"]), score["reason"]]
            for one in round_["criteria"]
            for score in item["scores"]
            if score["criterion"] == one["criterion"]
        ],
        "moderation": [_moderated(record) for record in item["moderation"]],
        "reviews": [_review(review) for review in item["reviews"]["nodes"]],
    }


def _moderated(record: Row) -> dict[str, Any]:
    given = record["approvals"]
    before = ", ".join(map(str, record["scoresBefore"]))
    return {
        "head": f"{record['label']}: {before} became {record['scoreAfter']}",
        "points": [
            ["Who said what", record["whoSaidWhat"]],
            ["Decisive reasons and their weight", record["decisiveReasonsAndWeight"]],
            ["Contradictions reconciled", record["conflictingPointsReconciled"]],
            ["Approved by", f"{sum(one['approves'] for one in given)} of those who answered"],
            *(["Did not approve", one["reason"]] for one in given if not one["approves"]),
        ],
    }


def _review(review: Row) -> list[str]:
    asked = f"{review['requestedBy']}, {day(review['requestedAt'])}"
    outcome = f"{words(review['outcome'] or '')}. {review['outcomeReason'] or ''}"
    return [asked, f"{words(review['ground'])}: {review['statement']}", outcome]


ROUTE = Route("/rounds/{number:int}/record.pdf", respond, name="decision_record")

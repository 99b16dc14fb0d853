"""A pilot's result to take away: its pictures as PNG, its numbers as CSV with a codebook."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from innohub.errors import NotFound
from innohub.outbox.disclosure import SMALLEST_COUNT
from innohub.web.charts import interval_chart
from innohub.web.downloads import Column, codebook, csv_file, day_of
from innohub.web.page import Data
from innohub.web.pictures.drawing import Picture, png_file, standing_alone
from innohub.web.reading import Document, global_id, read
from innohub.web.series import series_chart

COLUMNS = (
    Column("pilot", "The pilot's number; its page is /pilots/NUMBER"),
    Column("title", "What the pilot is called"),
    Column("force", "The force that ran it; empty for a published trial"),
    Column("technology", "What was tried out"),
    Column("kpi", "The indicator, by its id in the shared dictionary"),
    Column("role", "What the indicator is", "primary, secondary, safety_harm or equality"),
    Column("group", "The group of people it is measured for; empty for everybody"),
    Column("unit", "What the indicator is counted in"),
    Column("direction", "Which way is better", "higher_is_better, lower_is_better"),
    Column("design", "The registered design"),
    Column("measure", "What is measured in this row; the first row is the effect"),
    Column("estimate", "The measure", "as the measure's name says; shares in fractions of 1"),
    Column("lower_95", "Lower end of the 95% interval"),
    Column("upper_95", "Upper end of the 95% interval"),
    Column("p_value", "Two-sided, of the effect; empty for other measures", "0 to 1"),
    Column("n", "Units analysed; empty where there are fewer than 5", "units"),
    Column("method", "How the effect and its interval were computed"),
    Column("maryland_grade", "How well the design tells cause from coincidence", "0 to 5"),
    Column("verdict", "What the result says, by the market's rules; of the primary indicator"),
    Column("revision", "Which computation of the result this is", "from 1 on"),
    Column("published_on", "Empty for a result that is not published yet", "date, in London"),
    Column("protocol_sha256", "The hash of the locked protocol", "64 hexadecimal digits"),
    Column("inputs_sha256", "The hash of data, design and method", "64 hexadecimal digits"),
    Column("demonstration", "Invented for the demonstration market", "yes or no"),
)
MOMENTS = (
    Column("on", "The first day of the stretch", "date"),
    Column("period", "Before or after the start of the intervention", "before, after"),
    Column("observed", "What was counted; empty where a stretch counted fewer than 5"),
    Column("comparison", "The comparison series; empty where there is none"),
    Column("fitted", "What the model makes of it"),
    Column("counterfactual", "Where the trend before was heading"),
)


async def effect_picture(request: Request) -> Response:
    """The effect with its interval against the minimum important effect."""
    pilot = await _pilot(request)
    return await _drawn(request, pilot, interval_chart(pilot["result"], pilot["protocol"]))


async def series_picture(request: Request) -> Response:
    pilot = await _pilot(request)
    return await _drawn(request, pilot, series_chart(pilot["result"], pilot["protocol"]))


async def numbers(request: Request) -> Response:
    pilot = await _pilot(request)
    return csv_file(f"pilot-{pilot['number']}-result", COLUMNS, _measures(pilot))


async def moments(request: Request) -> Response:
    pilot = await _pilot(request)
    if not pilot["result"]["series"]:
        raise NotFound("This result has no series.")
    return csv_file(f"pilot-{pilot['number']}-series", MOMENTS, pilot["result"]["series"])


async def numbers_codebook(request: Request) -> Response:
    return codebook("result-codebook", COLUMNS)


async def moments_codebook(request: Request) -> Response:
    return codebook("series-codebook", MOMENTS)


async def _pilot(request: Request) -> Data:
    wanted = {"id": global_id("Pilot", request.path_params["number"])}
    pilot: Data | None = (await read(request, DOCUMENT, wanted))["pilot"]
    if pilot is None or pilot["result"] is None or pilot["protocol"] is None:
        raise NotFound("There is no result that you may read.")
    return pilot


async def _drawn(request: Request, pilot: Data, picture: Markup) -> Response:
    if not picture:
        raise NotFound("This result has no such picture.")
    result = pilot["result"]
    name = f"pilot-{pilot['number']}-{request.url.path.rsplit('/', 1)[1].removesuffix('.png')}"
    where = f"{request.app.state.settings.base_url}/pilots/{pilot['number']}"
    parts = [
        pilot["citation"]["text"] if pilot["citation"] else f"{pilot['force']['name']}.",
        f"Evidence grade {result['grade']} of 5.",
        "" if result["publishedAt"] else "Not published yet.",
        "Invented for the demonstration market." if pilot["demonstration"] else "",
        where,
    ]
    return await png_file(
        name,
        Picture(
            title=pilot["title"],
            svg=standing_alone(picture),
            finding=result["finding"],
            source=" ".join(part for part in parts if part),
        ),
    )


def _measures(pilot: Data) -> Iterator[dict[str, Any]]:
    result, protocol = pilot["result"], pilot["protocol"]
    alike = {
        "pilot": pilot["number"],
        "title": pilot["title"],
        "force": pilot["force"]["name"] if pilot["force"] else None,
        "technology": pilot["technology"]["name"] if pilot["technology"] else None,
        "kpi": result["kpi"],
        "role": "primary",
        "unit": protocol["unit"],
        "direction": protocol["direction"].lower(),
        "design": protocol["design"],
        "n": _units(result),
        "method": result["method"],
        "maryland_grade": result["grade"],
        "verdict": result["verdict"].lower(),
        "revision": result["revision"],
        "published_on": day_of(result["publishedAt"]),
        "protocol_sha256": protocol["hash"],
        "inputs_sha256": result["inputsHash"],
        "demonstration": pilot["demonstration"],
    }
    first = {"value": result["effect"], "lower": result["lower"], "upper": result["upper"]}
    yield alike | _measure(result["scale"], first) | {"p_value": result["pValue"]}
    for name, found in (result["secondary"] or {}).items():
        yield alike | _measure(name, found)
    for effect in result["outcomeEffects"]:
        yield alike | _beside(effect)


def _beside(effect: Data) -> dict[str, Any]:
    """Of a further indicator: what differs from the primary one's row."""
    outcome = effect["outcome"]
    ends = {"value": effect["effect"], "lower": effect["lower"], "upper": effect["upper"]}
    return _measure(effect["scale"] or "", ends) | {
        "kpi": outcome["kpi"],
        "role": outcome["role"].lower(),
        "group": outcome["population"],
        "unit": outcome["unit"],
        "direction": outcome["direction"].lower(),
        "design": outcome["design"],
        "p_value": effect["pValue"],
        "n": _units(effect),
        "method": effect["method"],
        "maryland_grade": effect["grade"],
        "verdict": None,
        "inputs_sha256": effect["inputsHash"],
    }


def _units(found: Data) -> int | None:
    size: int | None = found["sampleSize"]
    return size if size is not None and size >= SMALLEST_COUNT else None


def _measure(name: str, found: Data) -> dict[str, Any]:
    return {
        "measure": name,
        "estimate": found["value"],
        "lower_95": found["lower"],
        "upper_95": found["upper"],
    }


DOCUMENT = Document(
    files("innohub.web.pages").joinpath("pilot/taking.graphql").read_text(),
    "pilot/taking.graphql",
)
FILES = [
    Route("/pilots/{number:int}/effect.png", effect_picture, name="effect_picture"),
    Route("/pilots/{number:int}/series.png", series_picture, name="series_picture"),
    Route("/pilots/{number:int}/result.csv", numbers, name="result_file"),
    Route("/pilots/{number:int}/series.csv", moments, name="series_file"),
    Route("/result-codebook.csv", numbers_codebook, name="result_codebook"),
    Route("/series-codebook.csv", moments_codebook, name="series_codebook"),
]

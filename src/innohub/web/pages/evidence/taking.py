"""All trials of one indicator to take away: the forest plot as PNG, the numbers as CSV with a
codebook."""

from collections.abc import Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from innohub.errors import NotFound
from innohub.web.downloads import Column, codebook, csv_file
from innohub.web.page import Data
from innohub.web.pages.evidence.view import PAGE, Pooled, pooled_of, variables, where
from innohub.web.pictures.drawing import Picture, png_file, standing_alone
from innohub.web.reading import read
from innohub.web.wording import plural

SCALES = "risk_ratio, rate_ratio, mean_difference, hedges_g"
PRIMARY = "primary"
COLUMNS = (
    Column("technology", "The technology, by its name in addresses"),
    Column("kpi", "The indicator, by its id in the shared dictionary"),
    Column("scale", "What the effect is measured on", SCALES),
    Column("direction", "Which way is better", "higher_is_better, lower_is_better"),
    Column("trial", "The force and the place, or “all” for the pooled effect"),
    Column("pilot", "The pilot's number; its page is /pilots/NUMBER"),
    Column("role", "What the indicator was in the trial", "primary, secondary or safety_harm"),
    Column("effect", "The effect of this trial", "as the scale says"),
    Column("lower_95", "Lower end of the 95% interval"),
    Column("upper_95", "Upper end of the 95% interval"),
    Column("weight", "Its share of the pooled effect", "0 to 1"),
    Column("maryland_grade", "How well the design tells cause from coincidence", "0 to 5"),
    Column("verdict", "By the market's rules; empty where it was not the primary indicator"),
    Column("without_effect", "The pooled effect of all the others"),
    Column("without_lower_95", "Lower end of its 95% interval"),
    Column("without_upper_95", "Upper end of its 95% interval"),
    Column("left_out_because", "Why it is not in the pooled effect; empty for one that is"),
    Column("prediction_lower", "Of the pooled effect: where one further site's is expected to lie"),
    Column("prediction_upper", "The upper end of the same"),
    Column("i_squared", "The share of the differences between sites beyond chance", "0 to 1"),
    Column("tau_squared", "The variance between sites", "on the scale, of logarithms for ratios"),
    Column("demonstration", "Invented for the demonstration market", "yes or no"),
)  # fmt: skip


async def picture(request: Request) -> Response:
    technology, one = await _indicator(request)
    row = one.row
    words = f"{one.effect}, over {plural(row['trialCount'], 'trial')}. {row['because']}"
    source = (
        f"{technology['name']}, {technology['supplier']['name']}. Each dot is one published trial "
        f"with its 95% interval. {request.app.state.settings.base_url}/technologies/"
        f"{technology['slug']}/evidence"
    )
    invented = " Invented for the demonstration market." if technology["demonstration"] else ""
    return await png_file(
        f"{technology['slug']}-{row['kpi']}",
        Picture(row["kpiLabel"], standing_alone(one.picture), words, source + invented),
    )


async def funnel(request: Request) -> Response:
    technology, one = await _indicator(request)
    if not one.funnel:
        raise NotFound("A funnel plot needs ten trials.")
    return await png_file(
        f"{technology['slug']}-{one.row['kpi']}-funnel",
        Picture(
            one.row["kpiLabel"],
            standing_alone(one.funnel),
            one.funnel_told,
            f"{technology['name']}, {technology['supplier']['name']}.",
        ),
    )


async def numbers(request: Request) -> Response:
    technology, one = await _indicator(request)
    name = f"{technology['slug']}-{one.row['kpi']}"
    return csv_file(name, COLUMNS, _rows(technology, one))


async def codebook_of(request: Request) -> Response:
    return codebook("trials-codebook", COLUMNS)


async def _indicator(request: Request) -> tuple[Data, Pooled]:
    """In the view that the address asks for, as on the page."""
    assert PAGE.document is not None
    technology = (await read(request, PAGE.document, variables(request)))["technology"]
    if technology is None:
        raise NotFound("This technology does not exist.")
    for row in technology["pooledEffects"]["nodes"]:
        if row["kpi"] == request.path_params["kpi"]:
            return technology, pooled_of(row, technology)
    raise NotFound("No published trials of this indicator are pooled.")


def _rows(technology: Data, one: Pooled) -> Iterator[dict[str, Any]]:
    row = one.row
    alike = {
        "technology": technology["slug"],
        "kpi": row["kpi"],
        "scale": row["scale"],
        "direction": row["direction"].lower(),
    }
    for trial in [*one.pooled, *one.left_out]:
        result = trial["result"]
        yield alike | {
            "trial": where(trial),
            "pilot": result["pilot"]["number"],
            "role": trial["role"],
            "effect": trial["effect"],
            "lower_95": trial["lower"],
            "upper_95": trial["upper"],
            "weight": trial["weight"],
            "maryland_grade": trial["grade"],
            "verdict": result["verdict"].lower() if trial["role"] == PRIMARY else None,
            "without_effect": trial["effectWithout"],
            "without_lower_95": trial["lowerWithout"],
            "without_upper_95": trial["upperWithout"],
            "left_out_because": trial["excludedBecause"],
            "demonstration": result["pilot"]["demonstration"],
        }
    yield alike | {
        "trial": "all",
        "effect": row["effect"],
        "lower_95": row["lower"],
        "upper_95": row["upper"],
        "weight": 1,
        "maryland_grade": row["bestGrade"],
        "verdict": row["verdict"].lower(),
        "prediction_lower": row["predictionLower"],
        "prediction_upper": row["predictionUpper"],
        "i_squared": row["iSquared"],
        "tau_squared": row["tauSquared"],
        "demonstration": technology["demonstration"],
    }


_FOLDER = "/technologies/{slug}/evidence"
FILES = [
    # The longer name first: {kpi} would take "-funnel" with it.
    Route(_FOLDER + "/{kpi}-funnel.png", funnel, name="funnel_picture"),
    Route(_FOLDER + "/{kpi}.png", picture, name="forest_picture"),
    Route(_FOLDER + "/{kpi}.csv", numbers, name="trials_file"),
    Route("/trials-codebook.csv", codebook_of, name="trials_codebook"),
]

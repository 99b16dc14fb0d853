"""A pooled effect in words: by itself, and by each model beside the one that is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from innohub.web.charts import effect_words
from innohub.web.wording import number, plural

UNITS = {"hedges_g": "standard deviations"}
MODELS = {
    "fixed_effect": "Fixed effect",
    "dersimonian_laird": "Random effects, DerSimonian and Laird",
    "paule_mandel": "Random effects, Paule and Mandel",
    "reml": "Random effects, restricted maximum likelihood",
}

Row = Mapping[str, Any]


def protocol_of(row: Row) -> Row:
    """What words and axes need to know of the indicator of a pooled effect."""
    unit = UNITS.get(row["scale"], row["unit"])
    return {"direction": row["direction"].upper(), "unit": unit, "kpiType": ""}


def told(row: Row, effect: float, lower: float, upper: float) -> str:
    """An effect and its interval, on the scale of the pooled effect `row`."""
    result = {"scale": row["scale"], "effect": effect, "lower": lower, "upper": upper}
    return effect_words(result, protocol_of(row))


def in_a_line(row: Row) -> str:
    """The pooled effect, and over how many trials."""
    k = plural(row["trialCount"], "trial")
    return f"{told(row, row['effect'], row['lower'], row['upper'])}, over {k}"


@dataclass(frozen=True)
class Model:
    name: str
    wald: str
    hartung_knapp: str
    tau_squared: str


def models_of(row: Row) -> Sequence[Model]:
    return [_model(row, one) for one in row["models"]]


def _model(row: Row, one: Row) -> Model:
    def interval(name: str) -> str:
        return told(row, one["effect"], *one[name]) if one[name] else ""

    tau = one["tau_squared"]
    varies = tau is not None and one["between"] != "fixed_effect"
    return Model(
        MODELS[one["between"]],
        interval("wald"),
        interval("hartung_knapp"),
        number(tau, 4) if varies else "",
    )

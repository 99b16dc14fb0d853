"""The models beside the one that is read, as rows of a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from innohub.web.charts import effect_words
from innohub.web.wording import number

NAMES = {
    "fixed_effect": "Fixed effect",
    "dersimonian_laird": "Random effects, DerSimonian and Laird",
    "paule_mandel": "Random effects, Paule and Mandel",
    "reml": "Random effects, restricted maximum likelihood",
}


@dataclass(frozen=True)
class Model:
    name: str
    wald: str
    hartung_knapp: str
    tau_squared: str


def models_of(row: Mapping[str, Any]) -> Sequence[Model]:
    return [_model(row, one) for one in row["models"]]


def _model(row: Mapping[str, Any], one: Mapping[str, Any]) -> Model:
    protocol = {"direction": row["direction"].upper(), "unit": row["unit"], "kpiType": ""}

    def told(interval: Sequence[float] | None) -> str:
        if interval is None:
            return ""
        ends = {"lower": interval[0], "upper": interval[1]}
        return effect_words({**ends, "effect": one["effect"], "scale": row["scale"]}, protocol)

    tau = one["tau_squared"]
    return Model(
        NAMES[one["between"]],
        told(one["wald"]),
        told(one["hartung_knapp"]),
        "" if tau is None or one["between"] == "fixed_effect" else number(tau, 4),
    )

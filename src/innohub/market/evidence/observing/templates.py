"""A file of observations to fill in, by KPI type and design."""

import csv
import io

from innohub.market.evidence.estimators.design import CLUSTERED, design_of, plan_for
from innohub.market.evidence.estimators.trial import kpi_type_of
from innohub.market.evidence.observing.layout import VALUES


def observed_columns(kpi_type: str, design: str) -> tuple[str, ...]:
    """Those of the file to fill in: `period` or `on` may stay empty in a row, `site` too."""
    cluster = ("cluster",) if design_of(design) in CLUSTERED else ()
    values = VALUES[kpi_type_of(kpi_type)]
    return ("arm", "period", "on", "site", *cluster, "unit_id", *values)


def observations_csv(kpi_type: str, design: str) -> str:
    """The header, and one row that begins each group. Raises Invalid for a design or a type that
    the engine does not compute from them."""
    names = observed_columns(kpi_type, design)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerows(
        [arm, period, *("" for _ in names[2:])] for arm, period in plan_for(design).needed
    )
    return out.getvalue()

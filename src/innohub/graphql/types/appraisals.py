"""What a technology would cost and bring, as a force appraised it."""

from datetime import datetime

from sqlalchemy import Float, cast
from strawberry.scalars import JSON

from innohub.graphql.read.declare import Node, column, node
from innohub.graphql.types.people import name_of
from innohub.graphql.types.scalars import Pence
from innohub.market.evidence import policy
from innohub.market.evidence.appraisal import models as rows
from innohub.market.pilots.policy import step_visible


@node(rows.Appraisal, policy.told_with_pilot, name="Appraisal")
class Appraisal(Node):
    """Cost and benefit by the Green Book: real terms, 3.5% a year, year 0 not discounted."""

    version: int = column(rows.Appraisal.version)
    price_year: int = column(
        rows.Appraisal.price_year, "The financial year of the prices, by the year it began in."
    )
    optimism_bias_percent: float = column(
        lambda row: cast(row.optimism_bias_percent, Float), "What the costs are raised by."
    )
    years: JSON = column(rows.Appraisal.years, "The sums of each year in pence, as given.")
    assumptions: str = column(rows.Appraisal.assumptions, "Where the sums come from.")
    cost_pence: Pence = column(
        rows.Appraisal.cost_pence, "Present value, raised for optimism bias."
    )
    cashable_pence: Pence = column(
        rows.Appraisal.cashable_pence, "Present value of benefits that release money."
    )
    non_cashable_pence: Pence = column(
        rows.Appraisal.non_cashable_pence, "Present value of all other benefits."
    )
    net_pence: Pence = column(
        lambda row: row.cashable_pence + row.non_cashable_pence - row.cost_pence,
        "The net present social value.",
    )
    net_cashable_pence: Pence = column(
        lambda row: row.cashable_pence - row.cost_pence, "Of what releases money alone."
    )
    benefit_cost_ratio: float | None = column(rows.Appraisal.benefit_cost_ratio)
    payback_months: int | None = column(
        rows.Appraisal.payback_months, "Null where it never pays back within the years."
    )
    appraised_at: datetime = column(rows.Appraisal.created_at)
    appraised_by: str | None = column(lambda row: name_of(row.appraised_by_id), shown=step_visible)

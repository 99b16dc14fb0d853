"""How a force or a supplier stands with the results that were promised."""

import strawberry

from innohub.graphql.read.declare import column
from innohub.market.pilots import register
from innohub.market.pilots.register import Reporting

strawberry.enum(Reporting)


@strawberry.type(
    description="Registered pilots, run by a force or of a supplier's technologies, by how they "
    "stand with their results. The share reported is (onTime + late) of all but notDue."
)
class ReportingRecord:
    not_due: int = column(lambda row: register.count_of(row, Reporting.NOT_DUE))
    due: int = column(
        lambda row: register.count_of(row, Reporting.DUE), "Overdue by no more than 30 days."
    )
    unreported: int = column(lambda row: register.count_of(row, Reporting.UNREPORTED))
    on_time: int = column(lambda row: register.count_of(row, Reporting.ON_TIME))
    late: int = column(lambda row: register.count_of(row, Reporting.LATE))

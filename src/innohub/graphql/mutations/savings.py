"""Changes to the savings ledger."""

import strawberry

from innohub.graphql.mutations.write import write
from innohub.graphql.read.declare import stored
from innohub.graphql.types.savings import Saving, SavingsBaseline, SupplierTransaction
from innohub.market.savings import commands
from innohub.market.savings import service as savings


@strawberry.type
class SavingsBaselinePayload:
    id: strawberry.Private[int]
    baseline: SavingsBaseline | None = stored("id")


@strawberry.type
class SupplierTransactionPayload:
    id: strawberry.Private[int]
    transaction: SupplierTransaction | None = stored("id")


@strawberry.type
class SavingPayload:
    id: strawberry.Private[int]
    saving: Saving | None = stored("id")


@strawberry.type
class SavingsMutations:
    declare_baseline = write(savings.declare, commands.DeclareBaseline, SavingsBaselinePayload)
    report_transaction = write(
        savings.report, commands.ReportTransaction, SupplierTransactionPayload
    )
    enter_saving = write(savings.enter, commands.EnterSaving, SavingPayload)
    withdraw_saving = write(savings.withdraw, commands.WithdrawSaving, SavingPayload)
    sign_saving = write(savings.sign, commands.SignSaving, SavingPayload)
    send_back_saving = write(savings.send_back, commands.SendBackSaving, SavingPayload)
    reverse_saving = write(savings.reverse, commands.ReverseSaving, SavingPayload)

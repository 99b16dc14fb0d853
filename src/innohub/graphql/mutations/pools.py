"""Changes to pooled demand."""

import strawberry

from innohub.graphql.mutations.quotes import QuotePayload
from innohub.graphql.mutations.write import write
from innohub.graphql.read.declare import stored
from innohub.graphql.types.pool_awards import CallOff, PoolAward
from innohub.graphql.types.pools import Pool, PoolCommitment
from innohub.market.demand import commands
from innohub.market.demand import service as demand


@strawberry.type
class PoolPayload:
    id: strawberry.Private[int]
    pool: Pool | None = stored("id")


@strawberry.type
class PoolCommitmentPayload:
    id: strawberry.Private[int]
    commitment: PoolCommitment | None = stored("id")


@strawberry.type
class PoolAwardPayload:
    id: strawberry.Private[int]
    award: PoolAward | None = stored("id")


@strawberry.type
class CallOffPayload:
    id: strawberry.Private[int]
    call_off: CallOff | None = stored("id")


@strawberry.type
class PoolMutations:
    open_pool = write(demand.open_pool, commands.OpenPool, PoolPayload)
    ask_for_quotes = write(demand.ask_for_quotes, commands.AskForQuotes, PoolPayload)
    quote_for_pool = write(demand.quote, commands.QuoteForPool, QuotePayload)
    start_committing = write(demand.start_committing, commands.StartCommitting, PoolPayload)
    commit_to_pool = write(demand.commit, commands.CommitToPool, PoolCommitmentPayload)
    withdraw_commitment = write(demand.withdraw, commands.WithdrawCommitment, PoolCommitmentPayload)
    propose_award = write(demand.propose_award, commands.ProposeAward, PoolAwardPayload)
    agree_to_award = write(demand.agree, commands.AgreeToAward, PoolAwardPayload)
    award_pool = write(demand.award_pool, commands.AwardPool, PoolAwardPayload)
    fail_pool = write(demand.fail, commands.FailPool, PoolPayload)
    join_pool_late = write(demand.join_late, commands.JoinPoolLate, PoolCommitmentPayload)
    call_off_from_pool = write(demand.call_off, commands.CallOffFromPool, CallOffPayload)
    record_price_paid = write(demand.record_price_paid, commands.RecordPricePaid, CallOffPayload)

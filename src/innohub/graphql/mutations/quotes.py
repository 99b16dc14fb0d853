"""Changes to quotes."""

import strawberry

from innohub.graphql.mutations.write import write
from innohub.graphql.read.declare import stored
from innohub.graphql.types.quotes import Quote
from innohub.market.quotes import commands
from innohub.market.quotes import service as quotes


@strawberry.type
class QuotePayload:
    id: strawberry.Private[int]
    quote: Quote | None = stored("id")


@strawberry.type
class QuoteMutations:
    submit_quote = write(quotes.submit, commands.SubmitQuote, QuotePayload)
    withdraw_quote = write(quotes.withdraw, commands.WithdrawQuote, QuotePayload)

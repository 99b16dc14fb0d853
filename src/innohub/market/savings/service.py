"""The operations on the savings ledger. Each takes the unit of work, the actor and a command;
flushes, never commits; and leaves its audit entry."""

from innohub.market.savings.baselines import declare
from innohub.market.savings.entering import enter, withdraw
from innohub.market.savings.signing import reverse, send_back, sign
from innohub.market.savings.transactions import report

__all__ = ["declare", "enter", "report", "reverse", "send_back", "sign", "withdraw"]

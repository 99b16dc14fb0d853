"""The operations on what waits for a force's leadership."""

from innohub.market.decisions.acting import approve, decline
from innohub.market.decisions.delegating import delegate, take_back

__all__ = ["approve", "decline", "delegate", "take_back"]

"""Working together on a pilot: every operation."""

from innohub.market.pilots.together.checkpoints import in_words
from innohub.market.pilots.together.checkpoints import record as record_checkpoint
from innohub.market.pilots.together.filing import (
    TAKE_DOWN,
    point_to,
    take_down,
    upload,
    watches,
    withdraw,
)
from innohub.market.pilots.together.people import WORKERS
from innohub.market.pilots.together.tasks import (
    add,
    add_task,
    change,
    complete,
    pass_on,
    reopen,
    tell_overdue,
)
from innohub.market.pilots.together.thread import post

__all__ = [
    "TAKE_DOWN", "WORKERS", "add", "add_task", "change", "complete", "in_words", "pass_on",
    "point_to", "post", "record_checkpoint", "reopen", "take_down", "tell_overdue", "upload",
    "watches", "withdraw",
]  # fmt: skip

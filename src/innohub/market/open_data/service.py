"""What is published as open contracting data."""

from innohub.market.open_data.changes import Process, next_changes
from innohub.market.open_data.releasing import release

__all__ = ["Process", "next_changes", "release"]

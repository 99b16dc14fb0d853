"""What is published as open contracting data."""

from innohub.market.open_data.changes import Process, next_changes
from innohub.market.open_data.naming import IdentifyOrganisation, identify
from innohub.market.open_data.releasing import release

__all__ = ["IdentifyOrganisation", "Process", "identify", "next_changes", "release"]

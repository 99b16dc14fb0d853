"""Reads on in the audit trail, and releases what became public.

A release is made of what a stranger is told by the API, and of nothing else: what a policy hides
cannot get into it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from innohub.db import identifiers
from innohub.db.engine import ReadPool
from innohub.db.unit_of_work import Database
from innohub.graphql.context import Context
from innohub.graphql.operations import Operations
from innohub.hub.wiring import Hub
from innohub.identity.actor import STRANGER, SYSTEM
from innohub.market.open_data import service as open_data
from innohub.market.open_data.models import ProcessKind
from innohub.market.open_data.service import Process
from innohub.open_data import challenges, pools, technologies
from innohub.settings import Settings

DOCUMENT = files("innohub.open_data").joinpath("process.graphql").read_text()


@dataclass(frozen=True)
class Publisher:
    """A sweep of the worker."""

    operations: Operations
    reads: ReadPool
    hub: Hub
    settings: Settings

    async def run_due(self, database: Database) -> int:
        """Release whatever changed since the last look; how many releases there were.

        Each batch is one unit of work: where it fails, it is read again, and nothing is skipped.
        """
        released = 0
        while True:
            async with database.unit_of_work(SYSTEM.signature()) as work:
                processes, entries = await open_data.next_changes(work)
                for process in processes:
                    content = await self._told(database, process)
                    if content is not None:
                        prefix = self.settings.ocid_prefix
                        made = await open_data.release(work, process, content, prefix=prefix)
                        released += made is not None
            if not entries:
                return released

    async def _told(self, database: Database, process: Process) -> dict[str, Any] | None:
        base_url = self.settings.base_url
        if process.kind is ProcessKind.CHALLENGE:
            id = identifiers.encode("Challenge", process.number)
            read = await self._read(database, "Challenge", {"id": id})
            return challenges.told(read["challenge"], base_url)
        if process.kind is ProcessKind.POOL:
            id = identifiers.encode("Pool", process.number)
            read = await self._read(database, "Pool", {"id": id})
            return pools.told(read["pool"], base_url, self.settings.ocid_prefix)
        id = identifiers.encode("Technology", process.number)
        variables = {"id": id, "filter": {"technology": id, "registered": True}}
        read = await self._read(database, "Technology", variables)
        return technologies.told(
            read["node"], read["pilots"]["nodes"], read["rounds"]["nodes"], base_url
        )

    async def _read(
        self, database: Database, name: str, variables: Mapping[str, Any]
    ) -> dict[str, Any]:
        """With its lists to their end. Raises RuntimeError where a stranger gets no answer: a fault
        of ours."""
        context = Context(STRANGER, self.hub, database, self.reads)
        whole = self.operations.whole
        answer = await whole.execute(whole.prepare(DOCUMENT, name), variables, context)
        if answer.errors:
            raise RuntimeError(f"open data, {name}: {answer.errors[0].message}")
        read: dict[str, Any] = answer.data
        return read

"""The issue trackers that stand in, each with a connection and its vendor's library at work."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from innohub.db.unit_of_work import utc_now
from innohub.hub.conformance.samples import STREAM, SUPPLIER_ID
from innohub.hub.connectors.contract import stream_key
from innohub.hub.inbound.asking import since_values
from innohub.hub.wire.outbound import Outbound
from tests.counterparts.carried import Line, case_of
from tests.counterparts.github import INSTALLATION, OWNER, REPOSITORY, GitHub, a_github
from tests.counterparts.gitlab import PROJECT, a_gitlab
from tests.counterparts.issues import TOKEN, Issues
from tests.counterparts.jira import CLOUD_ID, a_jira
from tests.counterparts.standing_in import driven
from tests.hub.keys import rsa_pair

NOW = utc_now()
HALF_AN_HOUR_AGO = NOW - timedelta(minutes=30)
KEY = stream_key(SUPPLIER_ID, STREAM)


@dataclass
class Tracked:
    """A tracker that stands in, and a connection to it. `drive` has the vendor's library work."""

    name: str
    system: Issues
    line: Line
    outbound: Outbound

    @property
    def bodies(self) -> dict[str, Any]:
        """What the connector writes: a new issue, and its next version."""
        made = case_of(self.name, "an issue is made where none carries the label")
        edited = case_of(self.name, "the result is corrected")
        return {
            "first": made.exchanges[1].request.body,
            "newer": edited.exchanges[0].request.body,
        }

    @property
    def since(self) -> dict[str, Any]:
        """Since when the last round of half an hour ago asks for changes."""
        inbound = self.line.connector.manifest.inbound
        assert inbound is not None
        assert inbound.poll is not None
        begins = HALF_AN_HOUR_AGO - timedelta(minutes=inbound.poll.lag_minutes)
        return since_values(begins, NOW)

    async def drive(self, spend: int = 0, **given: Any) -> dict[str, Any]:
        common = {"url": self.system.url, "key": KEY, "token": TOKEN, "spend": spend}
        common |= {name.removeprefix("page."): value for name, value in self.since.items()}
        return await driven(self.name, **{**common, **self.bodies, **given})

    def another(self) -> Line:
        """Another connection to the same tracker."""
        return Line(self.line.connector, self.line.config, self.outbound, token=TOKEN)


STANDING_IN: dict[str, Callable[[], AbstractAsyncContextManager[Issues]]] = {
    "github": lambda: a_github(rsa_pair()),
    "gitlab": a_gitlab,
    "jira": a_jira,
}


async def of_library(tracked: Tracked, spend: int = 0) -> dict[str, Any]:
    """What the vendor's library says."""
    system = tracked.system
    if isinstance(system, GitHub):
        return await tracked.drive(
            spend,
            app_id="Iv23liExample",
            private_key=system.pair.key_pem,
            installation=INSTALLATION,
            repository=f"{OWNER}/{REPOSITORY}",
        )
    if tracked.name == "jira":
        return await tracked.drive(spend, url=f"{system.url}/ex/jira/{CLOUD_ID}")
    return await tracked.drive(spend, project=PROJECT)

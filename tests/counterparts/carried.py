"""The hub's sample events carried into a system that runs, by the parts that deliver."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx2
import yaml

from innohub.db.unit_of_work import utc_now
from innohub.hub.access.tokens import AccessToken
from innohub.hub.conformance.difference import of_request
from innohub.hub.conformance.recording import Asked, Case, Recording, load
from innohub.hub.conformance.samples import sample
from innohub.hub.connectors import listing as pages
from innohub.hub.connectors.contract import OutcomeClass, Remote
from innohub.hub.connectors.engine import Engine
from innohub.hub.connectors.listing import Listed, Place, page_of
from innohub.hub.connectors.manifest import Connector
from innohub.hub.connectors.registry import load_all, shipped
from innohub.hub.connectors.templates import config_values
from innohub.hub.delivery.carrying import carry
from innohub.hub.delivery.conversation import Conversation, Sent
from innohub.hub.inbound.asking import changes
from innohub.hub.inbound.wording import Told
from innohub.hub.wire.outbound import Outbound


@dataclass
class Line:
    """A connection of one shipped connector, without a database: what the hub would remember is
    kept here. `token`: what is shown as bearer; `kept`: what the token answer held beside it."""

    connector: Connector
    config: dict[str, str]
    outbound: Outbound
    token: str = "a-token"
    kept: dict[str, str] = field(default_factory=dict)
    known: Remote | None = None
    slept: float = 0.0

    async def send(self, event: str, *, in_doubt: bool = False, forgetting: bool = False) -> Sent:
        """Carry `older`, `first` or `newer`; `forgetting` what the hub knew of their record."""
        sent = await carry(
            Conversation(Engine(self.outbound), utc_now, _held),
            self.connector,
            sample(event, self.connector.manifest, self.config),
            signing=(),
            token_of=self._token_of,
            known=None if forgetting else self.known,
            in_doubt=in_doubt,
            sleep=self._pass,
        )
        if sent.memory is not None and sent.outcome.kind is OutcomeClass.OK:
            self.known = sent.memory.remote
        return sent

    async def listed(self) -> list[Listed]:
        """Everything of ours that the system holds, page by page."""
        manifest = self.connector.manifest
        assert manifest.listing is not None
        talk = Conversation(Engine(self.outbound), utc_now, _held)
        await talk.open(self.connector, config_values(self.config), (), self._token_of)
        place: Place | None = pages.FIRST
        found: list[Listed] = []
        while place is not None:
            asked, answered = await talk.page(manifest.listing, place)
            page = page_of(manifest, manifest.listing, asked, answered.document)
            found += page.items
            place = page.next
        return found

    async def told(self, since: datetime, now: datetime) -> list[Told]:
        """What changed on their side, by each list that the manifest asks for."""
        inbound = self.connector.manifest.inbound
        assert inbound is not None
        talk = Conversation(Engine(self.outbound), utc_now, _held)
        await talk.open(self.connector, config_values(self.config), (), self._token_of)
        return [
            each
            for poll in inbound.polls
            async for page in changes(talk, self.connector.manifest, poll, since, now)
            for each in page
        ]

    async def retire(self, remote_id: str) -> OutcomeClass:
        """What becomes of a record that is one too many."""
        retire = self.connector.manifest.retire
        assert retire is not None
        talk = Conversation(Engine(self.outbound), utc_now, _held)
        await talk.open(self.connector, config_values(self.config), (), self._token_of)
        about = {"remote.id": remote_id, "record.key": ""}
        return (await talk.retire(retire, about)).exchange.outcome.kind

    async def _token_of(self, refused: int | None) -> AccessToken | None:
        if self.token is None:
            return None
        return AccessToken(self.token, (refused or 0) + 1, self.kept)

    async def _pass(self, seconds: float) -> None:
        self.slept += seconds


async def _held() -> None:
    """No lane is in hand that could be lost."""


def shipped_connector(folder: str, name: str | None = None) -> Connector:
    """By its folder, and its own name where that differs."""
    found = load_all(shipped() / folder)
    [wanted] = [each for each in found if each.manifest.name == (name or folder)]
    return wanted


def recording_of(folder: str) -> Recording:
    return load(shipped() / folder, load_all(shipped() / folder))


def case_of(folder: str, name: str) -> Case:
    [case] = [each for each in recording_of(folder).cases if each.name == name]
    return case


def beside(asked: Asked, passed: httpx2.Request, connector: str, **settings: str) -> list[str]:
    """Where a request that passed differs from the recorded one; `settings`: each address of the
    recording by the one that it really was, and each value that only the system can give."""
    text = yaml.safe_dump(asked.model_dump(exclude_unset=True))
    for recorded, real in settings.items():
        text = text.replace(recorded, real)
    return of_request(Asked.model_validate(yaml.safe_load(text)), passed, connector)


def passed(seen: dict[str, Any], base: str) -> httpx2.Request:
    """A request as a system noted it: `{method, url, headers, asked}`."""
    dropped = ("x-correlation-id",)
    headers = {name: value for name, value in seen["headers"].items() if name not in dropped}
    content = seen["asked"].encode() or None
    return httpx2.Request(seen["method"], base + seen["url"], headers=headers, content=content)

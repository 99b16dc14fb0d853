"""The digest by e-mail: composed once a period, sent by SMTP, with links that open one thing."""

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
import pytest_asyncio
from aiosmtpd.controller import Controller
from sqlalchemy import update
from starlette.applications import Starlette

from innohub.app import create_app
from innohub.db.embedded.wheel import free_port
from innohub.db.unit_of_work import Database
from innohub.mail.models import MailMessage
from innohub.mail.sending import ATTEMPTS, LEASE, Mailing
from innohub.mail.transport import Mailbox, transport_of
from innohub.market.decisions.digest.composing import compose_due
from innohub.market.decisions.digest.models import DecisionLink, Digest
from innohub.market.decisions.digest.periods import due_period
from innohub.notices.commands import SetDigestCadence
from innohub.notices.models import Cadence
from innohub.notices.preferences import set_cadence
from innohub.outbox.models import AuditEntry
from innohub.settings import Settings
from tests.conftest import Clock
from tests.market.challenges.stage import ChallengeStage, a_challenge_stage
from tests.web.parts import as_actor
from tests.web.visitor import Visitor

BASE = "http://hub.test"
LINK = re.compile(rf"{BASE}(/open/\S+)")


class Receiver:
    """A mail server's inbox: it answers with the next of `answers`, where there is one."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.answers: list[str] = []

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 OK"


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Receiver, int]]:
    receiver, port = Receiver(), free_port()
    controller = Controller(receiver, hostname="127.0.0.1", port=port)
    controller.start()
    yield receiver, port
    controller.stop()


@pytest.fixture
def receiver(server: tuple[Receiver, int]) -> Receiver:
    server[0].taken.clear()
    server[0].answers.clear()
    return server[0]


@pytest.fixture
def mailing(settings: Settings, server: tuple[Receiver, int]) -> Mailing:
    changes = {"smtp_host": "127.0.0.1", "smtp_port": server[1], "smtp_tls": "none"}
    ours = settings.model_copy(update=changes)
    transport = transport_of(ours)
    assert transport is not None
    return Mailing(ours, transport)


@pytest_asyncio.fixture
async def stage(database: Database, clock: Clock) -> ChallengeStage:
    """A force's leadership with one challenge that waits for them, on a working-day morning of a
    week to come: what waits is asked of the database, whose clock no test moves."""
    now = datetime.now(UTC)
    clock.now = now
    stage = await a_challenge_stage(database)
    await stage.opened(part="other_lead", title="Blacked <out> by hand")
    clock.now = morning(now)
    return stage


def morning(now: datetime) -> datetime:
    """The next moment on which a daily digest is due."""
    moment = now.replace(hour=9, minute=0) + timedelta(days=1)
    while due_period(Cadence.DAILY, moment) is None:
        moment += timedelta(days=1)
    return moment


@pytest.mark.parametrize(
    ("at", "cadence", "period"),
    [
        ("2026-11-30T06:59", Cadence.DAILY, None),
        ("2026-11-30T07:00", Cadence.DAILY, "2026-11-30"),
        ("2026-11-29T09:00", Cadence.DAILY, None),  # a Sunday
        ("2026-12-25T09:00", Cadence.WEEKLY, None),
        ("2026-12-28T09:00", Cadence.WEEKLY, None),  # Boxing Day's substitute
        ("2026-12-29T09:00", Cadence.WEEKLY, "2026-W53"),
        ("2027-01-01T09:00", Cadence.MONTHLY, None),
        ("2027-01-04T09:00", Cadence.MONTHLY, "2027-01"),
        ("2026-07-01T06:00", Cadence.DAILY, "2026-07-01"),  # 7 o'clock in London
    ],
)
def test_a_digest_is_due_once_a_period_on_a_working_day_morning_in_london(
    at: str, cadence: Cadence, period: str | None
) -> None:
    assert due_period(cadence, datetime.fromisoformat(f"{at}:00+00:00")) == period


async def test_two_workers_compose_and_send_it_once(
    stage: ChallengeStage, receiver: Receiver, mailing: Mailing
) -> None:
    database = stage.database
    written = await asyncio.gather(*(compose_due(database, BASE) for _ in range(2)))
    assert sum(written) == 1
    sent = await asyncio.gather(*(mailing.send_due(database) for _ in range(3)))
    assert sum(sent) == 1
    (mail,) = receiver.taken
    chief = stage.people["chief"]
    assert mail["To"].addresses[0].addr_spec == chief.email
    assert mail["Subject"] == "InnoHub: 1 decision waits for you"
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    for words in ("OPPORTUNITY", "Blacked <out> by hand", "£60,000.50", "does not join"):
        assert words in text.get_content()
    assert "Blacked &lt;out&gt; by hand" in html.get_content()
    (row,) = await stage.all(MailMessage)
    # The text carried a token: it is gone with the sending.
    assert (row.text, row.html, row.problem) == (None, None, None)
    assert row.sent_at is not None
    (link,) = await stage.all(DecisionLink)
    assert LINK.search(text.get_content())[1].removeprefix("/open/") not in link.token_hash  # type: ignore[index]
    assert [e for e in await stage.all(AuditEntry) if e.action == "digest:compose"]
    # It is claimed: nobody composes it anew.
    assert await compose_due(database, BASE) == 0


async def test_a_worker_that_dies_loses_nothing_and_says_the_same_again(
    stage: ChallengeStage, receiver: Receiver, mailing: Mailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It dies after the server took the message, and before it could note so."""
    await compose_due(stage.database, BASE)

    async def dies(*_: Any, **__: Any) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr("innohub.mail.sending._note", dies)
        with pytest.raises(asyncio.CancelledError):
            await mailing.send_due(stage.database)
    assert await mailing.send_due(stage.database) == 0, "its lease has not ended"
    stage.database.clock.now += LEASE  # type: ignore[attr-defined]
    assert await mailing.send_due(stage.database) == 1
    one, again = receiver.taken
    assert one["Message-ID"] == again["Message-ID"]
    assert one["Date"] == again["Date"]


async def test_what_the_server_puts_off_is_tried_again_and_what_it_refuses_is_not(
    stage: ChallengeStage, receiver: Receiver, mailing: Mailing
) -> None:
    await compose_due(stage.database, BASE)
    receiver.answers = ["451 Greylisted, come again"]
    assert await mailing.send_due(stage.database) == 0
    (row,) = await stage.all(MailMessage)
    assert "Greylisted" in (row.problem or "")
    assert row.text is not None
    stage.database.clock.now += timedelta(minutes=3)  # type: ignore[attr-defined]
    receiver.answers = ["550 No such person"]
    assert await mailing.send_due(stage.database) == 0
    (row,) = await stage.all(MailMessage)
    assert row.failed_at is not None
    assert row.text is None
    assert not receiver.taken
    assert ATTEMPTS > 2


async def test_only_what_its_reader_may_see_stands_in_it_and_the_default_is_quiet(
    stage: ChallengeStage,
) -> None:
    """The lead of the force has no decisions; the chief of another force none of this one's."""
    for part in ("analyst", "other_sro"):
        await stage.do(part, set_cadence, SetDigestCadence(cadence=Cadence.DAILY))
    await stage.do("chief", set_cadence, SetDigestCadence(cadence=Cadence.NEVER))
    assert await compose_due(stage.database, BASE) == 0
    digests = await stage.all(Digest)
    assert {one.person_id for one in digests} == {
        stage.people[part].id for part in ("analyst", "other_sro")
    }
    assert not await stage.all(MailMessage)


@pytest_asyncio.fixture
async def mailbox(stage: ChallengeStage, settings: Settings, clock: Clock) -> Any:
    """A visitor of a hub that keeps its e-mail, with one digest in the mailbox."""
    ours = settings.model_copy(update={"redis_url": None, "demonstration_mailbox": True})
    await compose_due(stage.database, BASE)
    await Mailing(ours, Mailbox()).send_due(stage.database)
    app: Starlette = create_app(ours, clock=clock)
    visitor = Visitor(app, ours.base_url)
    async with app.router.lifespan_context(app), visitor.client:
        yield visitor


async def test_a_link_opens_its_decision_for_reading_once(
    mailbox: Visitor, stage: ChallengeStage
) -> None:
    page = await mailbox.see("/mailbox")
    assert f"To {stage.people['chief'].name}" in page.main.text
    here = LINK.search(page.main.text)[1]  # type: ignore[index]
    # A scanner that fetches it uses nothing up.
    assert (await mailbox.see(here)).heading == "A decision waits for you"
    page = await mailbox.send(here, "open", {})
    assert page.heading.startswith("“Blacked <out> by hand”")
    assert not page.has_form("approve")
    (to_sign_in,) = page.links("Sign in to decide")
    assert to_sign_in.startswith("/login?next=/decisions/")
    page = await mailbox.send(here, "open", {})
    assert (page.status, page.heading) == (410, "This link has been used, or has expired")
    decision = to_sign_in.removeprefix("/login?next=")
    page = await mailbox.see(decision)
    assert page.response.headers["location"].startswith("/login?next=")
    await as_actor(mailbox, stage.actors["chief"])
    assert (await mailbox.see(decision)).has_form("approve")


async def test_expired_and_forged_links_open_nothing(
    mailbox: Visitor, stage: ChallengeStage
) -> None:
    here = LINK.search((await mailbox.see("/mailbox")).main.text)[1]  # type: ignore[index]
    async with stage.database.session() as session, session.begin():
        ended = stage.database.clock() - timedelta(seconds=1)
        await session.execute(update(DecisionLink).values(expires_at=ended))
    for address in (here, here[:-1] + ("A" if here[-1] != "A" else "B")):
        page = await mailbox.send(address, "open", {})
        assert (page.status, page.heading) == (410, "This link has been used, or has expired")
        assert "Blacked" not in page.main.text
    assert (await mailbox.client.get("/open/ihd_%00%ff")).status_code < 500
    (link,) = await stage.all(DecisionLink)
    assert link.opened_at is None


async def test_there_is_no_mailbox_where_mail_is_sent(visitor: Visitor) -> None:
    assert (await visitor.see("/mailbox")).status == 404

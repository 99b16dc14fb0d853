"""Passkeys in a real Chromium, with the virtual authenticator of its developer tools: added, asked
for after the password, enough by itself, asked for before a signature, and worth nothing twice."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page
from starlette.applications import Starlette

from innohub.app import create_app
from innohub.identity.models import Person
from innohub.settings import Settings
from tests.conftest import Clock, empty
from tests.web.browser import WIDTHS, a_port, a_reader, serving, settings_at
from tests.web.test_sign_in_page import PASSWORD, a_person

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass
class Live:
    app: Starlette
    settings: Settings
    clock: Clock
    person: Person


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def live(
    chromium: Browser, migrated_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Live]:
    with a_port() as bound:
        settings = settings_at(bound, migrated_url, tmp_path_factory)
        # Browsers make no passkeys for a bare address.
        named = settings.base_url.replace("127.0.0.1", "localhost")
        settings = settings.model_copy(update={"base_url": named})
        clock = Clock()
        app = create_app(settings, clock=clock)
        await empty(app.state.database)
        person = await a_person(app.state.database)
        async with serving(app, bound):
            yield Live(app, settings, clock, person)


async def enter_password(page: Page, person: Person) -> None:
    await page.get_by_label("E-mail address").fill(person.email)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()


async def sign_out(page: Page) -> None:
    await page.get_by_role("button", name="Sign out", exact=True).click()
    await page.get_by_text("You are signed out.").wait_for()


async def test_a_passkey_from_its_making_to_a_signature(chromium: Browser, live: Live) -> None:
    async with a_reader(chromium, live.settings, WIDTHS["telephone"]) as reader:
        page = reader.page
        tools = await page.context.new_cdp_session(page)
        await tools.send("WebAuthn.enable")
        await tools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})

        await reader.open("/login?next=/account/passkeys")
        await reader.check()
        await enter_password(page, live.person)
        await page.get_by_role("button", name="Add a passkey").click()
        await page.get_by_text("There is a problem").wait_for()
        await reader.check()
        await page.get_by_label("What you call it").fill("My telephone")
        await page.get_by_role("button", name="Add a passkey").click()
        await page.get_by_role("heading", name="Your recovery codes").wait_for()
        await reader.check()
        await reader.open("/account/passkeys")
        await page.get_by_role("heading", name="My telephone").wait_for()
        await reader.check()
        await sign_out(page)

        # After the password, the passkey.
        await reader.open("/login?next=/account")
        await enter_password(page, live.person)
        await page.get_by_role("heading", name="Show that it is you").wait_for()
        await reader.check()
        await page.get_by_role("button", name="Use your passkey").click()
        await page.get_by_text("passkey, password").wait_for()
        await reader.check()
        await sign_out(page)

        # Or the passkey alone.
        await reader.open("/login?next=/account")
        sent: list[str] = []
        page.on("request", lambda one: sent.append(one.post_data or ""))
        await page.get_by_role("button", name="Sign in with a passkey").click()
        await page.get_by_role("heading", name="Your account").wait_for()
        answer = next(body for body in sent if "proof_credential" in body)

        # The same answer is worth nothing a second time, nor from another browser.
        replayed = await page.request.post(
            f"{live.settings.base_url}/login",
            data=answer,
            headers={"content-type": "application/x-www-form-urlencoded"},
            max_redirects=0,
        )
        assert replayed.status in (400, 403)

        # A quarter of an hour later, a signature asks again and then carries on.
        live.clock.now += timedelta(minutes=16)
        await reader.open("/account")
        await page.get_by_role("button", name="Get new recovery codes").click()
        await page.get_by_role("heading", name="Show that it is you").wait_for()
        await reader.check()
        await page.get_by_role("button", name="Use your passkey").click()
        await page.get_by_role("heading", name="Your recovery codes").wait_for()

        await reader.open("/account/passkeys")
        await page.get_by_role("button", name="Remove My telephone").click()
        await page.get_by_text("The passkey is removed.").wait_for()

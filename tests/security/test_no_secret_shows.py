"""A whole round of secrets: each is made or given through the hub's own pages and services, then
looked for in every log line, in the audit trail and in representations."""

import re

import pyotp
from pydantic import SecretStr
from sqlalchemy import select
from starlette.applications import Starlette
from structlog.testing import capture_logs

from innohub.db.unit_of_work import Database
from innohub.identity.actor import SYSTEM
from innohub.identity.commands import RegisterClient, SignIn
from innohub.identity.models import Role
from innohub.identity.oauth import clients
from innohub.identity.providers.commands import SetUpProvider
from innohub.identity.second_factor.commands import ShowAgain
from innohub.outbox.models import AuditEntry
from innohub.settings import Settings
from tests.conftest import Clock
from tests.factories import a_supplier, somebody
from tests.web.conftest import app as app
from tests.web.conftest import visitor as visitor
from tests.web.connections import SETTINGS
from tests.web.test_sign_in_page import PASSWORD, a_person
from tests.web.visitor import Visitor


async def test_nothing_that_is_secret_shows_anywhere(
    visitor: Visitor, app: Starlette, database: Database, settings: Settings, clock: Clock
) -> None:
    secrets: dict[str, str] = {
        "password": PASSWORD,
        "vault key": settings.vault_secret,
        "cookie key": settings.session_secret,
    }
    person = await a_person(database)
    with capture_logs() as logs:
        given = {"email": person.email, "password": PASSWORD}
        await visitor.send("/login", "sign_in", {**given, "password": PASSWORD + "x"})
        await visitor.send("/login", "sign_in", given)
        secrets["session"] = _token(visitor)
        page = await visitor.send("/account/app", "start", {})
        secrets["app's secret"] = page.main.one("code").text.replace(" ", "")
        code = pyotp.TOTP(secrets["app's secret"]).at(clock())
        page = await visitor.send("/account/app", "confirm", {"code": code})
        secrets |= {f"code {i}": one.text for i, one in enumerate(page.main.all("code"))}

        supplier = await a_supplier(database)
        admin = await somebody(database, supplier, Role.SUPPLIER_ADMIN)
        visitor.client.cookies.clear()
        await visitor.sign_in_as(admin.person)
        await visitor.send("/integrations/new?connector=webhook", "create", SETTINGS)
        found = re.search(r'href="(/integrations/\d+)"', await _all(visitor))
        assert found is not None
        path = found[1]
        rotated = await visitor.send(path, "rotate", {"overlap_hours": "0"})
        secrets["signing secret"] = rotated.main.one("code").text
        command = RegisterClient(
            organisation_id=supplier.id, name="Sync", scopes=frozenset({"listings.read"})
        )
        async with database.unit_of_work(SYSTEM.signature()) as work:
            made = await clients.register_client(work, SYSTEM, command)
        secrets["client secret"] = made.secret
    async with database.session() as session:
        trail = [(e.detail, e.reason) for e in await session.scalars(select(AuditEntry))]

    shown = {
        "the log": repr(logs),
        "the audit trail": repr(trail),
        "representations": " ".join(map(repr, _made_of(secrets, app, settings, made))),
    }
    assert len(secrets) > 14
    for place, text in shown.items():
        for name, secret in secrets.items():
            assert len(secret) >= 12, name
            assert secret not in text, f"the {name} shows in {place}"


def _made_of(
    secrets: dict[str, str], app: Starlette, settings: Settings, made: object
) -> list[object]:
    """Things that hold secrets, as a debugger or an error report would write them."""
    return [
        settings.model_copy(update={"vault_key": None}),
        app.state.hub,
        app.state.hub.vault,
        app.state.callers,
        made,
        SignIn.parse({"email": "a@b.example", "password": secrets["password"]}),
        ShowAgain.parse({"password": secrets["password"]}),
        SetUpProvider.model_construct(client_secret=SecretStr(secrets["client secret"])),
    ]


def _token(visitor: Visitor) -> str:
    cookie = next(v for k, v in visitor.client.cookies.items() if k.endswith("innohub_session"))
    return cookie.rpartition(".")[0]


async def _all(visitor: Visitor) -> str:
    return (await visitor.see("/integrations")).response.text

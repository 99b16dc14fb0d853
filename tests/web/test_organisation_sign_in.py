"""Signing in with one's organisation, against a certified provider that is not ours: set up by an
operator, tried, used by somebody new and by somebody known, and closed."""

import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select, update
from starlette.applications import Starlette

from innohub.db.unit_of_work import Database
from innohub.hub.access.resealing import reseal_due
from innohub.identity import passwords
from innohub.identity.models import (
    Membership,
    Organisation,
    OrganisationKind,
    Person,
    Role,
    SignInSession,
)
from innohub.identity.providers.choosing import secret_of
from innohub.identity.providers.models import IdentityProvider
from innohub.outbox.models import AuditEntry
from innohub.settings import Settings
from innohub.vault import Vault
from tests.conftest import Clock
from tests.counterparts.oidc import AuthorizationServer, let_in, running
from tests.factories import an_organisation, somebody, the_force
from tests.web.test_sign_in_page import PASSWORD
from tests.web.visitor import Seen, Visitor

SECRET = "a secret of the force's own provider"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(
        update={"base_url": "http://127.0.0.1:9", "outbound_allow_loopback": True}
    )


@pytest.fixture(scope="module")
def there() -> Iterator[AuthorizationServer]:
    client = {
        "client_id": "hub",
        "client_secret": SECRET,
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "redirect_uris": [
            f"http://127.0.0.1:9/login/organisation/{n}/callback" for n in range(1, 200)
        ],
        "token_endpoint_auth_method": "client_secret_post",
    }
    person = {"email_verified": True, "name": "Ada Byrne", "tid": "kent"}
    people = {
        "ada": {**person, "email": "ada@kent.example", "groups": ["InnoHub leads"]},
        "careful": {
            **person,
            "email": "careful@kent.example",
            "groups": ["InnoHub leads"],
            "acr": "several",
        },
        "idle": {**person, "email": "idle@kent.example", "groups": ["Canteen"]},
        "foreign": {**person, "email": "chief@essex.example", "groups": ["InnoHub leads"]},
    }
    with running(clients=[client], people=people) as server:
        yield server


@dataclass
class Scene:
    app: Starlette
    settings: Settings
    database: Database
    force: Organisation
    operator: Visitor
    reader: Visitor
    there: AuthorizationServer

    @property
    def path(self) -> str:
        return f"/organisations/{self.force.id}/sign-in"

    def set_up(self, **changed: Any) -> dict[str, Any]:
        given = {
            "issuer": self.there.issuer,
            "client_id": "hub",
            "client_secret": SECRET,
            "tenant": "kent",
            "domains": "kent.example",
            "groups_claim": "groups",
            "groups": "InnoHub leads = force_innovation_lead",
            "enabled": "yes",
        }
        return {name: v for name, v in {**given, **changed}.items() if v is not None}

    async def sign_in(self, login: str, email: str = "somebody@kent.example") -> Seen:
        page: Seen = await self.reader.send(
            "/login?next=/account", "organisation", {"email": email}
        )
        url = page.main.one("a")["href"]
        target = await let_in(url, back="/login/organisation/", login=login)
        answer = await self.reader.client.get(target)
        if answer.status_code != 303:
            return Seen(answer)
        found: Seen = await self.reader.see(answer.headers["location"])
        return found


@pytest_asyncio.fixture
async def scene(
    app: Starlette,
    settings: Settings,
    database: Database,
    there: AuthorizationServer,
    clock: Clock,
) -> AsyncIterator[Scene]:
    # The provider has a clock of its own.
    clock.now = datetime.now(UTC)
    company = await an_organisation(database, OrganisationKind.COMPANY)
    admin = await somebody(database, company, Role.PLATFORM_ADMIN)
    operator, reader = Visitor(app, settings.base_url), Visitor(app, settings.base_url)
    async with operator.client, reader.client:
        await operator.sign_in_as(admin.person)
        force = await the_force(database)
        yield Scene(app, settings, database, force, operator, reader, there)


async def test_an_operator_sets_it_up_and_tries_it(scene: Scene) -> None:
    page = await scene.operator.send(scene.path, "save", scene.set_up(enabled=None))
    assert page.problems == [
        "Nobody of this organisation could come in: allow passwords, or use its provider."
    ]
    assert SECRET not in page.response.text
    page = await scene.operator.send(scene.path, "save", scene.set_up(groups="Leads = chief"))
    assert page.status == 400
    page = await scene.operator.send(scene.path, "save", scene.set_up())
    assert page.flash == "How this organisation’s people sign in is stored."
    assert "/login/organisation/" in page.main.text
    assert SECRET not in page.response.text
    page = await scene.operator.send(scene.path, "test", {})
    assert f"It signs people in at {scene.there.issuer}/auth: yes" in page.main.text
    await scene.operator.send(scene.path, "save", scene.set_up(issuer=f"{scene.there.issuer}/no"))
    page = await scene.operator.send(scene.path, "test", {})
    assert "answers 404" in page.main.text
    async with scene.database.session() as session:
        row = (await session.scalars(select(IdentityProvider))).one()
        assert row.ciphertext is not None
        assert SECRET.encode() not in row.ciphertext
        told = [e.detail for e in await session.scalars(select(AuditEntry))]
    assert SECRET not in str(told)

    # The vault's key changes, and the secret still opens.
    ring = scene.settings.vault_secret
    changed = Vault.of(f"{secrets.token_urlsafe(32)},{ring}")
    assert await reseal_due(scene.database, vault=changed) == 1
    async with scene.database.session() as session:
        row = (await session.scalars(select(IdentityProvider))).one()
        assert row.key_id == changed.primary
        assert secret_of(row, changed) == SECRET


async def test_nobody_but_an_operator_sets_it_up(scene: Scene) -> None:
    lead = await somebody(scene.database, scene.force, Role.FORCE_CHIEF_OFFICER)
    await scene.reader.sign_in_as(lead.person)
    assert (await scene.reader.see(scene.path)).status == 403


async def test_somebody_new_comes_in_with_the_roles_of_their_groups(
    scene: Scene, clock: Clock
) -> None:
    await scene.operator.send(scene.path, "save", scene.set_up())
    page = await scene.sign_in("ada")
    assert "You sign in as ada@kent.example." in page.main.text
    async with scene.database.session() as session:
        person = (
            await session.scalars(select(Person).where(Person.email == "ada@kent.example"))
        ).one()
        seats = (
            await session.scalars(select(Membership).where(Membership.person_id == person.id))
        ).all()
        assert [(one.role, one.from_provider) for one in seats] == [
            (Role.FORCE_INNOVATION_LEAD, True)
        ]
        began = (await session.scalars(select(SignInSession).order_by(SignInSession.id))).all()[-1]
        assert began.methods == ["provider"]

    # The word of one factor proves too little to sign with.
    page = await scene.reader.see("/account/passkeys")
    page = await scene.reader.send("/account/app", "start", {})
    assert page.heading == "Show that it is you"
    assert not page.main.all("input", name="proof_password")

    # Roles follow the groups; what the hub's own people gave stays.
    async with scene.database.session() as session, session.begin():
        session.add(
            Membership(
                person_id=person.id,
                organisation_id=scene.force.id,
                role=Role.FORCE_VIEWER,
                reviewer_types=[],
                created_at=clock(),
            )
        )
    await scene.operator.send(
        scene.path, "save", scene.set_up(groups="InnoHub leads = force_analyst")
    )
    await scene.sign_in("ada")
    async with scene.database.session() as session:
        roles = await session.scalars(
            select(Membership.role).where(Membership.person_id == person.id)
        )
        assert set(roles) == {Role.FORCE_ANALYST, Role.FORCE_VIEWER}


async def test_whoever_has_no_part_here_or_another_s_address_stays_out(scene: Scene) -> None:
    await scene.operator.send(scene.path, "save", scene.set_up())
    page = await scene.sign_in("idle")
    assert page.status == 403
    assert "gives you no part here" in page.main.text
    page = await scene.sign_in("foreign")
    assert "not of one of its own domains" in page.main.text
    async with scene.database.session() as session:
        emails = set(await session.scalars(select(Person.email)))
        assert not emails & {"idle@kent.example", "chief@essex.example"}


async def test_what_is_signed_needs_the_several_factors_that_the_provider_names_in_acr(
    scene: Scene,
) -> None:
    await scene.operator.send(scene.path, "save", scene.set_up(acr_values="several"))
    given = {"name": "Records", "scopes": ["results.write"], "proof": "secret"}
    programs = {}
    for login in ("ada", "careful"):
        await scene.sign_in(login)
        page = await scene.reader.send("/programs/new", "register", given)
        programs[login] = "Records" in (await scene.reader.see("/programs")).main.text
    assert "Client secret" in page.main.text
    assert programs == {"ada": False, "careful": True}


async def test_an_answer_is_good_for_one_browser_and_one_time(scene: Scene) -> None:
    await scene.operator.send(scene.path, "save", scene.set_up())
    page = await scene.reader.send("/login", "organisation", {"email": "a@kent.example"})
    target = await let_in(page.main.one("a")["href"], back="/login/organisation/", login="ada")
    another = Visitor(scene.app, scene.settings.base_url)
    async with another.client:
        assert (await another.see(target)).status == 403
    assert (await scene.reader.client.get(target + "&code=again")).status_code == 403
    assert (await scene.reader.see(target)).status == 403


async def test_where_passwords_are_not_allowed_none_lets_anybody_in(scene: Scene) -> None:
    lead = await somebody(scene.database, scene.force, Role.FORCE_VIEWER)
    hashed = await passwords.hashed(PASSWORD)
    async with scene.database.session() as session, session.begin():
        await session.execute(
            update(Person).where(Person.id == lead.person.id).values(password_hash=hashed)
        )
    await scene.operator.send(scene.path, "save", scene.set_up())
    given = {"email": lead.person.email, "password": PASSWORD}
    page = await scene.reader.send("/login", "sign_in", given)
    assert page.status == 403
    assert "Sign in with your organisation." in page.main.text
    page = await scene.reader.send("/login", "sign_in", {**given, "password": "wrong horse 12"})
    assert page.problems == ["The e-mail address or the password is not right."]
    await scene.operator.send(scene.path, "save", scene.set_up(passwords_allowed="yes"))
    page = await scene.reader.send("/login?next=/account", "sign_in", given)
    assert page.heading == "Your account"


async def test_a_form_that_came_too_late_is_there_again_after_the_organisation_s_sign_in(
    scene: Scene,
) -> None:
    await scene.operator.send(scene.path, "save", scene.set_up())
    await scene.sign_in("ada")
    page = "/forces/kent/context"
    form = (await scene.reader.see(page)).form("write")
    async with scene.database.session() as session, session.begin():
        await session.execute(update(SignInSession).values(ended_at=scene.database.clock()))
    sent = {f["name"]: f["value"] for f in form.all("input", type="hidden")}
    sent["rms_platform"] = "Niche, of last year"
    answer = await scene.reader.client.post(page, data=sent)
    login = answer.headers["location"]
    assert login == "/login?next=%2Fforces%2Fkent%2Fcontext"
    leaving = await scene.reader.send(login, "organisation", {"email": "ada@kent.example"})
    url = leaving.main.one("a")["href"]
    target = await let_in(url, back="/login/organisation/", login="ada")
    answer = await scene.reader.client.get(target)
    assert answer.headers["location"] == page
    again = await scene.reader.see(page)
    assert again.form("write").one("input", name="rms_platform")["value"] == "Niche, of last year"

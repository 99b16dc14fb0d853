"""The hub of `tests/identity`, behind TLS; and the whole of it, with its pages."""

import pytest_asyncio
from starlette.applications import Starlette

from innohub.db.unit_of_work import Database
from innohub.identity.models import Organisation, Role
from innohub.settings import Settings
from tests import factories
from tests.identity.conftest import hub, machine, settings, supplier
from tests.security.flow import Person
from tests.web.conftest import app

__all__ = ["ada", "app", "hub", "machine", "settings", "supplier"]


@pytest_asyncio.fixture
async def ada(
    app: Starlette, settings: Settings, database: Database, supplier: Organisation
) -> Person:
    """An administrator of the supplier, signed in at a browser."""
    person = await factories.somebody(database, supplier, Role.SUPPLIER_ADMIN, "Ada Admin")
    return await Person.at(app, settings, person.person)

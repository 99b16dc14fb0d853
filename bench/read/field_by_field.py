"""The hub with its engine left out: graphql-core executes every query, with DataLoaders.

Everything else stays: sign-in, middleware, limits, the same schema and policies, one parsed and
validated document for all requests. Run as a process: `python -m read.field_by_field`.
"""

from typing import Any

import uvicorn
from sqlalchemy.ext.asyncio import create_async_engine
from starlette.applications import Starlette

from innohub.app import create_app
from innohub.cli.serve import options
from innohub.db.engine import write_url
from innohub.db.unit_of_work import Database
from innohub.graphql.operations import Operations
from innohub.settings import Settings

WAY_OUT = "_is_planned"
"""What decides whether the engine answers an operation."""
PATIENCE_SECONDS = 600
"""32 requests at once queue for connections longer than the 30 s after which the hub gives up."""


def app(settings: Settings) -> Starlette:
    """The hub's application. Raises LookupError where the engine cannot be left out this way."""
    if WAY_OUT not in vars(Operations):
        raise LookupError(f"Operations.{WAY_OUT} is gone: find out how the engine is chosen now.")
    made = create_app(settings)

    def never(*_: Any) -> bool:
        return False

    operations = Operations(made.state.operations.schema)
    setattr(operations, WAY_OUT, never)
    made.state.operations = operations
    made.state.database = _patient_database(settings)
    return made


def _patient_database(settings: Settings) -> Database:
    assert settings.database_url is not None
    engine = create_async_engine(
        write_url(settings.database_url),
        pool_size=settings.database_pool_size,
        max_overflow=0,
        pool_timeout=PATIENCE_SECONDS,
        connect_args={"server_settings": {"timezone": "UTC", "jit": "off"}},
    )
    return Database(engine)


if __name__ == "__main__":
    own = Settings()
    uvicorn.run(app(own), **{**options(own), "factory": False})

"""Alembic's entry: runs the migrations on the connection it was given."""

from alembic import context

from innohub.db.migrate import load_models
from innohub.db.model import Model

load_models()
connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=Model.metadata, transaction_per_migration=True
)
with context.begin_transaction():
    context.run_migrations()
connection.commit()

"""PostgreSQL and Valkey from wheels, for development, demonstrations and tests.

Both need the extra `embedded`. Real servers, run as child processes on 127.0.0.1 with a port and
a password of their own; production names its own by DATABASE_URL and REDIS_URL instead.
"""

from innohub.db.embedded.postgres import EmbeddedPostgres, running_url
from innohub.db.embedded.valkey import EmbeddedValkey

__all__ = ["EmbeddedPostgres", "EmbeddedValkey", "running_url"]

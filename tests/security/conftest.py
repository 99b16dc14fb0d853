"""The hub of `tests/identity`, behind TLS."""

from tests.identity.conftest import hub, machine, settings, supplier

__all__ = ["hub", "machine", "settings", "supplier"]

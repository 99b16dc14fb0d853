from tests.hub.conftest import clock, database, hub, outbound, receiving, supplied

__all__ = ["clock", "database", "hub", "outbound", "receiving", "supplied"]

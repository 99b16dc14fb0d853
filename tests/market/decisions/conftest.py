from tests.web.conftest import app, visitor

__all__ = ["app", "visitor"]

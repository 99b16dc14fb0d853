"""Independent software that the hub is proven against, and the connectors for it."""

from pathlib import Path

CONNECTORS = Path(__file__).parent / "connectors"

"""The parts of the hub that a process makes once and hands on."""

from dataclasses import dataclass

from innohub.hub.connectors.registry import Registry
from innohub.settings import Settings
from innohub.vault import Vault

CALLBACK = "/integrations/callback"
"""Where a supplier's system sends a person back who let the hub in, or did not."""
INBOUND = "/integrations/inbound"
PAGES = {"pilot": "/pilots", "challenge": "/challenges", "round": "/rounds"}
"""Where people read about the thing of a stream, by its kind; its number follows."""


@dataclass(frozen=True)
class Hub:
    """The connectors, the vault, where the hub may call, and where consent comes back to."""

    registry: Registry
    vault: Vault
    allow_loopback: bool
    redirect_uri: str
    sandbox: bool = False
    """Whether there is a market of invented data for programs that are being built."""

    def inbound_address(self, connection_id: int) -> str:
        """Where their system sends what comes back."""
        return self._at(f"{INBOUND}/{connection_id}")

    def page_of(self, stream: str) -> str | None:
        """The address of the page about a stream's thing; None where none goes by its number."""
        kind, _, number = stream.partition("/")
        path = PAGES.get(kind)
        if path is None:
            return None
        return self._at(f"{path}/{number.partition('/')[0]}")

    def _at(self, path: str) -> str:
        return self.redirect_uri.removesuffix(CALLBACK) + path

    @classmethod
    def of(cls, settings: Settings) -> "Hub":
        """Raises Invalid for a faulty connector, ValueError for a malformed vault key."""
        return cls(
            Registry.load(settings.connector_paths),
            Vault.of(settings.vault_secret),
            settings.outbound_allow_loopback,
            f"{settings.base_url}{CALLBACK}",
            settings.sandbox_database_url is not None,
        )

"""The parts of the hub that a process makes once and hands on."""

from dataclasses import dataclass

from innohub.hub.registry import Registry
from innohub.hub.vault import Vault
from innohub.settings import Settings


@dataclass(frozen=True)
class Hub:
    """The connectors, the vault, and where the hub may call."""

    registry: Registry
    vault: Vault
    allow_loopback: bool

    @classmethod
    def of(cls, settings: Settings) -> "Hub":
        """Raises Invalid for a faulty connector, ValueError for a malformed vault key."""
        return cls(
            Registry.load(settings.connector_paths),
            Vault.of(settings.vault_secret),
            settings.outbound_allow_loopback,
        )

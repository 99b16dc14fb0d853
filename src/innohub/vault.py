"""Seals the secrets that the hub has to know again, with AES-256-GCM.

The associated data ties a sealed value to what it belongs to, as to its supplier, its connection
and its field: copied to another row, it does not open. Each value names the key that sealed it, so
that keys can change while old values stay readable.
"""

import hashlib
import os
from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12


class NotOpened(RuntimeError):
    """A sealed value that was altered, moved, or sealed with a key that is not on the ring."""


@dataclass(frozen=True)
class Place:
    """Where a sealed value of a connection belongs."""

    organisation_id: int
    connection_id: int
    field: str

    @property
    def associated_data(self) -> bytes:
        return f"{self.organisation_id}|{self.connection_id}|{self.field}".encode()

    def __str__(self) -> str:
        return f"{self.field} of connection {self.connection_id}"


@dataclass(frozen=True)
class RowPlace:
    """Where a sealed value of any other row belongs: the row's table, owner and field."""

    table: str
    owner_id: int
    """What identifies the row before it is stored, as a person's or an organisation's id."""
    field: str

    @property
    def associated_data(self) -> bytes:
        # No place of a connection begins with a letter.
        return f"{self.table}|{self.owner_id}|{self.field}".encode()

    def __str__(self) -> str:
        return f"{self.field} of {self.table} of {self.owner_id}"


AnyPlace = Place | RowPlace


@dataclass(frozen=True)
class Sealed:
    ciphertext: bytes
    key_id: str


class Vault:
    """A ring of keys: the first seals, all open."""

    def __init__(self, keys: list[bytes]) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise ValueError(f"a vault key has {KEY_BYTES} bytes")
        self._ring = {hashlib.sha256(key).hexdigest()[:12]: AESGCM(key) for key in keys}
        self._primary = next(iter(self._ring))

    @classmethod
    def of(cls, secret: str) -> "Vault":
        """The vault of a setting: keys in URL-safe base64, the newest first, between commas.

        Raises ValueError, without the secret, where one is malformed.
        """
        try:
            keys = [urlsafe_b64decode(part.strip() + "==") for part in secret.split(",")]
        except (NotBase64, ValueError):
            raise ValueError("a vault key is not URL-safe base64") from None
        return cls(keys)

    def __repr__(self) -> str:
        return f"<Vault of {len(self._ring)} keys, sealing with {self._primary}>"

    @property
    def primary(self) -> str:
        """The id of the key that seals."""
        return self._primary

    @property
    def ring(self) -> list[str]:
        """The ids of all keys, the one that seals first."""
        return list(self._ring)

    def seal(self, secret: str, place: AnyPlace) -> Sealed:
        nonce = os.urandom(NONCE_BYTES)
        aead = self._ring[self._primary]
        ciphertext = aead.encrypt(nonce, secret.encode(), place.associated_data)
        return Sealed(nonce + ciphertext, self._primary)

    def open(self, sealed: Sealed, place: AnyPlace) -> str:
        """Raises NotOpened."""
        aead = self._ring.get(sealed.key_id)
        if aead is None:
            raise NotOpened(f"key {sealed.key_id} is not on the ring")
        nonce, ciphertext = sealed.ciphertext[:NONCE_BYTES], sealed.ciphertext[NONCE_BYTES:]
        try:
            return aead.decrypt(nonce, ciphertext, place.associated_data).decode()
        except (InvalidTag, ValueError):
            raise NotOpened(str(place)) from None

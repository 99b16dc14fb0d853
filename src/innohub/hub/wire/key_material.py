"""Private keys and client certificates as suppliers' people paste them: PEM, judged as it comes in.

What is refused is told in words for the person who pasted it, without a character of it.
"""

import base64
import secrets
import ssl
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

LEAST_RSA_BITS = 2048
CURVES = {"ES256": "secp256r1", "ES384": "secp384r1"}

SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class NotUsable(ValueError):
    """Not the PEM that was asked for; the text says what to do about it."""


@dataclass(frozen=True)
class ClientCertificate:
    """What the hub shows of itself in a TLS handshake, with its key."""

    chain: tuple[x509.Certificate, ...]
    """The hub's own first, then those that lead to its issuer."""
    key: SigningKey = field(repr=False)

    def thumbprint(self, header: Literal["x5t", "x5t#S256"]) -> str:
        """The value of the JWS header: base64url over SHA-1 or SHA-256 of the certificate."""
        digest = self.chain[0].fingerprint(SHA1() if header == "x5t" else SHA256())  # noqa: S303 - the header's own rule  # nosec B303
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def show_in(self, context: ssl.SSLContext) -> None:
        """Have every handshake of `context` present the certificate.

        Python reads it from a file only: the key stands there encrypted, for that moment.
        """
        passphrase = secrets.token_hex(32)
        sealed = self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(passphrase.encode()),
        )
        shown = b"".join(one.public_bytes(serialization.Encoding.PEM) for one in self.chain)
        with tempfile.NamedTemporaryFile() as file:
            file.write(shown + sealed)
            file.flush()
            context.load_cert_chain(file.name, password=passphrase)


def private_key(pem: str) -> SigningKey:
    """Raises NotUsable."""
    if "PRIVATE KEY" not in pem:
        raise NotUsable(
            "This is not a private key in PEM form: it begins with -----BEGIN PRIVATE KEY-----."
        )
    key: PrivateKeyTypes
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except TypeError:
        raise NotUsable(
            "This private key is protected by a passphrase: hand it over without one."
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise NotUsable("This private key cannot be read: copy the whole file.") from None
    if isinstance(key, rsa.RSAPrivateKey):
        if key.key_size < LEAST_RSA_BITS:
            raise NotUsable(f"This key is too short: RSA needs {LEAST_RSA_BITS} bits or more.")
        return key
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in CURVES.values():
        return key
    raise NotUsable("This kind of key is not supported: use RSA, or the curve P-256 or P-384.")


def client_certificate(pem: str) -> ClientCertificate:
    """A certificate, perhaps with those of its issuers, and its private key. Raises NotUsable."""
    if "BEGIN CERTIFICATE" not in pem:
        raise NotUsable(
            "There is no certificate here: paste it, from -----BEGIN CERTIFICATE----- on, "
            "and its private key below it."
        )
    try:
        chain = x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        raise NotUsable("This certificate cannot be read: copy the whole file.") from None
    if "PRIVATE KEY" not in pem:
        raise NotUsable("Paste the certificate's private key below it: it is missing.")
    key = private_key(pem[_key_begins(pem) :])
    if _public(key.public_key()) != _public(chain[0].public_key()):
        raise NotUsable("This private key is not the one of the first certificate.")
    return ClientCertificate(tuple(chain), key)


def check_in_force(certificate: ClientCertificate, now: datetime) -> None:
    """Raises NotUsable for a certificate that has ended."""
    end = certificate.chain[0].not_valid_after_utc
    if end <= now:
        raise NotUsable(f"This certificate ended on {end:%-d %B %Y}.")


def check_signs(key: SigningKey, algorithm: str) -> None:
    """Raises NotUsable where the key cannot make signatures of this JWS algorithm."""
    if isinstance(key, rsa.RSAPrivateKey):
        if algorithm in CURVES:
            raise NotUsable(f"This is an RSA key; the system wants a key for {algorithm}.")
    elif CURVES.get(algorithm) != key.curve.name:
        raise NotUsable(
            f"This is a key of the curve {key.curve.name}; the system wants one for {algorithm}."
        )


def pem_of(key: SigningKey) -> bytes:
    """PKCS#8, unencrypted: for the library that signs."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _key_begins(pem: str) -> int:
    """Where the block of the private key begins, also when it stands above the certificate."""
    return pem.rindex("-----BEGIN", 0, pem.index("PRIVATE KEY-----"))


def _public(key: object) -> bytes:
    public: bytes = key.public_bytes(  # type: ignore[attr-defined]
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return public

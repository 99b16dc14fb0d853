"""Keys and certificates for tests, in the forms that each side is given."""

import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, cached_property
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from joserfc.jwk import ECKey, RSAKey

from innohub.db.unit_of_work import utc_now

PEM = serialization.Encoding.PEM


@dataclass(frozen=True)
class Pair:
    """A private key with a certificate over its public one."""

    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @cached_property
    def key_pem(self) -> str:
        return self.key.private_bytes(
            PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    @cached_property
    def certificate_pem(self) -> str:
        return self.certificate.public_bytes(PEM).decode()

    @property
    def both(self) -> str:
        """As a supplier's administrator pastes it."""
        return self.certificate_pem + self.key_pem

    def jwk(self, **fields: Any) -> dict[str, Any]:
        """The public half, as an authorization server stores it."""
        kind = RSAKey if isinstance(self.key, rsa.RSAPrivateKey) else ECKey
        public = kind.import_key(self.key_pem).as_dict(private=False)
        return {"use": "sig", **public, **fields}


@cache
def rsa_pair(name: str = "innohub", days: int = 1) -> Pair:
    return _pair(rsa.generate_private_key(65537, 2048), name, days)


@cache
def ec_pair(name: str = "innohub") -> Pair:
    return _pair(ec.generate_private_key(ec.SECP256R1()), name, 1)


def _pair(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, name: str, days: int) -> Pair:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    here = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(utc_now() - timedelta(days=30))
        .not_valid_after(utc_now() + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([here]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Pair(key, built)

"""Keys and certificates as people paste them: what serves, and what they are told of what does
not."""

import ssl
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from pydantic import SecretStr

from innohub.db.unit_of_work import utc_now
from innohub.errors import Invalid
from innohub.hub.configuration import LONGEST_PEM, checked_secrets
from innohub.hub.wire.key_material import (
    NotUsable,
    check_in_force,
    check_signs,
    client_certificate,
    private_key,
)
from tests.hub.connecting import manifest
from tests.hub.keys import PEM, ec_pair, rsa_pair


def pem_of(key: PrivateKeyTypes, passphrase: bytes | None = None) -> str:
    sealing = (
        serialization.BestAvailableEncryption(passphrase)
        if passphrase
        else serialization.NoEncryption()
    )
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, sealing).decode()


def traditional(key: rsa.RSAPrivateKey) -> str:
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(PEM, form, serialization.NoEncryption()).decode()


def test_a_key_is_read_as_each_system_hands_it_out() -> None:
    pair = rsa_pair()
    assert isinstance(pair.key, rsa.RSAPrivateKey)
    for pem in (pair.key_pem, traditional(pair.key), pair.key_pem.replace("\n", "\r\n")):
        assert private_key(pem).private_numbers() == pair.key.private_numbers()


@pytest.mark.parametrize(
    ("pem", "said"),
    [
        ("hunter2", "begins with -----BEGIN PRIVATE KEY-----"),
        (rsa_pair().certificate_pem, "not a private key"),
        (rsa_pair().key_pem[:600], "copy the whole file"),
        (pem_of(ec.generate_private_key(ec.SECP256R1()), b"pass"), "passphrase"),
        (pem_of(rsa.generate_private_key(65537, 1024)), "2048 bits or more"),
        (pem_of(ec.generate_private_key(ec.SECP521R1())), "kind of key is not supported"),
        (pem_of(ed25519.Ed25519PrivateKey.generate()), "kind of key is not supported"),
    ],
)
def test_what_is_no_key_for_us_is_told_without_being_shown(pem: str, said: str) -> None:
    with pytest.raises(NotUsable, match=said) as refusal:
        private_key(pem)
    assert pem[30:60] not in str(refusal.value) or len(pem) < 30


@pytest.mark.parametrize("pem", [rsa_pair().both, rsa_pair().key_pem + rsa_pair().certificate_pem])
def test_a_certificate_and_its_key_come_in_any_order(pem: str) -> None:
    found = client_certificate(pem)
    assert found.chain == (rsa_pair().certificate,)
    assert found.key.private_numbers() == rsa_pair().key.private_numbers()
    assert "PRIVATE" not in repr(found)


def test_those_of_its_issuers_may_follow() -> None:
    pem = rsa_pair().certificate_pem + ec_pair("authority").certificate_pem + rsa_pair().key_pem
    assert len(client_certificate(pem).chain) == 2


@pytest.mark.parametrize(
    ("pem", "said"),
    [
        (rsa_pair().key_pem, "no certificate here"),
        (rsa_pair().certificate_pem, "private key below it"),
        (rsa_pair().certificate_pem + ec_pair().key_pem, "not the one of the first certificate"),
        ("-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----", "cannot be read"),
    ],
)
def test_what_is_no_certificate_for_us_is_told(pem: str, said: str) -> None:
    with pytest.raises(NotUsable, match=said):
        client_certificate(pem)


def test_a_certificate_that_has_ended_is_refused() -> None:
    found = client_certificate(rsa_pair().both)
    check_in_force(found, utc_now())
    with pytest.raises(NotUsable, match="This certificate ended on"):
        check_in_force(found, utc_now() + timedelta(days=2))


def test_a_handshake_can_show_it_and_no_file_with_the_key_is_left(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("here")
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    client_certificate(ec_pair().both).show_in(ssl.create_default_context())
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("algorithm", ["RS256", "PS512"])
def test_an_rsa_key_signs_by_rsa_alone(algorithm: str) -> None:
    check_signs(private_key(rsa_pair().key_pem), algorithm)
    with pytest.raises(NotUsable, match=algorithm):
        check_signs(private_key(ec_pair().key_pem), algorithm)


def test_a_key_of_a_curve_signs_by_its_own_algorithm_alone() -> None:
    check_signs(private_key(ec_pair().key_pem), "ES256")
    for key in (ec_pair(), rsa_pair()):
        with pytest.raises(NotUsable, match="ES384"):
            check_signs(private_key(key.key_pem), "ES384")


BEARER = {"grant": "jwt_bearer", "client_id": None, "assertion": {"issuer": "us"}}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (ec_pair().key_pem, "the system wants one for RS256"),
        ("", "Enter: "),
        ("x" * (LONGEST_PEM + 1), "too long"),
        ("secret words", "not a private key in PEM form"),
    ],
)
def test_a_key_is_judged_as_it_is_entered(value: str, said: str) -> None:
    asked = manifest(BEARER, "private_key")
    with pytest.raises(Invalid, match=said) as refusal:
        checked_secrets(asked, {"private_key": SecretStr(value)}, all_of_them=True)
    assert refusal.value.problems[0].field == "secrets.private_key"


def test_a_key_that_serves_is_taken_as_it_is() -> None:
    asked = manifest(BEARER, "private_key")
    pem = rsa_pair().key_pem
    taken = checked_secrets(asked, {"private_key": SecretStr(pem)}, all_of_them=True)
    assert taken == {"private_key": pem.strip()}


def test_a_certificate_whose_key_signs_is_judged_by_the_algorithm_too() -> None:
    signed = {"client_assertion": {"certificate_thumbprint": "x5t#S256"}}
    proof = {"grant": "client_credentials", "client_auth": "private_key_jwt", **signed}
    asked = manifest(proof, "client_certificate")
    with pytest.raises(Invalid, match="RS256"):
        checked_secrets(asked, {"client_certificate": SecretStr(ec_pair().both)}, all_of_them=True)

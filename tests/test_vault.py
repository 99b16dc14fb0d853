import secrets
from base64 import urlsafe_b64encode
from dataclasses import replace

import pytest

from innohub.vault import AnyPlace, NotOpened, Place, RowPlace, Sealed, Vault

PLACE = Place(organisation_id=3, connection_id=7, field="client_secret")


def a_key() -> str:
    return urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")


def test_what_was_sealed_opens_in_its_place() -> None:
    vault = Vault.of(a_key())
    assert vault.open(vault.seal("hunter2 £", PLACE), PLACE) == "hunter2 £"


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(PLACE, organisation_id=4),
        replace(PLACE, connection_id=8),
        replace(PLACE, field="signing_secret"),
        Place(37, 0, "client_secret"),
        RowPlace("connection", 3, "client_secret"),
    ],
)
def test_what_was_sealed_opens_nowhere_else(elsewhere: AnyPlace) -> None:
    vault = Vault.of(a_key())
    sealed = vault.seal("hunter2", PLACE)
    with pytest.raises(NotOpened):
        vault.open(sealed, elsewhere)


@pytest.mark.parametrize("index", [0, 12, -1])
def test_an_altered_byte_is_noticed(index: int) -> None:
    vault = Vault.of(a_key())
    sealed = vault.seal("hunter2", PLACE)
    altered = bytearray(sealed.ciphertext)
    altered[index] ^= 1
    with pytest.raises(NotOpened):
        vault.open(Sealed(bytes(altered), sealed.key_id), PLACE)


@pytest.mark.parametrize("length", [0, 5, 12, 20])
def test_a_cut_value_is_noticed(length: int) -> None:
    vault = Vault.of(a_key())
    sealed = vault.seal("hunter2", PLACE)
    with pytest.raises(NotOpened):
        vault.open(Sealed(sealed.ciphertext[:length], sealed.key_id), PLACE)


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    old, new = a_key(), a_key()
    before = Vault.of(old)
    after = Vault.of(f"{new},{old}")
    sealed = before.seal("hunter2", PLACE)

    assert after.open(sealed, PLACE) == "hunter2"
    assert after.seal("hunter2", PLACE).key_id != sealed.key_id
    with pytest.raises(NotOpened):
        Vault.of(new).open(sealed, PLACE)


def test_equal_secrets_look_different() -> None:
    vault = Vault.of(a_key())
    assert vault.seal("hunter2", PLACE).ciphertext != vault.seal("hunter2", PLACE).ciphertext


def test_nothing_secret_shows_in_a_representation_or_an_error() -> None:
    key = a_key()
    vault = Vault.of(key)
    sealed = vault.seal("hunter2", PLACE)
    assert key not in repr(vault)
    assert "hunter2" not in repr(sealed)
    with pytest.raises(NotOpened) as failure:
        vault.open(sealed, replace(PLACE, connection_id=8))
    assert "hunter2" not in str(failure.value)


@pytest.mark.parametrize("secret", ["", "short", "A" * 39, "ü" * 43, f"{'A' * 43},"])
def test_a_malformed_key_is_refused_without_being_shown(secret: str) -> None:
    with pytest.raises(ValueError, match="a vault key") as failure:
        Vault.of(secret)
    assert not secret or secret not in str(failure.value)

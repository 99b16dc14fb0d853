"""The first people of a hub: added by command, and in at once."""

import re

import pytest
from typer.testing import CliRunner

from innohub.cli.main import app
from innohub.db.unit_of_work import Database


def innohub(*words: str) -> tuple[int, str]:
    told = CliRunner().invoke(app, list(words))
    return told.exit_code, told.output


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, migrated_url: str, database: Database) -> None:
    """Commands work on this test's database, which is empty."""
    monkeypatch.setenv("DATABASE_URL", migrated_url)


OPERATOR = ("--name", "Olu Fairweather", "--organisation", "market", "--role", "platform_admin")


@pytest.mark.usefixtures("here")
def test_the_company_and_its_operator_are_added_to_an_empty_hub() -> None:
    company = ("organisation", "add", "market", "--name", "Police Market", "--kind", "company")
    assert innohub(*company, "--passwords")[0] == 0
    code, said = innohub("person", "add", "olu@market.example", *OPERATOR)
    assert code == 0, said
    assert "olu@market.example is platform_admin of market." in said
    assert re.search(r"Password: \w{4}-\w{4}-\w{4}\n", said)

    # Once more, with another role: they keep the password that they have.
    code, said = innohub("person", "add", "Olu@market.example", *OPERATOR[:-1], "programme_officer")
    assert code == 0, said
    assert "Password" not in said
    assert innohub("audit", "verify")[0] == 0


@pytest.mark.usefixtures("here")
def test_without_passwords_none_is_given() -> None:
    innohub("organisation", "add", "market", "--name", "Police Market", "--kind", "company")
    code, said = innohub("person", "add", "olu@market.example", *OPERATOR)
    assert code == 0, said
    assert "Password" not in said


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("person", "add", "olu@market.example", *OPERATOR), "There is no organisation market."),
        (("person", "add", "olu", *OPERATOR[:3], "kent", *OPERATOR[4:]), "email: "),
        (
            ("person", "add", "olu@market.example", *OPERATOR[:3], "kent", *OPERATOR[4:]),
            "A force has no role platform_admin.",
        ),
        (
            ("organisation", "add", "Two Words", "--name", "x", "--kind", "company"),
            "slug: ",
        ),
        (
            ("person", "add", "olu@market.example", *OPERATOR[:-1], "king"),
            "role: There is no role king. There are supplier_admin",
        ),
        (("organisation", "add", "kent", "--name", "x", "--kind", "company"), "exists already"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_added(words: tuple[str, ...], told: str) -> None:
    code, said = innohub(*words)
    assert code == 1, said
    assert told in said
    assert "Nobody signs in" in innohub("person", "erase", words[2], "--reason", "x", "--yes")[1]


@pytest.mark.usefixtures("here")
def test_an_operator_gives_a_new_password_to_whoever_lost_theirs() -> None:
    company = ("organisation", "add", "market", "--name", "Police Market", "--kind", "company")
    innohub(*company, "--passwords")
    innohub("person", "add", "olu@market.example", *OPERATOR)
    asked = ("person", "password", "Olu@market.example", "--reason", "Asked at the desk.")
    code, said = innohub(*asked, "--second-factors")
    assert code == 0, said
    assert re.search(r"Password: \w{4}-\w{4}-\w{4}\n", said)
    assert innohub("audit", "verify")[0] == 0
    code, said = innohub("person", "password", "nobody@market.example", "--reason", "x")
    assert (code, "Nobody signs in with this address." in said) == (1, True)

"""The base of every validated input: one model for GraphQL, for web forms and for our own code."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from innohub.errors import Invalid, Problem

Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""A single-line text."""
Prose = Annotated[str, StringConstraints(min_length=1, max_length=5_000)]
"""A text of some paragraphs."""
Reason = Annotated[str, StringConstraints(min_length=10, max_length=1_000)]
"""A reason that somebody else will read."""

RULE = "rule:"


class Command(BaseModel):
    """An input named by its verb. Unknown fields are refused, surrounding space is dropped, and a
    blank text counts as not given."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, given: Any) -> Any:
        # A form sends every field it has, the ones left empty as empty texts.
        if not isinstance(given, dict):
            return given
        if any(isinstance(value, str) and "\x00" in value for value in given.values()):
            raise ValueError("Text cannot hold a NUL character.")
        return {
            name: value
            for name, value in given.items()
            if not isinstance(value, str) or value.strip()
        }

    @classmethod
    def parse(cls, given: dict[str, Any]) -> Self:
        """Validate `given`. Raises Invalid with one problem for each field that is wrong."""
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            problems = [
                Problem(
                    _plain(one["msg"]),
                    ".".join(str(part) for part in one["loc"]) or None,
                    rule=_rule(one["type"]),
                )
                for one in error.errors(include_url=False, include_context=False)
            ]
            raise Invalid(problems[0].message, field=problems[0].field, problems=problems) from None


def breach(rule: str, message: str) -> PydanticCustomError:
    """For a validator to raise: the input breaks a published rule that has a name."""
    return PydanticCustomError(f"{RULE}{rule}", "{text}", {"text": message})


def _rule(kind: str) -> str | None:
    return kind.removeprefix(RULE) if kind.startswith(RULE) else None


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ")

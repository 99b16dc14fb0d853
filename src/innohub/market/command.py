"""The base of every validated input: one model for GraphQL, for web forms and for our own code."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from innohub.errors import Invalid, Problem

Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""A single-line text."""
Prose = Annotated[str, StringConstraints(min_length=1, max_length=5_000)]
"""A text of some paragraphs."""
Reason = Annotated[str, StringConstraints(min_length=10, max_length=1_000)]
"""A reason that somebody else will read."""


class Command(BaseModel):
    """An input named by its verb. Unknown fields are refused, surrounding space is dropped."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    @classmethod
    def parse(cls, given: dict[str, Any]) -> Self:
        """Validate `given`. Raises Invalid with one problem for each field that is wrong."""
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            problems = [
                Problem(_plain(found["msg"]), ".".join(str(part) for part in found["loc"]) or None)
                for found in error.errors(include_url=False, include_context=False)
            ]
            raise Invalid(
                problems[0].message, field=problems[0].field, problems=problems
            ) from None


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ")

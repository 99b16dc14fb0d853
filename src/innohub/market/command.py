"""The market's name for the inputs of `innohub.command`, which identity shares; and money."""

from typing import Annotated

from pydantic import Field

from innohub.command import Command, Line, Prose, Reason

__all__ = ["Command", "Line", "Money", "Prose", "Reason"]

Money = Annotated[int, Field(ge=0, le=10**12)]
"""Whole pence."""

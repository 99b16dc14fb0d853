"""The market's name for the inputs of `innohub.command`, which identity shares."""

from innohub.command import Command, Line, Prose, Reason

__all__ = ["Command", "Line", "Prose", "Reason"]

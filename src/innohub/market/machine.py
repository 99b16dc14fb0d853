"""A state machine as a table: the vocabulary's rules, walked by services and by tests alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from innohub.errors import WrongState

State = TypeVar("State", bound=StrEnum)


@dataclass(frozen=True)
class Transition(Generic[State]):
    verb: str
    sources: frozenset[State]
    target: State


class Machine(Generic[State]):
    """Named steps between states; everything not listed is refused."""

    def __init__(self, thing: str, steps: Iterable[tuple[str, set[State], State]]) -> None:
        self.thing = thing
        self.transitions = [Transition(v, frozenset(sources), to) for v, sources, to in steps]
        self._by_verb = {step.verb: step for step in self.transitions}

    def after(self, verb: str, state: State) -> State:
        """The state that `verb` leads to. Raises WrongState where it is not allowed now."""
        step = self._by_verb[verb]
        if state not in step.sources:
            allowed = ", ".join(sorted(_words(source) for source in step.sources))
            raise WrongState(
                f"This {self.thing} is {_words(state)}. To {_words(verb)} it must be {allowed}."
            )
        return step.target

    def allows(self, verb: str, state: State) -> bool:
        """Whether `verb` may be done now: what a page offers."""
        return state in self._by_verb[verb].sources


def _words(name: str) -> str:
    return str(name).replace("_", " ")

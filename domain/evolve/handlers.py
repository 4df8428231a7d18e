# mypyc: compiled
"""Which function applies which event. The files of the areas declare them, by `@evolves` and `@evolves_subject`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from erstwhile.domain.events import Body

if TYPE_CHECKING:
    from erstwhile.domain.directory.entity import Entity
    from erstwhile.domain.evolve.recorder import Recorder

B = TypeVar("B", bound=Body)

EVOLVE: dict[type[Body], Callable[[Recorder, Any], None]] = {}
"""(recorder, body): writes what the event means."""
EVOLVE_SUBJECT: dict[type[Body], Callable[[Recorder, Entity, Any], None]] = {}
"""(recorder, entity, body): writes what the event means for its subject, which is known or is made known."""


def evolves(*events: type[B]) -> Callable[[Callable[[Recorder, B], None]], Callable[[Recorder, B], None]]:
    """Declares the function that applies events of these types. Raises TypeError when a type has one already."""

    def register(function: Callable[[Recorder, B], None]) -> Callable[[Recorder, B], None]:
        for event in events:
            _refuse_second(event)
            EVOLVE[event] = function
        return function

    return register


def evolves_subject(
    *events: type[B],
) -> Callable[[Callable[[Recorder, Entity, B], None]], Callable[[Recorder, Entity, B], None]]:
    """As `evolves`, for a function of the subject's entity. It is not called for a subject whose end was seen."""

    def register(function: Callable[[Recorder, Entity, B], None]) -> Callable[[Recorder, Entity, B], None]:
        for event in events:
            _refuse_second(event)
            EVOLVE_SUBJECT[event] = function
        return function

    return register


def _refuse_second(event: type[Body]) -> None:
    if event in EVOLVE or event in EVOLVE_SUBJECT:
        raise TypeError(f"{event.__name__} is applied by a function already")

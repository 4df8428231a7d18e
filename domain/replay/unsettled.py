"""The components that wait to be folded anew, and the late events for which they wait."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from erstwhile.domain.events import Event
from erstwhile.domain.replay.merely_named import MOST, merely_names
from erstwhile.domain.vocabulary.slots import Slot

Component = frozenset[Slot]


class Unsettled:
    """In the order in which they began to wait."""

    def __init__(self) -> None:
        self._waiting: dict[Component, list[Event] | None] = {}
        """By component: the late events that merely name it, where there are no others."""

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def __contains__(self, component: Component) -> bool:
        return component in self._waiting

    def add(self, component: Component, event: Event) -> None:
        """The component is to be folded anew, if the event changes anything there."""
        waiting = self._waiting.get(component, [])
        merely = waiting is not None and len(waiting) < MOST and merely_names(event, component)
        self._waiting[component] = [*waiting, event] if waiting is not None and merely else None

    def add_whole(self, component: Component) -> None:
        """The component is to be folded anew."""
        self._waiting[component] = None

    def to_fold(
        self, joined: Callable[[Slot], Component], changes_nothing: Callable[[Component, list[Event]], bool]
    ) -> Iterable[Component]:
        """The components that are to be folded anew. `joined`: the slots that fold together with one: a rename may have
        joined some since they began to wait. `changes_nothing`: of events that merely name a component."""
        found: dict[Component, None] = {}
        for waiting, events in self._waiting.items():
            component = joined(min(waiting))
            if component != waiting or events is None or not changes_nothing(component, events):
                found[component] = None
        return found

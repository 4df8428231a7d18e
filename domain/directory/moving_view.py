# mypyc: compiled
"""A view that goes on to another instant: what changed between is read anew, and all else is kept.

Serves the rows "guardrail: …" of `make bench-incident`.
"""

from __future__ import annotations

from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.directory.view import DirectoryView


class MovingView(DirectoryView):
    """Its source is turned to the instant first, and then what changed is read `again`. It equals a view that is made
    for the instant, unless it `is_disputed`: `tests/domain/what_if/test_deciding.py`."""

    is_disputed: bool = False
    """Whether two entities had one name at one time: which of them has it then depends on which was read first."""

    def again(self, key: EntityKey) -> None:
        """Reads an entity anew, if it was read, or looked for, before."""
        entity = self.entities.get(key)
        if entity is not None:
            self.remove(entity)
        elif key not in self._absent:
            return
        self._absent.discard(key)
        self._load_now(key)
        self.report(key)

    def index(self, entity: Entity) -> None:
        value = entity.description
        if value:
            named = self.names.get((entity.account, entity.kind), {}).get(str(value["name"]).lower())
            if named is not None and named is not entity:
                self.is_disputed = True
        super().index(entity)

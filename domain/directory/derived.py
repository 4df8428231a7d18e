"""What is computed from the entities of a Directory, and kept."""

from __future__ import annotations

from typing import Protocol

from erstwhile.domain.directory.facts import EntityKey


class Derived(Protocol):
    """A cache of results that are computed from entities; it must drop the results of an entity that changed."""

    def forget(self, key: EntityKey) -> None: ...
